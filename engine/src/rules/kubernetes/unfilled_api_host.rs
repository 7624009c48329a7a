use crate::diagnostic::upstream;
use crate::rules::endpoints::api_servers;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const SHIPPED: Gate = Gate {
    component: Component::Calico,
    what: "the manifests for OpenShift use eBPF, and the ConfigMap kubernetes-services-endpoint must be filled in",
    windows: &[Window { from: Version::new(3, 30, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "OCP-008",
    name: "unfilled-api-host",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[SHIPPED],
    texts: Texts {
        finds: "the API server's host for Calico still holds the placeholder of the shipped file",
        consequence: "the operator, calico-node and Typha look for a host named api.<cluster_name>.<base_domain>, which cannot exist, and do not reach the API server, with eBPF and without: in a new cluster the operator installs nothing",
        help: "write the name of the cluster's API, such as api.mycluster.example.com; for IPv6 the name needs an AAAA record. Without eBPF you can remove the object",
        example: (
            "KUBERNETES_SERVICE_HOST: \"api.<cluster_name>.<base_domain>\"",
            "KUBERNETES_SERVICE_HOST: \"api.mycluster.example.com\"",
        ),
        sources: &[
            upstream::CALICO.file("manifests/ocp/01-configmap-kubernetes-services-endpoint.yaml").line(13),
            upstream::CALICO.file("manifests/ocp/03-cr-installation.yaml").symbol("linuxDataplane").line(11),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for endpoint in api_servers(cx) {
        // `<` is not valid in a host name.
        if endpoint.text.contains('<') {
            let message =
                format!("{} of {} is the placeholder {}", endpoint.name, endpoint.title(), endpoint.text);
            diagnostics.push(endpoint.at(&META).message(message).stops(false));
        }
    }
}
