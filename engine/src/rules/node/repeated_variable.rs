use crate::model::calico_node::EnvValue;
use crate::rules::change::at_env;
use crate::rules::{
    ChangeDescription, Check, Diagnostic, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule,
    RuleKind, Severity,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "NODE-001",
    name: "variable-no-string",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the value of an environment variable is a number or a boolean",
    consequence: "Kubernetes takes only strings there and refuses the whole DaemonSet",
    help: "the value is put between quotes; a variable that stands twice is told",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("value: true", "value: \"true\""),
    sources: &["kubernetes.io: EnvVar v1 core"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    for (i, var) in node.env.vars.iter().enumerate() {
        if let EnvValue::Literal { node: scalar, text, is_string: false } = var.value {
            let why = "Kubernetes takes only strings here, and refuses the DaemonSet";
            let description =
                ChangeDescription::new(node.title(), var.name, Some(text), Some(&format!("\"{text}\"")), why);
            let change = cx.node_change(node, scalar, Op::Set(Value::string(text)), Some(description));
            let diagnostic =
                Diagnostic::new(&META, node.tree, scalar).message(format!("{} is no string", var.name));
            diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
        }
        // Those that a transform sets lose their counterparts where they are set.
        let is_family = var.name.contains("IPV4") || var.name.contains("IPV6");
        let is_family = is_family && !super::source_elsewhere::OURS.contains(&var.name);
        if is_family && node.env.vars[..i].iter().any(|earlier| earlier.name == var.name) {
            diagnostics.push(
                at_env(&META, node, var.name)
                    .severity(Severity::Warning)
                    .message(format!("{} stands more than once", var.name))
                    .consequence("the last one counts, but kubectl apply merges by name and may drop either")
                    .help("keep one"),
            );
        }
    }
}
