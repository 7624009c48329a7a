//! Calico's own resources.

use super::operator::pools;
use super::writer::Writer;
use super::{Kind, Request};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, family};

pub(super) const IP_POOL: Kind = Kind {
    name: "ippool",
    about: "an IPPool of each IP family, with every field set",
    files: &["ippools.yaml"],
    has_patches: false,
    make: |request| Some(vec![("ippools.yaml".to_owned(), ip_pools(request)?)]),
};

pub(super) const FELIX_CONFIGURATION: Kind = Kind {
    name: "felixconfiguration",
    about: "FelixConfiguration that enables or disables IPv6",
    files: &["felixconfiguration.yaml"],
    has_patches: false,
    make: |request| Some(vec![("felixconfiguration.yaml".to_owned(), felix(request))]),
};

const HOW: &str = "Apply it with calicoctl, or with kubectl if the Calico API server is installed.";

fn ip_pools(request: &mut Request<'_>) -> Option<String> {
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    for (i, pool) in pools(request, "an IPPool needs a CIDR")?.iter().enumerate() {
        let is_ipv6 = family(pool.net) == Family::Ipv6;
        if i > 0 {
            writer.lines("---");
        }
        writer.lines("apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata:");
        writer.comment(2, "calico-node would create a pool with this name; it skips that when one exists.");
        writer.entry(2, "name", if is_ipv6 { "default-ipv6-ippool" } else { "default-ipv4-ippool" });
        writer.lines("spec:");
        writer.comment(2, "cidr and blockSize cannot be changed later.");
        writer.entry(2, "cidr", &pool.net.to_string());
        let default = if is_ipv6 { IPV6_BLOCK } else { IPV4_BLOCK };
        let size = if pool.field("blockSize").is_empty() {
            default.to_string()
        } else {
            pool.field("blockSize").to_owned()
        };
        writer.lines(&format!("  blockSize: {size}"));
        if is_ipv6 {
            writer.comment(2, "IPIP supports IPv4 only.");
        }
        writer.lines("  ipipMode: Never");
        writer.entry(
            2,
            "vxlanMode",
            match pool.encapsulation() {
                "VXLAN" => "Always",
                "VXLANCrossSubnet" => "CrossSubnet",
                _ => "Never",
            },
        );
        writer
            .comment(2, "The default is false: pods with private addresses could not reach other networks.");
        writer.lines(&format!("  natOutgoing: {}", pool.field("natOutgoing") == "Enabled"));
        writer.entry(2, "nodeSelector", "all()");
    }
    Some(writer.done())
}

fn felix(request: &mut Request<'_>) -> String {
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    writer.lines(
        "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata:\n  name: default\nspec:",
    );
    let why = "Felix programs IPv6 routes and policy only if this is true. The variable FELIX_IPV6SUPPORT of calico-node \
               takes precedence: it is \"false\" in the manifests, and the operator sets it according to the pools.";
    writer.comment(2, why).lines(&format!("  ipv6Support: {}", request.target.to.has_ipv6()));
    writer.done()
}
