use super::{ChangeText, at_pools, change, default_ipv4_encapsulation, ipv6_encapsulation, pools_of};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK};
use crate::model::installation::{Installation, Origin, Pool};
use crate::rules::{
    Change, Check, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::target::{Provisioner, RangeOf};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Style, Tree};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "OP-016",
    name: "pools-not-of-the-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "ipPools does not have the families that pods shall have",
    consequence: "the operator tells IPAM and the nodes which families there are by these pools: no IPv6 pool, no IPv6; an empty list, no addresses at all",
    help: "the missing pool is written like its neighbour, in every field; a pool of the other family goes or becomes one of the right family",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "ipPools:\n- cidr: 10.244.0.0/16\n  encapsulation: VXLAN\n  natOutgoing: Enabled",
        "ipPools:\n- cidr: 10.244.0.0/16\n  encapsulation: VXLAN\n  natOutgoing: Enabled\n- cidr: fd00:10:244::/56\n  encapsulation: VXLAN\n  natOutgoing: Enabled",
    ),
    sources: &["tigera/operator: pkg/controller/ippool/defaults.go", "tigera/operator: pkg/render/node.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = &cx.installation else { return };
    if installation.pools.iter().any(|p| p.net.is_none()) {
        return; // a rule of its own refuses what cannot be read
    }
    if installation.pools.is_empty() {
        return write_list(cx, installation, diagnostics);
    }
    let wanted: Vec<Family> = [(Family::Ipv4, cx.wants_ipv4()), (Family::Ipv6, cx.wants_ipv6())]
        .into_iter()
        .filter(|(_, w)| *w)
        .map(|(f, _)| f)
        .collect();
    for family in wanted {
        let other = if family == Family::Ipv4 { Family::Ipv6 } else { Family::Ipv4 };
        let ours = pools_of(installation, family);
        let others = pools_of(installation, other);
        let single = cx.wants_ipv4() != cx.wants_ipv6();
        if ours.is_empty() {
            let Some(cidr) = asked(cx, family, diagnostics, "ipPools has no pool of this family") else {
                continue;
            };
            let (changes, place) = match others.first() {
                Some(first) if single => (convert(cx, installation, first, cidr), first.node),
                _ => (vec![add(cx, installation, cidr)], installation.pools[0].node),
            };
            let place = installation.tree().get(place, "cidr").unwrap_or(place);
            let mut changes = changes;
            if single {
                changes.extend(others.iter().skip(1).map(|pool| drop_pool(installation, pool)));
            }
            let message = format!("ipPools has no {family} pool");
            diagnostics.push(installation.diagnostic(&META, place).message(message).fix(Fix::new(changes)));
            continue;
        }
        if single && !others.is_empty() {
            let changes = others.iter().map(|pool| drop_pool(installation, pool)).collect();
            let message = format!("ipPools has a pool that is not {family}");
            diagnostics.push(at_pools(&META, installation).message(message).fix(Fix::new(changes)));
        }
        let target = cx.target.range(RangeOf::Pods, family);
        if let (Some(cidr), [pool]) = (target, &ours[..])
            && pool.net != Some(cidr)
            && let Some((node, now)) = &pool.cidr
        {
            let (node, now) = (*node, now.as_str());
            let to = cidr.to_string();
            let told = (
                "cidr",
                Some(now),
                Some(to.as_str()),
                "another range than asked for; a pool in use is not moved by this",
            );
            let change = change(installation, node, Op::Set(Value::string(&to)), told);
            diagnostics.push(
                installation
                    .diagnostic(&META, node)
                    .message("another range than asked for")
                    .fix(Fix::new(vec![change])),
            );
        }
    }
}

/// The range asked for, else the one that the cluster below Calico is told, or the question.
fn asked(cx: &InstallContext<'_>, family: Family, diagnostics: &mut Diagnostics, why: &str) -> Option<IpNet> {
    let (flag, example) = RangeOf::Pods.option(family);
    let cidr = cx.target.range(RangeOf::Pods, family).or_else(|| cx.facts.pods.of(family));
    if cidr.is_none() {
        diagnostics.ask(flag, example, format!("{why}; it must lie inside the platform's pod network"));
    }
    cidr
}

