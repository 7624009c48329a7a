use super::change::{ChangeText, change};
use crate::address::family_of;
use crate::diagnostic::upstream;
use crate::host::{Form, addresses};
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};
use std::net::IpAddr;

const CHECKED: Gate = Gate {
    component: Component::Calico,
    what: "BGPPeer has the field reachableBy",
    windows: &[Window { from: Version::new(3, 25, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "BGP-006",
    name: "gateway-of-other-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[CHECKED],
    texts: Texts {
        finds: "reachableBy of a BGPPeer is of another IP family than peerIP",
        consequence: "calicoctl and the Calico API server refuse the BGPPeer: `ReachableBy and PeerIP address family mismatched`",
        help: "write the gateway's address of the same IP family, or remove reachableBy; for an IPv6 peer, --map-address can supply it",
        example: (
            "peerIP: 2001:db8:1::1\nreachableBy: 192.0.2.1",
            "peerIP: 2001:db8:1::1\nreachableBy: 2001:db8:2::1",
        ),
        sources: &[
            upstream::CALICO
                .file("libcalico-go/lib/validator/v3/validator.go")
                .symbol("validateReachableBy")
                .line(1583),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::BgpPeer) {
        let tree = object.tree();
        let Some(node) = tree.at(object.root, &["spec", "reachableBy"]) else { continue };
        let Some(text) = tree.scalar(node) else { continue };
        let gateway = text.trim().parse::<IpAddr>();
        let peer = object.text(&["spec", "peerIP"]).map(|text| addresses(text, Form::HostPort));
        let (Ok(gateway), Some([peer])) = (gateway, peer.as_deref()) else { continue };
        if family_of(gateway) == family_of(*peer) {
            continue;
        }
        let message = format!("reachableBy of {} is {gateway}, but peerIP is {peer}", object.title());
        let mut diagnostic = cx.at(&META, object, node).message(message);
        if let Some(own) = tree.at(object.root, &["spec", "peerIP"]) {
            diagnostic = diagnostic.related(cx.documents.place(object.start(own)), "the peer's address");
        }
        let other = cx.address_map.of(gateway).filter(|other| family_of(*other) == family_of(*peer));
        diagnostics.push(match other.map(|other| other.to_string()) {
            Some(other) => {
                let why = "the IP family of the peer";
                let text = ChangeText { field: "reachableBy", from: Some(text), to: Some(&other), why };
                diagnostic.fix(Fix::new(vec![change(object, node, Op::Set(Value::string(&other)), text)]))
            }
            None => diagnostic,
        });
    }
}
