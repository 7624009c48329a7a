use crate::diagnostic::upstream;
use crate::model::facts::{Ipam, Variant};
use crate::rules::change::at_version;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

pub(super) const NO_IPV6_POD_CIDR: Gate = Gate {
    component: Component::Calico,
    what: "the CNI plugin does not support usePodCidrIPv6",
    windows: &[Window::before(3, 22, 0)],
};

pub(super) const NO_DUAL_FLANNEL: Gate = Gate {
    component: Component::Flannel,
    what: "flannel does not support dual-stack",
    windows: &[Window::before(0, 15, 0)],
};

const META: Metadata = Metadata {
    id: "CNI-010",
    name: "host-local-ipv6-before-support",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6_POD_CIDR, NO_DUAL_FLANNEL],
    texts: Texts {
        finds: "this release cannot assign pods addresses of both IP families from the node's pod CIDRs",
        consequence: "with host-local IPAM, the CNI plugin before 3.22 reads only the first pod CIDR of the node",
        help: "upgrade Calico to 3.22 or later (canal: with flannel 0.15 or later), or use calico.yaml with Calico IPAM",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").line(354).at("v3.22.0"),
            upstream::CALICO.pull(5313),
            upstream::FLANNEL.pull(1448),
            upstream::CALICO.file("pkg/k8s/k8s.go").line(894).at("v3.21.2-cni-plugin"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if !cx.wants_ipv6() || install.facts.ipam != Ipam::HostLocal {
            continue;
        }
        // The first pod CIDR of the node may be an IPv6 one: a single family works.
        if cx.wants_ipv4() && NO_IPV6_POD_CIDR.holds(install.facts.calico) {
            let diagnostic = at_version(&META, node)
                .message("host-local IPAM needs Calico 3.22 or later for usePodCidrIPv6");
            if install.facts.variant == Variant::PolicyOnly {
                let diagnostic = diagnostic
                    .severity(Severity::Warning)
                    .message("Calico's host-local IPAM needs 3.22 or later for usePodCidrIPv6");
                diagnostics.push(diagnostic.consequence("pods get IPv6 only if another CNI plugin assigns it; Felix enforces policy for both IP families"));
            } else {
                diagnostics.push(diagnostic);
            }
        }
        if let Some((flannel, image)) = node.flannel()
            && NO_DUAL_FLANNEL.holds(flannel)
        {
            let range = node.tree.range(image);
            diagnostics.push(
                at_version(&META, node)
                    .at(range)
                    .label("this release")
                    .message("IPv6 needs flannel 0.15 or later"),
            );
        }
    }
}
