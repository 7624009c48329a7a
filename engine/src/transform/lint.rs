//! What a lint does in a round: it takes the stack of the files, and selects findings and fixes.

use super::LintRequest;
use super::round::{Planner, stated_families};
use crate::address::Family;
use crate::diagnostic::suppression::{OpenRules, Suppressions};
use crate::model::Model;
use crate::model::install::CalicoInstall;
use crate::rules::{Applicability, Diagnostics, NOT_CHECKED, RuleKind, Severity};
use crate::target::{Stack, Target};
use std::sync::Arc;

impl Planner<'_> {
    /// Suppresses rules in the files from this index on: the texts inside the others.
    pub(super) fn suppress(&mut self, from: usize, rules: Vec<OpenRules>) {
        for (file, rules) in self.files[from..].iter_mut().zip(rules) {
            file.suppressed = rules;
        }
    }

    /// Determines the stack of the files, and makes it the target of a lint that takes it.
    pub(super) fn take_stack(&mut self, model: &Model<'_>) {
        let Some(lint) = self.request.lint else { return };
        let mut families = Vec::new();
        for (i, file) in model.files.iter().enumerate() {
            let facts = model.facts_of(i);
            let installs = CalicoInstall::of_file(file, &self.target, &facts);
            families.extend(stated_families(&installs, file));
        }
        // The samples of kubespray have IPv6 ranges, which are not used without a switch.
        let kubespray: Vec<bool> =
            model.files.iter().filter_map(|file| file.objects.kubespray_has_ipv6()).collect();
        if !kubespray.is_empty() && !kubespray.contains(&true) {
            families.retain(|family| *family != Family::Ipv6);
        }
        self.stack = Stack::of(families.contains(&Family::Ipv4), families.contains(&Family::Ipv6));
        if let (true, Some(to)) = (lint.as_found, self.stack) {
            self.target = Arc::new(Target { to, ..self.request.target.clone() });
        }
    }

    /// Keeps what a lint reports, and of the fixes those that it writes. Nothing stops a lint.
    pub(super) fn select(
        &self,
        index: usize,
        lint: LintRequest<'_>,
        text: &str,
        diagnostics: &mut Diagnostics,
    ) {
        diagnostics.missing_options.clear();
        diagnostics.all.append(&mut diagnostics.unanswered);
        // If no file states an IP family, only what is wrong for each of them is known.
        let is_known = !lint.as_found || self.stack.is_some();
        diagnostics.all.retain(|found| {
            (is_known || found.rule.kind == RuleKind::Defect) && lint.selection.has(found.rule)
        });
        for found in diagnostics.all.iter_mut().filter(|found| NOT_CHECKED.contains(&found.rule.id)) {
            found.severity = found.severity.min(Severity::Warning);
        }
        let Some(least) = lint.fix else { return };
        let around = &self.files[index].suppressed;
        let inside = Suppressions::read(text);
        let mut sweep = inside.sweep();
        diagnostics.all.sort_by_key(|found| found.range.start);
        for found in &mut diagnostics.all {
            found.stops = Some(false);
            let at = found.range.start;
            let Some(fix) = &mut found.fix else { continue };
            let is_suppressed = sweep.at(at).first(found.rule).or_else(|| around.first(found.rule)).is_some();
            let is_wanted = fix.applicability >= least && !is_suppressed;
            fix.applicability = if is_wanted { Applicability::Safe } else { Applicability::DisplayOnly };
        }
    }
}
