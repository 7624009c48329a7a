//! The two flags of Calico's IPAM, each against the families that are wanted.

use super::{Flag, calico_ipam, flag, place};
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::yaml::write::Op;

const SOURCE: &str = "projectcalico/calico: cni-plugin/pkg/ipamplugin/ipam_plugin.go";

const IPV4_LEFT_ON_META: Metadata = Metadata {
    id: "CNI-003",
    name: "ipv4-assignment-left-on",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "pods still ask for an IPv4 address",
    consequence: "assign_ipv4 is on unless it is exactly \"false\": with an IPv4 pool pods become dual-stack, without one no pod starts (`cannot find a qualified ippool`)",
    help: "assign_ipv4 becomes \"false\"",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "\"ipam\": {\"type\": \"calico-ipam\"}",
        "\"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv4\": \"false\"}",
    ),
    sources: &[SOURCE],
};

/// IPv6-only, and pods ask for IPv4.
pub(in crate::rules) const IPV4_LEFT_ON: Rule = Rule {
    meta: &IPV4_LEFT_ON_META,
    check: Check::Installation(|cx, diagnostics| {
        if cx.is_ipv6_only() {
            set(
                cx,
                diagnostics,
                &IPV4_LEFT_ON_META,
                "assign_ipv4",
                "false",
                "pods ask for IPv4 unless it says \"false\"",
            );
        }
    }),
};

const IPV4_OFF_META: Metadata = Metadata {
    id: "CNI-015",
    name: "ipv4-assignment-not-stated",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "it is not stated that pods get an IPv4 address, or it is switched off",
    consequence: "\"false\" takes IPv4 from every new pod; leaving the flag out means \"true\", which dual-stack states so that the next reader need not know",
    help: "assign_ipv4 becomes \"true\"",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "\"ipam\": {\"type\": \"calico-ipam\"}",
        "\"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv4\": \"true\"}",
    ),
    sources: &[SOURCE, "docs.tigera.io: networking/ipam/ipv6"],
};

/// Dual-stack, and IPv4 is off or not stated.
pub(in crate::rules) const IPV4_OFF: Rule = Rule {
    meta: &IPV4_OFF_META,
    check: Check::Installation(|cx, diagnostics| {
        if cx.wants_ipv4() && cx.wants_ipv6() {
            set(cx, diagnostics, &IPV4_OFF_META, "assign_ipv4", "true", "states that pods keep IPv4");
        }
    }),
};

const IPV6_OFF_META: Metadata = Metadata {
    id: "CNI-008",
    name: "ipv6-assignment-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "pods do not ask for an IPv6 address",
    consequence: "IPAM gives a pod IPv6 only where assign_ipv6 is exactly \"true\", whatever pools and node settings say",
    help: "assign_ipv6 becomes \"true\"",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "\"ipam\": {\"type\": \"calico-ipam\"}",
        "\"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv6\": \"true\"}",
    ),
    sources: &[SOURCE],
};

/// IPv6 is wanted, and pods do not ask for it.
pub(in crate::rules) const IPV6_OFF: Rule = Rule {
    meta: &IPV6_OFF_META,
    check: Check::Installation(|cx, diagnostics| {
        if cx.wants_ipv6() {
            let why = "pods get IPv6 only when IPAM is told to";
            set(cx, diagnostics, &IPV6_OFF_META, "assign_ipv6", "true", why);
        }
    }),
};

const IPV6_LEFT_ON_META: Metadata = Metadata {
    id: "CNI-016",
    name: "ipv6-assignment-left-on",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the IPAM flags do not fit an IPv4-only cluster",
    consequence: "with assign_ipv6 on and no IPv6 pool no pod starts; with assign_ipv4 off none gets an address",
    help: "both flags go: without them pods get IPv4 only, as Calico ships it",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "\"ipam\": {\"type\": \"calico-ipam\", \"assign_ipv6\": \"true\"}",
        "\"ipam\": {\"type\": \"calico-ipam\"}",
    ),
    sources: &[SOURCE],
};

/// IPv4-only, and a flag says otherwise.
pub(in crate::rules) const IPV6_LEFT_ON: Rule =
    Rule { meta: &IPV6_LEFT_ON_META, check: Check::Installation(remove_flags) };

fn set(
    cx: &InstallContext<'_>,
    diagnostics: &mut Diagnostics,
    meta: &'static Metadata,
    key: &str,
    value: &str,
    why: &str,
) {
    let Some((config, cni)) = calico_ipam(cx) else { return };
    // What is no string or misspelt has a rule of its own.
    if !matches!(flag(cni, key), Flag::Absent | Flag::Text("true" | "false")) {
        return;
    }
    if let Some(fix) = cx.set_ipam(key, value, why) {
        diagnostics.push(at_cni(meta, config, cni, place(cni, key)).fix(fix));
    }
}

fn remove_flags(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some((config, cni)) = calico_ipam(cx).filter(|_| !cx.wants_ipv6()) else { return };
    let is = |key, value| matches!(flag(cni, key), Flag::Text(text) if text == value);
    if !is("assign_ipv6", "true") && !is("assign_ipv4", "false") {
        return;
    }
    let why = "without the flags pods get IPv4 only";
    let change = |key: &str| {
        let node = cni.ipam_value(key)?;
        let from = cni.tree().and_then(|t| t.scalar(node));
        let description = ChangeDescription::new(cni_title(config), key, from, None, why);
        Some(cni_change(config, cni, node, Op::Remove, Some(description)))
    };
    let changes = super::FLAGS.into_iter().filter_map(change).collect();
    diagnostics.push(at_cni(&IPV6_LEFT_ON_META, config, cni, cni.ipam).fix(Fix::new(changes)));
}
