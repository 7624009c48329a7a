//! Scalars: plain, quoted and block.

use super::Result;
use super::scanner::{Scanner, Token};
use crate::yaml::tree::Style;
use std::borrow::Cow;

/// The text of a scalar: a part of the input as long as it is written as it reads.
struct Text<'t> {
    input: &'t str,
    /// Where the part begins that is not in `folded` yet.
    start: usize,
    folded: Option<String>,
}

impl<'t> Text<'t> {
    fn new(input: &'t str, start: usize) -> Text<'t> {
        Text { input, start, folded: None }
    }

    /// What is written between the last part and `end` reads as `text`; the next part begins at `next`.
    fn replace(&mut self, end: usize, text: &str, next: usize) {
        let folded = self.folded.get_or_insert_default();
        folded.push_str(&self.input[self.start..end]);
        folded.push_str(text);
        self.start = next;
    }

    fn finish(self, end: usize) -> Cow<'t, str> {
        let last = &self.input[self.start..end];
        match self.folded {
            None => Cow::Borrowed(last),
            Some(folded) => Cow::Owned(folded + last),
        }
    }
}

/// The line breaks between two lines of a plain or quoted scalar.
#[derive(Default)]
struct Breaks {
    /// Whether a line ended, also by `\` at its end.
    any: bool,
    first: Option<char>,
    rest: String,
}

impl Breaks {
    fn push(&mut self, read: char) {
        if self.any {
            self.rest.push(read);
        } else {
            self.first = Some(read);
        }
        self.any = true;
    }

    /// What they read as: one is a space.
    fn fold(self) -> String {
        match self.first {
            Some('\n') if self.rest.is_empty() => " ".to_owned(),
            Some('\n') | None => self.rest,
            Some(kept) => format!("{kept}{}", self.rest),
        }
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn scan_plain(&mut self) -> Result<Token<'t>> {
        let flow = self.in_flow();
        let mut end = self.at;
        let mut text = Text::new(self.text, self.at);
        let mut breaks = Breaks::default();
        while !self.is_document_marker() && self.byte(0) != Some(b'#') {
            let start = self.at;
            self.skip_plain_characters(flow)?;
            if self.at > start {
                if breaks.any {
                    text.replace(end, &core::mem::take(&mut breaks).fold(), start);
                }
                end = self.at;
            }
            if !self.is_blank(0) && !self.is_break() {
                break;
            }
            loop {
                if self.is_blank(0) {
                    if breaks.any && self.byte(0) == Some(b'\t') && self.column() < self.indent {
                        return self.fail("found a tab character that violates indentation");
                    }
                    self.at += 1;
                } else if let Some(read) = self.read_break() {
                    breaks.push(read);
                } else {
                    break;
                }
            }
            if !flow && self.column() < self.indent {
                break;
            }
        }
        if breaks.any {
            self.simple_key_allowed = true;
        }
        Ok(Token::Scalar { value: text.finish(end), style: Style::Plain })
    }

