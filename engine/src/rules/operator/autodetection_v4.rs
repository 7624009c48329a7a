use super::autodetection_v6::{FIELD as IPV6_FIELD, moved};
use super::{at_pools, pool_changes};
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Placement, Value};

const META: Metadata = Metadata {
    id: "OP-004",
    name: "ipv4-autodetection-without-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "IPv4 autodetection is enabled but the nodes have no IPv4 address",
        consequence: "with a method for IPv4, the operator renders IP=autodetect, and calico-node exits on a node that neither has nor records an IPv4 address; with eBPF this happens even if the field is missing",
        help: "remove nodeAddressAutodetectionV4; with eBPF set it to {}",
        example: ("nodeAddressAutodetectionV4:\n  firstFound: true", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/core_controller.go").line(602),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(634),
            upstream::OPERATOR.issue(4415),
            upstream::CALICO.issue(8941),
            upstream::OPERATOR.file("pkg/render/node.go").line(1607),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

pub(super) const FIELD: &str = "nodeAddressAutodetectionV4";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        let now = installation.autodetection(FIELD);
        if !cx.nodes_lack_ipv4() {
            if let Some((node, false)) = now.filter(|_| cx.wants_ipv4()) {
                let description = (
                    FIELD,
                    Some("no method"),
                    None,
                    "without a method, this field turns IPv4 autodetection off",
                );
                diagnostics.push(
                    installation
                        .diagnostic(&META, node)
                        .message("IPv4 autodetection is off, but the nodes have IPv4 addresses")
                        .fix(pool_changes(installation, node, Op::Remove, description)),
                );
            }
            continue;
        }
        match (now, install.facts.is_bpf) {
            (Some((node, true)), _) => {
                let fix = if let Some(key) = moved(cx, installation) {
                    let why = "calico-node exits if it finds no IPv4 address; IPv6 addresses are looked for in the same way";
                    let description = (FIELD, Some(FIELD), Some(IPV6_FIELD), why);
                    pool_changes(installation, key, Op::Set(Value::string(IPV6_FIELD)), description)
                } else {
                    let why = "calico-node exits if it finds no IPv4 address";
                    pool_changes(installation, node, Op::Remove, (FIELD, Some("set"), None, why))
                };
                diagnostics.push(installation.diagnostic(&META, node).fix(fix));
            }
            (None, true) => {
                let Some(network) = installation.network else { continue };
                let op = Op::InsertEntry(Placement::default(), FIELD.to_owned(), Value::Map(Vec::new()));
                let description = (
                    FIELD,
                    None,
                    Some("{}"),
                    "with eBPF, the operator detects IPv4 addresses unless this field is empty",
                );
                diagnostics.push(at_pools(&META, installation).fix(pool_changes(
                    installation,
                    network,
                    op,
                    description,
                )));
            }
            _ => {}
        }
    }
}
