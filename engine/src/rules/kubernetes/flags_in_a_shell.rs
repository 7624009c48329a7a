use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const SHELL_META: Metadata = Metadata {
    id: "POD-SHELL",
    name: "flags-in-a-shell-script",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the flags of this component are in a shell script",
        consequence: "the shell interprets quotes, variables and patterns (`[::1]` is a pattern), so calico-ipv6 does not read or change these flags: the component keeps its IP families while the others change theirs",
        help: "write the flags as items of `command`, one each, or change the script by hand",
        example: (
            "command: [sh, -c, kube-apiserver --advertise-address=192.0.2.11]",
            "command: [kube-apiserver, --advertise-address=192.0.2.11]",
        ),
        sources: &[
            upstream::page(
                "POSIX: Shell Command Language, 2.13 Pattern Matching Notation",
                "https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_13",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const IN_A_SHELL: Rule = Rule { meta: &SHELL_META, check: Check::Text(shell) };

/// The flags that decide about IP families; a script without them is not reported.
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

fn shell(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let Some(script) = flags.script else { continue };
        let text = object.tree().scalar(script).unwrap_or_default();
        if FLAGS.iter().any(|flag| text.contains(flag)) {
            diagnostics.push(cx.at(&SHELL_META, object, script));
        }
    }
}
