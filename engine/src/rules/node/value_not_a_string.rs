use crate::diagnostic::upstream;
use crate::model::calico_node::EnvValue;
use crate::rules::change::node_change;
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
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the value of an environment variable is a number or a boolean",
        consequence: "Kubernetes accepts only strings there and rejects the whole DaemonSet",
        help: "put the value in quotes",
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
        for var in &node.env.vars {
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
        }
    }
}
