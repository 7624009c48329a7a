use super::change::{ChangeText, change};
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};
use ipnet::IpNet;

const READS: Gate = Gate {
    component: Component::Calico,
    what: "calico-node reads podSubnet in the ConfigMap kubeadm-config, if no variable sets the CIDR of a pool",
    windows: &[Window { from: Version::new(3, 13, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "KADM-CALICO-REGEX",
    name: "pod-subnet-not-found-by-calico",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[READS],
    texts: Texts {
        finds: "calico-node does not find a pod CIDR in the ConfigMap kubeadm-config",
        consequence: "calico-node takes the rest of the line behind `podSubnet: ` as it is, and does not read YAML: quotes, blanks and a comment make a CIDR invalid. It then creates the pool from 192.168.0.0/16 (3.14 and later: from a free /16 of 172.16.0.0/12 if the host has an address in that) or from a random unique-local range, unless a variable sets its CIDR",
        help: "the fix removes the quotes and blanks; remove a comment behind the value yourself. kubeadm writes this ConfigMap without quotes, so its own configuration file may have them",
        example: (
            "podSubnet: \"10.244.0.0/16,fd00:10:244::/56\"",
            "podSubnet: 10.244.0.0/16,fd00:10:244::/56",
        ),
        sources: &[
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/startup.go")
                .symbol("extractKubeadmCIDRs")
                .line(1406),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Whether an object is the document that calico-node searches.
fn is_searched(object: &ConfigObject<'_>) -> bool {
    let resource = object.resource;
    object.kind == ObjectKind::ClusterConfiguration
        && resource.kind == "ConfigMap"
        && resource.name == "kubeadm-config"
}

/// What calico-node finds in a text: the CIDRs of the first line with `podSubnet: `, up to the first that is not valid.
fn found(text: &str) -> Vec<IpNet> {
    const KEY: &str = "podSubnet: ";
    let Some(at) = text.find(KEY) else { return Vec::new() };
    let line = text[at + KEY.len()..].lines().next().unwrap_or_default();
    line.split(',').map_while(|cidr| cidr.parse().ok()).collect()
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if READS.applies(cx.cluster.calico) == Some(false) {
        return;
    }
    for (object, field) in cx.config.fields_of(&[FieldKind::PodRange]) {
        if !is_searched(object) {
            continue;
        }
        let Some(stated) = Ranges::read(&field.text) else { continue };
        let found = found(object.tree().text());
        let is_missed = |wanted: &Family| {
            stated.of(*wanted).is_some() && !found.iter().any(|net| family(*net) == *wanted)
        };
        let missed: Vec<String> =
            cx.families().iter().filter(|wanted| is_missed(wanted)).map(ToString::to_string).collect();
        if missed.is_empty() {
            continue;
        }
        let message = format!("calico-node does not find the {} pod CIDR here", missed.join(" and the "));
        let diagnostic = cx.at_field(&META, field).message(message).label(&field.name);
        diagnostics.push(match plain(object, field) {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic.help(
                "write the CIDRs behind `podSubnet: ` on one line, without quotes, blanks or a comment",
            ),
        });
    }
}

/// The fix that writes the CIDRs without quotes and blanks; `None` if something else hides them.
fn plain(object: &ConfigObject<'_>, field: &Field) -> Option<Fix> {
    let tree = object.tree();
    let range = tree.range(field.node);
    let behind = &tree.text()[range.end..crate::source::line_end(tree.text(), range.end)];
    let before = &tree.text()[crate::source::line_start(tree.text(), range.start)..range.start];
    if !behind.trim().is_empty() || !before.ends_with("podSubnet: ") {
        return None;
    }
    let text: String = field.text.chars().filter(|c| !c.is_whitespace()).collect();
    let why = "calico-node takes the rest of the line as it is";
    let description =
        ChangeText { field: &field.name, from: Some(&tree.text()[range]), to: Some(&text), why };
    let op = Op::Set(Value::Word(text.clone()));
    Some(Fix::new(vec![change(object, field.node, op, description).of(field.kind, &field.name)]))
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn calico_node_does_not_read_yaml() {
        let count = |line: &str| found(&format!("networking:\n  {line}\n  serviceSubnet: x\n")).len();
        assert_eq!(count("podSubnet: 10.244.0.0/16,fd00:10:244::/56"), 2);
        assert_eq!(count("podSubnet: \"10.244.0.0/16,fd00:10:244::/56\""), 0);
        assert_eq!(count("podSubnet: 10.244.0.0/16,fd00:10:244::/56 # both"), 1);
        assert_eq!(count("podSubnet: 10.244.0.0/16, fd00:10:244::/56"), 1);
        assert_eq!(count("dnsDomain: cluster.local"), 0);
    }
}
