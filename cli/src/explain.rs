//! `explain`: the page of a rule for a terminal. The blocks are those of the documentation's page.

use crate::terminal::{prose, width, wrapped};
use anstyle::Style;
use calico_ipv6_engine::output::explain::{Block, blocks};
use calico_ipv6_engine::rules::Metadata;
use std::fmt::Write as _;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The page, with the styles of a terminal.
pub(crate) fn page(meta: &Metadata) -> String {
    let mut out = String::new();
    let mut is_under_heading = true;
    for block in blocks(meta) {
        // A heading stands on what follows it.
        if !is_under_heading {
            out.push('\n');
        }
        is_under_heading = matches!(block, Block::Heading(_));
        out.push_str(&text(&block));
    }
    out
}

fn text(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("{BOLD}{text}{BOLD:#}\n"),
        Block::Heading(text) => format!("{BOLD}{text}{BOLD:#}\n"),
        Block::Paragraph(text) => prose(text, "  ", "  "),
        Block::Facts(facts) => {
            let names = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            facts.iter().fold(String::new(), |mut out, (name, value)| {
                let _ = writeln!(out, "  {DIM}{name:<names$}{DIM:#}  {value}");
                out
            })
        }
        Block::List(items) => items.iter().fold(String::new(), |mut out, item| {
            for line in wrapped(item, width(), "  - ", "    ") {
                let _ = writeln!(out, "{line}");
            }
            out
        }),
        // An address is one line, so that it can be opened and copied.
        Block::Links(links) => links.iter().fold(String::new(), |mut out, (text, url)| {
            for line in wrapped(text, width(), "  - ", "    ") {
                let _ = writeln!(out, "{line}");
            }
            let _ = writeln!(out, "    {DIM}{url}{DIM:#}");
            out
        }),
        Block::Code(title, "") => format!("  {title}: nothing\n"),
        Block::Code(title, text) => {
            let mut out = format!("  {title}:\n");
            for line in text.lines() {
                let _ = writeln!(out, "{}", format!("      {line}").trim_end());
            }
            out
        }
    }
}
