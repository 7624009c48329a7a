//! Findings about a file as a whole.

mod not_understood;

pub(super) use not_understood::RULE as NOT_UNDERSTOOD;
