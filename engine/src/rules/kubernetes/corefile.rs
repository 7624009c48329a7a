//! The server blocks of a Corefile. Its tree is one list of lines; braces say what belongs to what.

use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Context, Diagnostics, Metadata, Severity};
use crate::yaml::NodeId;
use std::collections::BTreeSet;

/// A Corefile.
#[derive(Debug, Default)]
pub(super) struct Corefile<'t> {
    /// Its server blocks, in order.
    servers: Vec<Server<'t>>,
}

/// A server block.
#[derive(Debug)]
pub(super) struct Server<'t> {
    /// Its zones, without a dot at the end: the root is empty.
    zones: Vec<String>,
    /// Its plugins, in order.
    pub(super) plugins: Vec<Directive<'t>>,
}

/// A line, with the lines between its braces.
#[derive(Debug)]
pub(super) struct Directive<'t> {
    /// The first word.
    pub(super) node: NodeId,
    /// Its text.
    pub(super) name: &'t str,
    /// The other words, without a brace.
    pub(super) words: Vec<&'t str>,
    /// The lines between its braces.
    pub(super) lines: Vec<Directive<'t>>,
}

/// How many domains of the cluster are read from a Corefile.
const MOST_DOMAINS: usize = 64;

impl<'t> Corefile<'t> {
    /// Reads the lines of an object.
    pub(super) fn read(object: &'t ConfigObject<'_>) -> Corefile<'t> {
        let tree = object.tree();
        let mut lines = tree.entries(object.root).map(|(key, list)| {
            let words = tree.items(list).filter_map(|word| tree.scalar(word)).collect();
            Directive { node: key, name: tree.scalar(key).unwrap_or_default(), words, lines: Vec::new() }
        });
        let mut file = Corefile::default();
        // Lines of the block of all names.
        if object.text_key().is_some_and(|key| key.ends_with(".override")) {
            file.servers.push(Server { zones: vec![String::new()], plugins: block(&mut lines, DEPTH - 1) });
            return file;
        }
        let mut zones: Vec<String> = Vec::new();
        for line in block(&mut lines, DEPTH) {
            zones.extend(core::iter::once(line.name).chain(line.words.iter().copied()).map(zone));
            // A list of zones may continue on the next line.
            if !line.lines.is_empty() {
                file.servers.push(Server { zones: core::mem::take(&mut zones), plugins: line.lines });
            }
        }
        file
    }

    /// The domains of the cluster, each once: the zones of the kubernetes plugin, without reverse zones.
    fn cluster_domains(&self) -> BTreeSet<String> {
        let mut domains = BTreeSet::new();
        for server in &self.servers {
            for plugin in server.plugins("kubernetes") {
                let own: Vec<String> = plugin.words.iter().copied().map(zone).collect();
                let all = if own.is_empty() { server.zones.clone() } else { own };
                let own = all.into_iter().filter(|zone| !zone.is_empty() && !zone.ends_with("arpa"));
                // A cluster has one or two. This bounds the work for a file with thousands.
                domains.extend(own.take(MOST_DOMAINS.saturating_sub(domains.len())));
            }
        }
        if domains.is_empty() {
            domains.insert("cluster.local".to_owned());
        }
        domains
    }

    /// The server block that answers queries for a domain: that of the longest zone.
    pub(super) fn server_of(&self, domain: &str) -> Option<&Server<'t>> {
        let length = |server: &Server<'_>| {
            server.zones.iter().filter(|zone| contains(zone, domain)).map(|zone| zone.len() + 1).max()
        };
        let found = self.servers.iter().filter_map(|server| Some((length(server)?, server)));
        found.max_by_key(|(length, _)| *length).map(|(_, server)| server)
    }
}

