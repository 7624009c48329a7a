//! The interfaces of the host, and which of them Calico uses.

use super::{Host, paths};

/// An interface.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) name: String,
    /// Its MTU, and the file that has it.
    pub(super) mtu: Option<(u32, String)>,
    is_down: bool,
}

impl Interface {
    /// The interfaces of the host; `None` if they are not known. `indexes` has those that the kernel's tables name.
    pub(super) fn all(host: &Host, indexes: &[(u32, String)]) -> Option<Vec<Interface>> {
        let names = paths::interfaces(host.text(paths::INTERFACES).ok()?);
        // A namespace made by `unshare -n` still has the /sys of the old one, where a name may be another interface.
        let is_same = names.iter().all(|name| {
            let seen = number(host, &paths::link(name, "ifindex"));
            let known = indexes.iter().find(|(_, interface)| interface == name).map(|(index, _)| *index);
            seen.is_some() && known.is_none_or(|known| Some(known) == seen)
        });
        Some(names.into_iter().map(|name| Interface::read(host, name, is_same)).collect())
    }

    fn read(host: &Host, name: &str, has_sys: bool) -> Interface {
        let mtu = |path: String| Some((number(host, &path)?, path));
        let link = Some(paths::link(name, "mtu")).filter(|_| has_sys).and_then(mtu);
        let state = host.value(&paths::link(name, "operstate")).ok().filter(|_| has_sys);
        Interface {
            name: name.to_owned(),
            mtu: link.or_else(|| mtu(paths::sysctl(name, "mtu"))),
            is_down: state.is_some_and(|state| !matches!(state, "up" | "unknown")),
        }
    }

    /// Whether Calico looks for the node's address here (`first-found`).
    pub(super) fn may_have_node_address(&self) -> bool {
        may_have_node_address(&self.name)
    }

    /// Whether its name is that of a physical interface.
    pub(super) fn is_physical(&self) -> bool {
        is_physical(&self.name)
    }

    /// Whether Felix takes the MTU of this interface into account.
    pub(super) fn counts_for_mtu(&self) -> bool {
        self.is_physical() && !self.is_down
    }
}

fn number(host: &Host, path: &str) -> Option<u32> {
    host.value(path).ok()?.parse().ok()
}

/// Prefixes of the interfaces in which Calico never looks for the node's address (projectcalico/calico v3.32.1:
/// node/pkg/lifecycle/startup/autodetection/autodetection_linux.go).
const EXCLUDED: [&str; 18] = [
    "docker",
    "cbr",
    "dummy",
    "podman",
    "virbr",
    "lxcbr",
    "veth",
    "lo",
    "br-",
    "cali",
    "tunl",
    "flannel",
    "kube-ipvs",
    "cni",
    "vxlan.calico",
    "vxlan-v6.calico",
    "wireguard.cali",
    "wg-v6.cali",
];

pub(super) fn may_have_node_address(name: &str) -> bool {
    !name.starts_with("nodelocaldns") && !EXCLUDED.iter().any(|prefix| name.starts_with(prefix))
}

/// The default of Felix's `mtuIfacePattern`: `^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)` (projectcalico/calico
/// v3.32.1: felix/config/config_params.go).
fn is_physical(name: &str) -> bool {
    let predictable = ["en", "wl", "ww", "sl", "ib"].iter().filter_map(|prefix| name.strip_prefix(prefix));
    predictable.into_iter().any(|rest| rest.starts_with(['P', 'c', 'o', 'p', 's', 'v', 'x']))
        || ["eth", "wlan", "wwan"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{is_physical, may_have_node_address};

    #[test]
    fn calico_skips_its_own_interfaces() {
        for name in ["lo", "docker0", "cali12345", "vxlan-v6.calico", "nodelocaldns"] {
            assert!(!may_have_node_address(name), "{name}");
        }
        for name in ["eth0", "ens3", "bond0", "enp1s0.100"] {
            assert!(may_have_node_address(name), "{name}");
        }
    }

    #[test]
    fn felix_takes_the_mtu_of_physical_interfaces() {
        for (name, counts) in
            [("eth0", true), ("enp1s0", true), ("ibP2", true), ("bond0", false), ("end0", false)]
        {
            assert_eq!(is_physical(name), counts, "{name}");
        }
    }
}
