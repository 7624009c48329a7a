//! What a lint does in a round: it takes the stack of the files, and selects findings and fixes.

use super::LintRequest;
use super::round::Planner;
use crate::address::{Family, family};
use crate::diagnostic::suppression::{OpenRules, Suppressions};
use crate::model::Model;
use crate::model::calico_node::EnvValue;
use crate::model::facts::{is_false, is_true};
use crate::model::fields::{ClusterConfig, FieldKind, ObjectKind};
use crate::model::install::CalicoInstall;
use crate::rules::{
    Applicability, Diagnostic, Diagnostics, NOT_CHECKED, RuleKind, Severity, UNMAPPED, catalogue,
};
use crate::target::{Stack, Target};
use std::sync::Arc;

/// The stack that the files mean. IPv6 is never a default, so whatever sets it up counts, the ranges of the cluster or Calico.
/// IPv4 often is one: if there are ranges, they decide about it. The addresses of nodes decide only if nothing else does: nodes
/// of a single-stack cluster may have both.
fn stack_of(model: &Model<'_>, target: &Target) -> Option<Stack> {
    let (mut ranges, mut calico, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
    for (i, file) in model.files.iter().enumerate() {
        let facts = model.facts_of(i);
        for install in CalicoInstall::of_file(file, target, &facts) {
            let means = |family| {
                install.facts.stack.is_some_and(|stack| stack.has(family)) || sets_up(&install, family)
            };
            calico.extend([Family::Ipv4, Family::Ipv6].into_iter().filter(|family| means(*family)));
        }
        for (kind, family) in file.objects.stated_families() {
            match kind {
                FieldKind::Pool => calico.push(family),
                FieldKind::MachineRange | FieldKind::NodeIp => nodes.push(family),
                _ => ranges.push(family),
            }
        }
    }
    // The samples of kubespray have IPv6 ranges, which are not used without a switch.
    let mut kubespray = model.files.iter().filter_map(|file| file.objects.kubespray_has_ipv6()).peekable();
    let is_off = kubespray.peek().is_some() && !kubespray.any(|has_ipv6| has_ipv6);
    let Some(decides) = [&ranges, &calico, &nodes].into_iter().find(|families| !families.is_empty()) else {
        let has_both = model.files.iter().any(|file| requires_both(&file.objects));
        return Stack::of(has_both, has_both);
    };
    let has_ipv6 =
        decides.contains(&Family::Ipv6) || ranges.contains(&Family::Ipv6) || calico.contains(&Family::Ipv6);
    Stack::of(decides.contains(&Family::Ipv4), has_ipv6 && !is_off)
}

/// Whether there is a Service that only a dual-stack cluster accepts. A headless one is accepted everywhere.
fn requires_both(objects: &ClusterConfig<'_>) -> bool {
    objects.objects_of(ObjectKind::Service).any(|(_, service)| {
        let families = service.tree().at(service.root, &["spec", "ipFamilies"]);
        let count = families.map_or(0, |list| service.tree().items(list).count());
        let policy = service.text(&["spec", "ipFamilyPolicy"]);
        (count == 2 || policy == Some("RequireDualStack"))
            && service.text(&["spec", "clusterIP"]) != Some("None")
    })
}

/// Whether the variables of calico-node set up an IP family, whatever the CNI configuration says.
fn sets_up(install: &CalicoInstall<'_>, family: Family) -> bool {
    let value = |name| install.node.as_ref().and_then(|node| Some(&node.env.get(name)?.value));
    // What a field of the pod or another object sets is not known here, but it is set.
    let has = |name| match value(name) {
        Some(EnvValue::Literal { text, .. }) => !matches!(*text, "" | "none"),
        Some(EnvValue::Absent) | None => false,
        Some(_) => true,
    };
    match family {
        // With both families off in the CNI configuration no pod starts: it does not say which stack is meant.
        Family::Ipv4 => {
            let is_meant = install.facts.has_cni_config && install.facts.stack.is_none();
            // Unless these variables turn it off, calico-node detects an IPv4 address, and makes an IPv4 pool.
            let is_none = |name| matches!(value(name), Some(EnvValue::Literal { text: "none", .. }));
            let is_off = is_none("IP") || is_none("CALICO_IPV4POOL_CIDR");
            let is_default = !install.facts.has_cni_config && !is_off && sets_up(install, Family::Ipv6);
            (has("IP") && (has("CALICO_IPV4POOL_CIDR") || is_meant)) || is_default
        }
        Family::Ipv6 => {
            let support = install.env_text("FELIX_IPV6SUPPORT");
            let is_off = support.is_some_and(is_false);
            has("IP6") && !is_off && (has("CALICO_IPV6POOL_CIDR") || support.is_some_and(is_true))
        }
    }
}

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
        self.stack = stack_of(model, &self.target);
        let orders = model.facts.cluster.lists.orders.in_order();
        self.is_disputed = lint.as_found && !orders.is_empty();
        // Most places are right: one that differs is reported, instead of all that depends on the primary family.
        let most = orders
            .iter()
            .fold(0_i32, |sum, one| if family(one.net) == Family::Ipv4 { sum + 1 } else { sum - 1 });
        self.majority = match most.signum() {
            1 if self.is_disputed => Some(Family::Ipv4),
            -1 if self.is_disputed => Some(Family::Ipv6),
            _ => None,
        };
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
        // A transform asks for an address; what is wrong without it is among the next ones.
        diagnostics.all.retain(|found| found.rule.id != UNMAPPED.id);
        diagnostics.all.append(&mut diagnostics.unanswered);
        // If no file states an IP family, only what is wrong for each of them is known.
        let is_known = !lint.as_found || self.stack.is_some();
        diagnostics.all.retain(|found| {
            (is_known || found.rule.kind == RuleKind::Defect) && lint.selection.has(found.rule)
        });
        let is_not_checked =
            |found: &Diagnostic| NOT_CHECKED.contains(&found.rule.id) && found.stops != Some(false);
        for found in diagnostics.all.iter_mut().filter(|found| is_not_checked(found)) {
            found.severity = found.severity.min(Severity::Warning);
        }
        for fix in diagnostics
            .all
            .iter_mut()
            .filter(|found| self.is_disputed && found.rule.kind == RuleKind::Target)
            .filter_map(|found| found.fix.as_mut())
        {
            fix.applicability = fix.applicability.min(Applicability::Unsafe);
        }
        let Some(least) = lint.fix else { return };
        let around = &self.files[index].suppressed;
        let inside = Suppressions::read(text);
        let rules = catalogue();
        let mut sweep = inside.sweep(&rules);
        diagnostics.all.sort_by_key(|found| found.range.start);
        for found in &mut diagnostics.all {
            found.stops = Some(false);
            let at = found.range.start;
            let rule = found.rule;
            let Some(fix) = &mut found.fix else { continue };
            let is_suppressed = sweep.at(at).first(rule).or_else(|| around.first(rule)).is_some();
            let is_wanted = fix.applicability >= least && !is_suppressed;
            fix.applicability = if is_wanted { Applicability::Safe } else { Applicability::DisplayOnly };
        }
    }
}
