use crate::address::is_ipv6_address;
use crate::diagnostic::upstream;
use crate::rules::endpoints::api_servers;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "NODE-020",
    name: "brackets-in-api-host",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the API server's address for Calico is an IPv6 address in brackets",
        consequence: "Calico adds brackets itself: install-cni cannot reach https://[[2001:db8::1]]:6443 and exits (`host must be a URL or a host:port pair`; `missing port in address` in older releases), so calico-node does not start. Before 3.23.2 it writes this address into the kubeconfig of the CNI plugin, and no pod starts on the node",
        help: "the brackets are removed",
        example: ("KUBERNETES_SERVICE_HOST: \"[2001:db8:1::10]\"", "KUBERNETES_SERVICE_HOST: \"2001:db8:1::10\""),
        sources: &[upstream::CALICO.file("cni-plugin/pkg/install/install.go").symbol("JoinHostPort").line(513)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for endpoint in api_servers(cx) {
        let inner = endpoint.text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(address) = inner.filter(|address| is_ipv6_address(address)) {
            let message = format!("{} of {} has brackets", endpoint.name, endpoint.title());
            let fix = endpoint.set(address, "Calico adds the brackets itself");
            diagnostics.push(endpoint.at(&META).message(message).fix(fix));
        }
    }
}
