//! Host endpoints that kube-controllers creates for the addresses of nodes.

use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::{NodeId, Tree};
use ipnet::IpNet;

pub(super) const META: Metadata = Metadata {
    id: "HEP-001",
    name: "host-endpoints-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "interfaceCIDRs of a host endpoint template contains one IP family only",
        consequence: "kube-controllers ignores the node addresses outside interfaceCIDRs: a node with no other address gets no host endpoint from this template or loses it, and policies that select its labels have no effect there. With interfacePattern, a host endpoint still gets the addresses of its interface",
        help: "add the CIDR of the other node addresses to interfaceCIDRs",
        example: ("", ""),
        sources: &[upstream::CALICO.file("kube-controllers/pkg/controllers/node/hostendpoints.go").line(326)],
    }
    .built_in(),
};

pub(in crate::rules) const TEMPLATES: Rule = Rule { meta: &META, check: Check::Text(templates) };

fn templates(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::KubeControllers) {
        let tree = object.tree();
        let path = ["spec", "controllers", "node", "hostEndpoint", "templates"];
        let Some(list) = tree.at(object.root, &path) else { continue };
        for template in tree.items(list) {
            let Some(cidrs) = tree.get(template, "interfaceCIDRs") else { continue };
            let nets: Vec<IpNet> =
                tree.items(cidrs).filter_map(|item| tree.scalar(item)?.parse().ok()).collect();
            let Some(missing) = cx.missing(&nets).filter(|_| !nets.is_empty()) else { continue };
            let message = format!("{} has no {missing} CIDR", named(tree, template));
            diagnostics.push(cx.at(&META, object, cidrs).message(message));
        }
    }
}

fn named(tree: &Tree<'_>, template: NodeId) -> String {
    match tree.get(template, "generateName").and_then(|name| tree.scalar(name)) {
        Some(name) => format!("the host endpoint template {name}"),
        None => "a host endpoint template".to_owned(),
    }
}
