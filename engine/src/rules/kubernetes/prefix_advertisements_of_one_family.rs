use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "BGP-007",
    name: "prefix-advertisements-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "prefixAdvertisements of a BGPConfiguration has prefixes of one IP family only",
        consequence: "Calico announces its routes of the other IP family without communities: routers that filter by community, or take their policy from it, treat these routes differently",
        help: "add an entry for each prefix of the other IP family, with the same communities; ignore this if the routers do not need them",
        example: (
            "prefixAdvertisements:\n- cidr: 10.244.0.0/16\n  communities: [internal]",
            "prefixAdvertisements:\n- cidr: 10.244.0.0/16\n  communities: [internal]\n- cidr: fd00:10:244::/56\n  communities: [internal]",
        ),
        sources: &[
            upstream::CALICO
                .file("confd/pkg/backends/calico/client.go")
                .symbol("getPrefixAdvertisementsKVPair")
                .line(1315),
            upstream::CALICO
                .file("confd/etc/calico/confd/templates/bird6.cfg.template")
                .symbol("apply_communities")
                .line(3),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::BgpConfiguration) {
        let tree = object.tree();
        let Some(list) = tree.at(object.root, &["spec", "prefixAdvertisements"]) else { continue };
        let prefix = |item| tree.scalar(tree.get(item, "cidr")?)?.parse::<IpNet>().ok().map(family);
        let known: Vec<Family> = tree.items(list).filter_map(prefix).collect();
        let missing = cx.families().into_iter().find(|wanted| !known.contains(wanted));
        if let Some(missing) = missing.filter(|_| !known.is_empty()) {
            let message = format!("prefixAdvertisements of {} has no {missing} prefix", object.title());
            diagnostics
                .push(cx.at(&META, object, list).message(message).label(format!("no {missing} prefix")));
        }
    }
}
