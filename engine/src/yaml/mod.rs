//! Lossless YAML: documents, trees with byte ranges, and edits of the text. Nothing of Kubernetes is known here.

pub mod classify;
pub mod cross_check;
pub mod embedded;
pub mod flag_file;
mod json;
mod libyaml;
mod nodes;
mod parse;
mod rare;
pub mod scalar;
pub mod split;
mod tree;
mod values;
pub mod verify;
pub mod write;

pub use parse::{ParseError, parse};
pub use tree::{Kind, Lookup, NodeId, Style, Tree};
