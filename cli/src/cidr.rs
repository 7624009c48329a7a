//! `cidr`: address plans.

use crate::Exit;
use crate::args::{Cidr, TextFormat};
use crate::command::{bad_usage, fail, missing_option, print, print_json, say};
use crate::terminal::{prose, shown};
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
        return fail(format!("the system cannot provide random bytes for a unique-local range: {error}"));
    }
    let plan = plan_addresses(&request, Some(random));
    let exit = if plan.works() { Exit::Done } else { Exit::Incomplete };
    if args.output == TextFormat::Json {
        let printed = print_json(&data::AddressPlan::from(&plan));
        return if printed == Exit::Done { exit } else { printed };
    }
    for question in &plan.missing_options {
        say!("{}", missing_option("cidr", question));
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
    let notes = [("impact", consequence), ("help", help)];
    let notes: String = notes
        .iter()
        .map(|(name, text)| prose(&shown(text), &format!("  {name}: "), &" ".repeat(name.len() + 4)))
        .collect();
    format!("{severity}{rule}: {}\n{notes}", shown(message))
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
        |flag| format!("kube-controller-manager needs --{flag}={}", plan.node_mask),
    );
    let blocks = format!(
        "{} of /{}, {} each; {} for each node",
        grouped(plan.blocks),
        plan.block_size,
        count(plan.addresses / plan.blocks, "pod"),
        grouped(plan.blocks_of_node)
    );
    let rows = [
        ("pods", plan.pods.net.to_string(), plan.pods.why.clone()),
        ("", "node subnets".to_owned(), format!("{} of /{}, {flag}", grouped(plan.parts), plan.node_mask)),
        ("", "Calico's blocks".to_owned(), blocks),
        ("", "capacity".to_owned(), count(plan.nodes(), "node")),
        ("services", plan.services.net.to_string(), plan.services.why.clone()),
        ("", "capacity".to_owned(), count(plan.cluster_ips, "Service")),
    ];
    for (name, what, why) in rows {
        let _ = writeln!(out, "  {name:<8}  {what:<26}  {why}");
    }
    out
}
