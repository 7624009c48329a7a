//! Finds the flags that the accepted changes set.

use crate::model::fields::ConfigObject;
use crate::rules::Change;

/// Returns whether a change sets one of these flags of an object.
pub(super) fn is_changed(changes: &[&Change], object: &ConfigObject<'_>, flags: &[&str]) -> bool {
    changes.iter().any(|change| {
        let name = change.field.as_ref().map(|field| field.name.as_str());
        change.object == Some(object.key()) && name.is_some_and(|name| flags.contains(&name))
    })
}
