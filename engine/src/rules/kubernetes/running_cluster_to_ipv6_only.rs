//! A running cluster that should become IPv6-only.

use super::primary_family_changes::KEPT_PRIMARY_FAMILY;
use crate::address::Family;
use crate::model::fields::FieldKind;
use crate::model::install::CalicoInstall;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;

const META: Metadata = Metadata {
    id: "VAR-006",
    name: "ipv6-only-for-running-cluster",
    kind: RuleKind::Migration,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a running cluster cannot become IPv6-only",
        consequence: "the primary IP family of a cluster is fixed when it is created: the API server keeps the first cluster IP of every Service, and kube-controller-manager, if it allocates node CIDRs, exits because the podCIDRs of the nodes are IPv4",
        help: "convert the running cluster to dual-stack, or create a new cluster with these files: --new-cluster",
        example: ("", ""),
        sources: KEPT_PRIMARY_FAMILY,
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The ranges that follow the families of a cluster.
const DECIDES: [FieldKind; 4] =
    [FieldKind::ServiceRange, FieldKind::PodRange, FieldKind::ProxyRange, FieldKind::Pool];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() || !cx.is_running() {
        return;
    }
    let has_ipv4 = match cx.first {
        Some(first) => first == Family::Ipv4,
        None => {
            // Without a CNI configuration, the addresses of the node show the stack.
            let has_ipv4_address = |install: &CalicoInstall<'_>| {
                install.env_text("IP").is_some_and(|ip| !matches!(ip, "" | "none"))
            };
            let is_ipv4_only =
                |install: &CalicoInstall<'_>| has_ipv4_address(install) && !install.has_ipv6_address();
            let has_ipv4 = |install: &CalicoInstall<'_>| {
                install.facts.stack.map_or_else(|| is_ipv4_only(install), Stack::has_ipv4)
            };
            // An IPPool or kube-proxy's clusterCIDR shows the stack, if nothing else does.
            let lists = &cx.cluster.lists;
            let has_pool = |of| lists.pools.iter().any(|pool| pool.is_used && pool.family() == of);
            let is_of = |of| cx.cluster.pods.of(of).is_some() || has_pool(of);
            let is_ipv4_only = is_of(Family::Ipv4) && !is_of(Family::Ipv6);
            cx.installs.iter().any(has_ipv4) || (cx.installs.is_empty() && is_ipv4_only)
        }
    };
    // Other files of the cluster follow those that decide about its families.
    let decides = !cx.installs.is_empty() || cx.config.fields_of(&DECIDES).next().is_some();
    if !has_ipv4 || !decides {
        return;
    }
    if let Some(object) = cx.config.objects.first() {
        diagnostics.push(cx.at_kind(&META, object));
        return;
    }
    let resource = cx.installs.iter().find_map(|install| install.resources().next());
    if let Some(resource) = resource
        && let Some(tree) = cx.documents.tree(resource.document)
    {
        let node = tree.get(resource.root, "kind").unwrap_or(resource.root);
        diagnostics.push(Diagnostic::new(&META, tree, node));
    }
}
