//! A plan for people: differences, what to check, what was read.

pub mod checklist;
pub mod diff;
pub mod escape;
pub mod excerpt;
pub mod explain;
pub mod form_fields;
pub mod inspect;
pub mod pools;
pub mod problem;
pub mod recognised;
pub mod secrets;
