use super::host_local_too_old::NO_IPV6_POD_CIDR;
use crate::model::calico_config::{Cni, get_folded};
use crate::model::facts::Ipam;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::target::Stack;
use crate::yaml::write::{Op, Placement, Value};

const META: Metadata = Metadata {
    id: "CNI-009",
    name: "host-local-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "host-local IPAM does not hand out the families that are wanted",
    consequence: "host-local reads one pod CIDR from `subnet` or several from `ranges`; both together fail every pod (`range set 0 overlaps with 1`), and the assign flags mean nothing to it",
    help: "dual-stack: `ranges` with usePodCidr and usePodCidrIPv6; one family: `subnet`",
    fixable: Fixable::Sometimes,
    gates: &[NO_IPV6_POD_CIDR],
    example: (
        "{\"type\": \"host-local\", \"subnet\": \"usePodCidr\"}",
        "{\"type\": \"host-local\", \"ranges\": [[{\"subnet\": \"usePodCidr\"}], [{\"subnet\": \"usePodCidrIPv6\"}]]}",
    ),
    sources: &[
        "tigera/operator: pkg/render/node.go",
        "projectcalico/calico: cni-plugin/internal/pkg/utils/utils.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some((config, cni)) = cx.cni() else { return };
    if cx.facts.ipam != Ipam::HostLocal || cni.is_flannel_delegate || NO_IPV6_POD_CIDR.holds(cx.facts.calico)
    {
        return;
    }
    let Some((tree, ipam)) = cni.tree().zip(cni.ipam) else { return };
    let subnet = get_folded(tree, ipam, "subnet");
    let ranges = get_folded(tree, ipam, "ranges");
    let families = families(cni);
    let wanted = (cx.wants_ipv4(), cx.wants_ipv6());
    let both_keys = subnet.is_some() && ranges.is_some();
    if families == Some(wanted) && !both_keys {
        return;
    }
    if families.is_none() {
        let diagnostic = at_cni(&META, config, cni, subnet.or(ranges).or(Some(ipam)));
        let message = "host-local takes its addresses from ranges of its own, not from the node's pod CIDR";
        diagnostics.push(
            diagnostic
                .message(message)
                .help("write the ranges of each family by hand, or use usePodCidr and usePodCidrIPv6"),
        );
        return;
    }
    let why = match cx.target.to {
        Stack::DualStack => "one range for each family of the node's pod CIDRs",
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
        let told = description("ranges", subnet.map(text).as_deref(), Some("usePodCidr, usePodCidrIPv6"));
        match ranges {
            Some(ranges) => changes.push(change(ranges, Op::Set(value), told)),
            None => changes.push(change(
                ipam,
                Op::InsertEntry(Placement::default(), "ranges".to_owned(), value),
                told,
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

/// Which pod CIDRs of the node are handed out, IPv4 and IPv6; none where other ranges are written out.
fn families(cni: &Cni) -> Option<(bool, bool)> {
    let (tree, ipam) = cni.tree().zip(cni.ipam)?;
    let mut names = Vec::new();
    names.extend(get_folded(tree, ipam, "subnet"));
    if let Some(ranges) = get_folded(tree, ipam, "ranges") {
        for set in tree.items(ranges) {
            names.extend(tree.items(set).filter_map(|range| get_folded(tree, range, "subnet")));
        }
    }
    let mut found = (false, false);
    for name in names {
        match tree.scalar(name).unwrap_or_default().to_ascii_lowercase().as_str() {
            "usepodcidr" => found.0 = true,
            "usepodcidripv6" => found.1 = true,
            _ => return None,
        }
    }
    (found != (false, false)).then_some(found)
}
