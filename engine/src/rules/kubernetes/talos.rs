//! Talos: the node addresses that kubelet uses.

use super::change::{ChangeText, change};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::preflight::rules::DISABLED;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "TALOS-NODEIP",
    name: "talos-valid-subnets-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "machine.kubelet.nodeIP.validSubnets does not match the target IP families",
        consequence: "kubelet uses only node addresses in these networks: the node gets no address of the missing IP family",
        help: "add the node network of that IP family; --ipv6-machine-cidr adds the IPv6 one",
        example: ("validSubnets: [192.0.2.0/24]", "validSubnets: [192.0.2.0/24, \"2001:db8:1::/64\"]"),
        sources: &[
            upstream::TALOS
                .file("pkg/machinery/config/types/v1alpha1/v1alpha1_types.go")
                .symbol("KubeletNodeIPConfig")
                .line(785),
            upstream::TALOS.file("internal/app/machined/pkg/controllers/k8s/nodeip.go").line(108),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    disabled(cx, diagnostics);
    let path = ["machine", "kubelet", "nodeIP", "validSubnets"];
    for (_, object) in cx.config.objects_of(ObjectKind::Talos) {
        let tree = object.tree();
        let Some(list) = tree.at(object.root, &path) else { continue };
        // Items that begin with `!` exclude addresses. They come last.
        let read = |item: NodeId| tree.scalar(item).and_then(|text| text.parse::<IpNet>().ok());
        let included: Vec<(NodeId, IpNet)> =
            tree.items(list).filter_map(|item| Some((item, read(item)?))).collect();
        if included.is_empty() {
            continue;
        }
        let has = |family| included.iter().any(|(_, net)| crate::address::family(*net) == family);
        let Some(family) = cx.families().into_iter().find(|family| !has(*family)) else { continue };
        let diagnostic = cx.at(&META, object, list).message(format!("validSubnets has no {family} network"));
        let known = cx.target.ipv6_machine_cidr.filter(|_| family == Family::Ipv6);
        diagnostics.push(match known {
            Some(net) => {
                let (to, after) = (net.to_string(), included.last().map(|(item, _)| *item));
                let why = "the IPv6 node network";
                let description = ChangeText { field: "validSubnets", from: None, to: Some(&to), why };
                let op = Op::InsertItem(Placement { after, below: None }, Value::string(&to));
                diagnostic.fix(Fix::new(vec![change(object, list, op, description)]))
            }
            None => diagnostic,
        });
    }
}

/// Reports the sysctl with which a machine has no IPv6.
fn disabled(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Talos).filter(|_| cx.target.to.has_ipv6()) {
        let tree = object.tree();
        for key in ["net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.default.disable_ipv6"] {
            let Some(node) = tree.at(object.root, &["machine", "sysctls", key]) else { continue };
            if tree.scalar(node) == Some("1") {
                let message = format!("{key} turns IPv6 off on this machine");
                let diagnostic = cx.at(&DISABLED, object, node).message(message);
                diagnostics.push(diagnostic.help("set it to \"0\", or remove it"));
            }
        }
    }
}
