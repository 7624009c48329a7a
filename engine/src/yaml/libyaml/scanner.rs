//! A text into tokens: libyaml's `scanner.c`.

use super::{Error, Result};
use crate::yaml::tree::Style;
use std::borrow::Cow;
use std::collections::VecDeque;

/// How deep flow collections may nest: more than the first parser accepts, so that no tree equals what is deeper.
const MAX_FLOW_LEVEL: usize = 256;

/// A simple key ends on its line and within so many bytes.
const MAX_SIMPLE_KEY: usize = 1024;

/// How many bytes are looked at together.
const BLOCK: usize = 64;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A token of a stream.
#[derive(Debug)]
pub(super) enum Token<'t> {
    StreamEnd,
    VersionDirective { major: u32, minor: u32 },
    TagDirective { handle: &'t str, prefix: Cow<'t, str> },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    Tag { handle: &'t str, suffix: Cow<'t, str> },
    Scalar { value: Cow<'t, str>, style: Style },
}

/// A place where a key may have begun: only the `:` after it tells.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// The block mapping goes on only with a key here.
    required: bool,
    /// The number of its token.
    token: usize,
    at: usize,
    column: usize,
}

pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) line_start: usize,
    /// A place on this line and its column, in characters: columns are counted from here.
    counted: (usize, usize),
    tokens: VecDeque<(Token<'t>, usize)>,
    /// Whether the first token can be taken.
    ready: bool,
    /// How many tokens were taken.
    taken: usize,
    indents: Vec<usize>,
    /// The column after the one where the open block collection begins; 0 outside of all. libyaml's `indent`, plus one.
    pub(super) indent: usize,
    pub(super) simple_key_allowed: bool,
    /// One for the block context and for each open flow collection.
    simple_keys: Vec<SimpleKey>,
}

impl<'t> Scanner<'t> {
    /// # Errors
    /// If `text` has a character that no YAML may contain.
    pub(super) fn new(text: &'t str) -> Result<Scanner<'t>> {
        if let Some(offset) = unprintable(text.as_bytes()) {
            return Err(Error { message: "control characters are not allowed", offset });
        }
        Ok(Scanner {
            text,
            at: 0,
            line_start: 0,
            counted: (0, 0),
            tokens: VecDeque::new(),
            ready: false,
            taken: 0,
            indents: Vec::new(),
            indent: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
        })
    }

    /// The next token, and where it begins.
    pub(super) fn peek(&mut self) -> Result<(&mut Token<'t>, usize)> {
        while !self.ready {
            if self.needs_more_tokens()? {
                self.fetch_token()?;
            } else {
                self.ready = true;
            }
        }
        let offset = self.at;
        match self.tokens.front_mut() {
            Some((token, at)) => Ok((token, *at)),
            None => Err(Error { message: "did not find expected token", offset }),
        }
    }

    /// Drops the token that [`Scanner::peek`] showed.
    pub(super) fn skip(&mut self) {
        self.taken += usize::from(self.tokens.pop_front().is_some());
        self.ready = false;
    }

    /// A token can be taken once it is known that no key begins with it.
    fn needs_more_tokens(&mut self) -> Result<bool> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        self.drop_stale_keys()?;
        Ok(self.simple_keys.iter().any(|key| key.possible && key.token == self.taken))
    }

