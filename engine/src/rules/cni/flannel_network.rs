use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::at_cni;
use crate::rules::{
    Change, ChangeDescription, Check, Context, Diagnostic, Diagnostics, Effect, Fix, Fixable, Metadata,
    ObjectKey, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::yaml::verify::Planned;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::Ipv6Net;

const META: Metadata = Metadata {
    id: "CNI-017",
    name: "flannel-network-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "flannel's network does not have the requested IP families",
        consequence: "in canal, flannel programs the routes between nodes: without EnableIPv6 and IPv6Network it carries IPv4 only. Calico's documentation of dual-stack requires Calico IPAM, which canal does not use",
        help: "set EnableIPv6 and IPv6Network in net-conf.json; for IPv6-only also set EnableIPv4: false and remove Network",
        example: ("\"Network\": \"10.244.0.0/16\",", "\"Network\": \"10.244.0.0/16\",\n\"EnableIPv6\": true,\n\"IPv6Network\": \"fd00:10:244::/56\","),
        sources: &[
            upstream::FLANNEL.file("Documentation/configuration.md").line(123),
            upstream::CALICO.pull(5313),
            upstream::page(
                "Calico: Configure dual stack or IPv6 only",
                "https://docs.tigera.io/calico/latest/networking/ipam/ipv6",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some(config) = install.config.as_ref().filter(|_| install.facts.variant == Variant::Canal) else {
            continue;
        };
        let Some((scalar, net_conf)) = &config.net_conf else {
            if let Some((config, cni)) = install.cni().filter(|_| cx.wants_ipv6()) {
                diagnostics.push(
                    at_cni(&META, config, cni, None)
                        .severity(Severity::Warning)
                        .message("flannel's net-conf.json is not in these files"),
                );
            }
            continue;
        };
        let embedded = match net_conf {
            Ok(embedded) => embedded,
            Err(error) => {
                let diagnostic =
                    Diagnostic::new(&META, config.tree, *scalar).at(error.offset..error.offset + 1);
                diagnostics.push(diagnostic.message("net-conf.json is not JSON").label(&error.message));
                continue;
            }
        };
        let tree = &embedded.tree;
        let Some(root) = tree.root() else { continue };
        let mut changes = Vec::new();
        let mut change = |inner, op, field: &str, from: Option<&str>, to: Option<&str>| {
            let why = "flannel programs the routes between nodes";
            let description = Some(ChangeDescription::new(
                format!("{}, net-conf.json", config.resource.title()),
                field,
                from,
                to,
                why,
            ));
            let planned = Planned { node: *scalar, inner: Some(inner), op };
            changes.push(Change {
                document: config.resource.document,
                planned,
                description,
                object: Some(ObjectKey::of(config.resource, Some(*scalar))),
                field: None,
                effect: Effect::RollOutCalicoNode,
            });
        };
        let network = tree.get(root, "Network");
        // If Network is removed, nothing can be inserted after it.
        let place = Placement { after: network.filter(|_| cx.wants_ipv4()), below: None };
        let mut set = |key: &str, value: Value, text: &str| match tree.get(root, key) {
            Some(node) if tree.scalar(node) == Some(text) => {}
            Some(node) => change(node, Op::Set(value), key, tree.scalar(node), Some(text)),
            None => change(root, Op::InsertEntry(place, key.to_owned(), value), key, None, Some(text)),
        };
        if cx.wants_ipv6() {
            let now = tree.get(root, "IPv6Network").and_then(|n| tree.scalar(n));
            // Flannel exits on an IPv4 range here.
            let now = now.filter(|text| text.parse::<Ipv6Net>().is_ok()).map(str::to_owned);
            let stated = || install.facts.pods.of(Family::Ipv6).map(|net| net.to_string());
            let Some(cidr) = cx.target.ipv6_pod_cidr.map(|c| c.to_string()).or(now).or_else(stated) else {
                diagnostics.ask(
                    "ipv6-pod-cidr",
                    "fd00:10:244::/56",
                    "flannel's net-conf.json has no IPv6 network",
                    Diagnostic::new(&META, config.tree, *scalar),
                );
                continue;
            };
            if cx.is_ipv6_only() {
                set("EnableIPv4", Value::Word("false".to_owned()), "false");
            }
            set("EnableIPv6", Value::Word("true".to_owned()), "true");
            set("IPv6Network", Value::string(&cidr), &cidr);
        }
        let mut remove: Vec<&str> = Vec::new();
        match cx.target.to {
            Stack::DualStack => remove.push("EnableIPv4"),
            Stack::Ipv6Only => remove.push("Network"),
            Stack::Ipv4Only => remove.extend(["EnableIPv4", "EnableIPv6", "IPv6Network"]),
        }
        for key in remove {
            let Some(node) = tree.get(root, key) else { continue };
            if key == "EnableIPv4" && tree.scalar(node) == Some("true") {
                continue;
            }
            change(node, Op::Remove, key, tree.scalar(node), None);
        }
        if cx.wants_ipv4() && network.is_none() {
            match cx.target.ipv4_pod_cidr {
                Some(cidr) => {
                    let op = Op::InsertEntry(
                        Placement::default(),
                        "Network".to_owned(),
                        Value::string(cidr.to_string()),
                    );
                    change(root, op, "Network", None, Some(&cidr.to_string()));
                }
                None => diagnostics.ask(
                    "ipv4-pod-cidr",
                    "10.244.0.0/16",
                    "flannel's net-conf.json has no IPv4 network",
                    Diagnostic::new(&META, config.tree, *scalar),
                ),
            }
        }
        if !changes.is_empty() {
            let diagnostic = Diagnostic::new(&META, config.tree, *scalar);
            let range = super::super::change::first_line(config.tree, *scalar);
            diagnostics.push(diagnostic.at(range).fix(Fix::new(changes)));
        }
    }
}
