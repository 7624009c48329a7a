use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "ENC-009",
    name: "vxlan-with-host-local",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an Installation has VXLAN for a pool, and HostLocal IPAM",
        consequence: "the operator goes Degraded and changes nothing more: `VXLAN is invalid for ipPool.encapsulation with Calico CNI and HostLocal IPAM`",
        help: "use None for the pool, or IPIP for an IPv4 pool; or use Calico's own IPAM",
        example: (
            "cni:\n  type: Calico\n  ipam:\n    type: HostLocal\ncalicoNetwork:\n  ipPools:\n  - cidr: 10.244.0.0/16\n    encapsulation: VXLAN",
            "cni:\n  type: Calico\n  ipam:\n    type: HostLocal\ncalicoNetwork:\n  ipPools:\n  - cidr: 10.244.0.0/16\n    encapsulation: None",
        ),
        sources: &[upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(188)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        let is_calico = installation.spec_field(&["cni", "type"]).is_none_or(|cni| cni == "Calico");
        if !is_calico || installation.spec_field(&["cni", "ipam", "type"]) != Some("HostLocal") {
            continue;
        }
        for pool in &installation.pools {
            let Some(mode) = pool.encapsulation.as_ref().filter(|mode| mode.text.starts_with("VXLAN")) else {
                continue;
            };
            let cidr = pool.cidr.as_ref().map_or("without a CIDR", |cidr| &cidr.text);
            let message = format!("the pool {cidr} has {}, which HostLocal IPAM does not support", mode.text);
            let mut diagnostic = installation.diagnostic(&META, mode.node).message(message).stops(false);
            let ipam =
                installation.spec.and_then(|spec| installation.tree().at(spec, &["cni", "ipam", "type"]));
            if let Some(ipam) = ipam {
                let place = cx.documents.place(installation.object.start(ipam));
                diagnostic = diagnostic.related(place, "HostLocal IPAM is set here");
            }
            diagnostics.push(diagnostic);
        }
    }
}
