//! `cidr`: address plans.

use crate::Exit;
use crate::args::{Cidr, TextFormat};
use crate::command::{bad_usage, fail, missing_option, print_json, print_text, say};
use crate::people::{Text, shown, text};
use crate::terminal::prose;
use calico_ipv6_data as data;
use calico_ipv6_engine::cidr::{AddressPlan, FamilyPlan, Note, count, grouped, plan_addresses};

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
        say!("{}", missing_option(&"cidr".into(), "", question));
    }
    for note in &plan.notes {
        say!("{}", told(note));
    }
    let printed = print_text(&tables(&plan));
    if printed == Exit::Done { exit } else { printed }
}

fn told(note: &Note) -> Text {
    let Note { severity, rule, message, consequence, help } = note;
    let rule = rule.map_or_else(Text::default, |rule| text!("[{}]", rule));
    let notes = [("impact", consequence), ("help", help)];
    let notes: Text = notes
        .iter()
        .map(|(name, note)| prose(&shown(note), &text!("  {}: ", *name), &Text::spaces(name.len() + 4)))
        .collect();
    text!("{}{}: {}\n{}", *severity, rule, shown(message), notes)
}

fn tables(plan: &AddressPlan) -> Text {
    let mut out: Text = plan.families.iter().map(table).collect();
    if plan.works() {
        let options: Vec<Text> =
            plan.options().iter().map(|(flag, value)| text!("--{} {}", *flag, shown(value))).collect();
        out.push(&text!("next\n  calico-ipv6 transform {} FILE...\n", Text::join(&options, " ")));
        out.push(&"  a new cluster: calico-ipv6 generate KIND... with the same options\n".into());
    }
    out
}

fn table(plan: &FamilyPlan) -> Text {
    let ours = |number: String| Text::ours(&number);
    let flag = plan.node_mask_flag.map_or_else(
        || "the default".into(),
        |flag| text!("kube-controller-manager needs --{}={}", flag, usize::from(plan.node_mask)),
    );
    let blocks = text!(
        "{} of /{}, {} each; {} for each node",
        ours(grouped(plan.blocks)),
        usize::from(plan.block_size),
        ours(count(plan.addresses / plan.blocks, "pod")),
        ours(grouped(plan.blocks_of_node))
    );
    let subnets = text!("{} of /{}, {}", ours(grouped(plan.parts)), usize::from(plan.node_mask), flag);
    let rows = [
        ("pods", ours(plan.pods.net.to_string()), shown(&plan.pods.why)),
        ("", "node subnets".into(), subnets),
        ("", "Calico's blocks".into(), blocks),
        ("", "capacity".into(), ours(count(plan.nodes(), "node"))),
        ("services", ours(plan.services.net.to_string()), shown(&plan.services.why)),
        ("", "capacity".into(), ours(count(plan.cluster_ips, "Service"))),
    ];
    let row = |(name, what, why): (&'static str, Text, Text)| text!("  {:<8}  {:<26}  {}\n", name, what, why);
    text!("{}\n{}", plan.family, rows.into_iter().map(row).collect::<Text>())
}
