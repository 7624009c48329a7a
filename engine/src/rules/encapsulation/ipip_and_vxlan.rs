use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::change::{at_env, at_object};
use crate::rules::operator::pool_encapsulation::META as IPV6_META;
use crate::rules::wanted::Vxlan;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "ENC-007",
    name: "ipip-and-vxlan",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a pool has both IP-in-IP and VXLAN",
        consequence: "calicoctl and the Calico API server refuse the pool: `IPIPMode and VXLANMode cannot both be enabled on the same IP pool` before 3.30, `IPIPMode and VXLANMode cannot be enabled on LoadBalancer IP pool` from 3.30 on; from 3.32 on the CRD says `ipipMode and vxlanMode cannot both be enabled`. With the variables of calico-node, it cannot create the pool and exits",
        help: "set one of them to Never",
        example: ("ipipMode: Always\nvxlanMode: CrossSubnet", "ipipMode: Never\nvxlanMode: CrossSubnet"),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1194),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1107).at("v3.29.3"),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/ippool.go").line(84),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes_with_pools() {
        let is_off = install.env_text("CALICO_IPV4POOL_CIDR") == Some("none");
        let [ipip, vxlan] = ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN"];
        // Both have the same words.
        let mode = |name| install.env_text(name).filter(|text| Vxlan::is_on(text));
        let ipv6 = "CALICO_IPV6POOL_IPIP";
        if let Some(text) = mode(ipv6).filter(|_| cx.wants_ipv6())
            && let Some(fix) = install.remove_env(ipv6, "calico-node does not read it")
        {
            let impact = "calico-node ignores the variable: CALICO_IPV6POOL_VXLAN alone decides about the encapsulation of the IPv6 pool";
            let found = at_env(&IPV6_META, node, ipv6)
                .message(format!("{ipv6} is {text}, but no release of Calico has IP-in-IP for IPv6"));
            let found = found.severity(Severity::Warning).consequence(impact);
            diagnostics.push(found.fix(fix));
        }
        if let (Some(first), Some(second), false) = (mode(ipip), mode(vxlan), is_off) {
            let message = format!("the IPv4 pool of calico-node has {ipip} {first} and {vxlan} {second}");
            let impact = "calico-node cannot create the pool, and exits";
            diagnostics.push(at_env(&META, node, vxlan).message(message).consequence(impact).stops(false));
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::IpPool) {
        let tree = object.tree();
        let mode = |key| {
            let node = tree.at(object.root, &["spec", key])?;
            let text = tree.scalar(node).filter(|text| matches!(*text, "Always" | "CrossSubnet"))?;
            Some((node, text))
        };
        if let (Some((ipip, first)), Some((vxlan, second))) = (mode("ipipMode"), mode("vxlanMode")) {
            let message = format!("{} has ipipMode {first} and vxlanMode {second}", object.title());
            let place = cx.documents.place(object.start(ipip));
            let diagnostic = at_object(&META, object, vxlan).message(message).stops(false);
            diagnostics.push(diagnostic.related(place, "ipipMode is set here"));
        }
    }
}
