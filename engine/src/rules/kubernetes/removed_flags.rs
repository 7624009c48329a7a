//! Flags that Kubernetes 1.24 removed.

use super::change::remove_flag;
use crate::diagnostic::upstream;
use crate::model::fields::Component;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component as Versioned, Gate, Version, Window};

const REMOVED: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "API server, controller manager and scheduler have no insecure ports, no --address and no --port; kubelet has no --non-masquerade-cidr",
    windows: &[Window { from: Version::new(1, 24, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "K8S-INSECURE",
    name: "removed-address-flag",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[REMOVED],
    texts: Texts {
        finds: "a flag that Kubernetes 1.24 removed",
        consequence: "the component exits when it starts: `unknown flag`",
        help: "the flag is removed. --bind-address sets the listen address of API server, controller manager and scheduler; nothing replaces kubelet's --non-masquerade-cidr",
        example: ("--insecure-bind-address=0.0.0.0", ""),
        sources: &[
            upstream::KUBERNETES.pull(59018),
            upstream::KUBERNETES.pull(95856),
            upstream::KUBERNETES.pull(96345),
            upstream::KUBERNETES.pull(106859),
            upstream::KUBERNETES.file("CHANGELOG/CHANGELOG-1.24.md").line(2333).at("v1.24.17"),
            upstream::KUBERNETES.file("cmd/kubelet/app/options/options.go").line(373),
            upstream::KUBERNETES.pull(106860),
        ],
    }
    .built_in(),
};

/// The flags that v1.24 removed. kubelet still has `--address` and `--port`.
const FLAGS: [(Component, &[&str]); 4] = [
    (Component::ApiServer, &["insecure-bind-address", "insecure-port", "address", "port"]),
    (Component::ControllerManager, &["address", "port"]),
    (Component::Scheduler, &["address", "port"]),
    (Component::Kubelet, &["non-masquerade-cidr"]),
];

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.holds(&REMOVED) {
        return;
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let removed =
            FLAGS.iter().find(|(component, _)| *component == flags.component).map(|(_, names)| *names);
        for flag in
            flags.flags.iter().filter(|f| removed.is_some_and(|names| names.contains(&f.name.as_str())))
        {
            let why = "removed in Kubernetes 1.24";
            let changes = remove_flag(object, flag, why);
            let message = format!("--{} was removed in Kubernetes 1.24", flag.name);
            diagnostics.push(cx.at(&META, object, flag.node).message(message).fix(Fix::new(changes)));
        }
    }
}
