use super::corefile::Corefile;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
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
    if !cx.wants_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Corefile) {
        let file = Corefile::read(object);
        let mut reported = Vec::new();
        for domain in file.cluster_domains() {
            let Some(server) = file.server_of(&domain) else { continue };
            for line in server.plugins("dns64").flat_map(|dns64| dns64.lines("translate_all")) {
                if reported.contains(&line.node) {
                    continue;
                }
                reported.push(line.node);
                let message = format!("dns64 replaces the IPv6 addresses of names of {domain}");
                let mut diagnostic = cx.at(&META, object, line.node).message(message);
                if let Some(kubernetes) = server.plugins("kubernetes").next() {
                    let place = cx.documents.place(object.start(kubernetes.node));
                    diagnostic = diagnostic.related(place, "answers these names");
                }
                let severity = if cx.is_ipv6_only() { Severity::Error } else { Severity::Warning };
                diagnostics.push(diagnostic.severity(severity));
            }
        }
    }
}