/// Writes the whole list where there is none, or an empty one.
fn write_list(cx: &InstallContext<'_>, installation: &Installation<'_>, diagnostics: &mut Diagnostics) {
    if !cx.wants_ipv6() || installation.unread.is_some() {
        return; // what the operator does without a list is IPv4 where the platform is
    }
    if installation.origin == Origin::Rke2 {
        if cx.facts.pods.of(Family::Ipv6).is_none() {
            let diagnostic = at_pools(&META, installation).severity(Severity::Info);
            diagnostics.push(
                diagnostic
                    .message("rke2-calico makes the pools from cluster-cidr of RKE2's configuration")
                    .consequence("pods have the families of cluster-cidr; it is fixed once the cluster runs")
                    .help("write the IPv6 range there; list pools here only where another encapsulation is wanted"),
            );
        }
        return;
    }
    let nothing_asked = cx.target.ipv6_pod_cidr.is_none();
    if cx.target.provisioner == Some(Provisioner::Kubeadm)
        && nothing_asked
        && installation.pool_list.is_none()
    {
        diagnostics.push(
            at_pools(&META, installation)
                .severity(Severity::Warning)
                .message("the operator makes the pools from kubeadm's podSubnet, the IPv6 one without NAT and encapsulation")
                .consequence("pods of a unique-local range have no way out, and none to nodes of other subnets")
                .help("give --ipv6-pod-cidr and --ipv4-pod-cidr to have both pools written out"),
        );
        return;
    }
    let why = "this Installation lists no pools, so the operator takes the platform's; once one is listed, all must be";
    let ipv4 = cx.wants_ipv4().then(|| asked(cx, Family::Ipv4, diagnostics, why));
    let ipv6 = asked(cx, Family::Ipv6, diagnostics, why);
    let (Some(ipv6), None | Some(Some(_))) = (ipv6, ipv4) else { return };
    let pools: Vec<Value> =
        ipv4.flatten().into_iter().chain([ipv6]).map(|cidr| fresh_pool(cx, cidr)).collect();
    let told_to = ipv4.flatten().map_or(ipv6.to_string(), |v4| format!("{v4}, {ipv6}"));
    let told: ChangeText<'_> =
        ("ipPools", None, Some(&told_to), "without a list the IPv6 pool has no NAT and no encapsulation");
    let list = Value::Seq(pools);
    let tree = installation.tree();
    let entry = |key: &str, value: Value| Value::Map(vec![(key.to_owned(), value)]);
    let insert =
        |node, key: &str, value| (node, Op::InsertEntry(Placement::default(), key.to_owned(), value));
    let is_empty = |node: NodeId| tree.children(node).next().is_none();
    let (node, op) = match (installation.pool_list, installation.network, installation.spec) {
        (Some(pools), ..) => (pools, Op::Set(list)),
        (None, Some(network), _) if is_empty(network) => (network, Op::Set(entry("ipPools", list))),
        (None, Some(network), _) => insert(network, "ipPools", list),
        (None, None, Some(spec)) if is_empty(spec) => {
            (spec, Op::Set(entry("calicoNetwork", entry("ipPools", list))))
        }
        (None, None, Some(spec)) => insert(spec, "calicoNetwork", entry("ipPools", list)),
        (None, None, None) => {
            insert(installation.root, installation.spec_key(), entry("calicoNetwork", entry("ipPools", list)))
        }
    };
    let change = change(installation, node, op, told);
    diagnostics
        .push(at_pools(&META, installation).message("no pools are listed").fix(Fix::new(vec![change])));
}

/// A pool with every field, where no neighbour shows how they are written.
fn fresh_pool(cx: &InstallContext<'_>, cidr: IpNet) -> Value {
    let value = |key, text| if key == "blockSize" { Value::Word(text) } else { Value::String(text) };
    let entries = new_pool(cx, cidr, default_ipv4_encapsulation(cx)).into_iter();
    Value::Map(entries.map(|(key, text)| (key.to_owned(), value(key, text))).collect())
}

/// The fields of a pool; `ipv4` is the encapsulation of IPv4, also where there is no pool of it.
pub(crate) fn new_pool(cx: &InstallContext<'_>, cidr: IpNet, ipv4: &str) -> Vec<(&'static str, String)> {
    let is_ipv6 = matches!(cidr, IpNet::V6(_));
    let encapsulation = if is_ipv6 { ipv6_encapsulation(cx, Some(ipv4)) } else { ipv4 };
    let size = cx.target.ipv6_block_size.filter(|_| is_ipv6);
    let size = size.map(|size| ("blockSize", size.to_string()));
    let fields = [
        ("cidr", cidr.to_string()),
        ("encapsulation", encapsulation.to_owned()),
        ("natOutgoing", nat(cx, cidr).to_owned()),
        ("nodeSelector", "all()".to_owned()),
    ];
    size.into_iter().chain(fields).collect()
}

