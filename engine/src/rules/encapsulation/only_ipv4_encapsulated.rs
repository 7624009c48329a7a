use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::model::installation::Installation;
use crate::rules::change::at_env;
use crate::rules::operator::{NO_IPV6_ENCAPSULATION, future_ipv6_encapsulation};
use crate::rules::wanted::{NO_IPV6_VXLAN, Vxlan};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::{Backend, Encapsulation};

const META: Metadata = Metadata {
    id: "ENC-003",
    name: "only-ipv4-encapsulated",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[NO_IPV6_VXLAN],
    texts: Texts {
        finds: "IPv4 is encapsulated between nodes, IPv6 is not",
        consequence: "if nodes are in several subnets, or a cloud drops packets with pod addresses, pods on different nodes reach each other over IPv4 but not over IPv6",
        help: "ignore this if your routers know the pods, or if all nodes are in one subnet that does not drop their packets; otherwise pass --encapsulation vxlan-cross-subnet, or vxlan if packets are dropped inside a subnet, too (Calico 3.23 or later)",
        example: ("", ""),
        sources: &[upstream::CALICO.issue(3757)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(installation) = &install.installation {
            check_installation(cx, install, installation, diagnostics);
            continue;
        }
        let Some(node) = &install.node else { continue };
        if !cx.wants_ipv6()
            || install.facts.backend != Backend::Bird
            || install.has_ipv6_vxlan(cx.target)
            || !install.makes_pools()
        {
            continue;
        }
        if cx.target.encapsulation == Some(Encapsulation::None) {
            continue;
        }
        let tunnel = |name| install.env_text(name).is_some_and(Vxlan::is_on);
        if let Some(name) =
            ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN"].into_iter().find(|name| tunnel(name))
        {
            let diagnostic = at_env(&META, node, name);
            diagnostics.push(if cx.is_ipv6_only() {
                diagnostic
                    .message("IPv4 was encapsulated between nodes, IPv6 is not")
                    .consequence("if nodes are in several subnets, or a cloud drops packets with pod addresses, pods reach only pods on nodes in their own subnet")
            } else {
                diagnostic
            });
        }
    }
}

fn check_installation(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    installation: &Installation<'_>,
    diagnostics: &mut Diagnostics,
) {
    let asked = cx.target.encapsulation == Some(Encapsulation::None);
    // Without BGP such an operator has no routes for IPv6 at all, and another rule reports that.
    let refused =
        install.facts.backend == Backend::Vxlan && NO_IPV6_ENCAPSULATION.holds(install.facts.operator);
    if asked
        || refused
        || !cx.wants_ipv6()
        || !cx.wants_ipv4()
        || future_ipv6_encapsulation(cx.target, install, installation) != "None"
    {
        return;
    }
    for pool in &installation.pools {
        if pool.family() == Some(Family::Ipv4)
            && let Some(mode) = pool.encapsulation.as_ref().filter(|mode| mode.text != "None")
        {
            diagnostics.push(installation.diagnostic(&META, mode.node).label("of the IPv4 pool"));
        }
    }
}
