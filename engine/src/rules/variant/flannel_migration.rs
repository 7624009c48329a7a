use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::{at_container, at_version};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

const NO_IPV6: Gate = Gate {
    component: Component::Calico,
    what: "the migration controller does not read flannel's IPv6 network",
    windows: &[Window::before(3, 24, 0)],
};

const META: Metadata = Metadata {
    id: "VAR-003",
    name: "flannel-migration-without-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6],
    texts: Texts {
        finds: "this migration from flannel does not include IPv6",
        consequence: "the migration controller creates the pools: always an IPv4 pool, and an IPv6 pool only from 3.24 on and only if flannel is already dual-stack",
        help: "migrate first, then convert the cluster to dual-stack with calico.yaml of Calico 3.24 or later",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("kube-controllers/pkg/controllers/flannelmigration/config.go").line(194),
            upstream::CALICO.pull(6088),
            upstream::CALICO.file("kube-controllers/pkg/controllers/flannelmigration/ipam_migrator.go").line(102),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if install.facts.variant != Variant::FlannelMigration || !cx.wants_ipv6() {
            continue;
        }
        if cx.is_ipv6_only() {
            let message = "a migration from flannel cannot produce an IPv6-only cluster";
            diagnostics
                .push(at_container(&META, node).message(message).label("waits for the migration controller"));
        } else if NO_IPV6.holds(install.facts.calico) {
            diagnostics.push(
                at_version(&META, node)
                    .message("a migration from flannel to dual-stack needs Calico 3.24 or later"),
            );
        } else {
            let diagnostic = at_container(&META, node).severity(Severity::Warning);
            diagnostics.push(
                diagnostic
                    .message("the migration controller creates the IPv6 pool from flannel's network")
                    .consequence("if flannel is IPv4-only, there is no IPv6 network, and calico-node picks a random unique-local range")
                    .help("migrate only if flannel is already dual-stack (EnableIPv6 in net-conf.json)"),
            );
        }
    }
}
