//! WireGuard between nodes: each IP family has its own switch.

use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::is_true;
use crate::model::facts::settings::{Settings, wireguard};
use crate::model::fields::ObjectKind;
use crate::rules::change::at_env;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};

const NO_IPV6: Gate = Gate {
    component: Component::Calico,
    what: "no WireGuard for IPv6",
    windows: &[Window::before(3, 24, 0)],
};

const META: Metadata = Metadata {
    id: "FELIX-002",
    name: "wireguard-for-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6],
    texts: Texts {
        finds: "WireGuard is enabled for one IP family of the pods only",
        consequence: "traffic of the other IP family between nodes is not encrypted",
        help: "set wireguardEnabled for IPv4 and wireguardEnabledV6 for IPv6; IPv6 needs nodes with IPv6 addresses and an MTU that is 80 bytes smaller than that of their network (1420 for 1500). If something else encrypts the other IP family, set its switch to false explicitly",
        example: (
            "spec:\n  wireguardEnabled: true",
            "spec:\n  wireguardEnabled: true\n  wireguardEnabledV6: true",
        ),
        sources: &[
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/felixconfig.go").line(1011),
            upstream::CALICO.file("felix/dataplane/driver.go").line(194),
            upstream::CALICO
                .file("felix/dataplane/linux/int_dataplane.go")
                .symbol("wireguardV6MTUOverhead")
                .line(450),
            upstream::CALICO.issue(5727),
            upstream::CALICO.issue(4492),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    resource(cx, diagnostics);
    environment(cx, diagnostics);
    installers(cx, diagnostics);
}

/// Settings of installers that turn on the switch of IPv4 only, each with its installer (kubespray
/// `roles/network_plugin/calico/tasks/install.yml`, k0s `static/manifests/calico/DaemonSet/calico-node.yaml`).
const OF_INSTALLERS: [(ObjectKind, &[&str], &str); 3] = [
    (ObjectKind::KubesprayCalico, &["calico_wireguard_enabled"], "kubespray"),
    (ObjectKind::Kubespray, &["calico_wireguard_enabled"], "kubespray"),
    (ObjectKind::K0s, &["spec", "network", "calico", "wireguard"], "k0s"),
];

fn installers(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let settings = &cx.cluster.settings;
    if !cx.wants_ipv6() || settings.encrypts(Family::Ipv6) {
        return;
    }
    for (kind, path, installer) in OF_INSTALLERS {
        for (_, object) in cx.config.objects_of(kind) {
            let Some(node) = object.tree().at(object.root, path) else { continue };
            // k0s passes these variables on to calico-node.
            let variable = ["spec", "network", "calico", "envVars", wireguard(Family::Ipv6).1];
            let is_on_for_ipv6 = object.text(&variable).is_some_and(is_true);
            if object.tree().scalar(node).is_some_and(is_true) && !is_on_for_ipv6 {
                let diagnostic = cx.at(&META, object, node);
                diagnostics.push(
                    describe(diagnostic, Family::Ipv4, Family::Ipv6, false, cx.cluster.calico).help(format!(
                        "{installer} sets wireguardEnabled only: set wireguardEnabledV6: true in the FelixConfiguration yourself, and pass that file too",
                    )),
                );
                return;
            }
        }
    }
}

/// The family that is not encrypted while `on` is; `None` if it is encrypted, or pods do not have it.
fn clear(settings: &Settings, families: &[Family], on: Family) -> Option<Family> {
    let clear = on.other();
    (families.contains(&clear) && !settings.encrypts(clear)).then_some(clear)
}

/// Describes the finding. `is_explicit`: the switch of the other family is set to false.
fn describe(
    diagnostic: Diagnostic,
    on: Family,
    clear: Family,
    is_explicit: bool,
    release: Option<Version>,
) -> Diagnostic {
    let (on, switch) = (wireguard(on).0, wireguard(clear).0);
    let message =
        format!("WireGuard: {on} is on but {switch} is not; {clear} traffic between nodes is not encrypted");
    let diagnostic = diagnostic.message(message);
    if clear == Family::Ipv6 && NO_IPV6.holds(release) {
        return diagnostic.help(
            "upgrade to Calico 3.24 or later and set wireguardEnabledV6: true; before 3.24 Calico never encrypts IPv6",
        );
    }
    // The author decided.
    if is_explicit { diagnostic.severity(Severity::Warning) } else { diagnostic }
}

fn too_old(diagnostic: Diagnostic, name: &str) -> Diagnostic {
    diagnostic
        .message(format!("WireGuard: this Calico release does not have {name}, which Calico 3.24 added"))
        .consequence("the API server refuses the field, and Felix ignores the variable: IPv6 traffic between nodes is not encrypted")
        .help("upgrade to Calico 3.24 or later")
}

fn resource(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, settings) in cx.felix_settings() {
        let tree = object.tree();
        let get = |family| {
            let node = tree.get(settings, wireguard(family).0)?;
            Some((node, tree.scalar(node)? == "true"))
        };
        let release = cx.cluster.calico;
        for on in [Family::Ipv4, Family::Ipv6] {
            let Some((node, true)) = get(on) else { continue };
            if on == Family::Ipv6 && NO_IPV6.holds(release) && cx.target.to.has_ipv6() {
                diagnostics.push(too_old(cx.at(&META, object, node), wireguard(on).0));
            } else if let Some(clear) = clear(&cx.cluster.settings, &cx.families(), on)
                && get(clear).is_none_or(|(_, encrypts)| !encrypts)
            {
                let is_explicit = get(clear).is_some();
                diagnostics.push(describe(cx.at(&META, object, node), on, clear, is_explicit, release));
            }
        }
    }
}

fn environment(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let families = cx.target.families(None);
        for on in [Family::Ipv4, Family::Ipv6] {
            let name = wireguard(on).1;
            if !node.env.text(name).is_some_and(is_true) {
                continue;
            }
            let diagnostic = at_env(&META, node, name);
            if on == Family::Ipv6 && NO_IPV6.holds(install.facts.calico) && cx.wants_ipv6() {
                diagnostics.push(too_old(diagnostic, name));
            } else if let Some(clear) = clear(&cx.cluster.settings, &families, on) {
                let is_explicit = node.env.get(wireguard(clear).1).is_some();
                diagnostics.push(describe(diagnostic, on, clear, is_explicit, install.facts.calico));
            }
        }
    }
}
