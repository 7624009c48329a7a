use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const NAME: &str = "CALICO_ADVERTISE_CLUSTER_IPS";

const META: Metadata = Metadata {
    id: "BGP-004",
    name: "advertised-cluster-ips-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "CALICO_ADVERTISE_CLUSTER_IPS is set, which takes one CIDR only",
        consequence: "the variable overrides serviceClusterIPs of BGPConfiguration, so calico-node never announces the service CIDR of the second IP family; its log says `Ignoring serviceClusterIPs update due to environment variable CALICO_ADVERTISE_CLUSTER_IPS`",
        help: "remove the variable, and list the service CIDRs of both IP families in serviceClusterIPs of the default BGPConfiguration",
        example: (
            "- name: CALICO_ADVERTISE_CLUSTER_IPS\n  value: 10.96.0.0/12",
            "serviceClusterIPs:\n- cidr: 10.96.0.0/12\n- cidr: fd00:10:96::/112",
        ),
        sources: &[
            upstream::CALICO.file("confd/pkg/backends/calico/client.go").symbol("envAdvertiseClusterIPs").line(212),
            upstream::CALICO.file("confd/pkg/backends/calico/client.go").symbol("Ignoring serviceClusterIPs").line(1441),
            upstream::CALICO.file("confd/pkg/backends/calico/client.go").line(1573),
            upstream::CALICO.issue(2731),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let Some(text) = install.env_text(NAME).filter(|text| !text.is_empty()) else { continue };
        let mut diagnostic = at_env(&META, node, NAME).stops(false);
        if text.contains(',') {
            diagnostic =
                diagnostic.message(format!("{NAME} is a list, and takes one CIDR only: {text}")).consequence(
                    "calico-node announces no service CIDR at all: `Failed to update cluster CIDR routes`",
                );
        } else if cx.is_dual() {
            diagnostic = diagnostic
                .severity(Severity::Warning)
                .message(format!("{NAME} announces {text} only, and overrides serviceClusterIPs"));
        } else {
            continue;
        }
        for (object, field) in cx.config.fields_of(&[FieldKind::Advertised]) {
            let place = cx.documents.place(object.start(field.node));
            diagnostic =
                diagnostic.related(place, format!("{} of {} is ignored", field.name, object.title()));
        }
        diagnostics.push(diagnostic);
    }
}
