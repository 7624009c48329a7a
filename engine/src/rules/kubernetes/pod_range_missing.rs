//! A controller manager without `--cluster-cidr`.

use super::arguments::insert;
use super::change::{ChangeText, change};
use super::ranges::all_families;
use super::unknown_flag::is_misspelled;
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "K8S-POD-NONE",
    name: "cluster-cidr-not-set",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "kube-controller-manager allocates pod CIDRs to nodes but has no --cluster-cidr",
        consequence: "kube-controller-manager exits, because it has no range to allocate from: `invalid CIDR address` (before v1.16: `Must specify --cluster-cidr if --allocate-node-cidrs is set`)",
        help: "--cluster-cidr is added if the pod CIDRs are known",
        example: (
            "--allocate-node-cidrs=true",
            "--allocate-node-cidrs=true\n--cluster-cidr=10.244.0.0/16,fd00:10:244::/56",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(97),
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/node_ipam_controller.go")
                .line(112)
                .at("v1.14.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::Process(Component::ControllerManager)) {
        let own = || cx.config.flags.iter().filter(move |flags| flags.object == index);
        let allocates = own().any(|flags| {
            flags.get("allocate-node-cidrs").is_some_and(|flag| flag.value.as_deref() != Some("false"))
        });
        let is_unread = own().any(|flags| flags.script.is_some() || !flags.unreadable.is_empty());
        let has_range =
            own().any(|flags| flags.get("cluster-cidr").is_some() || is_misspelled(flags, "cluster-cidr"));
        // A drop-in or a variable of a unit may set it.
        if !allocates || is_unread || has_range || object.tree().is_flag_file() {
            continue;
        }
        let Some(flags) = own().max_by_key(|flags| flags.flags.len()) else { continue };
        let (none, name) = (Ranges::default(), "--cluster-cidr");
        let found = || cx.at_kind(&META, object);
        let Some(nets) = all_families(cx, FieldKind::PodRange, &none, name, found, diagnostics) else {
            continue;
        };
        let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let why = "the pod CIDRs of the nodes are allocated from it";
        let description = ChangeText { field: name, from: None, to: Some(&text), why };
        if let Some((node, op)) = insert(object, flags, "cluster-cidr", &text) {
            let fix = Fix::new(vec![change(object, node, op, description).of(FieldKind::PodRange, name)]);
            diagnostics.push(cx.at_kind(&META, object).fix(fix));
        }
    }
}
