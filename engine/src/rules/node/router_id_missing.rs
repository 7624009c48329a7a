use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Backend;

pub(in crate::rules) const META: Metadata = Metadata {
    id: "NODE-004",
    name: "router-id-missing",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "BIRD has no router ID on a node without an IPv4 address",
        consequence: "BIRD uses the node's IPv4 address as its router ID; without one, confd renders `router id ;`, which BIRD rejects: neither bird nor bird6 starts. In the manifests of 3.8.5, 3.9.4, 3.10.2 and later the liveness probe (-bird-live) then restarts calico-node again and again",
        help: "set CALICO_ROUTER_ID to hash: the router ID is computed from the node's name",
        example: ("- name: IP6\n  value: \"autodetect\"", "- name: IP6\n  value: \"autodetect\"\n- name: CALICO_ROUTER_ID\n  value: \"hash\""),
        sources: &[
            upstream::CALICO.file("confd/pkg/backends/calico/bgp_processor.go").line(177),
            upstream::CALICO.file("confd/etc/calico/confd/templates/bird.cfg.template").line(18),
            upstream::CALICO.file("confd/etc/calico/confd/templates/bird6.cfg.template").line(18),
            upstream::KUBESPRAY.file("roles/network_plugin/calico/templates/calico-node.yml.j2").symbol("ipv4_stack"),
            upstream::CALICO
                .file("_includes/v3.10/charts/calico/templates/calico-node.yaml")
                .line(293)
                .at("v3.10.2"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NEAR: Near = Near(&["IP6_AUTODETECTION_METHOD", "IP6", "IP"]);

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if install.facts.backend != Backend::Bird {
            continue;
        }
        let needed = cx.nodes_lack_ipv4();
        let is_set = install.env_text("CALICO_ROUTER_ID").is_some_and(|text| !text.is_empty());
        if !(cx.target.hash_router_id && cx.wants_ipv6()) && (is_set || !needed) {
            continue;
        }
        let why = "without an IPv4 address BIRD has no router ID and does not start";
        if let Some(fix) = install.set_env("CALICO_ROUTER_ID", "hash", &NEAR, why) {
            diagnostics.push(at_env(&META, node, "CALICO_ROUTER_ID").fix(fix));
        }
    }
}
