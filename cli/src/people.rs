//! Text for people: what is printed, other than the files themselves.
//!
//! A text of the input can move the cursor, hide what follows it, or contain a secret. So everything that is printed is a
//! [`Text`], which is made of literals of this program, numbers, and texts that were escaped and masked. A `String` is none.

use anstyle::Style;
use calico_ipv6_engine::address::Family;
use calico_ipv6_engine::output::escape::{escaped, is_hidden};
use calico_ipv6_engine::output::secrets::{masked, masked_value};
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::target::Stack;
use std::borrow::Cow;
use std::fmt::{Arguments, Display, Formatter, Result, Write as _};
use std::path::Path;

/// Text that is safe to print: it has line breaks and styles of ours only, and no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Text(Cow<'static, str>);

/// Builds a [`Text`] as `format!` does. Each argument is [`Safe`], and follows the literal.
macro_rules! text {
    ($format:literal $(, $argument:expr)* $(,)?) => {{
        const { assert!($crate::people::has_no_names($format), "list the arguments behind the literal") };
        $crate::people::Text::formatted(format_args!($format $(, $crate::people::safe(&$argument))*))
    }};
}
pub(crate) use text;

/// What can be a part of a [`Text`] as it is.
pub(crate) trait Safe: Display {}

impl Safe for Text {}
impl Safe for &'static str {}
impl Safe for usize {}
impl Safe for Style {}
impl Safe for Severity {}
impl Safe for Stack {}
impl Safe for Family {}
impl<T: Safe> Safe for &T {}

/// For [`text!`]: the argument, if it is safe.
pub(crate) fn safe<T: Safe>(argument: &T) -> &T {
    argument
}

/// For [`text!`]: whether a format has no `{name}`, which would take a variable of any type.
pub(crate) const fn has_no_names(format: &str) -> bool {
    let bytes = format.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        if bytes[at] == b'{' {
            if bytes[at + 1].is_ascii_alphanumeric() || bytes[at + 1] == b'_' {
                return false;
            }
            at += 1;
        }
        at += 1;
    }
    true
}

impl Text {
    /// A text of the input in one line: secrets masked, hidden characters escaped.
    pub(crate) fn of(text: &str) -> Text {
        Text(Cow::Owned(escaped(&masked(text)).into_owned()))
    }

    /// The value of a field of the input.
    pub(crate) fn value(field: &str, value: &str) -> Text {
        Text(Cow::Owned(escaped(&masked_value(field, value)).into_owned()))
    }

    /// A text of this program, whose examples may look like secrets.
    pub(crate) fn ours(text: &str) -> Text {
        Text(Cow::Owned(escaped(text).into_owned()))
    }

    /// For [`text!`].
    pub(crate) fn formatted(text: Arguments<'_>) -> Text {
        Text(Cow::Owned(text.to_string()))
    }

    /// What a library made of safe texts: its line breaks and styles stay.
    pub(crate) fn rendered(text: &str) -> Text {
        Text(Cow::Owned(without_controls(text)))
    }

    /// JSON with the characters escaped that it need not escape but a terminal acts on.
    pub(crate) fn json(value: &impl serde::Serialize) -> Text {
        let json = serde_json::to_string_pretty(value).unwrap_or_default();
        Text(Cow::Owned(safe_json(json) + "\n"))
    }

    /// So many spaces.
    pub(crate) fn spaces(number: usize) -> Text {
        Text(Cow::Owned(" ".repeat(number)))
    }

    /// To measure it, and for the libraries that render it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, more: &Text) {
        self.0.to_mut().push_str(&more.0);
    }

    pub(crate) fn trim_end(&self) -> Text {
        Text(Cow::Owned(self.0.trim_end().to_owned()))
    }

    pub(crate) fn join(texts: &[Text], separator: &'static str) -> Text {
        let texts: Vec<&str> = texts.iter().map(Text::as_str).collect();
        Text(Cow::Owned(texts.join(separator)))
    }

    /// Its lines, wrapped. The indents are those of a text as well.
    pub(crate) fn wrapped(&self, width: usize, first: &Text, rest: &Text) -> Vec<Text> {
        let options = textwrap::Options::new(width)
            .initial_indent(first.as_str())
            .subsequent_indent(rest.as_str())
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        let lines = textwrap::wrap(&self.0, options).into_iter();
        lines.map(|line| Text(Cow::Owned(line.trim_end().to_owned()))).collect()
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(&self.0)
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Text {
        Text(Cow::Borrowed(text))
    }
}

impl FromIterator<Text> for Text {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Text {
        let mut out = Text::default();
        texts.into_iter().for_each(|text| out.push(&text));
        out
    }
}

/// [`Text::of`].
pub(crate) fn shown(text: &str) -> Text {
    Text::of(text)
}

/// The name of a file. Bytes that are no UTF-8 are written as ripgrep and Rust write them in texts, `\xff`, so that two names
/// are never the same.
pub(crate) fn name(path: &Path) -> String {
    path.as_os_str().as_encoded_bytes().utf8_chunks().fold(String::new(), |mut out, chunk| {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
        out
    })
}

/// JSON with the characters escaped that a terminal acts on.
pub(crate) fn safe_json(json: String) -> String {
    let acts = |c: char| is_hidden(c) && c != '\n';
    if !json.contains(acts) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// A text with everything escaped that is neither text, nor a line break, nor a style.
fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| is_hidden(c) && !matches!(c, '\n' | '\t')) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let kept = style_length(rest);
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

/// How long the style sequence is that a text begins with; 0 if it begins with another.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| parameters[*end..].starts_with('m')).map_or(0, |end| end + 3)
}

#[cfg(test)]
mod tests {
    use super::{Text, has_no_names, name, safe_json, without_controls};
    use anstyle::Style;

    #[test]
    fn texts_of_the_input_are_escaped_and_masked() {
        let input = String::from("a\u{1b}[2K\n token: T");
        let bold = Style::new().bold();
        let text = text!("{}error{:#}: {}\n", bold, bold, Text::of(&input));
        assert_eq!(text.as_str(), "\u{1b}[1merror\u{1b}[0m: a\\u{1b}[2K\\n token: ***\n");
        assert_eq!(Text::value("token", "T").as_str(), "***");
        assert_eq!(text!("{:<4}|{:>2}", Text::from("a"), 1_usize).as_str(), "a   | 1");
    }

    #[test]
    fn a_format_names_no_variable() {
        assert!(has_no_names("a {} {:#} {:<4} {{x}"));
        for format in ["{name}", "a {x:?}", "{0}"] {
            assert!(!has_no_names(format), "{format}");
        }
    }

    #[test]
    fn only_styles_are_kept_of_what_is_rendered() {
        assert_eq!(without_controls("\u{1b}[1;31mx\u{1b}[0m\n"), "\u{1b}[1;31mx\u{1b}[0m\n");
        assert_eq!(without_controls("a\u{1b}[2Kb\rc\u{202e}"), "a\\u{1b}[2Kb\\rc\\u{202e}");
    }

    #[test]
    fn json_stays_json() {
        let text = "a\u{9b}\u{202e}\u{7f}b\u{e0041}";
        let json = safe_json(serde_json::to_string_pretty(&[text]).unwrap());
        assert_eq!(json, "[\n  \"a\\u009b\\u202e\\u007fb\\udb40\\udc41\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_utf_8_differ() {
        use std::os::unix::ffi::OsStrExt as _;
        let path = |bytes| name(std::path::Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(path(b"a/\xff\xc3\xa4.yaml"), "a/\\xff\u{e4}.yaml");
        assert_ne!(path(b"\xfe"), path(b"\xff"));
    }
}
