//! Text for a terminal: its width, and wrapped prose.

use crate::people::{Text, text};
use std::sync::LazyLock;

/// The width without a terminal.
const WIDTH: usize = 80;

/// The width below which wrapping no longer helps.
const NARROWEST: usize = 40;

/// Columns of the terminal; without one, of COLUMNS, or 80.
pub(crate) fn width() -> usize {
    static COLUMNS: LazyLock<usize> = LazyLock::new(|| {
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let variable = || std::env::var("COLUMNS").ok()?.parse().ok();
        terminal.or_else(variable).filter(|width| *width > 0).unwrap_or(WIDTH).max(NARROWEST)
    });
    *COLUMNS
}

/// Prose in lines of at most `width` columns. The first line begins with `first`, each other one with `rest`. No word is
/// broken, so that names, flags and ranges stay whole.
pub(crate) fn wrapped(text: &Text, width: usize, first: &Text, rest: &Text) -> Vec<Text> {
    text.wrapped(width.max(NARROWEST), first, rest)
}

/// [`wrapped`] at the terminal's width, as lines that end.
pub(crate) fn prose(text: &Text, first: &Text, rest: &Text) -> Text {
    wrapped(text, width(), first, rest).iter().map(|line| text!("{}\n", line)).collect()
}

/// How many columns a text takes.
pub(crate) fn columns(text: &Text) -> usize {
    textwrap::core::display_width(text.as_str())
}

#[cfg(test)]
mod tests {
    use super::wrapped;
    use crate::people::Text;

    #[test]
    fn prose_is_wrapped_between_words() {
        let text = Text::from("pass --ipv6-pod-cidr fd00:10:244::/56 for the nodes");
        let lines = wrapped(&text, 40, &Text::spaces(2), &Text::spaces(4));
        assert_eq!(lines, ["  pass --ipv6-pod-cidr fd00:10:244::/56".into(), "    for the nodes".into()]);
    }
}
