//! What holds for the engine and for everything that is built around it: literate cases and invariants, shared by the
//! runners of the engine (here) and of the command (`cli/tests`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests are all there is here: a panic is how one fails

pub mod case;
pub mod compare;
pub mod hosts;
pub mod invariants;
pub mod oracle;
pub mod run;
pub mod values;