fn nat(cx: &InstallContext<'_>, cidr: IpNet) -> &'static str {
    match cidr {
        IpNet::V4(_) => "Enabled",
        IpNet::V6(net) if cx.wants_nat(Some(net)) == Some(true) => "Enabled",
        IpNet::V6(_) => "Disabled",
    }
}

/// The value of a field of a pool of `cidr` that is made after a pool where it is `now`; none where it stays.
fn twin_field(cx: &InstallContext<'_>, cidr: IpNet, key: &str, now: &str) -> Option<Value> {
    let to_ipv6 = matches!(cidr, IpNet::V6(_));
    Some(match key {
        "cidr" => Value::string(cidr.to_string()),
        "name" => Value::string(twin_name(now, to_ipv6)),
        "blockSize" => Value::Word(if to_ipv6 {
            cx.target.ipv6_block_size.unwrap_or(IPV6_BLOCK).to_string()
        } else {
            IPV4_BLOCK.to_string()
        }),
        "encapsulation" if to_ipv6 => Value::string(ipv6_encapsulation(cx, Some(now))),
        "natOutgoing" => Value::string(nat(cx, cidr)),
        _ => return None,
    })
}

fn twin_name(now: &str, to_ipv6: bool) -> String {
    let (from, to) = if to_ipv6 { ("4", "6") } else { ("6", "4") };
    for prefix in ["ipv", "IPv", "v"] {
        let old = format!("{prefix}{from}");
        if now.contains(&old) {
            return now.replace(&old, &format!("{prefix}{to}"));
        }
    }
    format!("{now}-ipv{to}")
}

/// A new pool after the last, with the fields of its neighbour.
fn add(cx: &InstallContext<'_>, installation: &Installation<'_>, cidr: IpNet) -> Change {
    let tree = installation.tree();
    let last = &installation.pools[installation.pools.len() - 1];
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (key, value) in tree.entries(last.node) {
        let key = tree.scalar(key).unwrap_or_default();
        let twin = tree.scalar(value).and_then(|now| twin_field(cx, cidr, key, now));
        entries.push((key.to_owned(), twin.unwrap_or_else(|| copy(tree, value))));
    }
    let missing = |entries: &[(String, Value)], key: &str| entries.iter().all(|(k, _)| k != key);
    if missing(&entries, "encapsulation") && matches!(cidr, IpNet::V6(_)) {
        entries.push(("encapsulation".to_owned(), Value::string(ipv6_encapsulation(cx, None))));
    }
    if missing(&entries, "natOutgoing") {
        entries.push(("natOutgoing".to_owned(), Value::string(nat(cx, cidr))));
    }
    let list = installation.pool_list.unwrap_or(installation.root);
    let op = Op::InsertItem(Placement::default(), Value::Map(entries));
    let to = cidr.to_string();
    change(
        installation,
        list,
        op,
        ("ipPools", None, Some(&to), "pods get addresses of a family that has a pool"),
    )
}

/// A node as new content.
fn copy(tree: &Tree<'_>, node: NodeId) -> Value {
    match tree.kind(node) {
        Kind::Sequence => Value::Seq(tree.items(node).map(|item| copy(tree, item)).collect()),
        Kind::Mapping => {
            let entry = |(k, v)| (tree.scalar(k).unwrap_or_default().to_owned(), copy(tree, v));
            Value::Map(tree.entries(node).map(entry).collect())
        }
        // A plain word may be written as it stands: the copy is for the same kind of place.
        Kind::Scalar(Style::Plain) => Value::Word(tree.scalar(node).unwrap_or_default().to_owned()),
        _ => match tree.string(node) {
            Some(text) => Value::string(text),
            None => Value::Word(tree.scalar(node).unwrap_or_default().to_owned()),
        },
    }
}

/// Makes a pool one of the other family, field by field.
fn convert(
    cx: &InstallContext<'_>,
    installation: &Installation<'_>,
    pool: &Pool,
    cidr: IpNet,
) -> Vec<Change> {
    let tree = installation.tree();
    let mut changes = Vec::new();
    for (key, value) in tree.entries(pool.node) {
        let (Some(key), Some(now)) = (tree.scalar(key), tree.scalar(value)) else { continue };
        let Some(new) = twin_field(cx, cidr, key, now) else { continue };
        let (Value::String(text) | Value::Word(text)) = &new else { continue };
        if text != now {
            let told = (key, Some(now), Some(text.as_str()), why_converted(key, now));
            changes.push(change(installation, value, Op::Set(new.clone()), told));
        }
    }
    let mut insert = |key: &str, value: &str| {
        let op = Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(value));
        changes.push(change(
            installation,
            pool.node,
            op,
            (key, None, Some(value), "the default differs between the families"),
        ));
    };
    if tree.get(pool.node, "encapsulation").is_none() && matches!(cidr, IpNet::V6(_)) {
        insert("encapsulation", ipv6_encapsulation(cx, None));
    }
    if tree.get(pool.node, "natOutgoing").is_none() {
        insert("natOutgoing", nat(cx, cidr));
    }
    changes
}

/// Why a field of a pool differs when the pool changes its family.
fn why_converted(key: &str, now: &str) -> &'static str {
    match (key, now) {
        ("cidr", _) => "pods get their addresses from it",
        ("blockSize", _) => "blocks are /20 to /32 for IPv4, /116 to /128 for IPv6",
        ("name", _) => "the name says the family",
        ("natOutgoing", _) => "a ULA has no way out without NAT",
        ("encapsulation", "IPIP" | "IPIPCrossSubnet") => "IPIP carries IPv4 only",
        ("encapsulation", "VXLANCrossSubnet") => {
            "IPv6-only, CrossSubnet works from 3.28.3, 3.29.1 and 3.30 on"
        }
        _ => "the pool becomes one of the family that pods have",
    }
}

fn drop_pool(installation: &Installation<'_>, pool: &Pool) -> Change {
    let text = pool.cidr.as_ref().map(|(_, text)| text.as_str());
    let told = ("ipPools", text, None, "no pod shall have an address of it; a pool in use is emptied first");
    change(installation, pool.node, Op::Remove, told)
}
