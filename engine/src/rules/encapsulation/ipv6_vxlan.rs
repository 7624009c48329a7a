use super::vxlan_backend_without_vxlan::META as NO_ROUTES;
use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::wanted::{CROSS_SUBNET_NEEDS_IPV4, NO_IPV6_VXLAN, NONE_HIDES_VXLAN, Vxlan};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "ENC-010",
    name: "ipv6-encapsulation-differs",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_IPV6_VXLAN, CROSS_SUBNET_NEEDS_IPV4, NONE_HIDES_VXLAN],
    texts: Texts {
        finds: "the IPv6 pool's encapsulation does not suit this network",
        consequence: "the encapsulation of an IPv6 pool is VXLAN or none (IPIP carries IPv4 only): if the network between the nodes does not route pod addresses, only a tunnel carries them: VXLAN",
        help: "set CALICO_IPV6POOL_VXLAN to the mode of --encapsulation; with the VXLAN backend it must not be Never",
        example: (
            "- name: CALICO_IPV6POOL_VXLAN\n  value: \"Never\"",
            "- name: CALICO_IPV6POOL_VXLAN\n  value: \"CrossSubnet\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(969),
            upstream::CALICO.pull(13115),
            upstream::CALICO.issue(9403),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_IPV6POOL_VXLAN";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let unread = install.env_text(NAME).filter(|mode| Vxlan::parse(mode).is_none());
        if let Some(mode) =
            unread.filter(|_| cx.wants_ipv6() && install.makes_pools() && cx.target.encapsulation.is_none())
        {
            let diagnostic = at_env(&META, node, NAME)
                .message(format!("`{mode}` is not a VXLAN mode (Always, CrossSubnet or Never)"));
            diagnostics.push(
                diagnostic.consequence("calico-node exits").help("correct it, or pass --encapsulation"),
            );
            continue;
        }
        let Some(wanted) = install.wanted_ipv6_vxlan(cx.target) else { continue };
        if NO_IPV6_VXLAN.holds(install.facts.calico) {
            continue;
        }
        let own = install.env_text(NAME);
        let is_never = own.is_some_and(|text| text.eq_ignore_ascii_case("never"));
        let (meta, why) = match (cx.target.encapsulation, install.facts.backend) {
            (Some(_), _) if wanted == "Always" && cx.is_ipv6_only() => {
                (&META, "as requested, in the mode that works in an IPv6-only cluster on this release")
            }
            (Some(_), _) => (&META, "as requested"),
            // An explicit Never, where only VXLAN would carry IPv6, is a defect of its own.
            (None, Backend::Vxlan) if own.is_none() || is_never => {
                let meta = if is_never { &NO_ROUTES } else { &META };
                (meta, "without BGP, only VXLAN carries IPv6 between nodes")
            }
            (None, _) => (&META, "on this release, CrossSubnet has no routes in an IPv6-only cluster"),
        };
        let near = Near(&["CALICO_IPV4POOL_VXLAN", "CALICO_IPV4POOL_IPIP", "IP6", "IP"]);
        if let Some(fix) = install.set_env(NAME, wanted, &near, why) {
            diagnostics.push(at_env(meta, node, NAME).fix(fix));
        }
    }
}
