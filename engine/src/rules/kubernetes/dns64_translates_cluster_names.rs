use super::corefile::{Directive, Found, Server, report};
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "DNS64-TRANSLATEALL",
    name: "dns64-translates-cluster-names",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "dns64 with translate_all replaces the IPv6 addresses of the cluster's names",
        consequence: "for each AAAA query over IPv6, CoreDNS asks for the A record and replaces the answer: a Service without IPv4 has no address in DNS, and for a dual-stack Service pods get an address of NAT64, which does not reach its IPv4 cluster IP",
        help: "remove translate_all, or answer the domain of the cluster in a server block of its own, without dns64",
        example: ("dns64 64:ff9b::/96 {\n    translate_all\n}", "dns64 64:ff9b::/96"),
        sources: &[upstream::COREDNS.file("plugin/dns64/dns64.go").symbol("responseShouldDNS64").line(104)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    report(cx, translating, &META, diagnostics);
}

/// The lines with which a server block replaces the IPv6 addresses of a domain.
fn translating<'s, 't>(server: &'s Server<'t>, domain: &str) -> Vec<(&'s Directive<'t>, Found)> {
    let message = || format!("dns64 replaces the IPv6 addresses of names of {domain}");
    let lines = server.plugins("dns64").flat_map(|dns64| dns64.lines("translate_all"));
    lines.map(|line| (line, Found { message: message(), instead: None })).collect()
}
