//! Which recipe a file of the corpus follows, and what must become of it.

use std::path::Path;

pub(crate) type Release = (u32, u32, u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Dual,
    Ipv6Only,
    Ipv4Only,
}

impl Target {
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Target::Dual => "dual-stack",
            Target::Ipv6Only => "ipv6-only",
            Target::Ipv4Only => "ipv4-only",
        }
    }
}

/// Which recipe a file follows, told by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recipe {
    Bgp,
    Vxlan,
    Bpf,
    PolicyOnly,
    Canal,
    CanalEtcd,
    FlannelMigration,
    Windows,
    Operator,
    /// It is read for rules, and nothing in it is converted.
    Read,
    /// Nothing in it decides about IPv6.
    Other,
}

pub(crate) fn release(file: &Path) -> Option<Release> {
    let folder = file.iter().next()?.to_str()?.strip_prefix('v')?;
    let mut numbers = folder.split('.').map(|n| n.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

pub(crate) fn recipe(file: &Path) -> Recipe {
    let path = file.to_string_lossy().replace('\\', "/");
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "tigera-operator-values.yaml" => Recipe::Operator,
        _ if path.contains("/helm/") || path.contains("/crds/") => Recipe::Other,
        "calico.yaml" if path.contains("flannel-migration") => Recipe::FlannelMigration,
        "calico.yaml" | "calico-typha.yaml" | "calico-etcd.yaml" | "calico-v3-crds.yaml" => Recipe::Bgp,
        "calico-vxlan.yaml" => Recipe::Vxlan,
        "calico-bpf.yaml" => Recipe::Bpf,
        "calico-policy-only.yaml" => Recipe::PolicyOnly,
        "canal.yaml" => Recipe::Canal,
        "canal-etcd.yaml" => Recipe::CanalEtcd,
        "calico-windows-bgp.yaml" | "calico-windows-vxlan.yaml" | "calico-windows.yaml" => Recipe::Windows,
        "custom-resources.yaml" | "custom-resources-bpf.yaml" => Recipe::Operator,
        _ if name.ends_with("cr-installation.yaml") => Recipe::Operator,
        _ if name.ends_with("cr-whisker.yaml") || name.ends_with("kubernetes-services-endpoint.yaml") => {
            Recipe::Read
        }
        _ => Recipe::Other,
    }
}

/// What must become of a file: changed, or refused by a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Changed,
    Refused(&'static str),
    Unchanged,
    PassedThrough,
}

pub(crate) fn wanted(recipe: Recipe, release: Release, target: Target, input: &str) -> Wanted {
    if recipe == Recipe::Read {
        return Wanted::Unchanged;
    }
    if recipe == Recipe::Other {
        return Wanted::PassedThrough;
    }
    if target == Target::Ipv4Only {
        return Wanted::Unchanged; // as shipped
    }
    let before = |major, minor, patch| release < (major, minor, patch);
    match recipe {
        Recipe::Vxlan if before(3, 16, 0) => Wanted::Changed, // the backend was still BIRD
        Recipe::Vxlan if before(3, 23, 0) => Wanted::Refused("ENC-006"),
        Recipe::Bpf if before(3, 27, 0) => Wanted::Refused("NODE-019"),
        Recipe::Bpf if before(3, 28, 0) && target == Target::Dual => Wanted::Refused("NODE-019"),
        Recipe::Canal if before(3, 22, 0) || ships_old_flannel(input) => Wanted::Refused("CNI-010"),
        Recipe::CanalEtcd => Wanted::Refused("VAR-002"),
        Recipe::FlannelMigration if before(3, 24, 0) || target == Target::Ipv6Only => {
            Wanted::Refused("VAR-003")
        }
        Recipe::Windows => Wanted::Refused("VAR-001"),
        Recipe::Operator if before(3, 13, 0) && target == Target::Dual => Wanted::Refused("OP-001"),
        // Before 3.11, Felix removes the IPv6 route of a pod again if Kubernetes is the datastore.
        Recipe::Bgp | Recipe::PolicyOnly
            if before(3, 11, 0) && target == Target::Dual && !input.contains("etcd_endpoints") =>
        {
            Wanted::Refused("CALICO-TOO-OLD")
        }
        _ => Wanted::Changed,
    }
}

/// Whether flannel is older than 0.15, the first one with both families.
fn ships_old_flannel(input: &str) -> bool {
    let tag = input.split("flannel:v0.").nth(1).unwrap_or_default();
    tag.split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|minor| minor.parse().ok())
        .is_some_and(|minor: u32| minor < 15)
}
