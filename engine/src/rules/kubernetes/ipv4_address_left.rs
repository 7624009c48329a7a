use super::LintContext;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use std::net::Ipv4Addr;

const LEFT_META: Metadata = Metadata {
    id: "NET-013",
    name: "ipv4-address-left",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "an IPv4 address stands in a flag that is not changed",
    consequence: "on nodes without IPv4 the component does not reach it",
    help: "change it by hand: only you know what is reached there",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--oidc-issuer-url=https://192.0.2.5", "--oidc-issuer-url=https://[2001:db8:1::5]"),
    sources: &["kubernetes/kubernetes: cmd/kube-apiserver/app/options/options.go"],
};

pub(in crate::rules) const ADDRESS_LEFT: Rule = Rule { meta: &LEFT_META, check: Check::Objects(left) };

fn left(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        for flag in &flags.flags {
            let is_field = cx.config.fields.iter().any(|f| f.object == flags.object && f.node == flag.node);
            let address = flag.value.as_deref().and_then(ipv4_in).filter(|_| !is_field);
            if let Some(address) = address {
                let message = format!("--{} names {address}, and nothing changes it", flag.name);
                diagnostics.push(cx.at(&LEFT_META, object, flag.node).message(message).label(&flag.name));
            }
        }
    }
}

/// The first IPv4 address in a text that another host has.
fn ipv4_in(text: &str) -> Option<Ipv4Addr> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.find_map(|word| word.parse().ok().filter(|a: &Ipv4Addr| !a.is_loopback() && !a.is_unspecified()))
}
