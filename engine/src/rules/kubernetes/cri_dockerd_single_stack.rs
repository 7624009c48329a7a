use super::change::{ChangeText, change};
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Placement, Value};

const FLAG: &str = "--ipv6-dual-stack";

const META: Metadata = Metadata {
    id: "CRI-DOCKERD-DUAL",
    name: "cri-dockerd-single-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "cri-dockerd runs without --ipv6-dual-stack",
        consequence: "status.podIPs of each pod has one address although Calico assigned two, and the node has no route to the other one",
        help: "the flag is added; it needs cri-dockerd 0.2.2 (June 2022) or later: older releases do not have the flag",
        example: ("ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni", "ExecStart=/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni --ipv6-dual-stack"),
        sources: &[
            upstream::CRI_DOCKERD.issue(504),
            upstream::CRI_DOCKERD.issue(65),
            upstream::CRI_DOCKERD.pull(70),
            upstream::CALICO.issue(9312),
            upstream::CALICO.issue(10834),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::CriDockerd).filter(|_| cx.is_dual()) {
        let tree = object.tree();
        let commands = tree.entries(object.root).filter(|(key, _)| tree.scalar(*key) == Some("ExecStart"));
        for (_, list) in commands {
            let Some(program) = tree.items(list).next() else { continue };
            let value = |text: &str| text.strip_prefix(FLAG).map(str::to_owned);
            let set = tree.items(list).find_map(|word| Some((word, value(tree.scalar(word)?)?)));
            let why = "the status of pods gets the addresses of both IP families";
            let (node, from, op) = match &set {
                None => (list, None, Op::InsertItem(Placement::default(), Value::string(FLAG))),
                Some((word, text)) if matches!(text.as_str(), "=false" | "=0" | "=f" | "=F") => {
                    (*word, tree.scalar(*word), Op::Set(Value::string(FLAG)))
                }
                Some(_) => continue,
            };
            let text = ChangeText { field: "ExecStart", from, to: Some(FLAG), why };
            let place = set.as_ref().map_or(program, |(word, _)| *word);
            let message = format!("{} runs cri-dockerd without {FLAG}", object.title());
            let fix = Fix::new(vec![change(object, node, op, text)]);
            diagnostics.push(cx.at(&META, object, place).message(message).fix(fix));
        }
    }
}
