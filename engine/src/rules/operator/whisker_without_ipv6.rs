use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::change::at_object;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const IPV4_ONLY: Gate = Gate {
    component: Component::Calico,
    what: "Whisker listens on 0.0.0.0:8081 only",
    windows: &[Window::between(Version::new(3, 30, 0), Version::new(3, 30, 3))],
};

const META: Metadata = Metadata {
    id: "OP-012",
    name: "whisker-without-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[IPV4_ONLY],
    texts: Texts {
        finds: "the Whisker web UI does not listen on IPv6 in this release",
        consequence: "its nginx listens on 0.0.0.0:8081 only: in an IPv6-only cluster the Service of Whisker does not answer",
        help: "upgrade Calico to 3.30.3 or later",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("whisker/docker-image/default.conf").line(6).at("v3.30.2"),
            upstream::CALICO.file("whisker/docker-image/default.conf").line(4).at("v3.30.3"),
            upstream::CALICO.pull(10839),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // An operator's image shows the minor release only.
    if !cx.is_ipv6_only() || !cx.cluster.calico_is_exact || !IPV4_ONLY.holds(cx.cluster.calico) {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Whisker) {
        let kind = object.tree().get(object.root, "kind").unwrap_or(object.root);
        diagnostics.push(at_object(&META, object, kind));
    }
}
