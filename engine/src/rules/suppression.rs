//! Reported by a lint, not by a check: comments that suppress nothing.

use super::{Fixable, Metadata, RuleKind, Severity, Texts};

/// A comment that is meant to suppress findings and has no rule, no reason, or an unknown rule.
pub(crate) const INVALID_SUPPRESSION: Metadata = Metadata {
    id: "LINT-001",
    name: "invalid-suppression",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a comment that suppresses findings has no rule, no reason, or an unknown rule",
        consequence: "without a rule or a reason the comment suppresses nothing, and an unknown rule in it suppresses nothing: lint reports what it is meant to hide",
        help: "write the ids of rules in brackets and why they do not apply here, as in `# calico-ipv6: ignore[POOL-006] the fabric routes this range`",
        example: ("# calico-ipv6: ignore[POOL-006]\nnatOutgoing: Disabled", "# calico-ipv6: ignore[POOL-006] the fabric routes this range\nnatOutgoing: Disabled"),
        sources: &[],
    }
    .built_in(),
};

/// A comment that suppresses a rule that finds nothing there.
pub(crate) const UNUSED_SUPPRESSION: Metadata = Metadata {
    id: "LINT-002",
    name: "unused-suppression",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a comment suppresses a rule that finds nothing here",
        consequence: "the comment hides a later finding that nobody has looked at",
        help: "remove the rule from the comment; a comment covers the entry on its line, or the next entry if it is alone on its line",
        example: (
            "# calico-ipv6: ignore[POOL-006] the fabric routes this range\nnatOutgoing: Enabled",
            "natOutgoing: Enabled",
        ),
        sources: &[],
    }
    .built_in(),
};
