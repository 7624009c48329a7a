//! The method with which calico-node finds its IPv6 address, where an installer passes it on.

use super::change::{ChangeText, change};
use super::templates::is_template;
use crate::model::fields::ConfigObject;
use crate::rules::{Context, Diagnostic, Fix, Metadata, Severity};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};

/// Reports that a mapping has a method for IPv4 and none for IPv6: calico-node then uses the first IPv6 address that it finds. A
/// method that names interfaces also fits IPv6.
pub(super) fn missing(
    cx: &Context<'_>,
    meta: &'static Metadata,
    object: &ConfigObject<'_>,
    mapping: NodeId,
    [of_ipv4, of_ipv6]: [&'static str; 2],
) -> Option<Diagnostic> {
    let tree = object.tree();
    let text =
        |key| tree.get(mapping, key).and_then(|node| tree.scalar(node)).filter(|text| !text.is_empty());
    let method = text(of_ipv4).filter(|method| *method != "first-found" && !is_template(method))?;
    if text(of_ipv6).is_some() {
        return None;
    }
    let node = tree.get(mapping, of_ipv4)?;
    let diagnostic = cx
        .at(meta, object, node)
        .severity(Severity::Warning)
        .message(format!("{of_ipv4} is {method}, and {of_ipv6} is not set"))
        .consequence("for IPv6 calico-node uses the first address that it finds, on any interface");
    if method.starts_with("can-reach=") || method.starts_with("cidr=") {
        let help = format!("set {of_ipv6} to a method for IPv6, for example cidr=fd00:1::/64");
        return Some(diagnostic.help(help));
    }
    let why = "the same interfaces as for IPv4";
    let description = ChangeText { field: of_ipv6, from: None, to: Some(method), why };
    let (node, op) = match tree.get(mapping, of_ipv6) {
        Some(empty) => (empty, Op::Set(Value::string(method))),
        None => {
            let op = Op::InsertEntry(Placement::default(), of_ipv6.to_owned(), Value::string(method));
            (mapping, op)
        }
    };
    Some(diagnostic.fix(Fix::new(vec![change(object, node, op, description)])))
}
