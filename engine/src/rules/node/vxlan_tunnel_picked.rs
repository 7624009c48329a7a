use crate::diagnostic::upstream;
use crate::rules::change::at_version;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const PICKS_TUNNEL: Gate = Gate {
    component: Component::Calico,
    what: "first-found may detect the address of vxlan-v6.calico as the node's address",
    windows: &[
        Window::between(Version::new(3, 23, 0), Version::new(3, 23, 5)),
        Window::between(Version::new(3, 24, 0), Version::new(3, 24, 4)),
    ],
};

const META: Metadata = Metadata {
    id: "NODE-007",
    name: "tunnel-address-autodetected",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[PICKS_TUNNEL],
    texts: Texts {
        finds: "on this release, first-found may detect the address of Calico's own tunnel as the node's IPv6 address",
        consequence: "the method first-found does not skip vxlan-v6.calico: after a restart, nodes may announce an unreachable address",
        help: "pass --ipv6-autodetection-method interface=REGEX, or upgrade to 3.23.5, 3.24.4 or 3.25",
        example: ("", ""),
        sources: &[
            upstream::CALICO.issue(6927),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/autodetection_linux.go")
                .line(22)
                .at("v3.23.5"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|(install, _)| install.addressed_node().is_some()) {
        let own =
            cx.target.ipv6_autodetection_method.as_deref().or(install.env_text("IP6_AUTODETECTION_METHOD"));
        // Without its own method, IPv6 gets the method of IPv4, if that names interfaces.
        let is_for_ipv4 = |m: &&str| m.starts_with("can-reach=") || m.starts_with("cidr=");
        let mirrored = install.env_text("IP_AUTODETECTION_METHOD").filter(|m| !is_for_ipv4(m));
        let has_method = own.or(mirrored).is_some_and(|method| !matches!(method, "" | "first-found"));
        if cx.wants_ipv6()
            && install.has_ipv6_vxlan(cx.target)
            && !has_method
            && PICKS_TUNNEL.holds(install.facts.calico)
        {
            diagnostics.push(at_version(&META, node));
        }
    }
}
