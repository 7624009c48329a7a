//! `explain`: the page of a rule for a terminal. The blocks are those of the documentation's page.

use crate::people::{Text, text};
use crate::terminal::{prose, width, wrapped};
use anstyle::Style;
use calico_ipv6_engine::output::explain::{Block, blocks};
use calico_ipv6_engine::rules::Metadata;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The page, with the styles of a terminal.
pub(crate) fn page(meta: &Metadata) -> Text {
    let mut out = Text::default();
    let mut is_under_heading = true;
    for block in blocks(meta) {
        // A heading stands on what follows it.
        if !is_under_heading {
            out.push(&"\n".into());
        }
        is_under_heading = matches!(block, Block::Heading(_));
        out.push(&part(&block));
    }
    out
}

fn part(block: &Block) -> Text {
    let indent = Text::spaces(2);
    match block {
        Block::Title(title) => text!("{}{}{:#}\n", BOLD, Text::ours(title), BOLD),
        Block::Heading(heading) => text!("{}{}{:#}\n", BOLD, *heading, BOLD),
        Block::Paragraph(paragraph) => prose(&Text::ours(paragraph), &indent, &indent),
        Block::Facts(facts) => {
            let names = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            let line = |(name, value): &(&'static str, String)| {
                let rest = Text::spaces(names - name.len());
                text!("  {}{}{}{:#}  {}\n", DIM, *name, rest, DIM, Text::ours(value))
            };
            facts.iter().map(line).collect()
        }
        Block::List(items) => items.iter().map(|text| item(text)).collect(),
        // An address is one line, so that it can be opened and copied.
        Block::Links(links) => links
            .iter()
            .map(|(title, url)| text!("{}    {}{}{:#}\n", item(title), DIM, Text::ours(url), DIM))
            .collect(),
        Block::Code(title, "") => text!("  {}: nothing\n", *title),
        Block::Code(title, code) => {
            let line = |line: &str| text!("{}\n", text!("      {}", Text::ours(line)).trim_end());
            text!("  {}:\n{}", *title, code.lines().map(line).collect::<Text>())
        }
    }
}

fn item(text: &str) -> Text {
    let lines = wrapped(&Text::ours(text), width(), &"  - ".into(), &Text::spaces(4));
    lines.iter().map(|line| text!("{}\n", line)).collect()
}
