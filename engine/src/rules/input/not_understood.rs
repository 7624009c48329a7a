use crate::address::Family;
use crate::model::coverage::{Found, State, What};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use core::cmp::Ordering;

const META: Metadata = Metadata {
    id: "INPUT-UNKNOWN",
    name: "addresses-not-understood",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a document contains addresses, ranges or IP families, and calico-ipv6 does not understand its kind, or the setting that they are in",
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
        let Some(found) = coverage.state.unchecked() else { continue };
        let (label, is_beside_others) = match coverage.state {
            State::Unread(_) => ("this setting is not read", true),
            _ => ("this kind of file is not understood", false),
        };
        let odd = not_of_target(cx, found, is_beside_others);
        let Some(first) = odd.or(found.first().filter(|_| !is_beside_others)) else { continue };
        let has = |family| found.iter().any(|one| one.family == family);
        let families = match (has(Family::Ipv4), has(Family::Ipv6)) {
            (true, true) => "IPv4 and IPv6",
            (true, false) => "only IPv4",
            _ => "only IPv6",
        };
        let more = match found.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let own = &cx.documents.source.text[first.range.clone()];
        let message = match first.what {
            What::Switch | What::Off => {
                format!("contains settings of {} that were not checked ({own}{more})", first.family)
            }
            What::Name => format!("names {families} as an IP family; this was not checked"),
            What::Address | What::Range => {
                format!("contains {families} addresses or ranges ({own}{more}) that were not checked")
            }
        };
        let severity = if odd.is_some() { Severity::Warning } else { Severity::Info };
        diagnostics.push(
            Diagnostic::at_range(&META, first.range.clone()).message(message).severity(severity).label(label),
        );
    }
}

/// The first of these that does not fit the target: a family that it does not have, or a list without a family that it has.
/// A document in which each list has its counterpart is less likely to need a change. Beside settings that are read, one address
/// is that of a server or of a node.
fn not_of_target<'f>(cx: &Context<'_>, found: &'f [Found], is_beside_others: bool) -> Option<&'f Found> {
    let to = cx.target.to;
    let fits = |one: &Found| match one.family {
        Family::Ipv4 => to.has_ipv4(),
        Family::Ipv6 => to.has_ipv6() && one.what != What::Off,
    };
    if let Some(other) = found.iter().find(|one| !fits(one)) {
        return Some(other);
    }
    if !cx.is_dual() {
        return None;
    }
    let text = cx.documents.source.text;
    // Values on neighbouring lines belong together.
    let is_near = |a: &&Found, b: &&Found| {
        a.what.is_value() && a.what == b.what && lines(&text[a.range.end..b.range.start]) < 2
    };
    let all: Vec<&Found> = found.iter().collect();
    let lists = all.chunk_by(is_near).filter(|list| list.iter().all(|one| one.family == list[0].family));
    let lists: Vec<&Found> = lists.map(|list| list[0]).collect();
    let mut kinds = vec![What::Range, What::Switch];
    if !is_beside_others {
        kinds.push(What::Address);
    }
    // The names of families say nothing of the lists beside them.
    if !found.iter().any(|one| one.what != What::Name) {
        kinds.push(What::Name);
    }
    kinds.into_iter().find_map(|what| {
        let of = |family| lists.iter().copied().filter(move |one| one.what == what && one.family == family);
        let (mut ipv4, mut ipv6) = (of(Family::Ipv4), of(Family::Ipv6));
        match ipv4.clone().count().cmp(&ipv6.clone().count()) {
            Ordering::Greater => ipv4.next(),
            Ordering::Less => ipv6.next(),
            Ordering::Equal => None,
        }
    })
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}
