use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::calico_node::EnvValue;
use crate::rules::change::at_env;
use crate::rules::kubernetes::templates::{is_template, mapping_value};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::NodeId;

/// The variables that a transform sets.
pub(super) const OURS: [&str; 11] = [
    "IP",
    "IP6",
    "IP6_AUTODETECTION_METHOD",
    "FELIX_IPV6SUPPORT",
    "CALICO_ROUTER_ID",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV6POOL_NAT_OUTGOING",
    "CALICO_IPV6POOL_VXLAN",
    "CALICO_IPV6POOL_BLOCK_SIZE",
    "NO_DEFAULT_POOLS",
];

/// The ConfigMaps that calico.yaml and calico-windows.yaml read, which have no setting of an IP family.
const SHIPPED: [&str; 2] = ["kubernetes-services-endpoint", "calico-windows-config"];

const META: Metadata = Metadata {
    id: "NODE-025",
    name: "variable-set-elsewhere",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this variable's value comes from elsewhere (valueFrom or an alias)",
        consequence: "a ConfigMap, a Secret, a field of the pod or a YAML alias sets it, so it cannot be changed here; the API server refuses a `value` beside valueFrom",
        help: "replace it with a literal `value`, or remove the variable",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("staging/src/k8s.io/api/core/v1/types.go").symbol("EnvVar").line(2646),
            upstream::KUBERNETES.file("pkg/apis/core/validation/validation.go").line(2922),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, node) in cx.nodes() {
        let mut list =
            node.tree.get(node.container, "envFrom").into_iter().flat_map(|list| node.tree.items(list));
        let is_shipped = |item: &NodeId| {
            let name = node.tree.at(*item, &["configMapRef", "name"]).and_then(|name| node.tree.scalar(name));
            name.is_some_and(|name| SHIPPED.contains(&name))
        };
        if let Some(item) = list.find(|item| !is_shipped(item)) {
            diagnostics.push(
                Diagnostic::new(&META, node.tree, item)
                    .severity(Severity::Warning)
                    .message("calico-node also takes variables from envFrom, and these were not read")
                    .consequence("a variable that only this ConfigMap or Secret has, such as FELIX_IPV6SUPPORT, may turn an IP family off; what `env` sets takes precedence")
                    .help("check the variables there, or move them to `env`"),
            );
        }
        let is_action = |value| {
            let text = node.tree.text().get(node.tree.range(value)).unwrap_or_default();
            is_template(text)
        };
        for name in OURS {
            let Some(var) = node.env.get(name) else { continue };
            match var.value {
                EnvValue::Literal { .. } | EnvValue::Absent => {}
                // A template has its own rule.
                EnvValue::Other if mapping_value(node.tree, var).is_some_and(is_action) => {}
                // Every node gets its own address this way, and it is the one that IPv4 peers use.
                _ if name == "IP" && var.value.is_host_ip() && !cx.nodes_lack_ipv4() => {}
                _ if name == "IP6" && var.value.is_host_ip() && cx.nodes_lack_ipv4() => {}
                // An IPv4 address is a router ID, and each node has its own.
                _ if name == "CALICO_ROUTER_ID" && var.value.is_host_ip() && host_ip_is_ipv4(cx) => {}
                EnvValue::Field(path) if name == "CALICO_ROUTER_ID" && var.value.is_host_ip() => {
                    diagnostics.push(
                        at_env(&META, node, name)
                            .message(format!("CALICO_ROUTER_ID comes from {path}, which is an IPv6 address here"))
                            .consequence("BIRD accepts an IPv4 address or a number as router ID, and nothing else: it does not start")
                            .help("replace valueFrom by `value: hash`"),
                    );
                }
                EnvValue::Field(path) if name == "IP" && var.value.is_host_ip() => diagnostics.push(
                    at_env(&META, node, name)
                        .message(format!(
                            "IP comes from {path}, which is an IPv6 address on nodes without IPv4"
                        ))
                        .consequence("calico-node exits: IP must be an IPv4 address, `autodetect` or `none`")
                        .help(
                            "replace valueFrom with `value: none`; if nodes have IPv4 addresses, pass --nodes-have-ipv4 true",
                        ),
                ),
                EnvValue::Field(path) if name == "IP6" && var.value.is_host_ip() => diagnostics.push(
                    at_env(&META, node, name)
                        .message(format!("IP6 comes from {path}, which is one address, of the first family of the node"))
                        .consequence("calico-node exits where that is an IPv4 address: IP6 must be an IPv6 address, `autodetect` or `none`")
                        .help(if cx.wants_ipv6() {
                            "replace valueFrom by `value: autodetect`"
                        } else {
                            "remove the variable: an IPv4-only cluster needs no IPv6 address of the node"
                        }),
                ),
                EnvValue::ConfigMap { .. } | EnvValue::Field(_) | EnvValue::Other => diagnostics.push(
                    at_env(&META, node, name)
                        .message(format!("the value of {name} comes from elsewhere (valueFrom or an alias)")),
                ),
            }
        }
    }
}

/// Whether the first address of a node, which `status.hostIP` is, is an IPv4 address.
fn host_ip_is_ipv4(cx: &Context<'_>) -> bool {
    !cx.nodes_lack_ipv4() && cx.primary() == Family::Ipv4
}
