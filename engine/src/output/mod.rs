//! The output of a plan: differences, steps, facts.

pub mod diff;
pub mod escape;
pub mod excerpt;
pub mod explain;
pub mod form_fields;
pub mod inspect;
pub(crate) mod pools;
pub mod problem;
pub mod recognised;
pub mod secrets;
pub mod steps;
