use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::NodeId;

const FILTERS: Gate = Gate {
    component: Component::Calico,
    what: "Calico has BGPFilter",
    windows: &[Window { from: Version::new(3, 26, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "BGP-005",
    name: "bgp-filter-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[FILTERS],
    texts: Texts {
        finds: "a BGPFilter has rules for one IP family only",
        consequence: "BIRD gets no filter for the other IP family: it accepts every route that the peer sends, and announces Calico's own routes as without a filter",
        help: "add rules for the other IP family (importV6 and exportV6, or importV4 and exportV4)",
        example: (
            "exportV4:\n- action: Reject\n  matchOperator: In\n  cidr: 10.96.0.0/12",
            "exportV4:\n- action: Reject\n  matchOperator: In\n  cidr: 10.96.0.0/12\nexportV6:\n- action: Reject\n  matchOperator: In\n  cidr: fd00:10:96::/112",
        ),
        sources: &[
            upstream::CALICO
                .file("confd/pkg/resource/template/template_funcs.go")
                .symbol("BGPFilterBIRDFuncs")
                .line(410),
            upstream::CALICO.file("confd/pkg/backends/calico/bgp_processor.go").symbol("import all").line(720),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::BgpFilter) {
        let families = [Family::Ipv4, Family::Ipv6].map(|family| (family, rules(object, family)));
        let ([(own, Some(list)), (missing, None)] | [(missing, None), (own, Some(list))]) = families else {
            continue;
        };
        // A filter that peers of one IP family name is complete; of a filter that no peer names, nothing is known.
        let name = &object.resource.name;
        let peers = &cx.cluster.calico_settings.filters;
        let is_used = peers.iter().any(|(filter, of)| filter == name && of.contains(&missing));
        if is_used && cx.families().contains(&missing) {
            let message =
                format!("{} has {own} rules only, and a BGPPeer uses it for {missing}", object.title());
            diagnostics
                .push(cx.at(&META, object, list).message(message).label(format!("no {missing} rules")));
        }
    }
}

/// The first list of rules of an IP family that is not empty.
fn rules(object: &ConfigObject<'_>, family: Family) -> Option<NodeId> {
    lists(object, family).find(|list| object.tree().items(*list).next().is_some())
}

/// The lists of rules of an IP family.
pub(super) fn lists(object: &ConfigObject<'_>, family: Family) -> impl Iterator<Item = NodeId> {
    let keys = match family {
        Family::Ipv4 => ["importV4", "exportV4"],
        Family::Ipv6 => ["importV6", "exportV6"],
    };
    keys.into_iter().filter_map(|key| object.tree().at(object.root, &["spec", key]))
}
