use super::LintContext;
use crate::address::Family;
use crate::model::fields::{Component, FieldKind, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "K8S-ADV-AUTO",
    name: "advertise-address-found-by-default-route",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "the API server looks for its own address, and IPv6 stands first",
    consequence: "it takes the address of the IPv4 default route where there is one, and then exits: its address must be of the family of the first service range",
    help: "add --advertise-address with the node's IPv6 address",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", "--advertise-address=2001:db8:1::11"),
    sources: &["kubernetes/kubernetes: issue 84727", "gardener/gardener: issue 15018"],
};

pub(in crate::rules) const FOUND: Rule = Rule { meta: &META, check: Check::Objects(check) };

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.primary() != Family::Ipv6 {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::Process(Component::ApiServer)) {
        let own = || cx.config.flags.iter().filter(move |flags| flags.object == index);
        let kind = |wanted| cx.config.fields.iter().any(|f| f.object == index && f.kind == wanted);
        let is_told = own().any(|flags| {
            flags.get("advertise-address").is_some()
                || flags.value("endpoint-reconciler-type") == Some("none")
                || flags.script.is_some()
        });
        // Without a range of its own there is nothing to agree with.
        if !is_told && kind(FieldKind::ServiceRange) {
            diagnostics.push(cx.at_kind(&META, object));
        }
    }
}
