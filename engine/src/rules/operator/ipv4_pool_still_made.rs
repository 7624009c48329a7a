use super::at_pools;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

const MAKES_DEFAULT_POOLS: Gate = Gate {
    component: Component::Operator,
    what: "calico-node creates the default IPv4 pool although the Installation lists no IPv4 pool",
    windows: &[Window::before(1, 34, 0)],
};

const META: Metadata = Metadata {
    id: "OP-018",
    name: "operator-still-creates-ipv4-pool",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[MAKES_DEFAULT_POOLS],
    texts: Texts {
        finds: "with this operator, calico-node still creates an IPv4 pool",
        consequence: "before 1.34, the operator sets NO_DEFAULT_POOLS only if the Installation has no pools at all: calico-node creates an IPv4 pool (usually 192.168.0.0/16) that no pod uses",
        help: "after the installation set `disabled: true` on default-ipv4-ippool, or upgrade to operator 1.34 (Calico 3.28) or later",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/render/node.go").line(1441).at("v1.33.0"),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/ipv4/poolselector.go")
                .line(28)
                .at("v3.27.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(installation) = &install.installation
            && cx.is_ipv6_only()
            && MAKES_DEFAULT_POOLS.holds(install.facts.operator)
        {
            diagnostics.push(at_pools(&META, installation));
        }
    }
}
