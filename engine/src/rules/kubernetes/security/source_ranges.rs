//! Lists of clients that may connect to a Service of type LoadBalancer.

use crate::address::{Family, family, family_of};
use crate::diagnostic::upstream;
use crate::model::fields::ConfigObject;
use crate::rules::kubernetes::services::{NO_POLICY, counterpart, families, scalars, services};
use crate::rules::kubernetes::strict_addresses::without_zeros;
use crate::rules::kubernetes::templates::is_template;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::net::IpAddr;

/// The field, which takes precedence over the annotation.
pub(in crate::rules::kubernetes) const FIELD: &str = "loadBalancerSourceRanges";
/// The annotation with comma-separated ranges.
const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
/// Parts of the names of cloud annotations.
const OF_CLOUDS: [&str; 2] = ["source-ranges", "allowed-ip-ranges"];

const META: Metadata = Metadata {
    id: "SVC-SOURCERANGES",
    name: "source-ranges-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "loadBalancerSourceRanges has no range for an IP family of the Service",
        consequence: "kube-proxy filters each IP family only by the ranges of that family: a family without a range is open to every client",
        help: "add the ranges of the clients in that IP family to loadBalancerSourceRanges, or ::/0 (0.0.0.0/0) if every client may connect; or set ipFamilyPolicy: SingleStack and ipFamilies to keep the Service on one family",
        example: (
            "loadBalancerSourceRanges:\n- 203.0.113.0/24",
            "loadBalancerSourceRanges:\n- 203.0.113.0/24\n- 2001:db8:40::/48",
        ),
        sources: &[
            upstream::KUBERNETES.file("pkg/proxy/serviceport.go").line(214),
            upstream::KUBERNETES.file("pkg/proxy/iptables/proxier.go").line(881),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// A list of clients that may connect.
struct SourceRanges {
    name: String,
    node: NodeId,
    texts: Vec<String>,
}

impl SourceRanges {
    /// The effective lists of a Service.
    fn of(object: &ConfigObject<'_>, spec: NodeId) -> Vec<SourceRanges> {
        let tree = object.tree();
        let mut lists = Vec::new();
        if let Some(node) = tree.get(spec, FIELD) {
            let texts: Vec<String> = scalars(tree, node)
                .into_iter()
                .filter_map(|item| tree.scalar(item).map(|text| text.trim().to_owned()))
                .filter(|text| net(text).is_some() || is_template(text))
                .map(|text| without_zeros(&text).unwrap_or(text))
                .collect();
            if !texts.is_empty() {
                lists.push(SourceRanges { name: FIELD.to_owned(), node, texts });
            }
        }
        let has_field = !lists.is_empty();
        let Some(annotations) = tree.at(object.root, &["metadata", "annotations"]) else { return lists };
        for (key, value) in tree.entries(annotations) {
            let (Some(name), Some(text)) = (tree.scalar(key), tree.scalar(value)) else { continue };
            let is_effective = if name == ANNOTATION {
                !has_field
            } else {
                OF_CLOUDS.iter().any(|part| name.contains(part))
            };
            if is_effective && (crate::model::fields::is_source_list(text) || is_template(text)) {
                let parts =
                    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
                let texts = parts.map(str::to_owned).collect();
                lists.push(SourceRanges { name: name.to_owned(), node: value, texts });
            }
        }
        lists
    }

    /// Whether a range is of this family, or is replaced by one.
    fn filters(&self, cx: &Context<'_>, wanted: Family) -> bool {
        self.texts.iter().any(|text| match net(text) {
            Some(net) if family(net) == wanted => true,
            // The counterpart of one client is used. That of all clients would open the Service to every client.
            Some(_) if !cx.is_dual() && self.name == FIELD => {
                counterpart(cx, text, wanted).flatten().is_some_and(|other| !other.ends_with("/0"))
            }
            _ => false,
        })
    }

    /// Whether the list allows all clients of a family, by intent.
    fn is_open(&self) -> bool {
        self.texts.iter().filter_map(|text| net(text)).any(|net| net.prefix_len() == 0)
    }
}

/// Parses a range, also with leading zeros. `None` if it is not valid.
fn net(text: &str) -> Option<IpNet> {
    let canonical = without_zeros(text);
    let text = canonical.as_deref().unwrap_or(text);
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// The families of a Service after the transform. `gets_both`: a missing ipFamilyPolicy becomes PreferDualStack.
pub(in crate::rules::kubernetes) fn future_families(
    cx: &Context<'_>,
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
    // Without the field, a running Service has the families of its addresses.
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

/// A list and a family of the Service that the list does not filter.
fn unfiltered(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
    gets_both: bool,
) -> Option<(SourceRanges, Family)> {
    let wanted = future_families(cx, object, spec, gets_both);
    SourceRanges::of(object, spec)
        .into_iter()
        .find_map(|list| wanted.iter().find(|family| !list.filters(cx, **family)).map(|f| (list, *f)))
}

/// Whether a transform would open a Service to clients that its list keeps out.
pub(in crate::rules::kubernetes) fn would_open(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
) -> bool {
    unfiltered(cx, object, spec, true).is_some_and(|(list, _)| !list.is_open())
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
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
        let is_unchanged = unfiltered(cx, object, spec, false).is_none();
        if list.texts.iter().any(|text| is_template(text)) {
            diagnostics.extend(template(cx, object, spec, &list, diagnostic));
            continue;
        }
        let ranges = list.texts.join(", ");
        if is_unchanged {
            // The Service is not changed, so it is not open.
            let message = format!(
                "{name} has no {missing} range ({ranges}), so ipFamilyPolicy: PreferDualStack was not added"
            );
            let consequence = format!(
                "the Service stays single-stack. With {missing} it would be open to every {missing} client, because kube-proxy filters each IP family only by the ranges of that family"
            );
            let help = format!("add the {missing} ranges of the clients to {name}, and run again");
            diagnostics.push(
                diagnostic.message(message).severity(Severity::Warning).consequence(consequence).help(help),
            );
        } else {
            let message = format!(
                "{name} has no {missing} range ({ranges}): the Service would be open to every {missing} client"
            );
            let help = format!("add the {missing} ranges of the clients to {name}");
            diagnostics.push(diagnostic.message(message).help(help));
        }
    }
}

/// Describes a list that is a template, or has one: which families it has is not known.
fn template(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    spec: NodeId,
    list: &SourceRanges,
    diagnostic: Diagnostic,
) -> Option<Diagnostic> {
    let now = future_families(cx, object, spec, false);
    let then = future_families(cx, object, spec, !cx.holds(&NO_POLICY));
    // A Service that stays single-stack has the list that it had.
    if cx.is_dual() && then.len() == 1 {
        return None;
    }
    let missing = then.iter().rev().find(|family| !list.filters(cx, **family))?;
    let added = if now == then { "" } else { ", so ipFamilyPolicy: PreferDualStack was not added" };
    let message = format!("{} is a template, and may have no {missing} range{added}", list.name);
    let help = format!("render it, and check that it has the {missing} ranges of the clients");
    let label = format!("perhaps no {missing} range");
    Some(diagnostic.message(message).severity(Severity::Warning).help(help).label(label))
}
