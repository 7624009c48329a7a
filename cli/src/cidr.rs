//! `cidr`: address plans.

use crate::Exit;
use crate::args::{Cidr, TextFormat};
use crate::command::{bad_usage, fail, print, print_json, say, tell_question};
use calico_ipv6_data as data;
use calico_ipv6_engine::cidr::{AddressPlan, FamilyPlan, Note, count, grouped, plan_addresses};
use std::fmt::Write as _;

pub(crate) fn run(args: &Cidr) -> Exit {
    let request = match args.request.resolve() {
        Ok(request) => request,
        Err(errors) => return bad_usage(&errors, "cidr"),
    };
    let mut random = [0; 5];
    if let Err(error) = getrandom::fill(&mut random) {
        return fail(format!("the system has no random bytes for a unique-local range: {error}"));
    }
    let plan = plan_addresses(&request, Some(random));
    let exit = if plan.works() { Exit::Done } else { Exit::Incomplete };
    if args.output == TextFormat::Json {
        let printed = print_json(&data::AddressPlan::from(&plan));
        return if printed == Exit::Done { exit } else { printed };
    }
    for question in &plan.missing_options {
        tell_question("cidr", question);
    }
    for note in &plan.notes {
        say!("{}", told(note));
    }
    let printed = print(text(&plan).as_bytes());
    if printed == Exit::Done { exit } else { printed }
}

fn told(note: &Note) -> String {
    let Note { severity, rule, message, consequence, help } = note;
    let rule = rule.map_or_else(String::new, |rule| format!("[{rule}]"));
    format!("{severity}{rule}: {message}\n  impact: {consequence}\n  help: {help}\n")
}

fn text(plan: &AddressPlan) -> String {
    let mut out = String::new();
    for family in &plan.families {
        out.push_str(&table(family));
    }
    if plan.works() {
        let options: Vec<String> =
            plan.options().iter().map(|(flag, value)| format!("--{flag} {value}")).collect();
        let _ = writeln!(out, "next\n  calico-ipv6 transform {} FILE...", options.join(" "));
        let _ = writeln!(out, "  a new cluster: calico-ipv6 generate KIND... with the same options");
    }
    out
}

fn table(plan: &FamilyPlan) -> String {
    let mut out = format!("{}\n", plan.family);
    let flag = plan.node_mask_flag.map_or_else(
        || "the default".to_owned(),
        |flag| format!("needs --{flag}={} at the controller manager", plan.node_mask),
    );
    let blocks = format!(
        "{} of /{}, {} each; a node takes {}",
        grouped(plan.blocks),
        plan.block_size,
        count(plan.addresses / plan.blocks, "pod"),
        grouped(plan.blocks_of_node)
    );
    let rows = [
        ("pods", plan.pods.net.to_string(), plan.pods.why.clone()),
        ("", "parts for nodes".to_owned(), format!("{} of /{}, {flag}", grouped(plan.parts), plan.node_mask)),
        ("", "Calico's blocks".to_owned(), blocks),
        ("", "place for".to_owned(), count(plan.nodes(), "node")),
        ("services", plan.services.net.to_string(), plan.services.why.clone()),
        ("", "place for".to_owned(), count(plan.cluster_ips, "Service")),
    ];
    for (name, what, why) in rows {
        let _ = writeln!(out, "  {name:<8}  {what:<26}  {why}");
    }
    out
}
