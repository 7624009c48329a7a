//! The table: what each tool costs, and what it leaves of the file.

use super::peers::Tool;
use super::{Outcome, edit, measure};
use anyhow::Result;
use calico_ipv6_engine::output::diff::unified;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// One tool.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    name: &'static str,
    /// In KiB.
    memory: Option<u64>,
    /// Lines of the original that are gone.
    destroyed: usize,
    /// Comment lines of the original that are still there, and how many there were.
    comments: (usize, usize),
    /// Sorted.
    pub(super) times: Vec<Duration>,
}

impl Row {
    /// Runs the tool once, and looks at what it wrote.
    pub(super) fn of(tool: &Tool, before: &str) -> Result<Row> {
        let after = measure::output(tool)?;
        if tool.edits {
            edit::check(&after)?;
        }
        let memory = measure::peak_memory(tool);
        Ok(Row {
            name: tool.name,
            memory,
            destroyed: destroyed(before, &after),
            comments: comments(before, &after),
            times: Vec::new(),
        })
    }

    /// In milliseconds.
    fn median(&self) -> Option<f64> {
        self.times.get(self.times.len() / 2).map(|time| time.as_secs_f64() * 1e3)
    }
}

fn destroyed(before: &str, after: &str) -> usize {
    // The first two lines name the files.
    unified(b"calico.yaml", before, after).lines().skip(2).filter(|line| line.starts_with('-')).count()
}

fn comments(before: &str, after: &str) -> (usize, usize) {
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        text.lines().map(str::trim).filter(|line| line.starts_with('#'))
    }
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    lines(after).for_each(|line| *left.entry(line).or_default() += 1);
    let mut kept = 0;
    for line in lines(before) {
        if let Some(count) = left.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            kept += 1;
        }
    }
    (kept, lines(before).count())
}

/// All rows as Markdown, and below them the tools that have none.
pub(super) fn render(outcomes: &[Outcome]) -> String {
    let mut out = "| tool | median, ms | fastest, ms | to cat | to ours | peak memory, MB | lines destroyed | comments left |\n\
                   | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    let median = |name: &str| outcomes.iter().flatten().find(|row| row.name == name).and_then(Row::median);
    let (cat, ours) = (median("cat"), median("calico-ipv6"));
    for row in outcomes.iter().flatten() {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        let ratio = |to: Option<f64>| number(row.median().zip(to).map(|(this, other)| this / other));
        let fastest = row.times.first().map(|time| time.as_secs_f64() * 1e3);
        #[allow(clippy::cast_precision_loss, reason = "no tool takes that much memory")]
        let memory = row.memory.map(|kib| kib as f64 / 1024.0);
        let (kept, all) = row.comments;
        let cells = [number(row.median()), number(fastest), ratio(cat), ratio(ours), number(memory)];
        let _ =
            writeln!(out, "| {} | {} | {} | {kept} of {all} |", row.name, cells.join(" | "), row.destroyed);
    }
    let skipped: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    if !skipped.is_empty() {
        let _ = writeln!(out, "\nSkipped:\n");
        for (name, why) in skipped {
            let _ = writeln!(out, "- {name}: {why}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Row, comments, destroyed, render};
    use std::time::Duration;

    #[test]
    fn what_is_lost_is_counted() {
        let before = "# a\nx: 1\n---\n# a\ny: 2 # c\n";
        let after = "x: 1\n---\n  # a\ny: 3\nz: 4\n";
        assert_eq!(destroyed(before, after), 3);
        assert_eq!(comments(before, after), (1, 2));
        assert_eq!(destroyed(before, before), 0);
    }

    #[test]
    fn ratios_are_those_of_medians() {
        let row = |name, millis: [u64; 3]| {
            Ok(Row { name, times: millis.map(Duration::from_millis).to_vec(), ..Row::default() })
        };
        let table =
            render(&[row("cat", [1, 2, 9]), row("calico-ipv6", [3, 4, 5]), Err(("yq", "gone".to_owned()))]);
        assert!(table.contains("| cat | 2.0 | 1.0 | 1.0 | 0.5 | - | 0 | 0 of 0 |\n"), "{table}");
        assert!(table.contains("| calico-ipv6 | 4.0 | 3.0 | 2.0 | 1.0 | - | 0 | 0 of 0 |\n"), "{table}");
        assert!(table.ends_with("Skipped:\n\n- yq: gone\n"), "{table}");
    }
}
