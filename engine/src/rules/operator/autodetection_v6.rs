use super::pool_changes;
use crate::model::installation::Installation;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::yaml::write::{Op, Placement, Value};

const META: Metadata = Metadata {
    id: "OP-003",
    name: "ipv6-autodetection-against-pools",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "nodeAddressAutodetectionV6 does not fit the pools",
    consequence: "Felix's IPv6 follows this field and IPAM follows the pools: with an empty one, or `firstFound: false`, and an IPv6 pool pods ask for an address that nothing routes",
    help: "an empty field goes; with one the same interfaces are looked at as for IPv4, or what --ipv6-autodetection-method says",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("nodeAddressAutodetectionV6: {}", ""),
    sources: &[
        "tigera/operator: pkg/render/node.go",
        "tigera/operator: pkg/controller/installation/core_controller.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const FIELD: &str = "nodeAddressAutodetectionV6";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = &cx.installation else { return };
    let Some(network) = installation.network else { return };
    let now = installation.autodetection(FIELD);
    let asked = cx.target.ipv6_autodetection_method.as_deref().map(field_of_method);
    let at = |node| installation.diagnostic(&META, node);
    let of_ipv4 = installation.autodetection("nodeAddressAutodetectionV4").map(|(node, _)| node);
    // Where the field of IPv4 goes, this one comes in its place.
    let place = Placement { after: of_ipv4.filter(|_| cx.nodes_lack_ipv4()), below: None };
    let insert = |value: Value, told: &str, why| {
        let op = Op::InsertEntry(place, FIELD.to_owned(), value);
        pool_changes(installation, network, op, (FIELD, None, Some(told), why))
    };
    match (now, asked) {
        (Some((node, _)), _) if !cx.wants_ipv6() => {
            let told = (FIELD, Some("set"), None, "there is no IPv6 pool any more");
            diagnostics.push(at(node).severity(Severity::Warning).fix(pool_changes(
                installation,
                node,
                Op::Remove,
                told,
            )));
        }
        _ if !cx.wants_ipv6() => {}
        (Some((node, true)), Some((key, value))) if !says(installation, node, key, &value) => {
            let told = (FIELD, Some("another method"), None, "another method was asked for");
            diagnostics.push(at(node).fix(pool_changes(installation, node, Op::Remove, told)));
        }
        (Some((node, false)), _) => {
            let told = (FIELD, Some("no method"), None, "without a method it turns Felix's IPv6 off");
            diagnostics.push(at(node).fix(pool_changes(installation, node, Op::Remove, told)));
        }
        (None, Some((key, value))) => {
            let told = cx.target.ipv6_autodetection_method.as_deref().unwrap_or(key);
            let place = super::at_pools(&META, installation).severity(Severity::Info);
            diagnostics.push(place.fix(insert(
                Value::Map(vec![(key.to_owned(), value)]),
                told,
                "as asked for",
            )));
        }
        (None, None) => mirror(cx, installation, diagnostics, &insert),
        _ => {}
    }
}

/// Looks for IPv6 where IPv4 is looked for.
fn mirror(
    cx: &InstallContext<'_>,
    installation: &Installation<'_>,
    diagnostics: &mut Diagnostics,
    insert: &dyn Fn(Value, &str, &'static str) -> crate::rules::Fix,
) {
    let Some((node, true)) = installation.autodetection("nodeAddressAutodetectionV4") else { return };
    let tree = installation.tree();
    for (key, value) in tree.entries(node) {
        let Some(key) = tree.scalar(key) else { continue };
        let text = tree.scalar(value).unwrap_or_default();
        let is_only_key = installation.network.is_some_and(|network| tree.entries(network).count() == 1);
        match key {
            // Without it nothing would be left of what the mapping said.
            "firstFound" if cx.nodes_lack_ipv4() && is_only_key => {
                let entry = Value::Map(vec![(key.to_owned(), Value::Word(text.to_owned()))]);
                let diagnostic = installation.diagnostic(&META, value).severity(Severity::Info);
                let message = "the first address is looked for in IPv4 only";
                let fix = insert(entry, "firstFound", "the same method as for IPv4");
                diagnostics.push(diagnostic.message(message).fix(fix));
            }
            "interface" | "skipInterface" | "kubernetes" => {
                let entry = Value::Map(vec![(key.to_owned(), Value::string(text))]);
                let fix = insert(entry, text, "the same interfaces as for IPv4");
                let diagnostic = installation.diagnostic(&META, value).severity(Severity::Warning);
                diagnostics.push(
                    diagnostic
                        .message("IPv6 addresses are looked for on any interface, IPv4 ones are not")
                        .fix(fix),
                );
            }
            "canReach" | "cidrs" => diagnostics.push(
                installation
                    .diagnostic(&META, tree.key_of(value).unwrap_or(value))
                    .severity(Severity::Warning)
                    .message(format!("{key} is for IPv4; IPv6 takes the first address that it finds"))
                    .help("give --ipv6-autodetection-method with an IPv6 value"),
            ),
            _ => {}
        }
    }
}

/// The field of the Installation that stands for a method of calico-node.
pub(crate) fn field_of_method(method: &str) -> (&'static str, Value) {
    match method.split_once('=') {
        Some(("interface", regex)) => ("interface", Value::string(regex)),
        Some(("skip-interface", regex)) => ("skipInterface", Value::string(regex)),
        Some(("can-reach", destination)) => ("canReach", Value::string(destination)),
        Some((_, cidrs)) => {
            ("cidrs", Value::Seq(cidrs.split(',').map(|c| Value::string(c.trim())).collect()))
        }
        None if method == "kubernetes-internal-ip" => ("kubernetes", Value::string("NodeInternalIP")),
        None => ("firstFound", Value::Word("true".to_owned())),
    }
}

fn says(installation: &Installation<'_>, node: crate::yaml::NodeId, key: &str, value: &Value) -> bool {
    let tree = installation.tree();
    let Some(now) = tree.get(node, key) else { return false };
    match value {
        Value::String(text) | Value::Word(text) => tree.scalar(now) == Some(text),
        Value::Seq(wanted) => {
            let items: Vec<_> = tree.items(now).filter_map(|i| tree.scalar(i)).map(Value::string).collect();
            items == *wanted
        }
        Value::Map(_) => false,
    }
}
