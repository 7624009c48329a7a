use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::inventory::records;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::AddressMap;

const META: Metadata = Metadata {
    id: "NODE-033",
    name: "node-without-ipv6-address",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this Node has no IPv6 InternalIP",
        consequence: "unless the Node has an IPv6 ExternalIP, its host-network pods have no IPv6 address, and Services have no IPv6 endpoints for them. With the autodetection method kubernetes-internal-ip (nodeAddressAutodetectionV6.kubernetes: NodeInternalIP), calico-node exits on this node, unless it already records an IPv6 address",
        help: "give the host an IPv6 address, start its kubelet with --node-ip=IPV4,IPV6, and pass --map-address IPV4=IPV6",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/util/node/node.go").symbol("GetNodeHostIPs").line(65),
            upstream::KUBERNETES.file("pkg/kubelet/nodestatus/setters.go").symbol("NodeAddress").line(64),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/autodetection_methods.go")
                .line(166),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, place, record) in records(cx.config, cx.documents).filter(|_| cx.wants_ipv6()) {
        let ipv4 = record.internal(Family::Ipv4);
        // The user named the address that this node is going to have.
        let is_named = ipv4.is_some_and(|ipv4| cx.target.address_map.of(ipv4).is_some());
        if record.internal(Family::Ipv6).is_some() || is_named {
            continue;
        }
        let name = &record.name;
        let diagnostic = cx.at(&META, object, place);
        diagnostics.push(match (record.external(Family::Ipv6), ipv4) {
            (Some(external), _) => diagnostic
                .message(format!("node {name} has no IPv6 InternalIP, only the ExternalIP {external}"))
                .consequence("host-network pods get the ExternalIP as their IPv6 address. Calico does not use it: with the autodetection method kubernetes-internal-ip (nodeAddressAutodetectionV6.kubernetes: NodeInternalIP), calico-node exits on this node, unless it already records an IPv6 address")
                .help("have the cloud provider report an IPv6 InternalIP, or choose another method with --ipv6-autodetection-method; pass --map-address IPV4=IPV6 for the address that the files must contain"),
            (None, Some(ipv4)) => diagnostic.message(format!("node {name} ({ipv4}) has no IPv6 InternalIP")).help(format!(
                "give the host an IPv6 address, start its kubelet with --node-ip={ipv4},IPV6, and pass --map-address {}",
                AddressMap::placeholder(Some(ipv4))
            )),
            (None, None) => diagnostic.message(format!("node {name} has no InternalIP")),
        });
    }
}
