//! calico-ipv6: text in, plan out.
pub mod source;
pub mod yaml;
