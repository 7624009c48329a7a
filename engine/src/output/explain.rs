//! The page of a rule, as a list of blocks: Markdown in the documentation and on the web, text in a terminal.

use crate::rules::{Fixable, Metadata};
use std::fmt::Write as _;

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The id and the name of the rule.
    Title(String),
    /// A heading.
    Heading(&'static str),
    /// A paragraph.
    Paragraph(String),
    /// Names and values: severity, fix.
    Facts(Vec<(&'static str, String)>),
    /// Items, one line each.
    List(Vec<String>),
    /// Texts and their addresses.
    Links(Vec<(String, String)>),
    /// YAML below a title; empty if the example has none.
    Code(&'static str, &'static str),
}

/// Returns the blocks of a rule's page.
#[must_use]
pub fn blocks(meta: &Metadata) -> Vec<Block> {
    let texts = meta.texts();
    let fix = match meta.fixable {
        Fixable::Always => "always",
        Fixable::Sometimes => "sometimes",
        Fixable::Never => "none, see below",
    };
    let mut blocks = vec![
        Block::Title(format!("{}: {}", meta.id, meta.name)),
        Block::Paragraph(format!("{}.", capital(texts.finds))),
        Block::Facts(vec![
            ("kind", meta.kind.to_string()),
            ("severity", meta.severity.to_string()),
            ("fix", fix.to_owned()),
        ]),
        Block::Heading("Impact"),
        Block::Paragraph(format!("{}.", capital(texts.consequence))),
        Block::Heading("Help"),
        Block::Paragraph(format!("{}.", capital(texts.help))),
    ];
    if !meta.gates.is_empty() {
        let gate =
            |gate: &crate::version::Gate| format!("{} {}: {}", gate.component, gate.releases(), gate.what);
        blocks.push(Block::Heading("Releases"));
        blocks.push(Block::List(meta.gates.iter().map(gate).collect()));
    }
    let (before, after) = texts.example;
    if !before.is_empty() || !after.is_empty() {
        blocks.push(Block::Heading("Example"));
        blocks.push(Block::Code("Before", before));
        blocks.push(Block::Code("After", after));
    }
    if !texts.sources.is_empty() {
        blocks.push(Block::Heading("Sources"));
        blocks.push(Block::Links(texts.sources.iter().map(|one| (one.to_string(), one.url())).collect()));
    }
    blocks
}

/// Returns a rule's page as Markdown.
#[must_use]
pub fn page(meta: &Metadata) -> String {
    let blocks: Vec<String> = blocks(meta).iter().map(markdown).collect();
    blocks.join("\n")
}

fn markdown(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {text}\n"),
        Block::Heading(text) => format!("## {text}\n"),
        Block::Paragraph(text) => format!("{text}\n"),
        Block::Facts(facts) => {
            let row = |cell: fn(&(&str, String)) -> String| {
                facts.iter().map(cell).collect::<Vec<String>>().join(" | ")
            };
            format!(
                "| {} |\n| {} |\n| {} |\n",
                row(|fact| fact.0.to_owned()),
                row(|_| "---".to_owned()),
                row(|fact| fact.1.clone())
            )
        }
        Block::List(items) => items.iter().fold(String::new(), |mut out, item| {
            let _ = writeln!(out, "- {item}");
            out
        }),
        Block::Links(links) => links.iter().fold(String::new(), |mut out, (text, url)| {
            let _ = writeln!(out, "- [{text}]({url})");
            out
        }),
        Block::Code(title, "") => format!("{title}: not present.\n"),
        Block::Code(title, text) => format!("{title}:\n\n```yaml\n{text}\n```\n"),
    }
}

/// Commands that are not capitalized at the beginning of a sentence.
const COMMANDS: [&str; 16] = [
    "calico-ipv6",
    "calico-node",
    "calicoctl",
    "etcd",
    "host-local",
    "install-cni",
    "kops",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
    "openshift-install",
    "uname",
];

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // Names of variables and fields are not capitalized.
        Some(first)
            if first.is_ascii_lowercase() && !text.split(' ').next().unwrap_or("").contains(['_', '.']) =>
        {
            let word = text.split([' ', ',', ':', ';']).next().unwrap_or("");
            let is_name = COMMANDS.contains(&word)
                || word.chars().skip(1).any(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            if is_name { text.to_owned() } else { first.to_ascii_uppercase().to_string() + chars.as_str() }
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::capital;

    #[test]
    fn commands_and_fields_keep_their_case() {
        assert_eq!(capital("upgrade Calico"), "Upgrade Calico");
        for text in ["kubeadm upgrade", "podSubnet has", "uname -r on each node", "ip_masq is", "IPv6 is"] {
            assert_eq!(capital(text), text);
        }
    }
}
