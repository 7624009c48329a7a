use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::target::{Backend, RouterId};
use std::net::Ipv4Addr;

const META: Metadata = Metadata {
    id: "NODE-005",
    name: "router-id-no-router-id",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "CALICO_ROUTER_ID is not a router ID, or is the same on every node",
    consequence: "anything other than hash in lower case, a dotted quad or a number is a syntax error for both bird and bird6; one dotted quad or number in a DaemonSet gives all nodes one ID, and BGP sessions fail",
    help: "CALICO_ROUTER_ID becomes hash",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("value: \"HASH\"", "value: \"hash\""),
    sources: &["projectcalico/calico: confd/pkg/resource/template/util.go", "projectcalico/node: issue 144"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_ROUTER_ID";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    if let Some(RouterId::Address(address)) = &cx.target.router_id
        && cx.wants_ipv6()
        && cx.facts.backend == Backend::Bird
    {
        diagnostics.push(
            at_env(&META, node, NAME)
                .message(format!(
                    "--router-id {address} would give every node of this DaemonSet one router ID"
                ))
                .consequence("BGP sessions between nodes with one ID fail")
                .help("use --router-id hash, or leave the option out: each node then has an ID of its own"),
        );
        return;
    }
    let Some(now) = cx.env_text(NAME).filter(|_| cx.target.router_id.is_none() && cx.wants_ipv6()) else {
        return;
    };
    if cx.facts.backend == Backend::Vxlan {
        diagnostics.push(
            at_env(&META, node, NAME)
                .severity(Severity::Warning)
                .message("CALICO_ROUTER_ID has no use without BGP")
                .consequence("nothing reads it, and a later migration to the operator refuses it")
                .help("take it out"),
        );
    } else if now.parse::<Ipv4Addr>().is_ok() || now.parse::<u32>().is_ok() {
        diagnostics.push(
            at_env(&META, node, NAME)
                .severity(Severity::Warning)
                .message(format!("every node gets the router id {now}"))
                .consequence("BGP sessions between nodes with one id fail")
                .help("set it to hash, or give each node its own"),
        );
    } else if !matches!(now, "hash" | "") && cx.facts.backend == Backend::Bird {
        let near = Near(&["IP6", "IP"]);
        if let Some(fix) = cx.set_env(NAME, "hash", &near, "BIRD rejects any other value") {
            diagnostics.push(at_env(&META, node, NAME).fix(fix));
        }
    }
}
