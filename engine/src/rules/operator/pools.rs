use super::{ChangeText, at_pools, change, default_ipv4_encapsulation, ipv6_encapsulation, pools_of};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK};
use crate::diagnostic::upstream;
use crate::model::facts::defined_pool::NO_NODE;
use crate::model::install::CalicoInstall;
use crate::model::installation::{Installation, Origin};
use crate::model::pool::{Pool, PoolSource};
use crate::rules::wanted::wants_nat;
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::{NatOutgoing, Provisioner, RangeOf, Target};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Style, Tree};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "OP-016",
    name: "pools-do-not-match-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "ipPools does not have the requested IP families",
        consequence: "the operator sets the IP families of IPAM and of the nodes from these pools (1.34 and later: from all enabled pools of the cluster): without an IPv6 pool there is no IPv6. An empty list means that you create the pools yourself: the operator waits until there is one (before 1.34 pods get no addresses)",
        help: "add the missing pool with the fields of the existing one, but with a CIDR, a name and a blockSize of its own, and without IPIP for IPv6; remove a pool of the other IP family (operator 1.34 and later deletes it from the cluster: no pod may use it any more), or convert it",
        example: (
            "ipPools:\n- cidr: 10.244.0.0/16\n  encapsulation: VXLAN\n  natOutgoing: Enabled",
            "ipPools:\n- cidr: 10.244.0.0/16\n  encapsulation: VXLAN\n  natOutgoing: Enabled\n- cidr: fd00:10:244::/56\n  encapsulation: VXLAN\n  natOutgoing: Enabled",
        ),
        sources: &[
            upstream::OPERATOR.file("pkg/render/node.go").line(845),
            upstream::OPERATOR.file("pkg/controller/installation/core_controller.go").line(987),
            upstream::OPERATOR.file("pkg/controller/ippool/pool_controller.go").line(348),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        if installation.pools.iter().any(|p| p.net.is_none()) {
            continue; // another rule refuses a CIDR that cannot be read
        }
        if installation.pools.is_empty() {
            if installation.pool_list.is_some() && has_objects(cx) {
                continue; // an empty list: the operator takes the IPPools that you create
            }
            write_list(cx, install, installation, diagnostics);
            continue;
        }
        let wanted: Vec<Family> = [(Family::Ipv4, cx.wants_ipv4()), (Family::Ipv6, cx.wants_ipv6())]
            .into_iter()
            .filter(|(_, w)| *w)
            .map(|(f, _)| f)
            .collect();
        for family in wanted {
            let ours = pools_of(installation, family);
            let others = pools_of(installation, family.other());
            let single = cx.wants_ipv4() != cx.wants_ipv6();
            if ours.is_empty() {
                let pattern = pattern(installation, &others, single);
                if pattern.is_none() && !others.is_empty() {
                    let message = format!(
                        "ipPools has no {family} pool, and its pools are not for the same nodes and pods"
                    );
                    let help = format!("add an {family} pool for each of them, with a CIDR of its own");
                    diagnostics.push(at_pools(&META, installation).message(message).help(help));
                    continue;
                }
                let Some(cidr) = asked(
                    cx,
                    install,
                    installation,
                    family,
                    diagnostics,
                    "ipPools has no pool of this family",
                ) else {
                    continue;
                };
                // The operator and Calico refuse a second pool of this range.
                let is_there =
                    |pool: &&Pool| pool.net.is_some_and(|net| net.contains(&cidr) || cidr.contains(&net));
                if let Some(pool) = installation.pools.iter().find(is_there) {
                    let message = format!(
                        "pods get no address of the {family} pool: allowedUses does not contain Workload"
                    );
                    let (flag, _) = RangeOf::Pods.option(family);
                    let help = format!("add Workload to allowedUses, or pass another --{flag}");
                    let node = pool.cidr.as_ref().map_or(pool.node, |cidr| cidr.node);
                    diagnostics.push(installation.diagnostic(&META, node).message(message).help(help));
                    continue;
                }
                let (mut changes, place) = match pattern {
                    Some(pool) if single => (convert(cx, install, installation, pool, cidr), pool.node),
                    _ => (vec![add(cx, install, installation, pattern, cidr)], installation.pools[0].node),
                };
                let place = installation.tree().get(place, "cidr").unwrap_or(place);
                if let Some(pattern) = pattern.filter(|_| single) {
                    let rest = others.iter().filter(|pool| pool.node != pattern.node);
                    changes.extend(rest.map(|pool| drop_pool(installation, pool)));
                }
                let message = format!("ipPools has no {family} pool");
                diagnostics
                    .push(installation.diagnostic(&META, place).message(message).fix(Fix::new(changes)));
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
                && let Some(own) = &pool.cidr
            {
                let (node, now) = (own.node, own.text.as_str());
                let diagnostic = installation
                    .diagnostic(&META, node)
                    .message("the CIDR of this pool is not the requested one");
                // The operator updates an IPPool by its name, and the API server refuses another CIDR.
                if cx.is_running() {
                    let (flag, _) = RangeOf::Pods.option(family);
                    let help = format!("omit --{flag}, or add a pool for {cidr} with a name of its own");
                    let consequence = "the CIDR of an existing IPPool cannot change: the pool keeps its own";
                    diagnostics
                        .push(diagnostic.severity(Severity::Warning).consequence(consequence).help(help));
                    continue;
                }
                let to = cidr.to_string();
                let description = (
                    "cidr",
                    Some(now),
                    Some(to.as_str()),
                    "as requested; the CIDR of an existing IPPool cannot change",
                );
                let change = change(installation, node, Op::Set(Value::string(&to)), description);
                diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
            }
        }
    }
}

