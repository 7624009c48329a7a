use crate::address::Family;
use crate::model::coverage::{Found, State, What};
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
        finds: "a document contains addresses, ranges, IP families or pools of Calico, and calico-ipv6 does not understand its kind, or the setting that they are in",
        consequence: "these values were not checked and not changed: the components that read them keep their IP families",
        help: "check these values yourself, and add the missing IP family where the cluster needs it",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// What a document contains that wraps a manifest or the values of a chart.
const WRAPPED: [&str; 3] = ["calicoNetwork", "kind: IPPool", "kind: ClusterConfiguration"];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for coverage in cx.coverage {
        let (found, label, is_beside_others) = match &coverage.state {
            State::NotUnderstood(found) => (found, "this kind of file is not understood", false),
            State::Unread(found) => (found, "this setting is not read", true),
            State::Understood | State::Template | State::NotRelevant => continue,
        };
        let mut odd = not_of_target(cx, found, is_beside_others);
        let severity = if odd.is_empty() { Severity::Info } else { Severity::Warning };
        if odd.is_empty() && !is_beside_others {
            odd = found.iter().collect();
        }
        let Some(first) = odd.first() else { continue };
        let has = |family| odd.iter().any(|one| one.family == family);
        let families = match (has(Family::Ipv4), has(Family::Ipv6)) {
            (true, true) => "IPv4 and IPv6",
            (true, false) => "only IPv4",
            _ => "only IPv6",
        };
        let more = match odd.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let own = &cx.documents.source.text[first.range.clone()];
        let message = match first.what {
            What::Switch | What::Off => {
                format!("contains settings of {} that were not checked ({own}{more})", first.family)
            }
            What::Name => format!("names {families} as an IP family; this was not checked"),
            What::Pools => format!("contains settings of Calico ({own}) that were not checked"),
            What::Address | What::Range => {
                format!("contains {families} addresses or ranges ({own}{more}) that were not checked")
            }
        };
        let diagnostic =
            Diagnostic::at_range(&META, first.range.clone()).message(message).severity(severity).label(label);
        let text = &cx.documents.source.text[coverage.range.clone()];
        diagnostics.push(match WRAPPED.iter().any(|one| crate::search::holds(text, one)) && !is_beside_others {
            true => diagnostic.help("pass the manifest or the values that this document contains as a file of its own, and put the result back"),
            false => diagnostic,
        });
    }
}

/// Those that do not fit the target, the one that says most first: a family that it does not have, or lists without a family that it
/// has. A document in which each list has its counterpart is less likely to need a change. Beside settings that are read, one
/// address is that of a server or of a node.
fn not_of_target<'f>(cx: &Context<'_>, found: &'f [Found], is_beside_others: bool) -> Vec<&'f Found> {
    let to = cx.target.to;
    let fits = |one: &Found| match (one.what, one.family) {
        (What::Off, Family::Ipv4) => !to.has_ipv4(),
        (What::Off, Family::Ipv6) => !to.has_ipv6(),
        (What::Pools, _) => false,
        // Nodes may have such addresses, too.
        (What::Address, Family::Ipv4) if is_beside_others => !cx.nodes_lack_ipv4(),
        (_, Family::Ipv4) => to.has_ipv4(),
        (_, Family::Ipv6) => to.has_ipv6(),
    };
    let mut others: Vec<&Found> = Vec::new();
    for kinds in [[What::Off, What::Switch], [What::Range, What::Pools], [What::Address, What::Name]] {
        others.extend(found.iter().filter(|one| kinds.contains(&one.what) && !fits(one)));
    }
    if !others.is_empty() || !cx.is_dual() {
        return others;
    }
    let text = cx.documents.source.text;
    // Values on neighbouring lines belong together.
    let is_near = |a: &Found, b: &Found| {
        a.what.is_value() && a.what == b.what && text[a.range.end..b.range.start].matches('\n').count() < 2
    };
    // The lists of one family, each with its first value.
    let lists: Vec<&[Found]> =
        found.chunk_by(is_near).filter(|list| list.iter().all(|one| one.family == list[0].family)).collect();
    let mut odd = Vec::new();
    for what in [What::Switch, What::Range, What::Address, What::Name] {
        let counts = match what {
            What::Address => !is_beside_others,
            // The names of families say nothing of the lists beside them.
            What::Name => found.iter().all(|one| one.what == What::Name),
            _ => true,
        };
        let of = |family| lists.iter().filter(move |list| list[0].what == what && list[0].family == family);
        let (ipv4, ipv6) = (of(Family::Ipv4).count(), of(Family::Ipv6).count());
        if counts && ipv4 != ipv6 {
            let more = if ipv4 > ipv6 { Family::Ipv4 } else { Family::Ipv6 };
            odd.extend(of(more).flat_map(|list| list.iter()));
        }
    }
    odd
}
