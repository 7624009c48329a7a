use crate::diagnostic::upstream;
use crate::model::calico_node::EnvValue;
use crate::rules::change::{at_env, node_change};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind,
    Severity, Texts,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "NODE-001",
    name: "env-value-not-a-string",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the value of an environment variable is a number or a boolean",
        consequence: "Kubernetes accepts only strings there and rejects the whole DaemonSet",
        help: "put the value in quotes; keep only one entry of each variable",
        example: ("value: true", "value: \"true\""),
        sources: &[upstream::KUBERNETES
            .file("staging/src/k8s.io/api/core/v1/types.go")
            .symbol("EnvVar")
            .line(2646)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, node) in cx.nodes() {
        for (i, var) in node.env.vars.iter().enumerate() {
            if let EnvValue::Literal { node: scalar, text, is_string: false } = var.value {
                let why = "Kubernetes accepts only strings here and rejects the DaemonSet";
                let description = ChangeDescription::new(
                    node.title(),
                    var.name,
                    Some(text),
                    Some(&format!("\"{text}\"")),
                    why,
                );
                let change = node_change(node, scalar, Op::Set(Value::string(text)), Some(description));
                let diagnostic = Diagnostic::new(&META, node.tree, scalar)
                    .message(format!("{} is not a string", var.name));
                diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
            }
            // The rules that set a variable also remove its duplicates.
            let is_family = var.name.contains("IPV4") || var.name.contains("IPV6");
            let is_family = is_family && !super::source_elsewhere::OURS.contains(&var.name);
            if is_family && node.env.vars[..i].iter().any(|earlier| earlier.name == var.name) {
                diagnostics.push(
                    at_env(&META, node, var.name)
                        .severity(Severity::Warning)
                        .message(format!("{} is set more than once", var.name))
                        .consequence(
                            "the last one counts, but kubectl apply merges by name and may drop either",
                        )
                        .help("keep one of them"),
                );
            }
        }
    }
}
