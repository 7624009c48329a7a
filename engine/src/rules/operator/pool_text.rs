use super::pool_changes;
use crate::address::{Family, unusable};
use crate::rules::kubernetes::templates::is_template;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component, Gate, Window};
use crate::yaml::write::{Op, Value};

const COMPARES_TEXT: Gate = Gate {
    component: Component::Operator,
    what: "ranges are compared as text, and the API server stores the canonical one",
    windows: &[Window::before(1, 44, 0)],
};

const META: Metadata = Metadata {
    id: "POOL-001",
    name: "pool-range-not-canonical",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the range of a pool is not in its canonical text",
    consequence: "the operator compares texts: it deletes and makes the pool again for ever, because the API server stores the canonical text (RFC 5952); with host bits the API server refuses it",
    help: "the range is written in canonical text",
    fixable: Fixable::Sometimes,
    gates: &[COMPARES_TEXT],
    example: ("cidr: 2001:DB8:0::00/64", "cidr: 2001:db8::/64"),
    sources: &["tigera/operator: issues 3494, 4783", "tigera/operator: pull request 4918"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = &cx.installation else { return };
    for pool in &installation.pools {
        let Some((node, text)) = pool.cidr.as_ref().map(|(node, text)| (*node, text.as_str())) else {
            continue;
        };
        let diagnostic = installation.diagnostic(&META, node);
        // A template has a rule of its own.
        if is_template(text) {
            continue;
        }
        let Some(net) = pool.net else {
            diagnostics.push(
                diagnostic
                    .message(format!("`{text}` is no range of addresses"))
                    .help("write one such as fd00:10:244::/56"),
            );
            continue;
        };
        let dropped = match crate::address::family(net) {
            Family::Ipv4 => !cx.wants_ipv4(),
            Family::Ipv6 => !cx.wants_ipv6(),
        };
        if dropped {
            continue;
        }
        if let Some(why) = unusable(net) {
            diagnostics.push(diagnostic.message(format!("{net} are {why}")).help("take another range"));
        } else if net.addr() != net.network() {
            let message = format!("{net} has host bits set: the range is {}", net.trunc());
            diagnostics.push(
                diagnostic
                    .message(message)
                    .consequence("the API server refuses the pool: `not strictly masked`")
                    .help("write the range itself, or give it with --ipv6-pod-cidr"),
            );
        } else if text != net.to_string() {
            let canonical = net.to_string();
            let told = (
                "cidr",
                Some(text),
                Some(canonical.as_str()),
                "the operator compares texts, and remakes the pool for ever",
            );
            diagnostics.push(diagnostic.fix(pool_changes(
                installation,
                node,
                Op::Set(Value::string(&canonical)),
                told,
            )));
        }
    }
}
