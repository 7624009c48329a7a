use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env, at_version};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::{check_ipv6_method, check_method};
use crate::version::{Component, Gate, Window};

/// The rule about the autodetection method, of calico-node or of an installer that passes it on.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "NODE-008",
    name: "ipv6-method-differs",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_CIDR_METHOD, NO_KUBERNETES_METHOD],
    texts: Texts {
        finds: "IPv6 autodetection does not use the same interfaces as IPv4",
        consequence: "without a method, calico-node uses the first address that it finds on any interface except those of containers and tunnels (before 3.23.5, and in 3.24.0 to 3.24.3, also on the tunnels of VXLAN and WireGuard); it exits on an unknown method",
        help: "copy a method that names interfaces from IPv4; for can-reach= and cidr= pass an IPv6 value with --ipv6-autodetection-method",
        example: (
            "- name: IP_AUTODETECTION_METHOD\n  value: \"interface=eth.*\"",
            "- name: IP_AUTODETECTION_METHOD\n  value: \"interface=eth.*\"\n- name: IP6_AUTODETECTION_METHOD\n  value: \"interface=eth.*\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/autodetection/autodetection_methods.go").line(87),
            upstream::CALICO.file("node/pkg/lifecycle/startup/autodetection/autodetection_linux.go").line(18),
        ],
    }
    .built_in(),
};

const NO_CIDR_METHOD: Gate = Gate {
    component: Component::Calico,
    what: "calico-node exits on cidr=",
    windows: &[Window::before(3, 16, 0)],
};

pub(super) const NO_KUBERNETES_METHOD: Gate = Gate {
    component: Component::Calico,
    what: "calico-node exits on kubernetes-internal-ip",
    windows: &[Window::before(3, 22, 0)],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "IP6_AUTODETECTION_METHOD";
const NEAR: Near = Near(&["IP_AUTODETECTION_METHOD", "IP6", "IP"]);

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|(install, _)| install.addressed_node().is_some()) {
        if !cx.wants_ipv6() {
            if let Some(fix) = install.remove_env(NAME, "Calico no longer needs the IPv6 address of the node")
            {
                diagnostics.push(at_env(&META, node, NAME).severity(Severity::Warning).fix(fix));
            }
            continue;
        }
        let will_be = cx.target.ipv6_autodetection_method.as_deref().or(install.env_text(NAME));
        let gate = match will_be {
            Some("kubernetes-internal-ip") => Some(NO_KUBERNETES_METHOD),
            Some(method) if method.starts_with("cidr=") => Some(NO_CIDR_METHOD),
            _ => None,
        };
        if let Some(gate) = gate.filter(|gate| gate.holds(install.facts.calico)) {
            let message =
                format!("this release does not support the method `{}`", will_be.unwrap_or_default());
            let diagnostic = at_version(&META, node).message(message).consequence(gate.what);
            diagnostics.push(diagnostic.help("upgrade Calico, or select interfaces with interface=REGEX"));
            continue;
        }
        if let Some(method) = &cx.target.ipv6_autodetection_method {
            if let Some(fix) = install.set_env(NAME, method, &NEAR, "as requested") {
                diagnostics.push(at_env(&META, node, NAME).severity(Severity::Info).fix(fix));
            }
            continue;
        }
        if let Some(now) = install.env_text(NAME) {
            if let Err(message) = check_ipv6_method(now)
                && !now.is_empty()
            {
                diagnostics.push(
                    at_env(&META, node, NAME)
                        .message(message)
                        .help("correct it, or pass --ipv6-autodetection-method"),
                );
            }
            continue;
        }
        match install.env_text("IP_AUTODETECTION_METHOD") {
            None | Some("" | "first-found") => {}
            // Another rule reports a method that calico-node does not know.
            Some(v4) if check_method(v4, Family::Ipv4).is_err() => {}
            Some(v4) if v4.starts_with("can-reach=") || v4.starts_with("cidr=") => diagnostics.push(
                at_env(&META, node, "IP_AUTODETECTION_METHOD")
                    .severity(Severity::Warning)
                    .message(format!(
                        "`{v4}` applies to IPv4 only; for IPv6 calico-node uses the first address that it finds"
                    ))
                    .help("pass --ipv6-autodetection-method with an IPv6 value, for example cidr=fd00:1::/64"),
            ),
            Some(v4) => {
                if let Some(fix) = install.set_env(NAME, v4, &NEAR, "the same interfaces as for IPv4") {
                    diagnostics.push(
                        at_env(&META, node, "IP_AUTODETECTION_METHOD").severity(Severity::Warning).fix(fix),
                    );
                }
            }
        }
    }
}
