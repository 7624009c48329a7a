use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Backend;
use std::net::Ipv4Addr;

const META: Metadata = Metadata {
    id: "NODE-005",
    name: "invalid-router-id",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "CALICO_ROUTER_ID is not a router ID, or is the same on every node",
        consequence: "bird6 starts only with hash in lower case, a dotted quad or a number, and other words are a syntax error for bird, too; one dotted quad or number in a DaemonSet gives all nodes the same ID, and BGP sessions between them fail",
        help: "remove the variable if the nodes have IPv4 addresses; otherwise set it to hash",
        example: ("value: \"HASH\"", "value: \"hash\""),
        sources: &[
            upstream::CALICO.file("confd/pkg/backends/calico/bgp_processor.go").line(175),
            upstream::CALICO_NODE.issue(144),
            upstream::CALICO.file("calico/reference/node/configuration.md").line(316).at("v3.25.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_ROUTER_ID";

/// Whether BIRD reads a text as a number.
fn is_number(text: &str) -> bool {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<u32>().is_ok(),
    }
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let Some(now) = install.env_text(NAME).filter(|_| !cx.target.hash_router_id && cx.wants_ipv6())
        else {
            continue;
        };
        if install.facts.backend == Backend::Vxlan {
            diagnostics.push(
                at_env(&META, node, NAME)
                    .severity(Severity::Warning)
                    .message("CALICO_ROUTER_ID is not used without BGP")
                    .consequence("Calico ignores it, but a later migration to the operator refuses it in an IPv6-only cluster")
                    .help("remove it"),
            );
        } else if now.parse::<Ipv4Addr>().is_ok() || is_number(now) {
            diagnostics.push(
                at_env(&META, node, NAME)
                    .severity(Severity::Warning)
                    .message(format!("every node gets the router ID {now}"))
                    .consequence("BGP sessions between nodes with the same router ID fail")
                    .help("remove it if the nodes have IPv4 addresses; otherwise set it to hash"),
            );
        } else if !matches!(now, "hash" | "") && install.facts.backend == Backend::Bird {
            // With IPv4 addresses each node has a router ID of its own; hashes can collide.
            let fix = if cx.nodes_lack_ipv4() {
                install.set_env(NAME, "hash", &Near(&["IP6", "IP"]), "BIRD rejects any other value")
            } else {
                install.remove_env(NAME, "BIRD then uses the IPv4 address of each node")
            };
            if let Some(fix) = fix {
                diagnostics.push(at_env(&META, node, NAME).fix(fix));
            }
        }
    }
}
