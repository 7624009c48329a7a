//! Text for a terminal: its width, wrapped prose, and input that is safe to show.

use calico_ipv6_engine::output::escape::{escaped, is_hidden};
use calico_ipv6_engine::output::secrets::masked;
use std::fmt::Write as _;
use std::sync::LazyLock;
use textwrap::{Options, WordSplitter, WrapAlgorithm};

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
pub(crate) fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(width.max(NARROWEST))
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// [`wrapped`] at the terminal's width, as lines that end.
pub(crate) fn prose(text: &str, first: &str, rest: &str) -> String {
    wrapped(text, width(), first, rest).into_iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "{line}");
        out
    })
}

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Text of the input as it is shown: secrets masked, control and direction characters escaped.
pub(crate) fn shown(text: &str) -> String {
    escaped(&masked(text)).into_owned()
}

/// JSON with the characters escaped that it need not escape but a terminal acts on.
pub(crate) fn safe_json(json: String) -> String {
    let acts = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(acts) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if acts(c) {
            // All of them are in the basic plane: one unit.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// What is about to be printed, with everything escaped that is neither text nor a colour of ours. Each text of the input
/// is escaped where it is put in; this holds back what was forgotten.
pub(crate) fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| is_hidden(c) && !matches!(c, '\n' | '\t')) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let kept = colour_length(rest);
        if kept > 0 {
            out.push_str(&rest[..kept]);
            rest = &rest[kept..];
        } else {
            let length = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&escaped(&rest[..length]));
            rest = &rest[length..];
        }
    }
    out + rest
}

/// How long the colour sequence is that a text begins with; 0 if it begins with another.
fn colour_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| parameters[*end..].starts_with('m')).map_or(0, |end| end + 3)
}

#[cfg(test)]
mod tests {
    use super::{safe_json, without_controls, wrapped};

    #[test]
    fn prose_is_wrapped_between_words() {
        let lines = wrapped("pass --ipv6-pod-cidr fd00:10:244::/56 for the nodes", 40, "  ", "    ");
        assert_eq!(lines, ["  pass --ipv6-pod-cidr fd00:10:244::/56", "    for the nodes"]);
    }

    #[test]
    fn only_colours_reach_the_terminal() {
        assert_eq!(without_controls("\u{1b}[1;31mx\u{1b}[0m\n"), "\u{1b}[1;31mx\u{1b}[0m\n");
        assert_eq!(without_controls("a\u{1b}[2Kb\rc\u{202e}"), "a\\u{1b}[2Kb\\rc\\u{202e}");
    }

    #[test]
    fn json_stays_json() {
        let text = "a\u{9b}\u{202e}\u{7f}b";
        let json = safe_json(serde_json::to_string_pretty(&[text]).unwrap());
        assert_eq!(json, "[\n  \"a\\u009b\\u202e\\u007fb\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
