use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::Ipv4Addr;

const LEFT_META: Metadata = Metadata {
    id: "NET-013",
    name: "ipv4-address-left",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a flag that is not converted contains an IPv4 address",
        consequence: "on nodes without IPv4 the component cannot reach this address",
        help: "replace it yourself with an address or name that IPv6-only nodes can reach",
        example: ("--oidc-issuer-url=https://192.0.2.5", "--oidc-issuer-url=https://[2001:db8:1::5]"),
        sources: &[upstream::KUBERNETES.file("pkg/kubeapiserver/options/authentication.go").line(375)],
    }
    .built_in(),
};

pub(in crate::rules) const ADDRESS_LEFT: Rule = Rule { meta: &LEFT_META, check: Check::Text(left) };

fn left(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        for flag in &flags.flags {
            let is_field = cx.config.is_field(flags.object, flag.node);
            let address = flag.value.as_deref().and_then(ipv4_in).filter(|_| !is_field);
            if let Some(address) = address {
                let message = format!("--{} still contains {address}", flag.name);
                diagnostics.push(cx.at(&LEFT_META, object, flag.node).message(message).label(&flag.name));
            }
        }
    }
}

/// Returns the first IPv4 address in a text, without loopback and unspecified addresses.
fn ipv4_in(text: &str) -> Option<Ipv4Addr> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.find_map(|word| word.parse().ok().filter(|a: &Ipv4Addr| !a.is_loopback() && !a.is_unspecified()))
}
