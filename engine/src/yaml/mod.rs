//! Lossless YAML: documents, trees with byte ranges, and edits of the text. Nothing of Kubernetes is known here.

pub mod classify;
pub mod embedded;
mod json;
mod parse;
pub mod same;
pub mod scalar;
pub mod second;
pub mod split;
pub mod tree;
pub mod words;
pub mod write;

pub use parse::{ParseError, parse};
pub use tree::{Kind, Lookup, NodeId, Style, Tree};
