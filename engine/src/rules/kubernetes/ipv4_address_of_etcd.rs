use crate::diagnostic::upstream;
use crate::host::Form;
use crate::rules::endpoints::{etcd_servers, report_ipv4};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "CALICO-ETCD-HOST",
    name: "ipv4-address-of-etcd",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "Calico reaches etcd at an IPv4 address that IPv6-only nodes cannot reach",
        consequence: "no part of Calico reaches its datastore: calico-node does not start, and no pod gets an address",
        help: "write the IPv6 address or a DNS name with an AAAA record, or pass --map-address; if nodes have IPv4 addresses, pass --nodes-have-ipv4=true",
        example: ("etcd_endpoints: \"https://192.0.2.10:2379,https://192.0.2.11:2379\"", "etcd_endpoints: \"https://[2001:db8:1::10]:2379,https://[2001:db8:1::11]:2379\""),
        sources: &[upstream::CALICO.file("manifests/calico-etcd.yaml").symbol("etcd_endpoints").line(67)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    report_ipv4(cx, &etcd_servers(cx), ("etcd", "contains", Form::Urls), &META, diagnostics);
}
