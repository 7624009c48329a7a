//! Tokens into events: libyaml's `parser.c`.

use super::scanner::{Scanner, Token};
use super::{Error, Event, Properties, Result};
use crate::yaml::tree::Style;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is expected next.
#[derive(Clone, Copy)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry { first: bool },
    IndentlessSequenceEntry,
    BlockMappingKey { first: bool },
    BlockMappingValue,
    FlowSequenceEntry { first: bool },
    FlowSequenceEntryMappingKey,
    FlowSequenceEntryMappingValue,
    FlowSequenceEntryMappingEnd,
    FlowMappingKey { first: bool },
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Reads the events of a text one by one.
pub(in crate::yaml) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// What follows the nodes that are open.
    states: Vec<State>,
    /// The prefix of tags that each handle names.
    handles: BTreeMap<Cow<'t, str>, Cow<'t, str>>,
}

impl<'t> Parser<'t> {
    /// # Errors
    /// If `text` has a character that no YAML may contain.
    pub(in crate::yaml) fn new(text: &'t str) -> Result<Parser<'t>> {
        let scanner = Scanner::new(text)?;
        Ok(Parser {
            scanner,
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
            handles: BTreeMap::new(),
        })
    }

    /// The next event; after the end of the stream always that.
    ///
    /// # Errors
    /// If libyaml does not read the text. Nothing may be asked after that.
    pub(in crate::yaml) fn next_event(&mut self) -> Result<Event<'t>> {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceEntry { first } => self.block_sequence_entry(first),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey { first } => self.block_mapping_key(first),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceEntry { first } => self.flow_sequence_entry(first),
            State::FlowSequenceEntryMappingKey => self.flow_sequence_entry_key(),
            State::FlowSequenceEntryMappingValue => self.flow_sequence_entry_value(),
            State::FlowSequenceEntryMappingEnd => {
                self.state = State::FlowSequenceEntry { first: false };
                Ok(Event::MappingEnd)
            }
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => Ok(self.empty(State::FlowMappingKey { first: false })),
            State::End => Ok(Event::StreamEnd),
        }
    }

    /// How far it has read.
    pub(in crate::yaml) fn offset(&self) -> usize {
        self.scanner.at
    }

    fn token(&mut self) -> Result<&mut Token<'t>> {
        Ok(self.scanner.peek()?.0)
    }

    /// Takes the next token if it is `wanted`.
    fn take(&mut self, wanted: fn(&Token<'t>) -> bool) -> Result<bool> {
        let found = wanted(self.token()?);
        if found {
            self.scanner.skip();
        }
        Ok(found)
    }

    fn fail<T>(&mut self, message: &'static str) -> Result<T> {
        let (_, offset) = self.scanner.peek()?;
        Err(Error { message, offset })
    }

    /// Goes on with what follows the collection or node that ends.
    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// A node that is not written.
    fn empty(&mut self, then: State) -> Event<'t> {
        self.state = then;
        Event::Scalar { properties: Properties::default(), value: "".into(), style: Style::Plain }
    }

    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> Result<Event<'t>> {
        self.states.push(then);
        self.node(block, indentless)
    }

    fn document_start(&mut self, implicit: bool) -> Result<Event<'t>> {
        while !implicit && self.take(|t| matches!(t, Token::DocumentEnd))? {}
        if self.take(|t| matches!(t, Token::StreamEnd))? {
            self.state = State::End;
            return Ok(Event::StreamEnd);
        }
        let has_directives = self.directives()?;
        self.states.push(State::DocumentEnd);
        if self.take(|t| matches!(t, Token::DocumentStart))? {
            self.state = State::DocumentContent;
        } else if implicit && !has_directives {
            self.state = State::BlockNode;
        } else {
            return self.fail("did not find expected <document start>");
        }
        Ok(Event::DocumentStart)
    }

    /// Whether there are directives.
    fn directives(&mut self) -> Result<bool> {
        let mut version = false;
        let mut handles: BTreeMap<Cow<'t, str>, Cow<'t, str>> = BTreeMap::new();
        loop {
            match self.scanner.peek()? {
                (Token::VersionDirective { major, minor }, offset) => {
                    if version {
                        return Err(Error { message: "found duplicate %YAML directive", offset });
                    }
                    if *major != 1 || !matches!(minor, 1 | 2) {
                        return Err(Error { message: "found incompatible YAML document", offset });
                    }
                    version = true;
                }
                (Token::TagDirective { handle, prefix }, offset) => {
                    if handles.insert((*handle).into(), core::mem::take(prefix)).is_some() {
                        return Err(Error { message: "found duplicate %TAG directive", offset });
                    }
                }
                _ => break,
            }
            self.scanner.skip();
        }
        let any = version || !handles.is_empty();
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !handles.contains_key(handle) {
                handles.insert(handle.into(), prefix.into());
            }
        }
        self.handles = handles;
        Ok(any)
    }

    fn document_content(&mut self) -> Result<Event<'t>> {
        let is_empty = matches!(
            self.token()?,
            Token::VersionDirective { .. }
                | Token::TagDirective { .. }
                | Token::DocumentStart
                | Token::DocumentEnd
                | Token::StreamEnd
        );
        if is_empty {
            let then = self.states.pop().unwrap_or(State::End);
            return Ok(self.empty(then));
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> Result<Event<'t>> {
        self.take(|t| matches!(t, Token::DocumentEnd))?;
        self.state = State::DocumentStart;
        Ok(Event::DocumentEnd)
    }

    fn node(&mut self, block: bool, indentless: bool) -> Result<Event<'t>> {
        if let Token::Alias(name) = *self.token()? {
            self.scanner.skip();
            self.pop();
            return Ok(Event::Alias(name));
        }
        let properties = self.properties()?;
        let has_properties = properties.anchor.is_some() || properties.tag.is_some();
        let event = match self.token()? {
            Token::BlockEntry if indentless => {
                self.state = State::IndentlessSequenceEntry;
                Event::SequenceStart(properties)
            }
            Token::Scalar { value, style } => {
                let event = Event::Scalar { properties, value: core::mem::take(value), style: *style };
                self.scanner.skip();
                self.pop();
                event
            }
            Token::FlowSequenceStart => {
                self.state = State::FlowSequenceEntry { first: true };
                Event::SequenceStart(properties)
            }
            Token::FlowMappingStart => {
                self.state = State::FlowMappingKey { first: true };
                Event::MappingStart(properties)
            }
            Token::BlockSequenceStart if block => {
                self.state = State::BlockSequenceEntry { first: true };
                Event::SequenceStart(properties)
            }
            Token::BlockMappingStart if block => {
                self.state = State::BlockMappingKey { first: true };
                Event::MappingStart(properties)
            }
            _ if has_properties => {
                self.pop();
                Event::Scalar { properties, value: "".into(), style: Style::Plain }
            }
            _ => return self.fail("did not find expected node content"),
        };
        Ok(event)
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Result<Properties<'t>> {
        let mut properties = Properties::default();
        loop {
            match self.scanner.peek()? {
                (Token::Anchor(name), _) if properties.anchor.is_none() => properties.anchor = Some(*name),
                (Token::Tag { handle, suffix }, offset) if properties.tag.is_none() => {
                    let (handle, suffix) = (*handle, core::mem::take(suffix));
                    properties.tag = Some(match self.handles.get(handle) {
                        _ if handle.is_empty() => suffix,
                        Some(prefix) => Cow::Owned(format!("{prefix}{suffix}")),
                        None => return Err(Error { message: "found undefined tag handle", offset }),
                    });
                }
                _ => return Ok(properties),
            }
            self.scanner.skip();
        }
    }

    fn block_sequence_entry(&mut self, first: bool) -> Result<Event<'t>> {
        if first {
            self.scanner.skip();
        }
        if self.take(|t| matches!(t, Token::BlockEntry))? {
            let then = State::BlockSequenceEntry { first: false };
            return match self.token()? {
                Token::BlockEntry | Token::BlockEnd => Ok(self.empty(then)),
                _ => self.node_then(then, true, false),
            };
        }
        if self.take(|t| matches!(t, Token::BlockEnd))? {
            self.pop();
            return Ok(Event::SequenceEnd);
        }
        self.fail("did not find expected '-' indicator")
    }

    fn indentless_sequence_entry(&mut self) -> Result<Event<'t>> {
        if !self.take(|t| matches!(t, Token::BlockEntry))? {
            self.pop();
            return Ok(Event::SequenceEnd);
        }
        let then = State::IndentlessSequenceEntry;
        match self.token()? {
            Token::BlockEntry | Token::Key | Token::Value | Token::BlockEnd => Ok(self.empty(then)),
            _ => self.node_then(then, true, false),
        }
    }

    fn block_mapping_key(&mut self, first: bool) -> Result<Event<'t>> {
        if first {
            self.scanner.skip();
        }
        if self.take(|t| matches!(t, Token::Key))? {
            return match self.token()? {
                Token::Key | Token::Value | Token::BlockEnd => Ok(self.empty(State::BlockMappingValue)),
                _ => self.node_then(State::BlockMappingValue, true, true),
            };
        }
        if self.take(|t| matches!(t, Token::BlockEnd))? {
            self.pop();
            return Ok(Event::MappingEnd);
        }
        self.fail("did not find expected key")
    }

    fn block_mapping_value(&mut self) -> Result<Event<'t>> {
        let then = State::BlockMappingKey { first: false };
        if !self.take(|t| matches!(t, Token::Value))? {
            return Ok(self.empty(then));
        }
        match self.token()? {
            Token::Key | Token::Value | Token::BlockEnd => Ok(self.empty(then)),
            _ => self.node_then(then, true, true),
        }
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Result<Event<'t>> {
        if first {
            self.scanner.skip();
        }
        if !matches!(self.token()?, Token::FlowSequenceEnd) {
            if !first && !self.take(|t| matches!(t, Token::FlowEntry))? {
                return self.fail("did not find expected ',' or ']'");
            }
            if self.take(|t| matches!(t, Token::Key))? {
                self.state = State::FlowSequenceEntryMappingKey;
                return Ok(Event::MappingStart(Properties::default()));
            }
            if !matches!(self.token()?, Token::FlowSequenceEnd) {
                return self.node_then(State::FlowSequenceEntry { first: false }, false, false);
            }
        }
        self.scanner.skip();
        self.pop();
        Ok(Event::SequenceEnd)
    }

    fn flow_sequence_entry_key(&mut self) -> Result<Event<'t>> {
        let then = State::FlowSequenceEntryMappingValue;
        match self.token()? {
            // libyaml skips this token too, and so refuses what follows.
            Token::Value | Token::FlowEntry | Token::FlowSequenceEnd => {
                self.scanner.skip();
                Ok(self.empty(then))
            }
            _ => self.node_then(then, false, false),
        }
    }

    fn flow_sequence_entry_value(&mut self) -> Result<Event<'t>> {
        let then = State::FlowSequenceEntryMappingEnd;
        let is_written = self.take(|t| matches!(t, Token::Value))?
            && !matches!(self.token()?, Token::FlowEntry | Token::FlowSequenceEnd);
        if is_written { self.node_then(then, false, false) } else { Ok(self.empty(then)) }
    }

    fn flow_mapping_key(&mut self, first: bool) -> Result<Event<'t>> {
        if first {
            self.scanner.skip();
        }
        if !matches!(self.token()?, Token::FlowMappingEnd) {
            if !first && !self.take(|t| matches!(t, Token::FlowEntry))? {
                return self.fail("did not find expected ',' or '}'");
            }
            if self.take(|t| matches!(t, Token::Key))? {
                return match self.token()? {
                    Token::Value | Token::FlowEntry | Token::FlowMappingEnd => {
                        Ok(self.empty(State::FlowMappingValue))
                    }
                    _ => self.node_then(State::FlowMappingValue, false, false),
                };
            }
            if !matches!(self.token()?, Token::FlowMappingEnd) {
                return self.node_then(State::FlowMappingEmptyValue, false, false);
            }
        }
        self.scanner.skip();
        self.pop();
        Ok(Event::MappingEnd)
    }

    fn flow_mapping_value(&mut self) -> Result<Event<'t>> {
        let then = State::FlowMappingKey { first: false };
        let is_written = self.take(|t| matches!(t, Token::Value))?
            && !matches!(self.token()?, Token::FlowEntry | Token::FlowMappingEnd);
        if is_written { self.node_then(then, false, false) } else { Ok(self.empty(then)) }
    }
}
