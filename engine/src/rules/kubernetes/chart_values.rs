//! Values of the coredns Helm chart: the zones of the kubernetes plugin, as text.

use super::change::{ChangeText, change};
use super::dns_servers::REVERSE_META;
use crate::model::fields::ConfigObject;
use crate::model::fields::ObjectKind;
use crate::model::keyless_kind::COREDNS_VALUES;
use crate::rules::{Change, Check, Context, Diagnostics, Fix, Rule};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Value};

pub(in crate::rules) const REVERSE: Rule = Rule { meta: &REVERSE_META, check: Check::Text(reverse) };

fn reverse(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::DnsService) {
        for (zones, text) in plugins(object, "kubernetes") {
            if text.contains("ip6.arpa") {
                continue;
            }
            let changes: Vec<Change> = add_zone(object, zones).into_iter().collect();
            let diagnostic = cx.at(&REVERSE_META, object, zones);
            diagnostics.push(if changes.is_empty() {
                diagnostic.help("add ip6.arpa to the zones")
            } else {
                diagnostic
                    .help("the fix adds ip6.arpa to the zones; add it to fallthrough in configBlock yourself if in-addr.arpa is there")
                    .fix(Fix::new(changes))
            });
        }
    }
}

/// The parameters of the plugins with a name, in values of the chart.
pub(super) fn plugins<'a>(object: &'a ConfigObject<'_>, name: &str) -> Vec<(NodeId, &'a str)> {
    let tree = object.tree();
    let servers = tree.get(object.root, "servers").filter(|_| object.resource.kind == COREDNS_VALUES);
    let servers = servers.into_iter().flat_map(|list| tree.items(list));
    let plugins = servers.filter_map(|server| tree.get(server, "plugins")).flat_map(|list| tree.items(list));
    let text = |node, key| tree.get(node, key).and_then(|value| tree.scalar(value));
    let named = plugins.filter(|plugin| text(*plugin, "name") == Some(name));
    let parameters = named.filter_map(|plugin| tree.get(plugin, "parameters"));
    parameters.map(|node| (node, tree.scalar(node).unwrap_or_default())).collect()
}

/// Returns the change that adds the IPv6 zone after the IPv4 zone; `None` if there is no IPv4 zone.
fn add_zone(object: &ConfigObject<'_>, zones: NodeId) -> Option<Change> {
    let own = object.tree().scalar(zones)?;
    let position = own.split_whitespace().position(|zone| zone == "in-addr.arpa")?;
    let mut words: Vec<&str> = own.split_whitespace().collect();
    words.insert(position + 1, "ip6.arpa");
    let to = words.join(" ");
    let description = ChangeText {
        field: "parameters",
        from: Some(own),
        to: Some(&to),
        why: "answers reverse queries for IPv6",
    };
    Some(change(object, zones, Op::Set(Value::string(&to)), description))
}
