use super::ipv6_method::NO_KUBERNETES_METHOD;
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::inventory::NodeRecord;
use crate::rules::change::at_env;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "NODE-032",
    name: "internal-ip-method-needs-ipv6-node-address",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "calico-node reads its node's IPv6 address from the Node object",
        consequence: "with kubernetes-internal-ip, calico-node exits on each node whose status.addresses has no IPv6 InternalIP, unless the node already records an IPv6 address; an IPv6 address on an interface is not enough",
        help: "check that --node-ip of each kubelet has an IPv6 address, and that each Node lists it: kubectl get nodes -o jsonpath='{.items[*].status.addresses}'; or pass --ipv6-autodetection-method",
        example: ("", ""),
        sources: &[
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/autodetection_methods.go")
                .line(166),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(667),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const METHOD: &str = "kubernetes-internal-ip";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let uses = uses(cx);
    if uses.is_empty() {
        return;
    }
    let nodes: Vec<&NodeRecord> = cx.cluster.lists.inventory.iter().collect();
    let lacking: Vec<&NodeRecord> =
        nodes.iter().copied().filter(|node| node.internal(Family::Ipv6).is_none()).collect();
    if nodes.is_empty() {
        // With an IPv6 address in the files, the Node objects get it.
        let is_given = cx.cluster.lists.node_addresses.iter().any(|one| one.address.is_ipv6());
        diagnostics.extend(uses.into_iter().filter(|_| !is_given));
    } else if !lacking.is_empty() {
        diagnostics.extend(uses.into_iter().map(|diagnostic| naming(diagnostic, &lacking)));
    }
}

/// Names the nodes on which calico-node exits.
fn naming(mut diagnostic: Diagnostic, nodes: &[&NodeRecord]) -> Diagnostic {
    let names: Vec<&str> = nodes.iter().take(MOST).map(|node| node.name.as_str()).collect();
    let more = match nodes.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    for node in nodes.iter().take(MOST) {
        diagnostic = diagnostic.related(node.place.clone(), format!("node {}", node.name));
    }
    diagnostic
        .message(format!("calico-node exits on nodes without an IPv6 InternalIP: {}{more}", names.join(", ")))
}

/// How many nodes a finding names.
const MOST: usize = 5;

/// The settings with which calico-node reads the IPv6 address of its node from the Node.
fn uses(cx: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for install in cx.installs {
        // The rule about methods refuses a release that does not support this method.
        if !cx.wants_ipv6() || NO_KUBERNETES_METHOD.holds(install.facts.calico) {
            continue;
        }
        let asked = cx.target.ipv6_autodetection_method.as_deref();
        if let Some(node) = install.addressed_node() {
            // Without its own method, IPv6 gets the method of IPv4.
            let names = ["IP6_AUTODETECTION_METHOD", "IP_AUTODETECTION_METHOD"];
            let set = names.into_iter().find_map(|name| Some((name, install.env_text(name)?)));
            let is_literal = install.env_text("IP6").is_some_and(crate::address::is_ipv6_address);
            if let Some((name, text)) = set
                && asked.unwrap_or(text) == METHOD
                && !is_literal
            {
                found.push(at_env(&META, node, name));
            } else if asked == Some(METHOD) && set.is_none() {
                found.push(at_env(&META, node, names[0]));
            }
        }
        if let Some(installation) = &install.installation {
            let fields = ["nodeAddressAutodetectionV6", "nodeAddressAutodetectionV4"];
            let field = fields.into_iter().find_map(|field| Some(installation.autodetection(field)?.0));
            let own = field.and_then(|field| installation.tree().get(field, "kubernetes"));
            if asked.is_none_or(|asked| asked == METHOD) && (own.is_some() || asked.is_some()) {
                let place = own.or(installation.network).unwrap_or(installation.root);
                let place = installation.tree().key_of(place).unwrap_or(place);
                found.push(installation.diagnostic(&META, place));
            }
        }
    }
    found
}
