use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::installation::Installation;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "OP-007",
    name: "conflicting-autodetection-methods",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an autodetection field of the Installation has several methods, or a value of the wrong IP family",
        consequence: "with two methods for one family, the operator goes Degraded (`no more than one node address autodetection method can be specified per-family`), and from 1.43 the API server refuses the object; with an address of the other family, calico-node finds no address and exits on each node that does not record one yet",
        help: "keep one method for each IP family, with values of that family",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(469),
            upstream::OPERATOR.file("api/v1/installation_types.go").line(748).at("v1.43.0"),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(634),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        // A field that the transform removes or replaces no longer conflicts.
        let is_replaced = cx.target.ipv6_autodetection_method.is_some();
        let fields = [
            ("nodeAddressAutodetectionV4", Family::Ipv4, !cx.nodes_lack_ipv4()),
            ("nodeAddressAutodetectionV6", Family::Ipv6, cx.wants_ipv6() && !is_replaced),
        ];
        for (field, wanted, _) in fields.into_iter().filter(|(_, _, stays)| *stays) {
            let Some((node, true)) = installation.autodetection(field) else { continue };
            let methods = installation.autodetection_methods(node);
            if let [first, second, ..] = methods[..] {
                let name =
                    |node| installation.tree().key_of(node).and_then(|key| installation.tree().scalar(key));
                let message = format!(
                    "{field} has two methods: {} and {}",
                    name(first).unwrap_or_default(),
                    name(second).unwrap_or_default()
                );
                let place = installation.tree().key_of(second).unwrap_or(second);
                diagnostics.push(
                    installation
                        .diagnostic(&META, place)
                        .message(message)
                        .consequence("the operator goes Degraded: `no more than one node address autodetection method can be specified per-family`")
                        .help("keep one of them"),
                );
            }
            addresses(installation, node, wanted, diagnostics);
        }
    }
}

const NO_ADDRESS: &str = "the operator accepts it; calico-node finds no address and exits on each node that does not record one yet";

/// Checks the values that contain addresses: `cidrs` and `canReach`.
fn addresses(installation: &Installation<'_>, field: NodeId, wanted: Family, diagnostics: &mut Diagnostics) {
    let tree = installation.tree();
    let at = |node: NodeId, message: String| -> Diagnostic {
        installation.diagnostic(&META, node).message(message).help(format!("use an {wanted} value"))
    };
    for item in tree.get(field, "cidrs").into_iter().flat_map(|list| tree.items(list)) {
        let Some(text) = tree.scalar(item) else { continue };
        match text.parse::<IpNet>() {
            Ok(net) if family(net) != wanted => {
                let message = format!("{text} is not an {wanted} CIDR");
                let impact = NO_ADDRESS;
                diagnostics.push(at(item, message).consequence(impact));
            }
            Ok(_) => {}
            Err(_) => {
                let message = format!("`{text}` is not a CIDR: it has no valid prefix length");
                let impact =
                    "the operator goes Degraded: `invalid CIDR provided for node address autodetection`";
                diagnostics.push(at(item, message).consequence(impact));
            }
        }
    }
    let destination = tree.get(field, "canReach");
    let address = destination.and_then(|node| Some((node, tree.scalar(node)?.parse::<IpAddr>().ok()?)));
    if let Some((node, address)) =
        address.filter(|(_, address)| crate::address::family_of(*address) != wanted)
    {
        let impact = NO_ADDRESS;
        diagnostics.push(at(node, format!("{address} is not an {wanted} address")).consequence(impact));
    }
}