/// The pool that a new one is modelled on, or that is converted: of pools for the same nodes and pods the last one, or the
/// first one. A pool that is drained is none. `None` if the pools are for different nodes or pods: one CIDR is not enough for
/// them. In dual-stack, a pool for all nodes and pods is enough beside the others.
fn pattern<'p>(installation: &Installation<'_>, pools: &[&'p Pool], single: bool) -> Option<&'p Pool> {
    let tree = installation.tree();
    let text = |pool: &Pool, key: &str| tree.get(pool.node, key).and_then(|node| tree.scalar(node));
    let selection = |pool: &Pool| {
        let node = text(pool, "nodeSelector").filter(|text| !text.is_empty()).unwrap_or("all()");
        let namespace = text(pool, "namespaceSelector").unwrap_or_default();
        (node, namespace, text(pool, "assignmentMode").unwrap_or("Automatic"))
    };
    let used: Vec<&Pool> = pools.iter().copied().filter(|pool| selection(pool).0 != NO_NODE).collect();
    let (first, last) = (*used.first()?, *used.last()?);
    if used.iter().all(|pool| selection(pool) == selection(first)) {
        return Some(if single { first } else { last });
    }
    used.into_iter().rev().find(|pool| !single && selection(pool) == ("all()", "", "Automatic"))
}

/// The requested CIDR, else the one of the Kubernetes layer. If there is none, reports that the option is missing.
fn asked(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    installation: &Installation<'_>,
    family: Family,
    diagnostics: &mut Diagnostics,
    why: &str,
) -> Option<IpNet> {
    let (flag, example) = RangeOf::Pods.option(family);
    let cidr = cx.target.range(RangeOf::Pods, family).or_else(|| install.facts.pods.of(family));
    if cidr.is_none() {
        let why = format!("{why}; it must be inside the platform's pod network");
        let found = at_pools(&META, installation).message(format!("ipPools has no {family} pool"));
        diagnostics.ask(flag, example, why, found);
    }
    cidr
}

/// Whether the files have an IPPool of each requested IP family.
fn has_objects(cx: &Context<'_>) -> bool {
    let has = |wanted: Family| {
        let mut pools = cx.cluster.lists.pools.iter();
        pools.any(|pool| pool.source == PoolSource::Object && pool.is_used && pool.family() == wanted)
    };
    cx.families().iter().all(|family| has(*family))
}

const NO_NAT: &str = "the operator creates the pools from kubeadm's podSubnet, the IPv6 pool without NAT and without encapsulation";

/// Writes the whole list if it is missing or empty.
fn write_list(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    installation: &Installation<'_>,
    diagnostics: &mut Diagnostics,
) {
    if !cx.wants_ipv6() || installation.unread.is_some() {
        return; // without a list the operator uses the IP families of the platform
    }
    if installation.origin == Origin::Rke2 {
        if install.facts.pods.of(Family::Ipv6).is_none() {
            let diagnostic = at_pools(&META, installation).severity(Severity::Info);
            diagnostics.push(
                diagnostic
                    .message("rke2-calico creates the pools from cluster-cidr in RKE2's configuration")
                    .consequence(
                        "pods get the IP families of cluster-cidr, which cannot change once the cluster runs",
                    )
                    .help("add the IPv6 CIDR there; list pools here only if you need another encapsulation"),
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
                .message(NO_NAT)
                .consequence("pods in a unique-local range cannot reach the Internet, or pods on nodes in other subnets")
                .help("pass --ipv6-pod-cidr and --ipv4-pod-cidr to list both pools here"),
        );
        return;
    }
    let why = "this Installation lists no pools, so the operator uses the platform's; once one pool is listed, all must be";
    let ipv4 = cx.wants_ipv4().then(|| asked(cx, install, installation, Family::Ipv4, diagnostics, why));
    let ipv6 = asked(cx, install, installation, Family::Ipv6, diagnostics, why);
    let (Some(ipv6), None | Some(Some(_))) = (ipv6, ipv4) else { return };
    let pools: Vec<Value> =
        ipv4.flatten().into_iter().chain([ipv6]).map(|cidr| fresh_pool(cx, install, cidr)).collect();
    let cidrs = ipv4.flatten().map_or(ipv6.to_string(), |v4| format!("{v4}, {ipv6}"));
    let description: ChangeText<'_> =
        ("ipPools", None, Some(&cidrs), "without a list, the IPv6 pool has no NAT and no encapsulation");
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
    let change = change(installation, node, op, description);
    let found = at_pools(&META, installation).fix(Fix::new(vec![change]));
    let is_of_kubeadm = cx.cluster.has_kubeadm && cx.target.provisioner.is_none() && nothing_asked;
    diagnostics.push(if is_of_kubeadm && installation.pool_list.is_none() {
        found.severity(Severity::Warning).message(NO_NAT)
    } else {
        found.message("the Installation lists no pools")
    });
}

/// A pool with every field, if no other pool shows how they are written.
fn fresh_pool(cx: &Context<'_>, install: &CalicoInstall<'_>, cidr: IpNet) -> Value {
    Value::Map(fresh_entries(cx, install, cidr).collect())
}

fn fresh_entries(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    cidr: IpNet,
) -> impl Iterator<Item = (String, Value)> {
    let value = |key, text| if key == "blockSize" { Value::Word(text) } else { Value::String(text) };
    let entries = new_pool(cx.target, install, cidr, default_ipv4_encapsulation(install));
    entries.into_iter().map(move |(key, text)| (key.to_owned(), value(key, text)))
}

/// The fields of a pool; `ipv4` is the encapsulation of IPv4, even if there is no IPv4 pool.
pub(crate) fn new_pool(
    target: &Target,
    install: &CalicoInstall<'_>,
    cidr: IpNet,
    ipv4: &str,
) -> Vec<(&'static str, String)> {
    let is_ipv6 = matches!(cidr, IpNet::V6(_));
    let encapsulation = if is_ipv6 { ipv6_encapsulation(target, install, Some(ipv4)) } else { ipv4 };
    let size = target.ipv6_block_size.filter(|_| is_ipv6);
    let size = size.map(|size| ("blockSize", size.to_string()));
    let fields = [
        ("cidr", cidr.to_string()),
        ("encapsulation", encapsulation.to_owned()),
        ("natOutgoing", nat(target, cidr).to_owned()),
        ("nodeSelector", "all()".to_owned()),
    ];
    size.into_iter().chain(fields).collect()
}

fn nat(target: &Target, cidr: IpNet) -> &'static str {
    match cidr {
        IpNet::V4(_) => "Enabled",
        IpNet::V6(net) if wants_nat(target, Some(net)) == Some(true) => "Enabled",
        IpNet::V6(_) => "Disabled",
    }
}

/// The value of a field in a pool of `cidr` that is modelled on a pool in which the value is `now`; `None` if the value is
/// the same.
fn counterpart_field(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    cidr: IpNet,
    key: &str,
    now: &str,
) -> Option<Value> {
    let to_ipv6 = matches!(cidr, IpNet::V6(_));
    Some(match key {
        "cidr" => Value::string(cidr.to_string()),
        "name" => Value::string(counterpart_name(now, to_ipv6)),
        "blockSize" => Value::Word(if to_ipv6 {
            cx.target.ipv6_block_size.unwrap_or(IPV6_BLOCK).to_string()
        } else {
            IPV4_BLOCK.to_string()
        }),
        "encapsulation" if to_ipv6 => Value::string(ipv6_encapsulation(cx.target, install, Some(now))),
        "natOutgoing" => Value::string(nat(cx.target, cidr)),
        _ => return None,
    })
}

fn counterpart_name(now: &str, to_ipv6: bool) -> String {
    let (from, to) = if to_ipv6 { ("4", "6") } else { ("6", "4") };
    for prefix in ["ipv", "IPv", "v"] {
        let old = format!("{prefix}{from}");
        if now.contains(&old) {
            return now.replace(&old, &format!("{prefix}{to}"));
        }
    }
    format!("{now}-ipv{to}")
}

/// Adds a pool after the last one, with the fields of another one.
fn add(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    installation: &Installation<'_>,
    pattern: Option<&Pool>,
    cidr: IpNet,
) -> Change {
    let tree = installation.tree();
    let mut entries: Vec<(String, Value)> = Vec::new();
    if pattern.is_none() {
        entries.extend(fresh_entries(cx, install, cidr));
    }
    for (key, value) in pattern.into_iter().flat_map(|pool| tree.entries(pool.node)) {
        let key = tree.scalar(key).unwrap_or_default();
        let counterpart = tree.scalar(value).and_then(|now| counterpart_field(cx, install, cidr, key, now));
        entries.push((key.to_owned(), counterpart.unwrap_or_else(|| copy(tree, value))));
    }
    let missing = |entries: &[(String, Value)], key: &str| entries.iter().all(|(k, _)| k != key);
    if missing(&entries, "encapsulation") && matches!(cidr, IpNet::V6(_)) {
        entries
            .push(("encapsulation".to_owned(), Value::string(ipv6_encapsulation(cx.target, install, None))));
    }
    if missing(&entries, "natOutgoing") {
        entries.push(("natOutgoing".to_owned(), Value::string(nat(cx.target, cidr))));
    }
    let size = cx.target.ipv6_block_size.filter(|_| missing(&entries, "blockSize") && cidr.addr().is_ipv6());
    entries.extend(size.map(|size| ("blockSize".to_owned(), Value::Word(size.to_string()))));
    let list = installation.pool_list.unwrap_or(installation.root);
    let op = Op::InsertItem(Placement::default(), Value::Map(entries));
    let to = cidr.to_string();
    change(
        installation,
        list,
        op,
        ("ipPools", None, Some(&to), "pods get addresses only of IP families that have a pool"),
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
        // A plain scalar can be copied unchanged: it has the same context.
        Kind::Scalar(Style::Plain) => Value::Word(tree.scalar(node).unwrap_or_default().to_owned()),
        _ => match tree.string(node) {
            Some(text) => Value::string(text),
            None => Value::Word(tree.scalar(node).unwrap_or_default().to_owned()),
        },
    }
}

/// Converts a pool to the other IP family, field by field.
fn convert(
    cx: &Context<'_>,
    install: &CalicoInstall<'_>,
    installation: &Installation<'_>,
    pool: &Pool,
    cidr: IpNet,
) -> Vec<Change> {
    let tree = installation.tree();
    let mut changes = Vec::new();
    for (key, value) in tree.entries(pool.node) {
        let (Some(key), Some(now)) = (tree.scalar(key), tree.scalar(value)) else { continue };
        // Somebody decided this; another rule warns if it does not fit.
        if key == "natOutgoing" && now == "Disabled" && cx.target.nat_outgoing == NatOutgoing::Auto {
            continue;
        }
        let Some(new) = counterpart_field(cx, install, cidr, key, now) else { continue };
        let (Value::String(text) | Value::Word(text)) = &new else { continue };
        if text != now {
            let description = (key, Some(now), Some(text.as_str()), why_converted(key, now));
            changes.push(change(installation, value, Op::Set(new.clone()), description));
        }
    }
    let mut insert = |key: &str, value: &str| {
        let op = Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(value));
        changes.push(change(
            installation,
            pool.node,
            op,
            (key, None, Some(value), "the default differs between the IP families"),
        ));
    };
    if tree.get(pool.node, "encapsulation").is_none() && matches!(cidr, IpNet::V6(_)) {
        insert("encapsulation", ipv6_encapsulation(cx.target, install, None));
    }
    if tree.get(pool.node, "natOutgoing").is_none() {
        insert("natOutgoing", nat(cx.target, cidr));
    }
    changes
}

/// Why a field of a pool differs when the pool changes its family.
fn why_converted(key: &str, now: &str) -> &'static str {
    match (key, now) {
        ("cidr", _) => "pods get their addresses from it",
        ("blockSize", _) => "block sizes are 20 to 32 for IPv4, 116 to 128 for IPv6",
        ("name", _) => "the name contains the IP family",
        ("natOutgoing", _) => "unique-local addresses are not routed outside; pods need NAT",
        ("encapsulation", "IPIP" | "IPIPCrossSubnet") => "IPIP carries IPv4 only",
        ("encapsulation", "VXLANCrossSubnet") => {
            "in an IPv6-only cluster CrossSubnet needs Calico 3.28.3, 3.29.1 or 3.30"
        }
        _ => "the pool gets the IP family of the pods",
    }
}

fn drop_pool(installation: &Installation<'_>, pool: &Pool) -> Change {
    let text = pool.cidr.as_ref().map(|cidr| cidr.text.as_str());
    let description = ("ipPools", text, None, "no longer used for pods; drain a pool before you remove it");
    change(installation, pool.node, Op::Remove, description)
}
