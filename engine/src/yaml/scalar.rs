//! How a scalar may be written: what stays plain, and how the rest is quoted.

use super::tree::Style;

/// Whether YAML 1.1 (kubectl) and YAML 1.2 both read this plain text as a string.
#[must_use]
pub fn is_plain_string(text: &str) -> bool {
    !is_keyword(text) && !is_number(text)
}

/// Whether `text` is safe as a plain scalar in every YAML version: a letter, digit, `_` or `/` first, then also `. - :`
/// and, as in `all()`, parentheses; no keyword, nothing like a number. Narrower than YAML allows; what falls outside is
/// quoted.
#[must_use]
pub fn is_safe_plain(text: &str, flow: bool) -> bool {
    // A dash before a letter is not an indicator: the words of a command such as `-bird-ready` stay plain.
    let option = text.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let mut bytes = option.unwrap_or(text).bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'/')
        && bytes.all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'.' | b'/' | b'-' | b'(' | b')')
                || (b == b':' && !flow)
        })
        && !text.ends_with(':')
        && !is_keyword(text)
        && !looks_like_number(text)
}

/// Whether `text` may be plain in place of a plain scalar: every YAML reads it as this string. Wider than
/// [`is_safe_plain`], because a user who writes `host: 192.0.2.1` without quotes expects `host: 2001:db8::1` without them, too.
#[must_use]
pub(crate) fn may_stay_plain(text: &str, flow: bool) -> bool {
    if is_safe_plain(text, flow) {
        return true;
    }
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    let begins = match first {
        None => false,
        // An indicator only before a blank.
        Some('-' | '?' | ':') => second.is_some_and(|c| !c.is_whitespace()),
        Some(c) => !c.is_whitespace() && !",[]{}#&*!|>'\"%@`".contains(c),
    };
    begins
        && is_plain_string(text)
        && !text.ends_with(|c: char| c == ':' || c.is_whitespace())
        && ![": ", ":\t", " #", "\t#"].iter().any(|end| text.contains(end))
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.chars().any(|c| is_unprintable(c) || (flow && ",[]{}:?".contains(c)))
}

/// The words that YAML 1.1 or 1.2 reads as null, a boolean or something else than a string.
fn is_keyword(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "<<", "="];
    WORDS.iter().any(|w| w.eq_ignore_ascii_case(text))
}

/// Whether YAML 1.1 or 1.2 or a parser in use reads this as a number or a date: decimal, octal, hexadecimal, binary,
/// sexagesimal, float, infinity, not-a-number, date. Addresses and versions (`10.96.0.10`, `fd00::1`) are strings.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if [".inf", ".nan"].iter().any(|w| w.eq_ignore_ascii_case(unsigned)) {
        return true;
    }
    let first_digit = unsigned.strip_prefix('.').unwrap_or(unsigned).bytes().next();
    first_digit.is_some_and(|b| b.is_ascii_digit())
        && (has_radix(unsigned) || is_decimal(unsigned) || is_sexagesimal(unsigned) || is_date(unsigned))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn has_radix(text: &str) -> bool {
    let digits = text.strip_prefix('0').and_then(|t| t.strip_prefix(['x', 'X', 'o', 'O', 'b', 'B']));
    digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_'))
}

fn is_decimal(text: &str) -> bool {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    is_digits(whole)
        && is_digits(fraction)
        && is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// `190:20:30` or `190:20:30.15`
fn is_sexagesimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    parts.next().is_some_and(is_digits)
        && parts.all(|p| (1..=2).contains(&p.len()) && is_digits(p))
        && is_digits(fraction)
}

/// `2001-12-14`, alone or with a time behind it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut number = |least: usize, most: usize| {
        parts.next().is_some_and(|p| (least..=most).contains(&p.len()) && is_digits(p))
    };
    number(4, 4)
        && number(1, 2)
        && parts.next().is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Anything that resembles a number, down to an IPv4 address: new text that does is quoted.
fn looks_like_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    let is_part = |b: u8| b.is_ascii_hexdigit() || b"_.:xXoO+-tTzZ ".contains(&b);
    is_number(text)
        || (unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit())
            && unsigned.bytes().all(is_part))
}

/// Writes `value` in `style` on one line, or in the nearest style that can hold it: plain gives way to double quotes
/// if it would be read as something else, single quotes if the value needs escapes. Block styles are replaced, too.
#[must_use]
pub fn write(value: &str, style: Style, flow: bool) -> String {
    let needs_escapes = value.chars().any(is_unprintable);
    match style {
        Style::Plain if is_safe_plain(value, flow) => value.to_owned(),
        Style::SingleQuoted if !needs_escapes => format!("'{}'", value.replace('\'', "''")),
        _ => double_quoted(value),
    }
}

/// What YAML requires to be escaped: controls, line breaks of any version, the byte-order mark and noncharacters.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// `value` between double quotes, with the escapes that JSON and YAML share.
#[must_use]
pub(crate) fn double_quoted(value: &str) -> String {
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
            c if is_unprintable(c) => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
}
