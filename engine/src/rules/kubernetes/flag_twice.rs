use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const TWICE_META: Metadata = Metadata {
    id: "K8S-FLAG-TWICE",
    name: "flag-given-twice",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a flag for addresses or CIDRs is set more than once",
        consequence: "most flags keep only the last value; list flags (--etcd-servers, --cluster-dns, --nodeport-addresses) combine all values",
        help: "keep only the last flag; join the values of a list flag into one flag",
        example: ("- --advertise-address=192.0.2.11\n- --advertise-address=192.0.2.12", "- --advertise-address=192.0.2.12"),
        sources: &[
            upstream::PFLAG.file("string.go").symbol("Set").line(11),
            upstream::PFLAG.file("string_slice.go").symbol("Set").line(42),
            upstream::KUBERNETES.file("staging/src/k8s.io/apiserver/pkg/server/options/etcd.go").line(170),
            upstream::KUBERNETES.file("cmd/kubelet/app/options/options.go").line(437),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/options.go").line(155),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const TWICE: Rule = Rule { meta: &TWICE_META, check: Check::Text(twice) };

/// Flags whose values are added together: StringSlice of pflag (kubernetes v1.37.2: pkg/server/options/etcd.go of the API
/// server, cmd/kubelet/app/options/options.go, cmd/kube-proxy/app/options.go).
const LISTS: [&str; 3] = ["etcd-servers", "cluster-dns", "nodeport-addresses"];

fn twice(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let mut names: Vec<(&str, usize)> =
            flags.flags.iter().enumerate().map(|(i, flag)| (flag.name.as_str(), i)).collect();
        names.sort_unstable();
        for (i, flag) in flags.flags.iter().enumerate() {
            let next = names.partition_point(|one| *one <= (flag.name.as_str(), i));
            let is_repeated = names.get(next).is_some_and(|(name, _)| *name == flag.name);
            if !is_repeated || !cx.config.is_field(flags.object, flag.node) {
                continue;
            }
            let diagnostic = cx.at(&TWICE_META, object, flag.node);
            diagnostics.push(if LISTS.contains(&flag.name.as_str()) {
                diagnostic
                    .severity(Severity::Info)
                    .message(format!("{} is set more than once: the values are added together", flag.name))
                    .consequence(
                        "the component uses all values, but each flag is checked and changed by itself",
                    )
                    .help("join the values into one flag")
            } else {
                diagnostic
                    .message(format!("{} is set more than once: only the last one counts", flag.name))
                    .help("keep only the last flag")
            });
        }
    }
}
