use super::{at_pools, pools_of};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

const ONE_A_FAMILY: Gate = Gate {
    component: Component::Operator,
    what: "the operator accepts at most one pool of each IP family",
    windows: &[Window::before(1, 34, 0)],
};

const NO_DUAL_STACK: Gate = Gate {
    component: Component::Operator,
    what: "the operator accepts at most one pool",
    windows: &[Window::before(1, 2, 0)],
};

const META: Metadata = Metadata {
    id: "OP-001",
    name: "more-pools-than-operator-accepts",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[ONE_A_FAMILY, NO_DUAL_STACK],
    texts: Texts {
        finds: "this operator does not accept so many pools",
        consequence: "before 1.34 (Calico 3.28), the operator goes Degraded and changes nothing if a family has several pools; since 1.34, the API server refuses more than 25 pools",
        help: "upgrade the operator, or keep one pool of each IP family",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(142).at("v1.33.0"),
            upstream::OPERATOR.file("api/v1/installation_types.go").symbol("MaxItems=25").line(638),
            upstream::OPERATOR.pull(2658),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        let operator = install.facts.operator;
        let most = [Family::Ipv4, Family::Ipv6]
            .map(|f| pools_of(installation, f).len())
            .into_iter()
            .max()
            .unwrap_or(0);
        if installation.pools.len() > 25 {
            diagnostics
                .push(at_pools(&META, installation).message("the Installation lists more than 25 pools"));
        } else if most > 1 && ONE_A_FAMILY.holds(operator) {
            diagnostics
                .push(at_pools(&META, installation).message(
                    "an operator before 1.34 (Calico 3.28) accepts only one pool of each IP family",
                ));
        } else if cx.wants_ipv4() && cx.wants_ipv6() && NO_DUAL_STACK.holds(operator) {
            diagnostics
                .push(at_pools(&META, installation).message("an operator before 1.2 accepts only one pool"));
        }
    }
}
