use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const NOT_READ: &str = "Felix accepts no IPv6 address there: it logs `Replacing invalid value with default` with `invalid URL authority`, ignores the variable, and without FELIX_TYPHAK8SSERVICENAME each node connects to the datastore itself instead of Typha";

const META: Metadata = Metadata {
    id: "NODE-031",
    name: "ipv6-address-of-typha",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "FELIX_TYPHAADDR or FELIX_ETCDADDR contains an IPv6 address",
        consequence: NOT_READ,
        help: "use FELIX_TYPHAK8SSERVICENAME, or a DNS name",
        example: (
            "- name: FELIX_TYPHAADDR\n  value: \"[2001:db8:1::10]:5473\"",
            "- name: FELIX_TYPHAK8SSERVICENAME\n  value: \"calico-typha\"",
        ),
        sources: &[
            upstream::CALICO.file("felix/config/config_params.go").symbol("AuthorityRegexp").line(54),
            upstream::CALICO.file("felix/config/config_params.go").symbol("TyphaAddr").line(276),
            upstream::CALICO
                .file("felix/config/config_params.go")
                .symbol("Replacing invalid value with default")
                .line(826),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// A variable that Felix reads as `host:port`.
struct Variable {
    name: &'static str,
    /// What else names the same server.
    better: &'static str,
    consequence: &'static str,
}

const VARIABLES: [Variable; 2] = [
    Variable { name: "FELIX_TYPHAADDR", better: "FELIX_TYPHAK8SSERVICENAME", consequence: NOT_READ },
    Variable {
        name: "FELIX_ETCDADDR",
        better: "FELIX_ETCDENDPOINTS",
        consequence: "Felix ignores the variable (`Replacing invalid value with default` in its log) and connects to its default, 127.0.0.1:2379",
    },
];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        for Variable { name, better, consequence } in VARIABLES {
            // `host:port` has one colon.
            let Some(text) = install.env_text(name).filter(|text| text.matches(':').count() > 1) else {
                continue;
            };
            let message = format!("Felix cannot parse {name}: it accepts no IPv6 address such as {text}");
            let diagnostic = at_env(&META, node, name).message(message).consequence(consequence);
            diagnostics.push(if node.env.get(better).is_some() {
                diagnostic.help(format!("remove {name}: {better} is set, too"))
            } else {
                diagnostic.help(format!("use {better}, or a DNS name in {name}"))
            });
        }
    }
}
