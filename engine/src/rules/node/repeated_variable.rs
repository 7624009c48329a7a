use crate::diagnostic::upstream;
use crate::model::calico_node::{CalicoNode, EnvValue, EnvVar};
use crate::rules::change::node_change;
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind,
    Severity, Texts,
};
use crate::yaml::write::Op;

const META: Metadata = Metadata {
    id: "NODE-013",
    name: "repeated-variable",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "calico-node gets a variable about IP families twice",
        consequence: "the container gets the last value, and the API server (1.28 and later) warns `hides previous definition of \"IP6\"`; server-side apply refuses the DaemonSet: `duplicate entries for key [name=\"IP6\"]`",
        help: "keep one of them; if both values are equal, the fix removes the first one",
        example: ("- name: CALICO_IPV4POOL_NODE_SELECTOR\n  value: \"all()\"\n- name: CALICO_IPV4POOL_NODE_SELECTOR\n  value: \"all()\"", "- name: CALICO_IPV4POOL_NODE_SELECTOR\n  value: \"all()\""),
        sources: &[upstream::KUBERNETES.file("pkg/api/pod/warnings.go").line(291)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, node) in cx.nodes() {
        for (i, var) in node.env.vars.iter().enumerate().filter(|(_, var)| is_about_families(var.name)) {
            let later = node.env.vars[i + 1..].iter().find(|later| later.name == var.name);
            diagnostics.extend(later.map(|later| repeated(cx, node, var, later)));
        }
    }
}

fn repeated(cx: &Context<'_>, node: &CalicoNode<'_, '_>, var: &EnvVar<'_>, later: &EnvVar<'_>) -> Diagnostic {
    let name = var.name;
    let at = |item| node.tree.get(item, "name").unwrap_or(item);
    let place = cx.documents.place(node.tree.range(at(later.item)).start);
    let diagnostic = Diagnostic::new(&META, node.tree, at(var.item))
        .message(format!("{} sets {name} twice", node.title()))
        .label("a later entry hides this one")
        .related(place, "this one counts");
    let texts = (text_of(var), text_of(later));
    let (Some(text), Some(same)) = texts else { return diagnostic.help("keep one of them") };
    if text != same {
        return diagnostic.help(format!(
            "keep one of them: the first entry sets `{text}`, and the last one, which counts, sets `{same}`"
        ));
    }
    let why = "a duplicate: the last one counts, and kubectl apply may drop either";
    let description = ChangeDescription::new(node.title(), name, Some(text), None, why);
    diagnostic.fix(Fix::new(vec![node_change(node, var.item, Op::Remove, Some(description))]))
}

/// Whether a variable decides about IP families.
fn is_about_families(name: &str) -> bool {
    super::source_elsewhere::OURS.contains(&name)
        || ["IPV4", "IPV6"].iter().any(|part| name.contains(part))
        || (name.starts_with("FELIX_") && name.ends_with("V6"))
        || matches!(name, "IP_AUTODETECTION_METHOD" | "CALICO_NETWORKING_BACKEND" | "FELIX_HEALTHHOST")
}

fn text_of<'d>(var: &EnvVar<'d>) -> Option<&'d str> {
    match var.value {
        EnvValue::Literal { text, .. } => Some(text),
        EnvValue::Absent => Some(""),
        _ => None,
    }
}
