//! Describes what a file was recognised as.

use crate::transform::Install;

/// Returns the first installation of a file (`Calico v3.31.7, manifest install, BGP`) or its first Kubernetes object
/// (`Pod kube-apiserver`). `None` if there is neither.
#[must_use]
pub fn recognised(installs: &[Install], components: &[String]) -> Option<String> {
    let Some(install) = installs.first() else {
        let first = components.first()?;
        return Some(match components.len() - 1 {
            0 => first.clone(),
            more => format!("{first} and {more} more"),
        });
    };
    let facts = &install.facts;
    let release = match facts.calico {
        None => "Calico, release unknown".to_owned(),
        Some(v) if facts.patch_is_unknown => format!("Calico v{}.{}", v.major, v.minor),
        Some(v) => format!("Calico {v}"),
    };
    let more = match installs.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let live = if facts.is_live { ", running cluster" } else { "" };
    Some(format!("{release}, {}{live}{more}", facts.variant))
}
