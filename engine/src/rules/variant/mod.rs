//! Manifests that cannot carry IPv6, and releases that are not told.

mod canal_etcd;
mod flannel_migration;
mod version_unknown;
mod windows;

pub(super) use canal_etcd::RULE as CANAL_ETCD;
pub(super) use flannel_migration::RULE as FLANNEL_MIGRATION;
pub(super) use version_unknown::RULE as VERSION_UNKNOWN;
pub(super) use windows::RULE as WINDOWS;
