use crate::address::Family;
use crate::model::coverage::State;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "INPUT-UNKNOWN",
    name: "addresses-not-understood",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a document contains addresses, ranges or IP families, and calico-ipv6 does not understand its kind",
        consequence: "these values were not checked and not changed: the components that read them keep their IP families",
        help: "check these values yourself, and add the missing IP family where the cluster needs it",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for coverage in cx.coverage {
        let State::NotUnderstood(found) = &coverage.state else { continue };
        let Some(first) = found.first() else { continue };
        let has = |family| found.iter().any(|one| one.family == family);
        let families = match (has(Family::Ipv4), has(Family::Ipv6)) {
            (true, true) => "IPv4 and IPv6",
            (true, false) => "only IPv4",
            _ => "only IPv6",
        };
        let text = &cx.documents.source.text[first.range.clone()];
        let more = match found.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = if text.contains('_') {
            format!("contains settings of {} that were not checked ({text}{more})", first.family)
        } else if text.starts_with(['I', 'i']) {
            format!("names {families} as an IP family; this was not checked")
        } else {
            format!("contains {families} addresses or ranges ({text}{more}) that were not checked")
        };
        // A document with exactly the requested families is less likely to need a change.
        let is_complete = [(cx.target.to.has_ipv4(), Family::Ipv4), (cx.target.to.has_ipv6(), Family::Ipv6)]
            .into_iter()
            .all(|(is_requested, family)| has(family) == is_requested);
        let severity = if is_complete { Severity::Info } else { Severity::Warning };
        diagnostics.push(
            Diagnostic::at_range(&META, first.range.clone())
                .message(message)
                .severity(severity)
                .label("this kind of file is not understood"),
        );
    }
}
