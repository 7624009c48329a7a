//! The clients that may reach a Service of type LoadBalancer.

use crate::address::{Family, family, family_of};
use crate::model::fields::ConfigObject;
use crate::rules::kubernetes::LintContext;
use crate::rules::kubernetes::services::{NO_POLICY, families, scalars, services, twin};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::net::IpAddr;

/// The field, which comes before the annotation.
pub(in crate::rules::kubernetes) const FIELD: &str = "loadBalancerSourceRanges";
/// The annotation with ranges, with commas between them.
const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
/// Parts of the names of annotations that clouds read.
const OF_CLOUDS: [&str; 2] = ["source-ranges", "allowed-ip-ranges"];

const META: Metadata = Metadata {
    id: "SVC-SOURCERANGES",
    name: "source-ranges-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "loadBalancerSourceRanges has no range of an IP family that the Service has",
    consequence: "kube-proxy filters each IP family only by the ranges of that family: a family without a range is open to every client",
    help: "add the IPv6 ranges of the clients to loadBalancerSourceRanges, or ::/0 if every client may connect; or set ipFamilyPolicy: SingleStack and ipFamilies to keep the Service on one family",
    fixable: Fixable::Never,
    gates: &[],
    example: (
        "loadBalancerSourceRanges:\n- 203.0.113.0/24",
        "loadBalancerSourceRanges:\n- 203.0.113.0/24\n- 2001:db8:40::/48",
    ),
    sources: &[
        "kubernetes/kubernetes: pkg/proxy/serviceport.go",
        "kubernetes/kubernetes: pkg/proxy/iptables/proxier.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Objects(check) };

/// The clients that may connect: where they are listed, and the ranges.
struct SourceRanges {
    name: String,
    node: NodeId,
    texts: Vec<String>,
}

impl SourceRanges {
    /// The lists of a Service that count.
    fn of(object: &ConfigObject<'_>, spec: NodeId) -> Vec<SourceRanges> {
        let tree = object.tree();
        let mut lists = Vec::new();
        if let Some(node) = tree.get(spec, FIELD) {
            let texts: Vec<String> = scalars(tree, node)
                .into_iter()
                .filter_map(|item| tree.scalar(item).map(str::to_owned))
                .filter(|text| net(text).is_some())
                .collect();
            if !texts.is_empty() {
                lists.push(SourceRanges { name: FIELD.to_owned(), node, texts });
            }
        }
        let has_field = !lists.is_empty();
        let Some(annotations) = tree.at(object.root, &["metadata", "annotations"]) else { return lists };
        for (key, value) in tree.entries(annotations) {
            let (Some(name), Some(text)) = (tree.scalar(key), tree.scalar(value)) else { continue };
            let counts = if name == ANNOTATION {
                !has_field
            } else {
                OF_CLOUDS.iter().any(|part| name.contains(part))
            };
            if counts && crate::model::fields::is_source_list(text) {
                let parts =
                    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
                let texts = parts.map(str::to_owned).collect();
                lists.push(SourceRanges { name: name.to_owned(), node: value, texts });
            }
        }
        lists
    }

    /// Whether one of the ranges is of this family, or becomes one of it.
    fn filters(&self, cx: &LintContext<'_>, wanted: Family) -> bool {
        self.texts.iter().any(|text| match net(text) {
            Some(net) if family(net) == wanted => true,
            // The twin of one client is written; the twin of all clients would let all in.
            Some(_) if !cx.is_dual() && self.name == FIELD => {
                twin(cx, text, wanted).flatten().is_some_and(|twin| !twin.ends_with("/0"))
            }
            _ => false,
        })
    }

    /// Whether all clients of a family may connect, by intent.
    fn is_open(&self) -> bool {
        self.texts.iter().filter_map(|text| net(text)).any(|net| net.prefix_len() == 0)
    }
}

/// The range that a text is, also with leading zeros. `None` if it cannot be told.
fn net(text: &str) -> Option<IpNet> {
    let canonical = crate::rules::kubernetes::strict_addresses::without_zeros(text);
    let text = canonical.as_deref().unwrap_or(text);
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// The families that a Service has in the result. `gets_both`: a missing ipFamilyPolicy becomes PreferDualStack.
fn future_families(
    cx: &LintContext<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
    gets_both: bool,
) -> Vec<Family> {
    if !cx.is_dual() {
        return cx.families();
    }
    let tree = object.tree();
    let named: Vec<Family> = families(tree, spec)
        .iter()
        .map(|name| if name == "IPv6" { Family::Ipv6 } else { Family::Ipv4 })
        .collect();
    // Without the field, a Service that runs already has the families of its addresses.
    let of_address = || {
        let address = object.text(&["spec", "clusterIP"])?.parse::<IpAddr>().ok()?;
        Some(family_of(address))
    };
    match object.text(&["spec", "ipFamilyPolicy"]) {
        Some("PreferDualStack" | "RequireDualStack") => cx.families(),
        None if named.is_empty() && gets_both => cx.families(),
        _ if named.is_empty() => vec![of_address().unwrap_or_else(|| cx.primary())],
        _ => named,
    }
}

/// The list, and the family of the Service that none of its ranges filters.
fn unfiltered(
    cx: &LintContext<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
    gets_both: bool,
) -> Option<(SourceRanges, Family)> {
    let wanted = future_families(cx, object, spec, gets_both);
    SourceRanges::of(object, spec)
        .into_iter()
        .find_map(|list| wanted.iter().find(|family| !list.filters(cx, **family)).map(|f| (list, *f)))
}

/// Whether the edits of a transform would open a Service to clients that its list keeps out.
pub(in crate::rules::kubernetes) fn would_open(
    cx: &LintContext<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
) -> bool {
    unfiltered(cx, object, spec, true).is_some_and(|(list, _)| !list.is_open())
}

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (object, spec) in services(cx) {
        let gets_both = !cx.holds(&NO_POLICY);
        let Some((list, missing)) = unfiltered(cx, object, spec, gets_both) else { continue };
        let place = object.tree().key_of(list.node).unwrap_or(list.node);
        let name = &list.name;
        let diagnostic = cx.at(&META, object, place).label(format!("no {missing} range"));
        if list.is_open() {
            let message = format!("{name} has no {missing} range: every {missing} client may connect");
            diagnostics.push(diagnostic.message(message).severity(Severity::Warning));
            continue;
        }
        let stays = unfiltered(cx, object, spec, false).is_none();
        let shown = list.texts.join(", ");
        if stays {
            // Nothing is edited, so nothing is open.
            let message = format!(
                "{name} has no {missing} range ({shown}), so ipFamilyPolicy: PreferDualStack was not added"
            );
            let consequence = format!(
                "the Service stays single-stack; with {missing} it would be open to every {missing} client, because kube-proxy filters each IP family only by the ranges of that family"
            );
            let help = format!("add the {missing} ranges of the clients to {name}, and run again");
            diagnostics.push(
                diagnostic.message(message).severity(Severity::Warning).consequence(consequence).help(help),
            );
        } else {
            let message = format!(
                "{name} has no {missing} range ({shown}): the Service would be open to every {missing} client"
            );
            let help = format!("add the {missing} ranges of the clients to {name}");
            diagnostics.push(diagnostic.message(message).help(help));
        }
    }
}
