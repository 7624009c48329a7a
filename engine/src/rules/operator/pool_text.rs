use super::pool_changes;
use crate::address::unusable;
use crate::diagnostic::upstream;
use crate::rules::kubernetes::ranges::{HOST_BITS_META, UNREADABLE_META};
use crate::rules::kubernetes::templates::is_template_in_object;
use crate::rules::pool::unusual_range::META as RESERVED;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};

const COMPARES_TEXT: Gate = Gate {
    component: Component::Operator,
    what: "the operator compares CIDRs as text, and the API server stores the canonical form",
    windows: &[Window::between(Version::new(1, 34, 0), Version::new(1, 44, 0))],
};

const META: Metadata = Metadata {
    id: "POOL-001",
    name: "pool-range-not-canonical",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[COMPARES_TEXT],
    texts: Texts {
        finds: "the CIDR of a pool is not in canonical form",
        consequence: "the operator (1.34 until before 1.44) compares CIDRs as text, but the API server stores the canonical form (RFC 5952): the operator deletes and recreates the pool again and again, or, in a new cluster with Calico before 3.31.3, cannot change it (`IPPool CIDR cannot be modified`). A CIDR that cannot be read, has host bits or is reserved has a rule of its own",
        help: "write the CIDR in canonical form",
        example: ("cidr: 2001:DB8:0::00/64", "cidr: 2001:db8::/64"),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/ippool/pool_controller.go").line(342),
            upstream::CALICO.file("libcalico-go/lib/clientv3/ippool.go").symbol("Normalize the CIDR").line(369),
            upstream::OPERATOR.issue(3494),
            upstream::OPERATOR.issue(4783),
            upstream::OPERATOR.pull(4918),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        for pool in &installation.pools {
            let Some((node, text)) = pool.cidr.as_ref().map(|cidr| (cidr.node, cidr.text.as_str())) else {
                continue;
            };
            let diagnostic = installation.diagnostic(&META, node);
            // Another rule reports a template.
            if is_template_in_object(text) {
                continue;
            }
            let Some(net) = pool.net else {
                diagnostics.push(
                    installation
                        .diagnostic(&UNREADABLE_META, node)
                        .message(format!("`{text}` is not a valid CIDR"))
                        .consequence("the operator refuses the Installation and goes Degraded")
                        .help("write a CIDR such as fd00:10:244::/56"),
                );
                continue;
            };
            if !cx.target.to.has(crate::address::family(net)) {
                continue;
            }
            if let Some(why) = unusable(net) {
                let diagnostic = installation.diagnostic(&RESERVED, node);
                diagnostics.push(
                    diagnostic
                        .message(format!("{net} contains {why}"))
                        .consequence("Calico refuses the pool, or pods with these addresses are unreachable")
                        .help("choose another CIDR"),
                );
            } else if net.addr() != net.network() {
                let message = format!("{net} has host bits set: the range is {}", net.trunc());
                diagnostics.push(
                    installation
                        .diagnostic(&HOST_BITS_META, node)
                        .message(message)
                        .consequence("the Calico API server refuses the pool: `not strictly masked`")
                        .help("write the range without host bits, or pass it with --ipv6-pod-cidr"),
                );
            } else if text != net.to_string() {
                let canonical = net.to_string();
                let is_harmless = COMPARES_TEXT.applies(install.facts.operator) == Some(false);
                let (diagnostic, why) = if is_harmless {
                    let consequence =
                        "no effect with this operator: only 1.34 until before 1.44 compares CIDRs as text";
                    let diagnostic = diagnostic.severity(Severity::Info).consequence(consequence);
                    (diagnostic, "the canonical form, which operators from 1.34 until before 1.44 need")
                } else {
                    (
                        diagnostic,
                        "the operator compares CIDRs as text and would recreate the pool again and again",
                    )
                };
                let description = ("cidr", Some(text), Some(canonical.as_str()), why);
                diagnostics.push(diagnostic.fix(pool_changes(
                    installation,
                    node,
                    Op::Set(Value::string(&canonical)),
                    description,
                )));
            }
        }
    }
}
