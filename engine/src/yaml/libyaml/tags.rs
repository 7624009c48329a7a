//! Directives, anchors and tags.

use super::Result;
use super::scanner::{Scanner, Token};
use std::borrow::Cow;

/// A version of more digits is none.
const MAX_VERSION_DIGITS: usize = 9;

impl<'t> Scanner<'t> {
    /// `%YAML 1.2` or `%TAG ! prefix`.
    pub(super) fn scan_directive(&mut self) -> Result<Token<'t>> {
        self.at += 1;
        let name = self.scan_word();
        if name.is_empty() {
            return self.fail("could not find expected directive name");
        }
        if !self.is_space(0) {
            return self.fail("found unexpected non-alphabetical character");
        }
        let token = match name {
            "YAML" => {
                self.skip_blanks();
                let major = self.scan_number()?;
                if self.byte(0) != Some(b'.') {
                    return self.fail("did not find expected digit or '.' character");
                }
                self.at += 1;
                Token::VersionDirective { major, minor: self.scan_number()? }
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.scan_tag_handle()?;
                if handle != "!" && !(handle.len() > 1 && handle.ends_with('!')) {
                    return self.fail("did not find expected '!'");
                }
                if !self.is_blank(0) {
                    return self.fail("did not find expected whitespace");
                }
                self.skip_blanks();
                let prefix = self.scan_uri(true)?;
                if prefix.is_empty() {
                    return self.fail("did not find expected tag URI");
                }
                if !self.is_space(0) {
                    return self.fail("did not find expected whitespace or line break");
                }
                Token::TagDirective { handle, prefix }
            }
            _ => return self.fail("found unknown directive name"),
        };
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end() {
            return self.fail("did not find expected comment or line break");
        }
        self.read_break();
        Ok(token)
    }

    /// The name of an anchor or alias, after `&` or `*`.
    pub(super) fn scan_anchor(&mut self) -> Result<&'t str> {
        self.at += 1;
        let name = self.scan_word();
        let ends = matches!(self.byte(0), Some(b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'));
        if name.is_empty() || !(ends || self.is_space(0)) {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        Ok(name)
    }

    /// `!`, `!suffix`, `!!suffix`, `!handle!suffix` or `!<uri>`.
    pub(super) fn scan_tag(&mut self) -> Result<Token<'t>> {
        let (handle, suffix) = if self.byte(1) == Some(b'<') {
            self.at += 2;
            let suffix = self.scan_uri(true)?;
            if suffix.is_empty() {
                return self.fail("did not find expected tag URI");
            }
            if self.byte(0) != Some(b'>') {
                return self.fail("did not find the expected '>'");
            }
            self.at += 1;
            ("", suffix)
        } else {
            let start = self.at;
            let handle = self.scan_tag_handle()?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_uri(false)?;
                if suffix.is_empty() {
                    return self.fail("did not find expected tag URI");
                }
                (handle, suffix)
            } else {
                // There was no handle: what was read is the beginning of the suffix.
                self.at = start + 1;
                match self.scan_uri(false)? {
                    suffix if suffix.is_empty() => ("", Cow::Borrowed("!")),
                    suffix => ("!", suffix),
                }
            }
        };
        let ends = self.is_space(0) || (self.in_flow() && self.byte(0) == Some(b','));
        if !ends {
            return self.fail("did not find expected whitespace or line break");
        }
        Ok(Token::Tag { handle, suffix })
    }

    /// `!`, `!!` or `!name!`; also `!name`, which is no handle.
    fn scan_tag_handle(&mut self) -> Result<&'t str> {
        let start = self.at;
        if self.byte(0) != Some(b'!') {
            return self.fail("did not find expected '!'");
        }
        self.at += 1;
        self.scan_word();
        if self.byte(0) == Some(b'!') {
            self.at += 1;
        }
        Ok(&self.text[start..self.at])
    }

    /// A URI, its escapes decoded. With `all` it may contain `,`, `[` and `]`.
    fn scan_uri(&mut self, all: bool) -> Result<Cow<'t, str>> {
        let mut start = self.at;
        let mut decoded: Vec<u8> = Vec::new();
        while let Some(byte) = self.byte(0) {
            let allowed = is_word(byte)
                || b";/?:@&=+$.%!~*'()".contains(&byte)
                || (all && matches!(byte, b',' | b'[' | b']'));
            if !allowed {
                break;
            }
            if byte == b'%' {
                decoded.extend_from_slice(&self.text.as_bytes()[start..self.at]);
                decoded.push(self.scan_octet()?);
                start = self.at;
            } else {
                self.at += 1;
            }
        }
        if decoded.is_empty() {
            return Ok(Cow::Borrowed(&self.text[start..self.at]));
        }
        decoded.extend_from_slice(&self.text.as_bytes()[start..self.at]);
        match String::from_utf8(decoded) {
            Ok(uri) => Ok(Cow::Owned(uri)),
            Err(_) => self.fail("found an incorrect UTF-8 octet"),
        }
    }

    /// `%41`
    fn scan_octet(&mut self) -> Result<u8> {
        let digits =
            self.text.get(self.at + 1..self.at + 3).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) => {
                self.at += 3;
                Ok(octet)
            }
            None => self.fail("did not find URI escaped octet"),
        }
    }

    fn scan_word(&mut self) -> &'t str {
        let start = self.at;
        while self.byte(0).is_some_and(is_word) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn scan_number(&mut self) -> Result<u32> {
        let start = self.at;
        while self.byte(0).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if digits.len() > MAX_VERSION_DIGITS {
            return self.fail("found extremely long version number");
        }
        match digits.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.fail("did not find expected version number"),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
