use super::autodetection_v4::FIELD as IPV4_FIELD;
use super::pool_changes;
use crate::diagnostic::upstream;
use crate::model::installation::Installation;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};

const META: Metadata = Metadata {
    id: "OP-003",
    name: "ipv6-autodetection-does-not-match-pools",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "nodeAddressAutodetectionV6 does not match the pools",
        consequence: "the operator configures Felix's IPv6 from this field, and IPAM's IPv6 from the pools: with an IPv6 pool and an empty field (or `firstFound: false`), pods request an IPv6 address that Felix does not route",
        help: "remove an empty field; with eBPF write firstFound: true, because operator 1.34 and later refuses a new cluster without the field. Otherwise use the same interfaces as for IPv4, or pass --ipv6-autodetection-method",
        example: ("nodeAddressAutodetectionV6: {}", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/render/node.go").symbol("FELIX_IPV6SUPPORT").line(1614),
            upstream::OPERATOR.file("pkg/render/node.go").symbol("assign_ipv6").line(850),
            upstream::OPERATOR.file("pkg/controller/installation/core_controller.go").line(614),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

pub(super) const FIELD: &str = "nodeAddressAutodetectionV6";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        let Some(network) = installation.network else { continue };
        let now = installation.autodetection(FIELD);
        let asked = cx.target.ipv6_autodetection_method.as_deref().map(field_of_method);
        let at = |node| installation.diagnostic(&META, node);
        let of_ipv4 = installation.autodetection(IPV4_FIELD).map(|(node, _)| node);
        // If the IPv4 field is removed, this one takes its place.
        let place = Placement { after: of_ipv4.filter(|_| cx.nodes_lack_ipv4()), below: None };
        let insert = |value: Value, to: &str, why| {
            let op = Op::InsertEntry(place, FIELD.to_owned(), value);
            pool_changes(installation, network, op, (FIELD, None, Some(to), why))
        };
        match (now, asked) {
            (Some((node, _)), _) if !cx.wants_ipv6() => {
                let description = (FIELD, Some("set"), None, "the cluster no longer has an IPv6 pool");
                diagnostics.push(at(node).severity(Severity::Warning).fix(pool_changes(
                    installation,
                    node,
                    Op::Remove,
                    description,
                )));
            }
            _ if !cx.wants_ipv6() => {}
            (Some((node, true)), Some((key, value))) if !has_value(installation, node, key, &value) => {
                let description = (FIELD, Some("another method"), None, "another method was requested");
                diagnostics.push(at(node).fix(pool_changes(installation, node, Op::Remove, description)));
            }
            (Some((node, false)), None) if needs_field(installation) => {
                let description = (FIELD, Some("no method"), Some("firstFound"), NEEDED);
                let op = Op::Set(first_found());
                diagnostics.push(at(node).fix(pool_changes(installation, node, op, description)));
            }
            (Some((node, false)), _) => {
                let description =
                    (FIELD, Some("no method"), None, "without a method, this field turns Felix's IPv6 off");
                diagnostics.push(at(node).fix(pool_changes(installation, node, Op::Remove, description)));
            }
            (None, Some((key, value))) => {
                let to = cx.target.ipv6_autodetection_method.as_deref().unwrap_or(key);
                let place = super::at_pools(&META, installation).severity(Severity::Info);
                diagnostics.push(place.fix(insert(
                    Value::Map(vec![(key.to_owned(), value)]),
                    to,
                    "as requested",
                )));
            }
            (None, None) if mirror(cx, installation, diagnostics, &insert) => {}
            (None, None) if needs_field(installation) => {
                let message = "with eBPF and an IPv6 pool the operator needs nodeAddressAutodetectionV6";
                let diagnostic = super::at_pools(&META, installation).message(message);
                diagnostics.push(diagnostic.fix(insert(first_found(), "firstFound", NEEDED)));
            }
            _ => {}
        }
    }
}

const NEEDED: &str = "with eBPF operator 1.34 and later refuses a new cluster without it";

/// Whether the operator fills in no method (tigera/operator v1.42.3 `validation.go`).
fn needs_field(installation: &Installation<'_>) -> bool {
    installation.network_field("linuxDataplane") == Some("BPF")
}

fn first_found() -> Value {
    let (key, value) = field_of_method("first-found");
    Value::Map(vec![(key.to_owned(), value)])
}

/// The key of the IPv4 method if that becomes the IPv6 method, because the nodes get no IPv4 address. It gets another name, so that
/// the comments around it stay.
pub(super) fn moved(cx: &Context<'_>, installation: &Installation<'_>) -> Option<NodeId> {
    let stays = !cx.nodes_lack_ipv4() || !cx.wants_ipv6() || cx.target.ipv6_autodetection_method.is_some();
    let (node, true) = installation.autodetection(IPV4_FIELD).filter(|_| !stays)? else {
        return None;
    };
    let tree = installation.tree();
    let mut entries = tree.entries(node);
    let (Some((key, _)), None) = (entries.next(), entries.next()) else { return None };
    let is_copied = match tree.scalar(key)? {
        "interface" | "skipInterface" | "kubernetes" => true,
        // Without it nothing would be left of what the mapping said.
        "firstFound" => tree.entries(installation.network?).count() == 1,
        _ => false,
    };
    if is_copied && installation.autodetection(FIELD).is_none() { tree.key_of(node) } else { None }
}

/// Copies the method of IPv4 for IPv6. Returns whether there will be one.
fn mirror(
    cx: &Context<'_>,
    installation: &Installation<'_>,
    diagnostics: &mut Diagnostics,
    insert: &dyn Fn(Value, &str, &'static str) -> crate::rules::Fix,
) -> bool {
    let Some((node, true)) = installation.autodetection(IPV4_FIELD) else { return false };
    // Another rule renames the field of IPv4.
    if moved(cx, installation).is_some() {
        return true;
    }
    let mut is_copied = false;
    let tree = installation.tree();
    for (key, value) in tree.entries(node) {
        let Some(key) = tree.scalar(key) else { continue };
        let text = tree.scalar(value).unwrap_or_default();
        match key {
            "interface" | "skipInterface" | "kubernetes" => {
                let entry = Value::Map(vec![(key.to_owned(), Value::string(text))]);
                let fix = insert(entry, text, "the same interfaces as for IPv4");
                let diagnostic = installation.diagnostic(&META, value).severity(Severity::Warning);
                is_copied = true;
                diagnostics.push(
                    diagnostic
                        .message("IPv6 autodetection uses any interface, but IPv4 autodetection does not")
                        .fix(fix),
                );
            }
            "canReach" | "cidrs" => diagnostics.push(
                installation
                    .diagnostic(&META, tree.key_of(value).unwrap_or(value))
                    .severity(Severity::Warning)
                    .message(format!("{key} applies to IPv4 only; for IPv6 calico-node uses the first address that it finds"))
                    .help("pass --ipv6-autodetection-method with an IPv6 value"),
            ),
            _ => {}
        }
    }
    is_copied
}

/// The field of the Installation that corresponds to a method of calico-node.
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

fn has_value(installation: &Installation<'_>, node: NodeId, key: &str, value: &Value) -> bool {
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
