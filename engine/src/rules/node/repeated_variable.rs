use crate::resource::calico_node::EnvValue;
use crate::rules::change::{Fix, Shown, at_env};
use crate::rules::{Context, Finding, Findings, Fixable, Metadata, Rule, Severity};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "NODE-001",
    name: "variable-no-string",
    severity: Severity::Error,
    finds: "the value of an environment variable is a number or a boolean",
    why: "Kubernetes takes only strings there and refuses the whole DaemonSet",
    remedy: "the value is put between quotes; a variable that stands twice is told",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("value: true", "value: \"true\""),
    sources: &["kubernetes.io: EnvVar v1 core"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check };

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let Some(node) = &cx.node else { return };
    for (i, var) in node.env.vars.iter().enumerate() {
        if let EnvValue::Literal { node: scalar, text, is_string: false } = var.value {
            let why = "Kubernetes takes only strings here, and refuses the DaemonSet";
            let shown = Shown::new(node.title(), var.name, Some(text), Some(&format!("\"{text}\"")), why);
            let change = cx.node_change(node, scalar, Op::Set(Value::string(text)), Some(shown));
            let finding =
                Finding::new(&META, node.tree, scalar).message(format!("{} is no string", var.name));
            findings.push(finding.fix(Fix { changes: vec![change] }));
        }
        // Those that a transform sets lose their twins where they are set.
        let is_family = var.name.contains("IPV4") || var.name.contains("IPV6");
        let is_family = is_family && !super::source_elsewhere::OURS.contains(&var.name);
        if is_family && node.env.vars[..i].iter().any(|earlier| earlier.name == var.name) {
            findings.push(
                at_env(&META, node, var.name)
                    .severity(Severity::Warning)
                    .message(format!("{} stands more than once", var.name))
                    .cluster("the last one counts, but kubectl apply merges by name and may drop either")
                    .remedy("keep one"),
            );
        }
    }
}
