//! What a rule reports, and the changes that correct it. Nothing here knows Calico or Kubernetes.

mod fix;
mod metadata;
mod reference;
pub mod selection;
pub mod suppression;
mod texts;
pub(crate) mod upstream;

pub use fix::{Applicability, Change, ChangeDescription, Effect, FieldRef, Fix, ObjectKey};
pub use metadata::{Fixable, Metadata, RuleKind, Severity};
pub use reference::Reference;
pub use texts::{Texts, load};

use crate::source::Place;
use crate::yaml::{NodeId, Tree};
use core::ops::{Deref, DerefMut, Range};
use std::borrow::Cow;

/// Something that a rule found.
///
/// Three properties are separate: `severity` is what happens in the cluster, `blocks` is whether a transform stops, and
/// the fix's applicability is whether a transform may write it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    // Rules build it step by step. A step that moves a pointer is a few bytes of code; one that moves all parts is not, and there
    // are thousands of them in the module for browsers.
    parts: Box<Parts>,
}

/// The parts of a [`Diagnostic`], which dereferences to them.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The rule.
    pub rule: &'static Metadata,
    /// How serious the effect on the cluster is.
    pub severity: Severity,
    /// The primary location: a byte range of the source.
    pub range: Range<usize>,
    /// The primary location as a path of fields.
    pub path: String,
    /// What was found, one line.
    pub message: Cow<'static, str>,
    /// A short text for the primary location; may be empty.
    pub label: String,
    /// Other locations that belong to the finding, also in other files.
    pub related: Vec<Related>,
    /// What happens in the cluster.
    pub consequence: Cow<'static, str>,
    /// What to do.
    pub help: Cow<'static, str>,
    /// Whether the rule decided about stopping a transform; `None` takes the default of [`Diagnostic::blocks`].
    pub stops: Option<bool>,
    /// The changes that correct it.
    pub fix: Option<Fix>,
}

/// Another location of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// File, line and column.
    pub place: Place,
    /// What is there.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic at a node, with the texts of its rule.
    pub(crate) fn new(rule: &'static Metadata, tree: &Tree<'_>, node: NodeId) -> Diagnostic {
        Diagnostic::at_range(rule, tree.range(node)).path(tree.path(node))
    }

    /// A diagnostic at a byte range, with the texts of its rule.
    pub(crate) fn at_range(rule: &'static Metadata, range: Range<usize>) -> Diagnostic {
        Diagnostic::from(Parts {
            rule,
            severity: rule.severity,
            range,
            path: String::new(),
            message: Cow::Borrowed(rule.texts().finds),
            label: String::new(),
            related: Vec::new(),
            consequence: Cow::Borrowed(rule.texts().consequence),
            help: Cow::Borrowed(rule.texts().help),
            stops: None,
            fix: None,
        })
    }

    pub(crate) fn path(mut self, path: String) -> Diagnostic {
        self.path = path;
        self
    }

    pub(crate) fn message(mut self, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.message = message.into();
        self
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    pub(crate) fn consequence(mut self, consequence: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.consequence = consequence.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.help = help.into();
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    pub(crate) fn at(mut self, range: Range<usize>) -> Diagnostic {
        self.range = range;
        self
    }

    /// Adds a location, also of another file.
    pub(crate) fn related(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        // Most findings have one.
        self.related.reserve_exact(1);
        self.related.push(Related { place, text: text.into() });
        self
    }

    /// Decides whether this stops a transform, whatever its severity is.
    pub(crate) fn stops(mut self, stops: bool) -> Diagnostic {
        self.stops = Some(stops);
        self
    }

    pub(crate) fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fix = Some(fix);
        self
    }

    /// Its parts, to move texts out of it.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        *self.parts
    }

    /// Whether a transform stops here. Unless the rule decided, an error that no fix corrects does.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.stops.unwrap_or(self.severity == Severity::Error && !self.is_fixed())
    }

    /// Whether a transform corrects it.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Safe)
    }
}

impl From<Parts> for Diagnostic {
    fn from(parts: Parts) -> Diagnostic {
        Diagnostic { parts: Box::new(parts) }
    }
}

impl Deref for Diagnostic {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl DerefMut for Diagnostic {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.parts
    }
}

/// An option that a rule needs and nobody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingOption {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// Why this input needs it.
    pub why: String,
    /// An example of its value.
    pub example: String,
}

/// What the rules have reported so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Everything found.
    pub all: Vec<Diagnostic>,
    /// Options that are missing.
    pub missing_options: Vec<MissingOption>,
    /// What is wrong where an option is missing. A transform asks for the option instead; a lint reports it.
    pub unanswered: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Reports a diagnostic.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    /// Reports diagnostics, or the one that there may be.
    pub(crate) fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.all.extend(diagnostics);
    }

    /// Asks for an option. Of several reasons the first in the alphabet is kept, so that the order of rules has no effect.
    /// `found` is what a lint reports instead, with `why` as its label.
    pub(crate) fn ask(
        &mut self,
        flag: &'static str,
        example: impl Into<String>,
        why: impl Into<String>,
        found: Diagnostic,
    ) {
        let option = MissingOption { flag, why: why.into(), example: example.into() };
        self.unanswered.push(if found.label.is_empty() { found.label(&option.why) } else { found });
        match self.missing_options.iter_mut().find(|other| other.flag == flag) {
            Some(other) if option.why < other.why => *other = option,
            Some(_) => {}
            None => self.missing_options.push(option),
        }
    }
}
