use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::at_version;
use crate::rules::wanted::{NO_IPV6_VXLAN, Vxlan};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::{Backend, Encapsulation};

/// The rule about VXLAN in a calico-node variable and in an IPPool.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "ENC-006",
    name: "ipv6-vxlan-before-support",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6_VXLAN],
    texts: Texts {
        finds: "this release does not support VXLAN for IPv6",
        consequence: "before 3.23, an IPv6 pool cannot use VXLAN: calicoctl and the Calico API server refuse such an IPPool (`VXLANMode other than 'Never' is not supported on an IPv6 IP pool`), and with the VXLAN backend, which has no BGP, there are no IPv6 routes between nodes",
        help: "upgrade Calico to 3.23 or later, or use the BGP manifest (calico.yaml) in a network that routes pod addresses",
        example: ("", ""),
        sources: &[
            upstream::CALICO.release("v3.23.0"),
            upstream::CALICO.issue(5200),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(898).at("v3.22.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        // Another rule refuses a migration from flannel.
        let migrates = install.facts.variant == Variant::FlannelMigration;
        if !cx.wants_ipv6() || migrates || !NO_IPV6_VXLAN.holds(install.facts.calico) {
            continue;
        }
        if install.facts.backend == Backend::Vxlan {
            let message = "IPv6 with the VXLAN backend needs Calico 3.23 or later";
            diagnostics.push(
                at_version(&META, node)
                    .message(message)
                    .consequence("IPv6 packets between nodes have no route"),
            );
        } else if cx.target.encapsulation.is_none()
            && install
                .env_text("CALICO_IPV6POOL_VXLAN")
                .is_some_and(|mode| Vxlan::parse(mode) != Some(Vxlan::Never))
        {
            diagnostics.push(
                at_version(&META, node)
                    .message("CALICO_IPV6POOL_VXLAN needs Calico 3.23 or later")
                    .consequence("calico-node ignores it: IPv6 packets between subnets have no route")
                    .help("upgrade Calico to 3.23 or later, or pass --encapsulation none in a network that routes pod addresses"),
            );
        } else if matches!(
            cx.target.encapsulation,
            Some(Encapsulation::Vxlan | Encapsulation::VxlanCrossSubnet)
        ) {
            let message = "--encapsulation vxlan needs Calico 3.23 or later for IPv6";
            diagnostics.push(
                at_version(&META, node)
                    .message(message)
                    .consequence("calico-node ignores CALICO_IPV6POOL_VXLAN: IPv6 packets between subnets have no route")
                    .help("upgrade Calico to 3.23 or later, or pass --encapsulation none in a network that routes pod addresses"),
            );
        }
    }
}
