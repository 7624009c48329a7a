use super::change::remove_flag;
use super::masks::rename;
use crate::diagnostic::upstream;
use crate::model::fields::{Component, Flags};
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "K8S-FLAG-UNKNOWN",
    name: "unknown-flag",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a component has a flag that it never had",
        consequence: "the component exits when it starts, with `unknown flag: --cluster-cidrs` for example. kubeadm does not check the names of extra arguments",
        help: "a misspelled flag gets its right name; otherwise use the flag that the component has",
        example: ("--cluster-cidrs=10.244.0.0/16,fd00:10:244::/56", "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56"),
        sources: &[
            upstream::KUBERNETES.file("staging/src/k8s.io/cloud-provider/options/kubecloudshared.go").line(59),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/options.go").line(152),
            upstream::KUBERNETES.file("cmd/kubelet/app/options/options.go").symbol("address").line(373),
            upstream::KUBERNETES.file("cmd/kubelet/app/options/options.go").symbol("node-ip").line(292),
        ],
    }
    .built_in(),
};

use Component::{ApiServer, ControllerManager, Kubelet, Proxy};

/// Known mistakes, beside misspelled names. No release has these flags; flags in general are not checked.
const FLAGS: [(Component, &str, &str); 3] = [
    (
        ApiServer,
        "cluster-cidr",
        "remove the flag: kube-controller-manager and kube-proxy have --cluster-cidr",
    ),
    (ApiServer, "node-ip", "remove the flag: kubelet has --node-ip, kube-apiserver --advertise-address"),
    (
        Kubelet,
        "bind-address",
        "kubelet listens on --address: use that flag, or address of its configuration file",
    ),
];

/// The flags that people misspell. No component has another flag whose name differs from one of these by one character.
fn names(component: Component) -> &'static [&'static str] {
    match component {
        ApiServer => &["advertise-address", "bind-address", "etcd-servers", "service-cluster-ip-range"],
        ControllerManager => &[
            "allocate-node-cidrs",
            "bind-address",
            "cluster-cidr",
            "node-cidr-mask-size",
            "node-cidr-mask-size-ipv4",
            "node-cidr-mask-size-ipv6",
            "service-cluster-ip-range",
        ],
        Kubelet => &["cluster-dns", "node-ip"],
        Proxy => &["bind-address", "cluster-cidr"],
        _ => &[],
    }
}

/// The right name of a misspelled flag: one character is missing, extra or wrong.
fn meant(component: Component, name: &str) -> Option<&'static str> {
    let names = names(component);
    // `---node-ip` is not the name of a flag.
    if names.contains(&name) || name.starts_with('-') {
        return None;
    }
    names.iter().copied().find(|right| differs_by_one(name, right))
}

fn differs_by_one(one: &str, other: &str) -> bool {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one.as_bytes()[same..], &other.as_bytes()[same..]);
    match (one, other) {
        ([_, rest @ ..], _) if rest == other => true,
        (_, [_, rest @ ..]) if rest == one => true,
        ([_, one @ ..], [_, other @ ..]) => one == other,
        _ => false,
    }
}

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Whether a flag of this name is set under a wrong name: the fix writes the right one.
pub(super) fn is_misspelled(flags: &Flags, right: &str) -> bool {
    flags.flags.iter().any(|flag| meant(flags.component, &flag.name) == Some(right))
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let component = flags.component;
        for flag in &flags.flags {
            let name = &flag.name;
            let diagnostic = || {
                cx.at(&META, object, flag.node)
                    .message(format!("{} has no flag --{name}", component.name()))
                    .consequence(format!(
                        "{} exits when it starts: `unknown flag: --{name}`",
                        component.name()
                    ))
                    .stops(false)
            };
            if let Some((.., help)) = FLAGS.iter().find(|(of, wrong, _)| *of == component && wrong == name) {
                diagnostics.push(diagnostic().help(*help));
            }
            let Some(right) = meant(component, name) else { continue };
            let changes = if flags.get(right).is_some() {
                remove_flag(object, flag, "the component has no such flag, and the right one is set")
            } else {
                let value = flag.value.as_deref().unwrap_or_default();
                rename(object, flags, flag, right, value, "the name of the flag")
            };
            diagnostics.push(diagnostic().help(format!("write --{right}")).fix(Fix::new(changes)));
        }
    }
}
