use super::{ClusterContext, ClusterRule};
use crate::rules::{Findings, Fixable, Metadata, Severity};
use crate::yaml::Kind;

const MAPPING_META: Metadata = Metadata {
    id: "YAML-001",
    name: "flag-read-as-mapping",
    severity: Severity::Error,
    finds: "a flag that ends in a colon is read as a mapping",
    why: "`cannot unmarshal object into args of type string`: kubelet refuses the whole Pod, and the component does not start",
    remedy: "put the whole item between single quotes",
    fixable: Fixable::Never,
    gates: &[],
    example: ("- --bind-address=::", "- '--bind-address=::'"),
    sources: &["yaml.org: YAML 1.2.2, 7.3.3 Plain Style"],
};

const SHELL_META: Metadata = Metadata {
    id: "POD-SHELL",
    name: "flags-in-a-shell-script",
    severity: Severity::Error,
    finds: "the flags of this component stand in a script for a shell",
    why: "what the shell makes of quotes, variables and brackets (`[::1]` is a pattern) no reading of the text tells, so the flags are neither read nor changed: the component would keep its families while the others change theirs",
    remedy: "write the flags as items of `command`, one each, or change the script by hand",
    fixable: Fixable::Never,
    gates: &[],
    example: (
        "command: [sh, -c, kube-apiserver --advertise-address=192.0.2.11]",
        "command: [kube-apiserver, --advertise-address=192.0.2.11]",
    ),
    sources: &["POSIX: Shell Command Language, 2.13 Pattern Matching Notation"],
};

pub(super) const READ_AS_MAPPING: ClusterRule = ClusterRule { meta: &MAPPING_META, check: mapping };
pub(super) const IN_A_SHELL: ClusterRule = ClusterRule { meta: &SHELL_META, check: shell };

fn mapping(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for flags in &cx.config.flags {
        let body = &cx.config.bodies[flags.body];
        let tree = body.tree();
        for item in &flags.odd {
            let key = tree.entries(*item).next().and_then(|(key, _)| tree.scalar(key));
            if let (Kind::Mapping, Some(key)) = (tree.kind(*item), key)
                && key.starts_with('-')
            {
                let message = format!("`{key}:` is read as a mapping, not as a flag");
                findings.push(cx.at(&MAPPING_META, body, *item).message(message));
            }
        }
    }
}

/// The flags that decide about families; a script without any of them is let be.
const FLAGS: [&str; 9] = [
    "-cluster-ip-range",
    "-cluster-cidr",
    "-advertise-address",
    "-bind-address",
    "-etcd-servers",
    "-urls",
    "-initial-cluster",
    "-node-cidr-mask-size",
    "-node-ip",
];

fn shell(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for flags in &cx.config.flags {
        let body = &cx.config.bodies[flags.body];
        let Some(script) = flags.script else { continue };
        let text = body.tree().scalar(script).unwrap_or_default();
        if FLAGS.iter().any(|flag| text.contains(flag)) {
            findings.push(cx.at(&SHELL_META, body, script));
        }
    }
}
