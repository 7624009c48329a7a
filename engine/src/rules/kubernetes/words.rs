use super::{LintContext, templates};
use crate::model::fields::{ObjectKind, Shape};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::yaml::{Kind, NodeId};
use std::net::Ipv4Addr;

const MAPPING_META: Metadata = Metadata {
    id: "YAML-001",
    name: "flag-read-as-mapping",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a flag that ends in a colon is read as a mapping",
    consequence: "`cannot unmarshal object into args of type string`: kubelet refuses the whole Pod, and the component does not start",
    help: "put the whole item between single quotes",
    fixable: Fixable::Never,
    gates: &[],
    example: ("- --bind-address=::", "- '--bind-address=::'"),
    sources: &["yaml.org: YAML 1.2.2, 7.3.3 Plain Style"],
};

const SHELL_META: Metadata = Metadata {
    id: "POD-SHELL",
    name: "flags-in-a-shell-script",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the flags of this component stand in a script for a shell",
    consequence: "what the shell makes of quotes, variables and brackets (`[::1]` is a pattern) no reading of the text tells, so the flags are neither read nor changed: the component would keep its families while the others change theirs",
    help: "write the flags as items of `command`, one each, or change the script by hand",
    fixable: Fixable::Never,
    gates: &[],
    example: (
        "command: [sh, -c, kube-apiserver --advertise-address=192.0.2.11]",
        "command: [kube-apiserver, --advertise-address=192.0.2.11]",
    ),
    sources: &["POSIX: Shell Command Language, 2.13 Pattern Matching Notation"],
};

const ODD_META: Metadata = Metadata {
    id: "K8S-VALUE-SHAPE",
    name: "value-of-another-shape",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "no plain text stands where one says addresses",
    consequence: "an alias, a merged mapping or a value of another shape: what is changed elsewhere would not be changed here, and the two would not agree",
    help: "write the text out in this place",
    fixable: Fixable::Never,
    gates: &[],
    example: ("podSubnet: *pods", "podSubnet: 10.244.0.0/16"),
    sources: &["yaml.org: YAML 1.2.2, 3.2.2.2 Anchors and Aliases"],
};

const UNREAD_META: Metadata = Metadata {
    id: "K8S-CONFIG-UNREAD",
    name: "configuration-not-readable",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the configuration in this text is not YAML",
    consequence: "the component that reads it exits at its start; nothing in it can be changed",
    help: "correct it at the place that is named",
    fixable: Fixable::Never,
    gates: &[],
    example: ("bindAddress: ::", "bindAddress: '::'"),
    sources: &["kubernetes/kubernetes: cmd/kube-proxy/app/options.go"],
};

