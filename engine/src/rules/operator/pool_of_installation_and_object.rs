use crate::diagnostic::upstream;
use crate::model::facts::defined_pool::{DefinedPool, SELECTORS};
use crate::model::fields::ObjectKind;
use crate::model::pool::{Pool, PoolSource};
use crate::rules::change::at_object;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const MANAGES_POOLS: Gate = Gate {
    component: Component::Operator,
    what: "the operator manages the IPPools of the Installation, and takes over only those that are equal",
    windows: &[Window { from: Version::new(1, 34, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "OP-013",
    name: "pool-of-installation-and-object",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[MANAGES_POOLS],
    texts: Texts {
        finds: "an IPPool and the Installation define the same CIDR with different fields",
        consequence: "the operator leaves the IPPool as it is: the fields of the Installation have no effect. It only logs `Cannot update an IP pool not owned by the operator`",
        help: "define the pool in one place only",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR
                .file("pkg/controller/ippool/pool_controller.go")
                .symbol("not owned by the operator")
                .line(297),
            upstream::OPERATOR.file("pkg/controller/ippool/pool_controller.go").symbol("DeepEqual").line(259),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let operator = cx.installs.iter().find_map(|install| install.facts.operator);
    if MANAGES_POOLS.applies(operator) == Some(false) {
        return;
    }
    let pools = cx.cluster.lists.pools.in_order();
    if !pools.iter().any(|pool| pool.source == PoolSource::Installation) {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::IpPool) {
        let owner = object.text(&["metadata", "labels", "app.kubernetes.io/managed-by"]);
        if owner == Some("tigera-operator") {
            continue;
        }
        let Some(cidr) = Pool::of_object(object).and_then(|pool| pool.cidr) else { continue };
        let place = cx.documents.place(object.start(cidr.node));
        let Some(own) = pools.iter().find(|pool| pool.source == PoolSource::Object && pool.place == place)
        else {
            continue;
        };
        let of_installation =
            pools.iter().find(|pool| pool.source == PoolSource::Installation && pool.net == own.net);
        let Some(other) = of_installation else { continue };
        let fields = differences(own, other);
        if !fields.is_empty() {
            let message =
                format!("{} and {} define {} differently: {}", own.by, other.by, own.net, fields.join(", "));
            let diagnostic = at_object(&META, object, cidr.node).message(message).stops(false);
            diagnostics.push(diagnostic.related(other.place.clone(), "the Installation defines it here"));
        }
    }
}

/// The fields that differ. What the Installation does not set, the operator fills in as Calico does, or as the pool has it.
fn differences(object: &DefinedPool, installation: &DefinedPool) -> Vec<&'static str> {
    let is_ipv6 = object.net.addr().is_ipv6();
    let mut fields = Vec::new();
    if !installation.name.is_empty() && installation.name != object.name {
        fields.push("name");
    }
    if installation.encapsulation.is_some_and(|mode| mode != object.encapsulation.unwrap_or("None")) {
        fields.push("encapsulation");
    }
    let default_size = if is_ipv6 { "122" } else { "26" };
    let size = |pool: &DefinedPool| pool.block_size.clone().unwrap_or_else(|| default_size.to_owned());
    if size(object) != size(installation) {
        fields.push("blockSize");
    }
    if installation.nat.unwrap_or(!is_ipv6) != object.nat.unwrap_or(false) {
        fields.push("natOutgoing");
    }
    for (index, selector) in SELECTORS.iter().enumerate() {
        // An Installation has no namespaceSelector.
        if selector.field != "namespaceSelector" && object.selector(index) != installation.selector(index) {
            fields.push(selector.field);
        }
    }
    fields
}
