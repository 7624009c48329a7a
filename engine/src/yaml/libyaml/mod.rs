//! The grammar of libyaml, which kubectl uses, as a stream of events.
//!
//! A port of libyaml 0.2.5, function by function: what is odd here is odd there, and stays. It borrows from the text,
//! does not recurse, builds no tree and cannot panic. A test in `tests/` compares it with libyaml itself. It reads what it
//! shares no code with: [`super::parse`] decides, this one only agrees or not.
//!
//! libyaml is Copyright (c) 2006-2016 Kirill Simonov and (c) 2017-2020 Ingy döt Net, under the MIT licence beside this file.

mod parser;
mod scalars;
mod scanner;
mod tags;

use super::tree::Style;
use std::borrow::Cow;

pub(super) use parser::Parser;

/// What the parser reads next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event<'t> {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    /// `*name`
    Alias(&'t str),
    Scalar {
        properties: Properties<'t>,
        value: Cow<'t, str>,
        style: Style,
    },
    SequenceStart(Properties<'t>),
    SequenceEnd,
    MappingStart(Properties<'t>),
    MappingEnd,
}

/// What may precede a node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Properties<'t> {
    /// The name of its anchor.
    pub(super) anchor: Option<&'t str>,
    /// Its tag, resolved.
    pub(super) tag: Option<Cow<'t, str>>,
}

/// Why libyaml does not read a text, in its words, and the byte offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) message: &'static str,
    pub(super) offset: usize,
}

type Result<T> = core::result::Result<T, Error>;
