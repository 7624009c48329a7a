use super::corefile::{Directive, Found, Server, report, zones_contain};
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "DNS-AAAA-OFF",
    name: "aaaa-answered-by-template",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a template of the Corefile answers AAAA queries for names of the cluster",
        consequence: "CoreDNS runs template before kubernetes, whatever their order in the Corefile is, so no Service has an IPv6 address in DNS. With `rcode NXDOMAIN` some resolvers fail although the name has an A record",
        help: "remove the template, or give it a match for names outside the cluster and a fallthrough",
        example: ("template IN AAAA . {\n    rcode NXDOMAIN\n}", ""),
        sources: &[
            upstream::COREDNS.file("plugin.cfg").line(62),
            upstream::COREDNS.file("plugin/template/README.md").line(29),
            upstream::COREDNS.file("plugin/template/README.md").symbol("fallthrough").line(38),
            upstream::COREDNS.issue(779),
            upstream::K3S.issue(5984),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// What a template does with AAAA queries for a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It answers them.
    Answers,
    /// They match none of its patterns, and it has no fallthrough.
    Fails,
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    report(cx, answering, &META, diagnostics);
}

/// The templates of a server block that answer AAAA queries for a domain.
fn answering<'s, 't>(server: &'s Server<'t>, domain: &str) -> Vec<(&'s Directive<'t>, Found)> {
    let found = |effect: Effect| match effect {
        Effect::Answers => Found {
            message: format!("this template answers AAAA queries for names of {domain}"),
            instead: None,
        },
        Effect::Fails => Found {
            message: format!(
                "this template has no fallthrough: AAAA queries for names of {domain} that it does not match fail"
            ),
            instead: Some((
                "CoreDNS answers them with SERVFAIL, because template runs before kubernetes: no Service has an IPv6 address in DNS",
                "add a line with fallthrough to the template",
            )),
        },
    };
    let templates = server.plugins("template");
    templates.filter_map(|template| Some((template, found(effect(template, domain)?)))).collect()
}

/// Patterns that match every name.
const ALL: [&str; 5] = [".", ".*", "(.*)", "^.*$", "^(.*)$"];

fn effect(template: &Directive<'_>, domain: &str) -> Option<Effect> {
    let [class, kind, zones @ ..] = template.words.as_slice() else { return None };
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted) || word.eq_ignore_ascii_case("ANY");
    if !is(class, "IN") || !is(kind, "AAAA") || !zones_contain(zones, domain) {
        return None;
    }
    let mut patterns = template.lines("match").flat_map(|line| &line.words).peekable();
    if patterns.peek().is_none() || patterns.any(|pattern| ALL.contains(pattern)) {
        return Some(Effect::Answers);
    }
    let falls_through = template.lines("fallthrough").any(|line| zones_contain(&line.words, domain));
    (!falls_through).then_some(Effect::Fails)
}
