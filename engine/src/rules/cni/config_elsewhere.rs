use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::{at_container, at_env};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "CNI-018",
    name: "cni-config-elsewhere",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the CNI configuration or the networking backend is not in these files",
        consequence: "Calico IPAM assigns the IP families that the CNI configuration sets, so a change of calico-node alone has no effect on pods; without the backend it is not known what programs the routes between nodes",
        help: "pass the file with the ConfigMap too, or set assign_ipv4 and assign_ipv6 in the CNI configuration yourself; pass the backend with --calico-backend",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/types/types.go").line(78),
            upstream::CALICO.file("node/filesystem/etc/rc.local").line(7),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|_| cx.wants_ipv6()) {
        if matches!(install.facts.variant, Variant::Windows | Variant::CanalEtcd) {
            continue;
        }
        if install.facts.backend_is_assumed {
            let diagnostic = at_env(&META, node, "CALICO_NETWORKING_BACKEND");
            diagnostics
                .push(diagnostic.message(
                    "the networking backend is not in these files; assuming bird, Calico's default",
                ));
        }
        if install.facts.has_cni_config {
            continue;
        }
        if let Some(literal) = node.literal_cni_config() {
            diagnostics.push(
                Diagnostic::new(&META, node.tree, literal)
                    .message("the CNI configuration in CNI_NETWORK_CONFIG is not read")
                    .label("this value")
                    .help("set assign_ipv4 and assign_ipv6 in this value yourself, or take it from a ConfigMap with the key cni_network_config"),
            );
        } else {
            let diagnostic = at_container(&META, node).label("its CNI configuration is not in these files");
            diagnostics.push(diagnostic.message("the CNI configuration is not in these files"));
        }
    }
}
