//! Makes text of the input safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes control characters and characters that change the direction of text: `\n`, `\u{1b}`, `\u{202e}`. Then a name or a
/// value cannot move the cursor, hide the following text or begin a new line.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character is not visible but affects a terminal or the text around it: C0 and C1 controls, line and paragraph
/// separators, and characters that change the direction of text.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn only_hidden_characters_are_escaped() {
        assert_eq!(escaped("\u{e9}t\u{e9} \u{4e2d} \\u{1b}"), "\u{e9}t\u{e9} \u{4e2d} \\u{1b}");
        assert_eq!(escaped("a\u{1b}[2K\r\n\tb"), "a\\u{1b}[2K\\r\\n\\tb");
        assert_eq!(escaped("\u{7f}\u{9b}\u{202e}\u{2066}"), "\\u{7f}\\u{9b}\\u{202e}\\u{2066}");
    }
}
