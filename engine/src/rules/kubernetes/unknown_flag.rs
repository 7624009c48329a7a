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

/// What to write instead of a flag.
#[derive(Clone, Copy, Debug)]
enum Instead {
    /// The flag with its right name.
    Name(&'static str),
    /// Something that a person decides.
    Help(&'static str),
}

use Component::{ApiServer, ControllerManager, Kubelet, Proxy};
use Instead::{Help, Name};

/// Known mistakes. No release has these flags; flags in general are not checked.
const FLAGS: [(Component, &str, Instead); 6] = [
    (ControllerManager, "cluster-cidrs", Name("cluster-cidr")),
    (Proxy, "cluster-cidrs", Name("cluster-cidr")),
    (Kubelet, "node-ips", Name("node-ip")),
    (
        ApiServer,
        "cluster-cidr",
        Help("remove the flag: kube-controller-manager and kube-proxy have --cluster-cidr"),
    ),
    (
        ApiServer,
        "node-ip",
        Help("remove the flag: kubelet has --node-ip, kube-apiserver --advertise-address"),
    ),
    (
        Kubelet,
        "bind-address",
        Help("kubelet listens on --address: use that flag, or address of its configuration file"),
    ),
];

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Whether a flag of this name is set under a wrong name: the fix writes the right one.
pub(super) fn is_misspelled(flags: &Flags, right: &str) -> bool {
    let is_set = |name: &str| flags.get(name).is_some();
    FLAGS.iter().any(|(of, name, instead)| {
        *of == flags.component && matches!(instead, Name(to) if *to == right) && is_set(name)
    })
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        for flag in &flags.flags {
            let known = FLAGS.iter().find(|(of, name, _)| *of == flags.component && *name == flag.name);
            let Some((component, name, instead)) = known else { continue };
            let message = format!("{} has no flag --{name}", component.name());
            let diagnostic = cx
                .at(&META, object, flag.node)
                .message(message)
                .consequence(format!("{} exits when it starts: `unknown flag: --{name}`", component.name()))
                .stops(false);
            diagnostics.push(match instead {
                Help(help) => diagnostic.help(*help),
                // The next round removes what the right flag replaces.
                Name(right) if flags.get(right).is_some() => {
                    let why = "the component has no such flag, and the right one is set";
                    diagnostic.fix(Fix::new(remove_flag(object, flag, why)))
                }
                Name(right) => {
                    let value = flag.value.as_deref().unwrap_or_default();
                    let changes = rename(object, flags, flag, right, value, "the name of the flag");
                    diagnostic.help(format!("write --{right}")).fix(Fix::new(changes))
                }
            });
        }
    }
}