    pub(super) fn fail<T>(&self, message: &'static str) -> Result<T> {
        Err(Error { message, offset: self.at })
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    /// The column of the current place, in characters from 0.
    pub(super) fn column(&mut self) -> usize {
        let (at, column) = self.counted;
        let starts = |byte: &&u8| !(0x80..0xC0).contains(*byte);
        let column = column + self.text.as_bytes()[at..self.at].iter().filter(starts).count();
        self.counted = (self.at, column);
        column
    }

    /// The bytes of the line break at `at`: those of YAML 1.1, with U+0085, U+2028 and U+2029; 0 if there is none.
    pub(super) fn break_len(&self, at: usize) -> usize {
        match self.text.as_bytes().get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
            _ => 0,
        }
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), Some(b' ' | b'\t'))
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_len(self.at) > 0
    }

    pub(super) fn is_break_or_end(&self) -> bool {
        self.at >= self.text.len() || self.is_break()
    }

    /// Whether a blank, a line break or the end is `ahead` bytes from here.
    pub(super) fn is_space(&self, ahead: usize) -> bool {
        let end = self.at + ahead >= self.text.len();
        end || self.is_blank(ahead) || self.break_len(self.at + ahead) > 0
    }

    /// Whether a line begins here with `---` or `...`.
    pub(super) fn is_document_marker(&self) -> bool {
        let here = self.at == self.line_start;
        here && matches!(self.text.as_bytes().get(self.at..self.at + 3), Some(b"---" | b"..."))
            && self.is_space(3)
    }

    /// Reads the line break here, if any: as `\n`, but for U+2028 and U+2029, which stay.
    pub(super) fn read_break(&mut self) -> Option<char> {
        let len = self.break_len(self.at);
        if len == 0 {
            return None;
        }
        let kept = if len == 3 { self.text[self.at..].chars().next() } else { None };
        self.at += len;
        self.line_start = self.at;
        self.counted = (self.at, 0);
        Some(kept.unwrap_or('\n'))
    }

    /// Where the line that `from` is on ends.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        if bytes[..end].is_ascii() {
            return from + end;
        }
        from + (0..end).find(|at| self.break_len(from + at) > 0).unwrap_or(end)
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.at += 1;
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == Some(b'#') {
            self.at = self.line_end(self.at);
        }
    }

    fn fetch_token(&mut self) -> Result<()> {
        self.skip_to_token();
        self.drop_stale_keys()?;
        let column = self.column();
        self.close_blocks(column + 1);
        let Some(byte) = self.byte(0) else {
            // The last line ends here: no key is possible any more, also outside of a flow collection that is not closed.
            self.line_start = self.at;
            return self.fetch_at_margin(Token::StreamEnd, 0);
        };
        if column == 0 && byte == b'%' {
            self.close_blocks(0);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            let start = self.at;
            let token = self.scan_directive()?;
            self.tokens.push_back((token, start));
            return Ok(());
        }
        if self.is_document_marker() {
            let token = if byte == b'-' { Token::DocumentStart } else { Token::DocumentEnd };
            return self.fetch_at_margin(token, 3);
        }
        let flow = self.in_flow();
        match byte {
            b'[' => self.fetch_flow_start(Token::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Token::FlowMappingStart),
            b']' => self.fetch_flow_end(Token::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Token::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.push(Token::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_space(1) => self.fetch_block_entry(column),
            b'?' if flow || self.is_space(1) => self.fetch_key(column),
            b':' if flow || self.is_space(1) => self.fetch_value(column),
            b'*' | b'&' | b'!' | b'\'' | b'"' => {
                self.save_simple_key(column)?;
                self.simple_key_allowed = false;
                let start = self.at;
                let token = match byte {
                    b'*' => Token::Alias(self.scan_anchor()?),
                    b'&' => Token::Anchor(self.scan_anchor()?),
                    b'!' => self.scan_tag()?,
                    quote => self.scan_quoted(quote)?,
                };
                self.tokens.push_back((token, start));
                Ok(())
            }
            b'|' | b'>' if !flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let start = self.at;
                let token = self.scan_block_scalar(byte == b'|')?;
                self.tokens.push_back((token, start));
                Ok(())
            }
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                self.fail("found character that cannot start any token")
            }
            _ => {
                self.save_simple_key(column)?;
                self.simple_key_allowed = false;
                let start = self.at;
                let token = self.scan_plain()?;
                self.tokens.push_back((token, start));
                Ok(())
            }
        }
    }

    fn push(&mut self, token: Token<'t>, len: usize) {
        self.tokens.push_back((token, self.at));
        self.at += len;
    }

    fn skip_to_token(&mut self) {
        loop {
            if self.at == self.line_start && self.text.as_bytes()[self.at..].starts_with(BYTE_ORDER_MARK) {
                self.at += BYTE_ORDER_MARK.len();
            }
            let tabs = self.in_flow() || !self.simple_key_allowed;
            while self.byte(0) == Some(b' ') || (tabs && self.byte(0) == Some(b'\t')) {
                self.at += 1;
            }
            self.skip_comment();
            if self.read_break().is_none() {
                return;
            }
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    /// The end of the stream or of a document: all blocks end.
    fn fetch_at_margin(&mut self, token: Token<'t>, len: usize) -> Result<()> {
        self.close_blocks(0);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(token, len);
        Ok(())
    }

    fn fetch_flow_start(&mut self, token: Token<'t>) -> Result<()> {
        let column = self.column();
        self.save_simple_key(column)?;
        if self.simple_keys.len() > MAX_FLOW_LEVEL {
            return self.fail("flow collections nest too deep");
        }
        self.simple_keys.push(SimpleKey::default());
        self.simple_key_allowed = true;
        self.push(token, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, token: Token<'t>) -> Result<()> {
        self.remove_simple_key()?;
        if self.in_flow() {
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push(token, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self, column: usize) -> Result<()> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.fail("block sequence entries are not allowed in this context");
            }
            self.open_block(column, None, Token::BlockSequenceStart, self.at);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push(Token::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self, column: usize) -> Result<()> {
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.fail("mapping keys are not allowed in this context");
            }
            self.open_block(column, None, Token::BlockMappingStart, self.at);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.push(Token::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self, column: usize) -> Result<()> {
        let key = self.simple_keys.last().copied().unwrap_or_default();
        if key.possible {
            self.forget_key();
            // The key, and the mapping that it begins, come before the tokens that were read since.
            let position = key.token.saturating_sub(self.taken).min(self.tokens.len());
            self.tokens.insert(position, (Token::Key, key.at));
            self.open_block(key.column, Some(position), Token::BlockMappingStart, key.at);
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return self.fail("mapping values are not allowed in this context");
                }
                self.open_block(column, None, Token::BlockMappingStart, self.at);
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.push(Token::Value, 1);
        Ok(())
    }

    /// A key must end on its line and within 1024 bytes.
    fn drop_stale_keys(&mut self) -> Result<()> {
        let (line_start, at) = (self.line_start, self.at);
        for key in &mut self.simple_keys {
            if key.possible && (key.at < line_start || key.at + MAX_SIMPLE_KEY < at) {
                if key.required {
                    return Err(Error { message: "could not find expected ':'", offset: at });
                }
                key.possible = false;
            }
        }
        Ok(())
    }

    /// Notes that a key may begin here.
    fn save_simple_key(&mut self, column: usize) -> Result<()> {
        if self.simple_key_allowed {
            let required = !self.in_flow() && self.indent == column + 1;
            let token = self.taken + self.tokens.len();
            self.remove_simple_key()?;
            if let Some(last) = self.simple_keys.last_mut() {
                *last = SimpleKey { possible: true, required, token, at: self.at, column };
            }
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<()> {
        if self.simple_keys.last().is_some_and(|key| key.possible && key.required) {
            return self.fail("could not find expected ':'");
        }
        self.forget_key();
        Ok(())
    }

    fn forget_key(&mut self) {
        if let Some(last) = self.simple_keys.last_mut() {
            last.possible = false;
        }
    }

    /// Begins a block collection at `column` if it is further right than the open one, before the token at `position`.
    fn open_block(&mut self, column: usize, position: Option<usize>, token: Token<'t>, at: usize) {
        if self.in_flow() || self.indent > column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column + 1;
        self.tokens.insert(position.unwrap_or(self.tokens.len()), (token, at));
    }

    /// Ends the block collections that begin further right.
    fn close_blocks(&mut self, indent: usize) {
        while !self.in_flow() && self.indent > indent {
            self.tokens.push_back((Token::BlockEnd, self.at));
            self.indent = self.indents.pop().unwrap_or_default();
        }
    }
}

/// Where a character stands that libyaml's reader refuses.
fn unprintable(bytes: &[u8]) -> Option<usize> {
    let is_suspicious =
        |b: &u8| (*b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) || matches!(b, 0x7F | 0xC2 | 0xEF);
    let is_refused = |at: usize| match bytes[at..] {
        [0xC2, 0x85 | 0xA0..=0xBF, ..] => false,
        [0xEF, second, third, ..] => second == 0xBF && third >= 0xBE,
        _ => true,
    };
    // Without a way out of the loop in the middle of a block, the compiler looks at many bytes at once.
    let blocks = bytes.chunks(BLOCK).enumerate();
    let suspicious = blocks.filter(|(_, block)| block.iter().fold(false, |any, b| any | is_suspicious(b)));
    suspicious
        .flat_map(|(number, block)| (number * BLOCK..).zip(block))
        .find(|(at, b)| is_suspicious(b) && is_refused(*at))
        .map(|(at, _)| at)
}
