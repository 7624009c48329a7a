//! Makes text of the input safe to show.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes control characters, invisible ones, and those that change the direction of text: `\n`, `\u{1b}`, `\u{202e}`. Then a name or a
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
/// separators, characters that change the direction of text, and those that Unicode calls default-ignorable, which let two
/// different names look the same.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Quotes a file name as git does in the headers of a diff: in quotes with octal escapes if a byte of it is a control character, a
/// quote, a backslash, part of a hidden character, or not UTF-8. Other characters stay (`core.quotePath=false`).
#[must_use]
pub fn git_quoted(name: &[u8]) -> Cow<'_, str> {
    let is_plain = |text: &str| !text.contains(|c| is_hidden(c) || matches!(c, '"' | '\\'));
    if let Ok(text) = core::str::from_utf8(name)
        && is_plain(text)
    {
        return Cow::Borrowed(text);
    }
    let mut out = "\"".to_owned();
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\u{7}' => out.push_str("\\a"),
                '\u{8}' => out.push_str("\\b"),
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\u{b}' => out.push_str("\\v"),
                '\u{c}' => out.push_str("\\f"),
                '\r' => out.push_str("\\r"),
                c if is_hidden(c) => octal(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut out),
                c => out.push(c),
            }
        }
        octal(chunk.invalid(), &mut out);
    }
    out.push('"');
    Cow::Owned(out)
}

fn octal(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "\\{byte:03o}");
    }
}

#[cfg(test)]
mod tests {
    use super::{escaped, git_quoted};

    #[test]
    fn only_hidden_characters_are_escaped() {
        assert_eq!(escaped("\u{e9}t\u{e9} \u{4e2d} \\u{1b}"), "\u{e9}t\u{e9} \u{4e2d} \\u{1b}");
        assert_eq!(escaped("a\u{1b}[2K\r\n\tb"), "a\\u{1b}[2K\\r\\n\\tb");
        assert_eq!(escaped("a\u{200b}b\u{ad}\u{feff}\u{e0041}"), "a\\u{200b}b\\u{ad}\\u{feff}\\u{e0041}");
        assert_eq!(escaped("\u{7f}\u{9b}\u{202e}\u{2066}"), "\\u{7f}\\u{9b}\\u{202e}\\u{2066}");
    }

    #[test]
    fn names_are_quoted_as_git_quotes_them() {
        for (name, quoted) in [
            (&b"a b/\xc3\xa4.yaml"[..], "a b/\u{e4}.yaml"),
            (b"a\x1b[m\n\t.yaml", r#""a\033[m\n\t.yaml""#),
            (b"\"\\", r#""\"\\""#),
            (b"\xff\xe2\x80\xae\xc3\xa4", "\"\\377\\342\\200\\256\u{e4}\""),
        ] {
            assert_eq!(git_quoted(name), quoted);
        }
    }
}
