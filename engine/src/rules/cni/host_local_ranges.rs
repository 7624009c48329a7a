use super::host_local_too_old::NO_IPV6_POD_CIDR;
use crate::diagnostic::upstream;
use crate::model::calico_config::{Cni, get_folded};
use crate::model::facts::Ipam;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::yaml::write::{Op, Placement, Value};

const META: Metadata = Metadata {
    id: "CNI-009",
    name: "host-local-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_IPV6_POD_CIDR],
    texts: Texts {
        finds: "host-local IPAM does not assign the requested IP families",
        consequence: "host-local assigns one address from `subnet` and one from each part of `ranges`; a CIDR that is there twice fails every pod (`range set 0 overlaps with 1`). host-local ignores assign_ipv4 and assign_ipv6",
        help: "for dual-stack set `ranges` with usePodCidr and usePodCidrIPv6; for single-stack set `subnet`",
        example: ("\"type\": \"host-local\", \"subnet\": \"usePodCidr\"", "\"type\": \"host-local\", \"ranges\": [[{\"subnet\": \"usePodCidr\"}], [{\"subnet\": \"usePodCidrIPv6\"}]]"),
        sources: &[
            upstream::OPERATOR.file("pkg/render/node.go").line(870),
            upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").line(346),
            upstream::CNI_PLUGINS.file("plugins/ipam/host-local/backend/allocator/config.go").line(162),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = install.cni() else { continue };
        if install.facts.ipam != Ipam::HostLocal
            || cni.is_flannel_delegate
            || NO_IPV6_POD_CIDR.holds(install.facts.calico)
        {
            continue;
        }
        let Some((tree, ipam)) = cni.tree().zip(cni.ipam) else { continue };
        let subnet = get_folded(tree, ipam, "subnet");
        let ranges = get_folded(tree, ipam, "ranges");
        let families = families(cni);
        let wanted = (cx.wants_ipv4(), cx.wants_ipv6());
        if families == Some(wanted) && !has_repeated(&subnets(cni)) {
            continue;
        }
        if families.is_none() {
            let diagnostic = at_cni(&META, config, cni, subnet.or(ranges).or(Some(ipam)));
            let message = "host-local assigns addresses from its own ranges, not from the node's pod CIDRs";
            diagnostics.push(
                diagnostic
                    .message(message)
                    .help("set the ranges of each IP family yourself, or use usePodCidr and usePodCidrIPv6"),
            );
            continue;
        }
        let why = match cx.target.to {
            Stack::DualStack => "one range for each IP family, from the node's pod CIDRs",
            Stack::Ipv6Only => "addresses come from the node's IPv6 pod CIDR",
            Stack::Ipv4Only => "addresses come from the node's IPv4 pod CIDR",
        };
        let description = |field: &str, from: Option<&str>, to: Option<&str>| {
            Some(ChangeDescription::new(cni_title(config), field, from, to, why))
        };
        let text = |node| tree.text()[tree.range(node)].trim_matches('"').to_owned();
        let change = |node, op, description| cni_change(config, cni, node, op, description);
        let mut changes = Vec::new();
        if cx.target.to == Stack::DualStack {
            let range =
                |name: &str| Value::Seq(vec![Value::Map(vec![("subnet".to_owned(), Value::string(name))])]);
            let value = Value::Seq(vec![range("usePodCidr"), range("usePodCidrIPv6")]);
            let new_ranges =
                description("ranges", subnet.map(text).as_deref(), Some("usePodCidr, usePodCidrIPv6"));
            match ranges {
                Some(ranges) => changes.push(change(ranges, Op::Set(value), new_ranges)),
                None => changes.push(change(
                    ipam,
                    Op::InsertEntry(Placement::default(), "ranges".to_owned(), value),
                    new_ranges,
                )),
            }
            changes.extend(subnet.map(|subnet| change(subnet, Op::Remove, None)));
        } else {
            let name = if cx.is_ipv6_only() { "usePodCidrIPv6" } else { "usePodCidr" };
            match subnet {
                Some(subnet) => {
                    changes.push(change(
                        subnet,
                        Op::Set(Value::string(name)),
                        description("subnet", Some(&text(subnet)), Some(name)),
                    ));
                }
                None => {
                    let op = Op::InsertEntry(Placement::default(), "subnet".to_owned(), Value::string(name));
                    changes.push(change(ipam, op, description("subnet", None, Some(name))));
                }
            }
            changes.extend(ranges.map(|ranges| change(ranges, Op::Remove, None)));
        }
        diagnostics.push(at_cni(&META, config, cni, subnet.or(ranges).or(Some(ipam))).fix(Fix::new(changes)));
    }
}

/// The texts of all subnets, in lower case: host-local puts `subnet` before the `ranges`.
fn subnets(cni: &Cni) -> Vec<String> {
    let Some((tree, ipam)) = cni.tree().zip(cni.ipam) else { return Vec::new() };
    let mut names = Vec::new();
    names.extend(get_folded(tree, ipam, "subnet"));
    if let Some(ranges) = get_folded(tree, ipam, "ranges") {
        for set in tree.items(ranges) {
            names.extend(tree.items(set).filter_map(|range| get_folded(tree, range, "subnet")));
        }
    }
    names.into_iter().map(|name| tree.scalar(name).unwrap_or_default().to_ascii_lowercase()).collect()
}

/// Whether two ranges are the same: host-local refuses ranges that overlap.
fn has_repeated(subnets: &[String]) -> bool {
    subnets.iter().enumerate().any(|(i, subnet)| subnets[..i].contains(subnet))
}

/// Whether host-local assigns from the node's IPv4 and IPv6 pod CIDRs; `None` if it has other ranges.
fn families(cni: &Cni) -> Option<(bool, bool)> {
    let mut found = (false, false);
    for name in subnets(cni) {
        match name.as_str() {
            "usepodcidr" => found.0 = true,
            "usepodcidripv6" => found.1 = true,
            _ => return None,
        }
    }
    (found != (false, false)).then_some(found)
}