    /// To the next blank, line break or indicator that ends a plain scalar.
    fn skip_plain_characters(&mut self, flow: bool) -> Result<()> {
        while let Some(byte) = self.byte(0) {
            match byte {
                // Most characters, without a look at each of the others.
                b'a'..=b'z' | b'A'..=b'Z' | b'-'..=b'9' => self.at += 1,
                b' ' | b'\t' | b'\n' | b'\r' => break,
                b':' if flow && matches!(self.byte(1), Some(b',' | b'?' | b'[' | b']' | b'{' | b'}')) => {
                    return self.fail("found unexpected ':'");
                }
                b':' if self.is_space(1) => break,
                b',' | b'[' | b']' | b'{' | b'}' if flow => break,
                0xC2 | 0xE2 if self.is_break() => break,
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    pub(super) fn scan_quoted(&mut self, quote: u8) -> Result<Token<'t>> {
        self.at += 1;
        let mut text = Text::new(self.text, self.at);
        loop {
            if self.is_document_marker() {
                return self.fail("found unexpected document indicator");
            }
            let mut breaks = Breaks::default();
            while let Some(byte) = self.byte(0) {
                if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') || self.is_break() {
                    break;
                }
                if byte == quote {
                    if quote == b'"' || self.byte(1) != Some(quote) {
                        break;
                    }
                    text.replace(self.at, "'", self.at + 2);
                    self.at += 2;
                } else if byte == b'\\' && quote == b'"' {
                    let end = self.at;
                    self.at += 1;
                    if self.read_break().is_some() {
                        text.replace(end, "", self.at);
                        breaks.any = true;
                        break;
                    }
                    let read = self.scan_escape()?;
                    text.replace(end, read.encode_utf8(&mut [0; 4]), self.at);
                } else {
                    self.at += 1;
                }
            }
            if self.byte(0) == Some(quote) {
                break;
            }
            if self.at >= self.text.len() {
                return self.fail("found unexpected end of stream");
            }
            let end = self.at;
            loop {
                if self.is_blank(0) {
                    self.at += 1;
                } else if let Some(read) = self.read_break() {
                    breaks.push(read);
                } else {
                    break;
                }
            }
            if breaks.any {
                text.replace(end, &breaks.fold(), self.at);
            }
        }
        let value = text.finish(self.at);
        self.at += 1;
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        Ok(Token::Scalar { value, style })
    }

    /// What follows `\`.
    fn scan_escape(&mut self) -> Result<char> {
        let (read, digits) = match self.byte(0) {
            Some(b'0') => ('\0', 0),
            Some(b'a') => ('\x07', 0),
            Some(b'b') => ('\x08', 0),
            Some(b't' | b'\t') => ('\t', 0),
            Some(b'n') => ('\n', 0),
            Some(b'v') => ('\x0B', 0),
            Some(b'f') => ('\x0C', 0),
            Some(b'r') => ('\r', 0),
            Some(b'e') => ('\x1B', 0),
            Some(same @ (b' ' | b'"' | b'/' | b'\\')) => (char::from(same), 0),
            Some(b'N') => ('\u{85}', 0),
            Some(b'_') => ('\u{A0}', 0),
            Some(b'L') => ('\u{2028}', 0),
            Some(b'P') => ('\u{2029}', 0),
            Some(b'x') => ('\0', 2),
            Some(b'u') => ('\0', 4),
            Some(b'U') => ('\0', 8),
            _ => return self.fail("found unknown escape character"),
        };
        self.at += 1;
        if digits == 0 {
            return Ok(read);
        }
        let hex = self.text.get(self.at..self.at + digits);
        let Some(hex) = hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) else {
            return self.fail("did not find expected hexadecimal number");
        };
        let Some(read) = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32) else {
            return self.fail("found invalid Unicode character escape code");
        };
        self.at += digits;
        Ok(read)
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token<'t>> {
        self.at += 1;
        let (mut chomping, mut increment) = (None, 0);
        while let Some(byte) = self.byte(0) {
            match byte {
                b'+' | b'-' if chomping.is_none() => chomping = Some(byte),
                b'0' if increment == 0 => return self.fail("found an indentation indicator equal to 0"),
                b'1'..=b'9' if increment == 0 => increment = usize::from(byte - b'0'),
                _ => break,
            }
            self.at += 1;
        }
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end() {
            return self.fail("did not find expected comment or line break");
        }
        self.read_break();
        let mut indent = if increment > 0 { self.indent.saturating_sub(1) + increment } else { 0 };
        let mut value = String::new();
        let (mut first, mut rest) = (None, String::new());
        let mut was_blank = false;
        self.scan_block_breaks(&mut indent, &mut rest)?;
        while self.at < self.text.len() && self.column() == indent {
            let is_blank = self.is_blank(0);
            if !literal && first == Some('\n') && !was_blank && !is_blank {
                if rest.is_empty() {
                    value.push(' ');
                }
            } else {
                value.extend(first);
            }
            value.push_str(&rest);
            rest.clear();
            was_blank = is_blank;
            let end = self.line_end(self.at);
            value.push_str(&self.text[self.at..end]);
            self.at = end;
            first = self.read_break();
            self.scan_block_breaks(&mut indent, &mut rest)?;
        }
        if chomping != Some(b'-') {
            value.extend(first);
        }
        if chomping == Some(b'+') {
            value.push_str(&rest);
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        Ok(Token::Scalar { value: Cow::Owned(value), style })
    }

    /// Empty lines and the indentation of the next line. The first line that is not empty sets `indent` if it is 0.
    fn scan_block_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Result<()> {
        let mut deepest = 0;
        loop {
            let column = self.column();
            let wanted = if *indent == 0 { usize::MAX } else { indent.saturating_sub(column) };
            let spaces =
                self.text.as_bytes()[self.at..].iter().take(wanted).take_while(|b| **b == b' ').count();
            self.at += spaces;
            deepest = deepest.max(column + spaces);
            if spaces < wanted && self.byte(0) == Some(b'\t') {
                return self.fail("found a tab character where an indentation space is expected");
            }
            match self.read_break() {
                Some(read) => breaks.push(read),
                None => break,
            }
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent).max(1);
        }
        Ok(())
    }
}
