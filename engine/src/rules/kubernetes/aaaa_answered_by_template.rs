use super::corefile::{Directive, Found, Server, report, zones_contain};
use crate::address::Family;
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
        finds: "a template, a rewrite or an acl of the Corefile answers AAAA queries for names of the cluster, or refuses queries over IPv6",
        consequence: "CoreDNS runs template before kubernetes, whatever their order in the Corefile is, so no Service has an IPv6 address in DNS. With `rcode NXDOMAIN` some resolvers fail although the name has an A record",
        help: "remove the template, or give it a match for names outside the cluster and a fallthrough",
        example: ("template IN AAAA . {\n    rcode NXDOMAIN\n}", ""),
        sources: &[
            upstream::COREDNS.file("plugin.cfg").line(62),
            upstream::COREDNS.file("plugin/template/README.md").line(29),
            upstream::COREDNS.file("plugin/template/README.md").symbol("fallthrough").line(38),
            upstream::COREDNS.file("plugin/rewrite/README.md").symbol("type"),
            upstream::COREDNS.file("plugin/acl/README.md").symbol("filter"),
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
    let asks_over_ipv6 = cx.primary() == Family::Ipv6;
    report(cx, |server, domain| answering(server, domain, asks_over_ipv6), &META, diagnostics);
}

/// The plugins of a server block that answer AAAA queries for a domain. `asks_over_ipv6`: pods have the IPv6 address of cluster DNS.
fn answering<'s, 't>(
    server: &'s Server<'t>,
    domain: &str,
    asks_over_ipv6: bool,
) -> Vec<(&'s Directive<'t>, Found)> {
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
    let mut all = Vec::new();
    for plugin in &server.plugins {
        match plugin.name {
            "template" => all.extend(effect(plugin, domain).map(|effect| (plugin, found(effect)))),
            "rewrite" if asks_for_ipv4(plugin) => {
                let message = "this rewrite turns each AAAA query into a query for an A record";
                all.push((plugin, other(message, "remove the line")));
            }
            "acl" if zones_contain(&plugin.words, domain) => {
                for line in plugin.lines.iter().filter(|line| refuses_aaaa(line)) {
                    all.push((line, other("this acl does not answer AAAA queries", "remove the line")));
                }
                if let Some(line) = refuses_ipv6(plugin).filter(|_| asks_over_ipv6) {
                    let message =
                        "this acl refuses the queries of pods: no line before it allows an IPv6 network";
                    let instead = (
                        "CoreDNS refuses each query of a pod",
                        "allow the IPv6 pod CIDR and node networks before it",
                    );
                    all.push((line, Found { message: message.to_owned(), instead: Some(instead) }));
                }
            }
            _ => {}
        }
    }
    all
}

fn other(message: &str, help: &'static str) -> Found {
    let consequence = "CoreDNS runs this plugin before kubernetes: no Service has an IPv6 address in DNS";
    Found { message: message.to_owned(), instead: Some((consequence, help)) }
}

/// `rewrite type AAAA A`, with or without `continue` or `stop`.
fn asks_for_ipv4(rewrite: &Directive<'_>) -> bool {
    let words = rewrite.words.strip_prefix(&["continue"]).or(rewrite.words.strip_prefix(&["stop"]));
    matches!(words.unwrap_or(&rewrite.words), ["type", from, to, ..]
        if from.eq_ignore_ascii_case("AAAA") && to.eq_ignore_ascii_case("A"))
}

/// The actions of an acl that answer no query.
const REFUSING: [&str; 3] = ["block", "filter", "drop"];

/// `filter type AAAA`, for the queries of all clients.
fn refuses_aaaa(line: &Directive<'_>) -> bool {
    let is_action = REFUSING.contains(&line.name);
    let is_aaaa = |word: &&str| word.eq_ignore_ascii_case("AAAA");
    is_action
        && line.words.first() == Some(&"type")
        && line.words.iter().any(is_aaaa)
        && !line.words.contains(&"net")
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

/// The line that refuses the queries of IPv6 clients, if a line before it allows those of IPv4 networks.
fn refuses_ipv6<'s, 't>(acl: &'s Directive<'t>) -> Option<&'s Directive<'t>> {
    let nets = |line: &Directive<'t>| {
        let at = line.words.iter().position(|word| *word == "net")?;
        Some(line.words[at + 1..].iter().copied().take_while(|word| *word != "type").collect::<Vec<_>>())
    };
    let is_for_ipv6 = |nets: &[&str]| nets.iter().any(|net| net.contains(':') || *net == "*");
    // The first line that is about IPv6 clients decides.
    let at = acl.lines.iter().position(|line| nets(line).is_none_or(|nets| is_for_ipv6(&nets)))?;
    let (before, line) = (&acl.lines[..at], &acl.lines[at]);
    let refuses = REFUSING.contains(&line.name) && line.words.first() != Some(&"type");
    (refuses && before.iter().any(|line| line.name == "allow")).then_some(line)
}
