//! Calico's own resources.

use super::operator::pools;
use super::writer::Sheet;
use super::{Kind, Wish};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, family};

pub(super) const IP_POOL: Kind = Kind {
    name: "ippool",
    about: "an IPPool of each family, with every field written out",
    files: &["ippools.yaml"],
    has_patches: false,
    make: |wish| Some(vec![("ippools.yaml".to_owned(), ip_pools(wish)?)]),
};

pub(super) const FELIX_CONFIGURATION: Kind = Kind {
    name: "felixconfiguration",
    about: "FelixConfiguration that switches IPv6 on, or off",
    files: &["felixconfiguration.yaml"],
    has_patches: false,
    make: |wish| Some(vec![("felixconfiguration.yaml".to_owned(), felix(wish))]),
};

const HOW: &str = "Apply it with calicoctl, or with kubectl where the Calico API server runs.";

fn ip_pools(wish: &mut Wish<'_>) -> Option<String> {
    let mut sheet = Sheet::default();
    sheet.comment(0, HOW);
    for (i, pool) in pools(wish, "an IPPool has a range")?.iter().enumerate() {
        let is_ipv6 = family(pool.net) == Family::Ipv6;
        if i > 0 {
            sheet.lines("---");
        }
        sheet.lines("apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata:");
        sheet.comment(
            2,
            "Under this name calico-node would make a pool of its own; it makes none where one is.",
        );
        sheet.entry(2, "name", if is_ipv6 { "default-ipv6-ippool" } else { "default-ipv4-ippool" });
        sheet.lines("spec:");
        sheet.comment(2, "Neither the range nor the size of its blocks can be changed later.");
        sheet.entry(2, "cidr", &pool.net.to_string());
        let default = if is_ipv6 { IPV6_BLOCK } else { IPV4_BLOCK };
        let size = if pool.field("blockSize").is_empty() {
            default.to_string()
        } else {
            pool.field("blockSize").to_owned()
        };
        sheet.lines(&format!("  blockSize: {size}"));
        if is_ipv6 {
            sheet.comment(2, "IPIP carries IPv4 only.");
        }
        sheet.lines("  ipipMode: Never");
        sheet.entry(
            2,
            "vxlanMode",
            match pool.encapsulation() {
                "VXLAN" => "Always",
                "VXLANCrossSubnet" => "CrossSubnet",
                _ => "Never",
            },
        );
        sheet.comment(2, "The default is false: pods of private ranges would have no way out.");
        sheet.lines(&format!("  natOutgoing: {}", pool.field("natOutgoing") == "Enabled"));
        sheet.entry(2, "nodeSelector", "all()");
    }
    Some(sheet.done())
}

fn felix(wish: &mut Wish<'_>) -> String {
    let mut sheet = Sheet::default();
    sheet.comment(0, HOW);
    sheet.lines(
        "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata:\n  name: default\nspec:",
    );
    let why = "Felix programs routes and policy of IPv6 only with it. FELIX_IPV6SUPPORT of calico-node comes before this \
               field: the manifests ship it as \"false\", the operator sets it by the pools.";
    sheet.comment(2, why).lines(&format!("  ipv6Support: {}", wish.target.to.has_ipv6()));
    sheet.done()
}
