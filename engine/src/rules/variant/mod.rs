//! Manifests that do not support IPv6, and unknown releases.

mod before_dual_stack;
mod canal_etcd;
mod flannel_migration;
mod live_object;
mod option_without_effect;
mod version_unknown;
mod windows;

pub(super) use before_dual_stack::RULE as BEFORE_DUAL_STACK;
pub(super) use canal_etcd::RULE as CANAL_ETCD;
pub(super) use flannel_migration::RULE as FLANNEL_MIGRATION;
pub(super) use live_object::RULE as LIVE_OBJECT;
pub(super) use option_without_effect::RULE as OPTION_WITHOUT_EFFECT;
pub(super) use version_unknown::RULE as VERSION_UNKNOWN;
pub(super) use windows::RULE as WINDOWS;
