//! How a scalar may be written: what stays plain, and how the rest is quoted.

use super::tree::Style;

/// Whether YAML 1.1 (kubectl) and YAML 1.2 both read this plain text as a string.
#[must_use]
pub fn is_plain_string(text: &str) -> bool {
    !is_keyword(text) && !looks_like_number(text)
}

/// Whether `text` is safe as a plain scalar in every YAML version: a letter, digit, `_` or `/` first, then also `. - :`
/// and, as in `all()`, parentheses; no keyword, no number. Narrower than YAML allows; what falls outside is quoted.
#[must_use]
pub fn is_safe_plain(text: &str, flow: bool) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'/')
        && bytes.all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'.' | b'/' | b'-' | b'(' | b')')
                || (b == b':' && !flow)
        })
        && !text.ends_with(':')
        && is_plain_string(text)
}

/// The words that YAML 1.1 or 1.2 reads as null, a boolean or something else than a string.
fn is_keyword(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="];
    WORDS.iter().any(|w| w.eq_ignore_ascii_case(text))
}

/// Anything that a number of YAML 1.1 or 1.2 may look like: decimal, octal, hexadecimal, binary, sexagesimal, float,
/// infinity, not-a-number, date.
fn looks_like_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let lower = digits.to_ascii_lowercase();
    if matches!(&*lower, ".inf" | ".nan") {
        return true;
    }
    let first_is_digit = lower.starts_with(|c: char| c.is_ascii_digit())
        || (lower.starts_with('.') && lower[1..].starts_with(|c: char| c.is_ascii_digit()));
    first_is_digit
        && lower.bytes().all(|b| {
            b.is_ascii_hexdigit()
                || matches!(b, b'_' | b'.' | b':' | b'x' | b'o' | b'+' | b'-' | b't' | b'z' | b' ')
        })
}

/// Writes `value` in `style` on one line, or in the nearest style that can hold it: plain gives way to double quotes
/// where it would be read as something else, single quotes where the value needs escapes. Block styles give way too.
#[must_use]
pub fn write(value: &str, style: Style, flow: bool) -> String {
    let needs_escapes =
        value.chars().any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}'));
    match style {
        Style::Plain if is_safe_plain(value, flow) => value.to_owned(),
        Style::SingleQuoted if !needs_escapes => format!("'{}'", value.replace('\'', "''")),
        _ => double_quoted(value),
    }
}

/// `value` between double quotes, with the escapes that JSON and YAML share.
#[must_use]
pub fn double_quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    escape_into(&mut out, value);
    out.push('"');
    out
}

/// Appends `value` escaped for the inside of double quotes.
pub(crate) fn escape_into(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
}
