use super::templates;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const ELSEWHERE_META: Metadata = Metadata {
    id: "NET-014",
    name: "address-from-a-variable",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an address or CIDR comes from a variable",
        consequence: "cannot tell from these files which value the variable has: if it is an address of another IP family, the component exits or cannot be reached",
        help: "check the value of the variable: an address must be of the primary IP family, in brackets if a port follows; a list of CIDRs must have the target IP families",
        example: ("", ""),
        sources: &[
            upstream::page(
                "Kubernetes: Define Dependent Environment Variables",
                "https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const FROM_A_VARIABLE: Rule =
    Rule { meta: &ELSEWHERE_META, check: Check::Text(from_a_variable) };

fn from_a_variable(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.target.to == crate::target::Stack::Ipv4Only {
        return;
    }
    for field in cx.config.fields.iter().filter(|field| is_filled_in(&field.text)) {
        if !templates::is_unrendered(&cx.config.objects[field.object], field) {
            let what = if field.form.is_some() { "address" } else { "CIDR" };
            let message = format!("the {what} comes from a variable");
            diagnostics.push(cx.at_field(&ELSEWHERE_META, field).message(message).label(&field.name));
        }
    }
}

/// Returns whether a text contains a placeholder: `$(VAR)`, `${VAR}`, `{{ var }}`.
pub(super) fn is_filled_in(text: &str) -> bool {
    text.contains('$') || text.contains("{{")
}
