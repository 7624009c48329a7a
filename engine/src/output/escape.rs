//! Text of the input, made safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Writes control characters and characters that change the direction of text as escapes: `\n`, `\u{1b}`, `\u{202e}`.
/// A name or a value can then neither move the cursor, nor hide what follows, nor begin a line of its own.
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

/// Whether a character acts on a terminal or on its neighbours instead of being seen: C0 and C1 controls, line and
/// paragraph separators, and everything that changes the direction of text.
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
        assert_eq!(escaped("caf\u{e9} \u{4e2d} \\u{1b}"), "caf\u{e9} \u{4e2d} \\u{1b}");
        assert_eq!(escaped("a\u{1b}[2K\r\n\tb"), "a\\u{1b}[2K\\r\\n\\tb");
        assert_eq!(escaped("\u{7f}\u{9b}\u{202e}\u{2066}"), "\\u{7f}\\u{9b}\\u{202e}\\u{2066}");
    }
}
