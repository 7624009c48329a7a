use crate::address::family;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "NP-EXCEPT",
    name: "except-of-other-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an ipBlock of a NetworkPolicy excepts a range that is not a part of its cidr, for example of another IP family",
        consequence: "the API server refuses the policy: `spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of` cidr",
        help: "except smaller ranges of the cidr only; write an ipBlock for each IP family, each with its own except",
        example: ("cidr: ::/0\nexcept:\n- 10.0.0.0/8", "cidr: ::/0\nexcept:\n- fd00::/8"),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/apis/networking/validation/validation.go")
                .symbol("ValidateIPBlock")
                .line(270),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Policy) {
        if object.group() != "networking.k8s.io" {
            continue;
        }
        let tree = object.tree();
        let net = |node: NodeId| tree.scalar(node)?.parse::<IpNet>().ok();
        let mut pending: Vec<NodeId> = tree.get(object.root, "spec").into_iter().collect();
        while let Some(node) = pending.pop() {
            pending.extend(tree.children(node));
            let block = Some(node).filter(|node| tree.kind(*node) == Kind::Mapping);
            let Some(block) = block.and_then(|node| tree.get(node, "ipBlock")) else { continue };
            let Some(cidr) = tree.get(block, "cidr") else { continue };
            let Some(range) = net(cidr) else { continue };
            let except = tree.get(block, "except").into_iter().flat_map(|list| tree.items(list));
            for item in except {
                let Some(other) = net(item) else { continue };
                let message = match family(other) {
                    // A range contains itself, but the API server wants a smaller one.
                    own if own == family(range) => match range.contains(&other) && range != other {
                        true => continue,
                        false => format!("except {other} is not a smaller part of {range}"),
                    },
                    own => format!("except {other} is not a part of {range}: it is an {own} range"),
                };
                let place = cx.documents.place(object.start(cidr));
                let diagnostic = cx.at(&META, object, item).message(message);
                diagnostics.push(diagnostic.related(place, "the range of this ipBlock").stops(false));
            }
        }
    }
}
