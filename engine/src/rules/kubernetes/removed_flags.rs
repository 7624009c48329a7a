use super::LintContext;
use super::context::{ChangeText, change};
use crate::model::fields::Component;
use crate::rules::{Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component as Versioned, Gate, Version, Window};
use crate::yaml::write::Op;

const GONE: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "the flags of insecure ports, --address and --port are unknown",
    windows: &[Window { from: Version::new(1, 24, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "K8S-INSECURE",
    name: "removed-address-flag",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a flag for an address that this release does not know any more",
    consequence: "`unknown flag`: the component exits at its start",
    help: "the flag is taken out; --bind-address says where a component listens",
    fixable: Fixable::Always,
    gates: &[GONE],
    example: ("--insecure-bind-address=0.0.0.0", ""),
    sources: &[
        "kubernetes/kubernetes: pull requests 59018, 95856, 96345, 106859",
        "kubernetes/kubernetes: CHANGELOG/CHANGELOG-1.24.md",
    ],
};

/// Whose flags were removed in v1.24.
const FLAGS: [(Component, &[&str]); 4] = [
    (Component::ApiServer, &["insecure-bind-address", "insecure-port", "address", "port"]),
    (Component::ControllerManager, &["address", "port"]),
    (Component::Scheduler, &["address", "port"]),
    (Component::Kubelet, &["non-masquerade-cidr"]),
];

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Objects(check) };

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.holds(&GONE) {
        return;
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let gone = FLAGS.iter().find(|(component, _)| *component == flags.component).map(|(_, gone)| *gone);
        for flag in flags.flags.iter().filter(|f| gone.is_some_and(|gone| gone.contains(&f.name.as_str()))) {
            let why = "this release exits on the flag";
            let told = ChangeText { field: &flag.name, from: flag.value.as_deref(), to: None, why };
            let changes = flag.items.iter().map(|item| change(object, *item, Op::Remove, told)).collect();
            let message = format!("--{} is gone since v1.24", flag.name);
            diagnostics.push(cx.at(&META, object, flag.node).message(message).fix(Fix::new(changes)));
        }
    }
}