const API_META: Metadata = Metadata {
    id: "KADM-API",
    name: "kubeadm-api-too-old",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "this version of kubeadm's configuration has its fields elsewhere",
    consequence: "v1alpha1 to v1alpha3 (kubeadm up to v1.14) name API server, endpoints and extra arguments otherwise: a part of the addresses would stay as it is",
    help: "bring it to v1beta1 or later first: kubeadm config migrate",
    fixable: Fixable::Never,
    gates: &[],
    example: ("apiVersion: kubeadm.k8s.io/v1alpha3", "apiVersion: kubeadm.k8s.io/v1beta1"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm"],
};

const TWICE_META: Metadata = Metadata {
    id: "K8S-FLAG-TWICE",
    name: "flag-given-twice",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "a flag for addresses or ranges stands more than once",
    consequence: "the component takes the last: whoever reads the first is mistaken",
    help: "leave the last",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--node-ip=192.0.2.11 --node-ip=192.0.2.12", "--node-ip=192.0.2.12"),
    sources: &["spf13/pflag: flag.go"],
};

const SHAPE_META: Metadata = Metadata {
    id: "KADM-ARGSHAPE",
    name: "extra-args-of-another-version",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "extra arguments are written as another version of kubeadm's configuration wants them",
    consequence: "kubeadm refuses the whole file: arguments are a mapping up to v1beta3, and a list of name and value from v1beta4 on",
    help: "write them as this version wants them, or change apiVersion",
    fixable: Fixable::Never,
    gates: &[],
    example: ("extraArgs:\n  node-ip: 192.0.2.11", "extraArgs:\n- name: node-ip\n  value: 192.0.2.11"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go"],
};

const LEFT_META: Metadata = Metadata {
    id: "NET-013",
    name: "ipv4-address-left",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "an IPv4 address stands in a flag that is not changed",
    consequence: "on nodes without IPv4 the component does not reach it",
    help: "change it by hand: only you know what is reached there",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--oidc-issuer-url=https://192.0.2.5", "--oidc-issuer-url=https://[2001:db8:1::5]"),
    sources: &["kubernetes/kubernetes: cmd/kube-apiserver/app/options/options.go"],
};

const ELSEWHERE_META: Metadata = Metadata {
    id: "NET-014",
    name: "address-from-a-variable",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "the address comes from a variable",
    consequence: "what the variable holds at its time no file tells: with an address of another family the component exits, or is not reached",
    help: "see that the variable gives an address of the family that stands first, in brackets where a port follows",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--advertise-address=$(HOST_IP)", ""),
    sources: &["kubernetes.io: Define Dependent Environment Variables"],
};

pub(in crate::rules) const VALUE_SHAPE: Rule = Rule { meta: &ODD_META, check: Check::Objects(odd) };
pub(in crate::rules) const CONFIG_UNREAD: Rule = Rule { meta: &UNREAD_META, check: Check::Objects(unread) };
pub(in crate::rules) const TWICE: Rule = Rule { meta: &TWICE_META, check: Check::Objects(twice) };
pub(in crate::rules) const API: Rule = Rule { meta: &API_META, check: Check::Objects(api) };
pub(in crate::rules) const ARGUMENT_SHAPE: Rule =
    Rule { meta: &SHAPE_META, check: Check::Objects(argument_shape) };
pub(in crate::rules) const ADDRESS_LEFT: Rule = Rule { meta: &LEFT_META, check: Check::Objects(left) };
pub(in crate::rules) const FROM_A_VARIABLE: Rule =
    Rule { meta: &ELSEWHERE_META, check: Check::Objects(from_a_variable) };
pub(in crate::rules) const READ_AS_MAPPING: Rule =
    Rule { meta: &MAPPING_META, check: Check::Objects(mapping) };
pub(in crate::rules) const IN_A_SHELL: Rule = Rule { meta: &SHELL_META, check: Check::Objects(shell) };

fn mapping(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let tree = object.tree();
        for item in &flags.odd {
            let key = tree.entries(*item).next().and_then(|(key, _)| tree.scalar(key));
            if let (Kind::Mapping, Some(key)) = (tree.kind(*item), key)
                && key.starts_with('-')
            {
                let message = format!("`{key}:` is read as a mapping, not as a flag");
                diagnostics.push(cx.at(&MAPPING_META, object, *item).message(message));
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

fn shell(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let Some(script) = flags.script else { continue };
        let text = object.tree().scalar(script).unwrap_or_default();
        if FLAGS.iter().any(|flag| text.contains(flag)) {
            diagnostics.push(cx.at(&SHELL_META, object, script));
        }
    }
}

fn odd(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for odd in cx.config.odd.iter().filter(|odd| odd.error.is_none()) {
        let object = &cx.config.objects[odd.object];
        if templates::is_of_another_shape(object, odd) {
            continue;
        }
        let message = format!("no plain text stands at {}", odd.name);
        diagnostics.push(cx.at(&ODD_META, object, odd.node).message(message));
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let words = matches!(flags.shape, Shape::Words(_));
        for item in &flags.odd {
            // A mapping among words is told by its own rule.
            if !words || object.tree().kind(*item) != Kind::Mapping {
                diagnostics.push(cx.at(&ODD_META, object, *item));
            }
        }
    }
    // What a merge key brings into any other mapping is not read either.
    for object in
        cx.config.objects.iter().filter(|b| !matches!(b.kind, ObjectKind::ConfigMap | ObjectKind::Wrapper))
    {
        let tree = object.tree();
        let mut pending = vec![object.root];
        while let Some(node) = pending.pop() {
            pending.extend(tree.children(node));
            let merged = tree.entries(node).find(|(key, _)| tree.scalar(*key) == Some("<<"));
            let is_told =
                |(_, value): &(NodeId, NodeId)| cx.config.flags.iter().any(|flags| flags.odd.contains(value));
            if let Some((_, value)) = merged.filter(|entry| !is_told(entry)) {
                diagnostics.push(cx.at(&ODD_META, object, value).message("what is merged here is not read"));
            }
        }
    }
}

fn unread(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for odd in &cx.config.odd {
        if let Some((error, offset)) = &odd.error {
            let object = &cx.config.objects[odd.object];
            let message = format!("{} is not YAML: {error}", odd.name);
            diagnostics.push(cx.at(&UNREAD_META, object, odd.node).at(*offset..*offset).message(message));
        }
    }
}

/// The versions that are read here, and the first and last minor release of kubeadm that reads each (`cmd/kubeadm/app/apis`).
const READ_BY: [(&str, u16, u16); 5] = [
    ("v1beta1", 13, 21),
    ("v1beta2", 15, 26),
    ("v1beta3", 22, 36),
    ("v1beta4", 31, u16::MAX),
    ("v1", 37, u16::MAX),
];

fn api(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for object in &cx.config.objects {
        let version = object.text(&["apiVersion"]).and_then(|text| text.strip_prefix("kubeadm.k8s.io/"));
        let Some(version) = version else { continue };
        let place = object.tree().get(object.root, "apiVersion").unwrap_or(object.root);
        let diagnostic = cx.at(&API_META, object, place);
        let Some((_, first, last)) = READ_BY.iter().find(|(known, ..)| *known == version) else {
            diagnostics.push(if version.starts_with("v1alpha") {
                diagnostic
            } else {
                let message = format!("nothing is known of kubeadm's configuration {version}");
                diagnostic.message(message).help("write a version that is known: v1beta1 to v1beta4, v1")
            });
            continue;
        };
        if let Some(release) =
            cx.facts.kubernetes.filter(|v| v.major == 1 && !(*first..=*last).contains(&v.minor))
        {
            let message = format!("kubeadm of {release} does not read {version}");
            let cluster = "kubeadm init, join and upgrade refuse the file: `old API spec`, or an unknown one";
            let help = "bring it to a version that this release reads: kubeadm config migrate";
            diagnostics.push(
                diagnostic.severity(Severity::Warning).message(message).consequence(cluster).help(help),
            );
        }
    }
}

fn twice(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        for (i, flag) in flags.flags.iter().enumerate() {
            let is_field = cx.config.fields.iter().any(|f| f.object == flags.object && f.node == flag.node);
            if is_field && flags.flags[i + 1..].iter().any(|later| later.name == flag.name) {
                let message = format!("{} stands more than once, and the last counts", flag.name);
                let object = &cx.config.objects[flags.object];
                diagnostics.push(cx.at(&TWICE_META, object, flag.node).message(message));
            }
        }
    }
}

fn argument_shape(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let roles =
        [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration];
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        if !roles.contains(&object.kind) {
            continue;
        }
        let version = object.text(&["apiVersion"]).and_then(|text| text.strip_prefix("kubeadm.k8s.io/"));
        let wants_map = matches!(version, Some("v1beta1" | "v1beta2" | "v1beta3"));
        let wants_list = matches!(version, Some("v1beta4" | "v1"));
        let wrong = match flags.shape {
            Shape::Map(node) => wants_list.then_some(node),
            Shape::List(node) => wants_map.then_some(node),
            Shape::Words(_) => None,
        };
        // Nothing in it is written alike in both.
        if let Some(node) = wrong.filter(|node| object.tree().children(*node).next().is_some()) {
            diagnostics.push(cx.at(&SHAPE_META, object, object.tree().key_of(node).unwrap_or(node)));
        }
    }
}

fn left(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        for flag in &flags.flags {
            let is_field = cx.config.fields.iter().any(|f| f.object == flags.object && f.node == flag.node);
            let address = flag.value.as_deref().and_then(ipv4_in).filter(|_| !is_field);
            if let Some(address) = address {
                let message = format!("--{} names {address}, and nothing changes it", flag.name);
                diagnostics.push(cx.at(&LEFT_META, object, flag.node).message(message).label(&flag.name));
            }
        }
    }
}

/// The first IPv4 address in a text that another host has.
fn ipv4_in(text: &str) -> Option<Ipv4Addr> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.find_map(|word| word.parse().ok().filter(|a: &Ipv4Addr| !a.is_loopback() && !a.is_unspecified()))
}

/// Whether a placeholder stands in a text: `$(VAR)`, `${VAR}`, `{{ var }}`.
pub(super) fn is_filled_in(text: &str) -> bool {
    text.contains('$') || text.contains("{{")
}

fn from_a_variable(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.target.to == crate::target::Stack::Ipv4Only {
        return;
    }
    for field in cx.config.fields.iter().filter(|field| is_filled_in(&field.text)) {
        if !templates::is_unrendered(&cx.config.objects[field.object], field) {
            let what = if field.form.is_some() { "address" } else { "range" };
            let message = format!("the {what} comes from a variable");
            diagnostics.push(cx.at_field(&ELSEWHERE_META, field).message(message).label(&field.name));
        }
    }
}
