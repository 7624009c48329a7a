//! The two flags of Calico IPAM, compared with the requested IP families.

use super::{Flag, calico_ipam, flag, place};
use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind,
    Severity, Texts,
};
use crate::yaml::write::Op;

const IPV4_LEFT_ON_META: Metadata = Metadata {
    id: "CNI-003",
    name: "ipv4-assignment-left-on",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "pods still request an IPv4 address",
        consequence: "assign_ipv4 is on unless it is exactly \"false\": with an IPv4 pool, pods become dual-stack; without one, no pod starts (from 3.16 on: `cannot find a qualified ippool`)",
        help: "set assign_ipv4 to \"false\"",
        example: ("\"type\": \"calico-ipam\"", "\"type\": \"calico-ipam\",\n\"assign_ipv4\": \"false\",\n\"assign_ipv6\": \"true\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(297),
            upstream::CALICO.file("libcalico-go/lib/ipam/ipam.go").symbol("ErrNoQualifiedPool").line(290),
        ],
    }
    .built_in(),
};

/// The target is IPv6-only, and pods request IPv4.
pub(in crate::rules) const IPV4_LEFT_ON: Rule = Rule {
    meta: &IPV4_LEFT_ON_META,
    check: Check::Text(|cx, diagnostics| {
        for install in cx.installs.iter().filter(|_| cx.is_ipv6_only()) {
            let why = "pods request IPv4 unless assign_ipv4 is \"false\"";
            diagnostics.extend(set(install, &IPV4_LEFT_ON_META, "assign_ipv4", "false", why));
        }
    }),
};

const IPV4_OFF_META: Metadata = Metadata {
    id: "CNI-015",
    name: "ipv4-assignment-not-stated",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "IPv4 assignment is off, or is not set explicitly",
        consequence: "with \"false\", new pods get no IPv4 address; if assign_ipv6 is off too, no pod starts (`IPAM plugin returned missing IP config`). Without the flag IPv4 assignment is on, and \"true\" makes this explicit",
        help: "set assign_ipv4 to \"true\"",
        example: ("\"type\": \"calico-ipam\"", "\"type\": \"calico-ipam\",\n\"assign_ipv4\": \"true\",\n\"assign_ipv6\": \"true\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(297),
            upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").line(167),
            upstream::page(
                "Calico: Configure dual stack or IPv6 only",
                "https://docs.tigera.io/calico/latest/networking/ipam/ipv6",
            ),
        ],
    }
    .built_in(),
};

/// The target is dual-stack, and IPv4 is off or not set.
pub(in crate::rules) const IPV4_OFF: Rule = Rule {
    meta: &IPV4_OFF_META,
    check: Check::Text(|cx, diagnostics| {
        for install in cx.installs.iter().filter(|_| cx.is_dual()) {
            let why = "keeps IPv4 assignment on, explicitly";
            let Some(diagnostic) = set(install, &IPV4_OFF_META, "assign_ipv4", "true", why) else { continue };
            let is = |key, value| {
                let cni = install.cni().map(|(_, cni)| cni);
                cni.is_some_and(|cni| matches!(flag(cni, key), Flag::Text(text) if text == value))
            };
            diagnostics.push(if is("assign_ipv4", "false") && !is("assign_ipv6", "true") {
                diagnostic.message("IPv4 and IPv6 assignment are both off: no pod starts")
            } else {
                diagnostic.severity(Severity::Warning)
            });
        }
    }),
};

const IPV6_OFF_META: Metadata = Metadata {
    id: "CNI-008",
    name: "ipv6-assignment-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "pods do not request an IPv6 address",
        consequence: "Calico assigns IPv6 addresses only if assign_ipv6 is exactly \"true\", whatever pools and node settings exist (from 3.30 on, the annotation ipFamilies of a pod or namespace takes precedence)",
        help: "set assign_ipv6 to \"true\"",
        example: ("\"type\": \"calico-ipam\"", "\"type\": \"calico-ipam\",\n\"assign_ipv4\": \"true\",\n\"assign_ipv6\": \"true\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(303),
            upstream::CALICO.file("cni-plugin/pkg/k8s/k8s.go").line(268).at("v3.30.0"),
        ],
    }
    .built_in(),
};

/// The target has IPv6, and pods do not request it.
pub(in crate::rules) const IPV6_OFF: Rule = Rule {
    meta: &IPV6_OFF_META,
    check: Check::Text(|cx, diagnostics| {
        for install in cx.installs.iter().filter(|_| cx.wants_ipv6()) {
            let why = "Calico assigns IPv6 addresses only when assign_ipv6 is \"true\"";
            diagnostics.extend(set(install, &IPV6_OFF_META, "assign_ipv6", "true", why));
        }
    }),
};

const IPV6_LEFT_ON_META: Metadata = Metadata {
    id: "CNI-016",
    name: "ipv6-assignment-left-on",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the IPAM flags do not match an IPv4-only cluster",
        consequence: "with assign_ipv6 on and no IPv6 pool, no pod starts; with both flags off, no pod starts either (`IPAM plugin returned missing IP config`)",
        help: "remove both flags: without them Calico assigns IPv4 only, its default",
        example: ("\"type\": \"calico-ipam\", \"assign_ipv4\": \"false\", \"assign_ipv6\": \"false\"", "\"type\": \"calico-ipam\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(297),
            upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").line(167),
        ],
    }
    .built_in(),
};

/// The target is IPv4-only, and a flag is set to something else.
pub(in crate::rules) const IPV6_LEFT_ON: Rule =
    Rule { meta: &IPV6_LEFT_ON_META, check: Check::Text(remove_flags) };

/// A diagnostic that sets a flag; `None` if it has this value.
fn set(
    install: &CalicoInstall<'_>,
    meta: &'static Metadata,
    key: &str,
    value: &str,
    why: &str,
) -> Option<Diagnostic> {
    let (config, cni) = calico_ipam(install)?;
    // Values that are misspelt or not strings have their own rules.
    if !matches!(flag(cni, key), Flag::Absent | Flag::Text("true" | "false")) {
        return None;
    }
    let fix = install.set_ipam(key, value, why)?;
    Some(at_cni(meta, config, cni, place(cni, key)).fix(fix))
}

fn remove_flags(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = calico_ipam(install).filter(|_| !cx.wants_ipv6()) else { continue };
        let is = |key, value| matches!(flag(cni, key), Flag::Text(text) if text == value);
        if !is("assign_ipv6", "true") && !is("assign_ipv4", "false") {
            continue;
        }
        let why = "without these flags Calico assigns IPv4 only";
        let change = |key: &str| {
            let node = cni.ipam_value(key)?;
            let from = cni.tree().and_then(|t| t.scalar(node));
            let description = ChangeDescription::new(cni_title(config), key, from, None, why);
            Some(cni_change(config, cni, node, Op::Remove, Some(description)))
        };
        let changes = super::FLAGS.into_iter().filter_map(change).collect();
        diagnostics.push(at_cni(&IPV6_LEFT_ON_META, config, cni, cni.ipam).fix(Fix::new(changes)));
    }
}
