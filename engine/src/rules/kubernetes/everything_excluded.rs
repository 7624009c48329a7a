use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use ipnet::IpNet;

const REFUSED: Gate = Gate {
    component: Component::Calico,
    what: "Calico refuses a rule that excludes all addresses, and Felix drops it",
    windows: &[
        Window::between(Version::new(3, 29, 6), Version::new(3, 30, 0)),
        Window { from: Version::new(3, 30, 3), until: None },
    ],
};

const META: Metadata = Metadata {
    id: "POL-005",
    name: "everything-excluded",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[REFUSED],
    texts: Texts {
        finds: "notNets of a policy rule contains all addresses of an IP family",
        consequence: "calicoctl and the Calico API server refuse the policy: `catch-all CIDR in negation creates logical contradiction (matches no traffic)`. If it is already stored, Felix drops the rule: `Ignoring rule with negated catch-all CIDR to prevent iptables logical contradiction`",
        help: "remove the range; to match one IP family only, use ipVersion",
        example: ("notNets: [\"10.0.0.0/8\", \"0.0.0.0/0\"]", "notNets: [\"10.0.0.0/8\"]"),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1416),
            upstream::CALICO.file("felix/rules/policy.go").line(164),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if REFUSED.applies(cx.cluster.calico) == Some(false) {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Policy) {
        let tree = object.tree();
        for direction in ["ingress", "egress"] {
            let Some(rules) = tree.at(object.root, &["spec", direction]) else { continue };
            let lists = tree
                .items(rules)
                .flat_map(|rule| ["source", "destination"].map(|side| tree.at(rule, &[side, "notNets"])));
            for item in lists.flatten().flat_map(|list| tree.items(list)) {
                let Some(text) = tree.scalar(item) else { continue };
                if text.parse::<IpNet>().is_ok_and(|net| net.prefix_len() == 0) {
                    let message =
                        format!("an {direction} rule of {} excludes {text}: all addresses", object.title());
                    diagnostics.push(cx.at(&META, object, item).message(message).stops(false));
                }
            }
        }
    }
}
