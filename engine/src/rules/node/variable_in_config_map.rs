use crate::diagnostic::upstream;
use crate::model::calico_node::{CalicoNode, EnvValue};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "NODE-037",
    name: "variable-in-config-map",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the ConfigMap calico-config has a key with the name of a variable of calico-node",
        consequence: "calico-node gets from this ConfigMap only the keys that `env` of its DaemonSet names, such as calico_backend and veth_mtu in Calico's manifests: this key has no effect",
        help: "set the variable in `env` of the container calico-node; ignore this if `env` or `envFrom` takes it from here",
        example: (
            "data:\n  calico_backend: bird\n  CALICO_IPV6POOL_CIDR: fd00:10:244::/56",
            "- name: CALICO_IPV6POOL_CIDR\n  value: fd00:10:244::/56",
        ),
        sources: &[upstream::CALICO.file("charts/calico/templates/calico-node.yaml").symbol("configMapKeyRef")],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (map, tree) in cx.documents.of_kind("ConfigMap").filter(|(map, _)| map.name == "calico-config") {
        let Some(data) = tree.get(map.root, "data") else { continue };
        for (key, _) in tree.entries(data) {
            let Some(name) = tree.scalar(key).filter(|name| is_variable(name)) else { continue };
            if cx.nodes().any(|(_, node)| takes(node, &map.name, name)) {
                continue;
            }
            let message = format!("Calico's manifests do not take {name} from this ConfigMap");
            diagnostics.push(Diagnostic::new(&META, tree, key).message(message).label("no effect"));
        }
    }
}

/// Whether a key has the name of a variable that concerns IP families.
fn is_variable(key: &str) -> bool {
    matches!(key, "IP" | "IP6" | "IP_AUTODETECTION_METHOD" | "IP6_AUTODETECTION_METHOD" | "FELIX_IPV6SUPPORT")
        || key.starts_with("CALICO_IPV")
}

/// Whether calico-node takes a variable from a ConfigMap.
fn takes(node: &CalicoNode<'_, '_>, map: &str, name: &str) -> bool {
    let tree = node.tree;
    let lists = tree.get(node.container, "envFrom").into_iter().flat_map(|list| tree.items(list));
    let mut all = lists.filter_map(|item| tree.scalar(tree.at(item, &["configMapRef", "name"])?));
    all.any(|name| name == map)
        || node
            .env
            .vars
            .iter()
            .any(|var| matches!(var.value, EnvValue::ConfigMap { name: of, key } if of == map && key == name))
}
