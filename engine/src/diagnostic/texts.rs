//! What the page of a rule says. A module for browsers would be 27 KiB heavier with these texts, gzipped, so it may be built
//! without them (without the feature `texts`) and read them from a file of its own.

#[cfg(not(feature = "texts"))]
mod loaded;

use super::Reference;

#[cfg(not(feature = "texts"))]
pub use loaded::load;

/// Takes the texts of all rules. They are compiled in, so this does nothing.
#[cfg(feature = "texts")]
pub fn load(rules: String) {
    drop(rules);
}

/// What the page of a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// What it finds, one sentence.
    pub finds: &'static str,
    /// What happens in the cluster, and why.
    pub consequence: &'static str,
    /// What the fix does, or what to do by hand.
    pub help: &'static str,
    /// An example: before and after. Both are empty if there is none.
    pub example: (&'static str, &'static str),
    /// Where the facts come from: files of the upstream sources, issues, pages.
    pub sources: &'static [Reference],
}

/// The texts that are compiled in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltIn(#[cfg(feature = "texts")] Texts);

impl Texts {
    /// Compiles the texts in, if the feature says so.
    pub(crate) const fn built_in(self) -> BuiltIn {
        BuiltIn(
            #[cfg(feature = "texts")]
            self,
        )
    }
}

/// Returns the texts of a rule.
#[cfg(feature = "texts")]
pub(super) fn of<'t>(_id: &str, built_in: &'t BuiltIn) -> &'t Texts {
    &built_in.0
}

/// Returns the texts of a rule; empty ones if none were loaded.
#[cfg(not(feature = "texts"))]
pub(super) fn of(id: &str, _built_in: &BuiltIn) -> &'static Texts {
    loaded::of(id)
}
