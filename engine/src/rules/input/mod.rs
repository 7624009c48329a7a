//! Findings about a file as a whole.

mod not_understood;
mod sops_mac;

pub(super) use not_understood::RULE as NOT_UNDERSTOOD;
pub(super) use sops_mac::RULE as SOPS_MAC;
