//! The engine of calico-ipv6: configuration of a Calico cluster in, a plan for another set of address families out.
//!
//! Pure: no files, clock, environment, network, randomness or threads. The same bytes give the same bytes everywhere.

pub mod address;
pub mod cidr;
pub mod diagnostic;
pub mod generate;
pub mod host;
pub mod model;
pub mod output;
pub mod rules;
mod search;
pub mod source;
pub mod target;
pub mod transform;
pub mod version;
pub mod yaml;
