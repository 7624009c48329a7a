//! What must hold for any input. Each function is a fuzz target: it takes the bytes that libFuzzer made and panics if a
//! promise is broken. `cargo xtask fuzz` runs all of them.

mod choices;
mod edits;
mod texts;
mod transforms;

pub use edits::{edit, embedded, flag_files};
pub use texts::{parse, split};
pub use transforms::{transform, utf16};