/// Reports lines in the server blocks that answer queries for the domains of the cluster. `found` gets a server block and such
/// a domain, and returns lines, each with its diagnostic; a line is reported once.
pub(super) fn report<'c>(
    cx: &Context<'c>,
    found: impl for<'s> Fn(&'s Server<'c>, &str) -> Vec<(&'s Directive<'c>, Found)>,
    meta: &'static Metadata,
    diagnostics: &mut Diagnostics,
) {
    if !cx.wants_ipv6() {
        return;
    }
    let severity = if cx.is_ipv6_only() { Severity::Error } else { Severity::Warning };
    for (_, object) in cx.config.objects_of(ObjectKind::Corefile) {
        let file = Corefile::read(object);
        // As texts: other sets have them, and the module for browsers has the code of one kind of set.
        let mut reported = BTreeSet::new();
        for domain in file.cluster_domains() {
            let Some(server) = file.server_of(&domain) else { continue };
            let kubernetes = server.plugins("kubernetes").next();
            for (line, found) in found(server, &domain) {
                if !reported.insert(object.start(line.node).to_string()) {
                    continue;
                }
                let mut diagnostic = cx.at(meta, object, line.node).message(found.message).severity(severity);
                if let Some((consequence, help)) = found.instead {
                    diagnostic = diagnostic.consequence(consequence).help(help);
                }
                if let Some(kubernetes) = kubernetes {
                    let place = cx.documents.place(object.start(kubernetes.node));
                    diagnostic = diagnostic.related(place, "answers these names");
                }
                diagnostics.push(diagnostic);
            }
        }
    }
}

/// What is wrong with a line.
pub(super) struct Found {
    /// The message.
    pub(super) message: String,
    /// The consequence and the help, if they are not those of the rule.
    pub(super) instead: Option<(&'static str, &'static str)>,
}

impl<'t> Server<'t> {
    /// The plugins of this name.
    pub(super) fn plugins<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Directive<'t>> {
        self.plugins.iter().filter(move |plugin| plugin.name == name)
    }
}

impl<'t> Directive<'t> {
    /// The lines of this name between its braces.
    pub(super) fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Directive<'t>> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// Server blocks hold plugins, and plugins hold lines. Nothing asks for what is in deeper braces.
const DEPTH: usize = 2;

/// The lines up to the brace that closes the block, with those of this many levels of blocks inside it.
fn block<'t>(lines: &mut impl Iterator<Item = Directive<'t>>, depth: usize) -> Vec<Directive<'t>> {
    let mut found = Vec::new();
    while let Some(mut line) = lines.next() {
        if line.name == "}" {
            break;
        }
        if line.words.last() == Some(&"{") {
            line.words.pop();
            match depth.checked_sub(1) {
                Some(depth) => line.lines = block(lines, depth),
                None => skip(lines),
            }
        }
        found.push(line);
    }
    found
}

/// Leaves out the lines up to the brace that closes the block, and the blocks inside it.
fn skip<'t>(lines: &mut impl Iterator<Item = Directive<'t>>) {
    let mut open = 1;
    while open > 0 {
        match lines.next() {
            Some(line) if line.name == "}" => open -= 1,
            Some(line) if line.words.last() == Some(&"{") => open += 1,
            Some(_) => {}
            None => return,
        }
    }
}

/// The zone of `dns://cluster.local.:53`, without a dot at the end.
fn zone(text: &str) -> String {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches(',');
    let host = match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => text,
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a zone contains a domain; both without a dot at the end.
fn contains(zone: &str, domain: &str) -> bool {
    zone.is_empty() || domain.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether one of these zones contains a domain; without zones, all do.
pub(super) fn zones_contain(zones: &[&str], domain: &str) -> bool {
    zones.is_empty() || zones.iter().any(|text| contains(&zone(text), domain))
}

#[cfg(test)]
mod tests {
    use super::{contains, zone};

    #[test]
    fn a_zone_has_no_scheme_port_or_last_dot() {
        for (text, expected) in [
            (".:53", ""),
            (".", ""),
            ("dns://cluster.local.:53", "cluster.local"),
            ("Cluster.Local", "cluster.local"),
            ("example.org,", "example.org"),
            ("in-addr.arpa", "in-addr.arpa"),
        ] {
            assert_eq!(zone(text), expected, "{text}");
        }
    }

    #[test]
    fn a_zone_contains_the_names_below_it() {
        assert!(contains("", "cluster.local"));
        assert!(contains("local", "cluster.local"));
        assert!(contains("cluster.local", "cluster.local"));
        assert!(!contains("r.local", "cluster.local"));
        assert!(!contains("example.org", "cluster.local"));
    }
}
