use crate::diagnostic::upstream;
use crate::host::Form;
use crate::rules::endpoints::{api_servers, report_ipv4};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "CALICO-API-HOST",
    name: "ipv4-address-of-api-server",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "Calico reaches the API server at an IPv4 address that IPv6-only nodes cannot reach",
        consequence: "calico-node, Typha and the kubeconfig of the CNI plugin use this address: calico-node does not start, and no pod gets an address",
        help: "write the IPv6 address or a DNS name with an AAAA record, or pass --map-address; if nodes have IPv4 addresses, pass --nodes-have-ipv4=true",
        example: ("KUBERNETES_SERVICE_HOST: \"192.0.2.10\"", "KUBERNETES_SERVICE_HOST: \"2001:db8:1::10\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/install/install.go").line(511),
            upstream::CALICO.file("manifests/calico-bpf.yaml").symbol("kubernetes-services-endpoint").line(7485),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    report_ipv4(cx, &api_servers(cx), ("the API server", "is", Form::Addresses), &META, diagnostics);
}
