//! Annotations of a Service that fix the addresses of its load balancer.

use super::change::{ChangeText, change};
use super::services::{PINS, counterpart};
use crate::address::Family;
use crate::model::fields::ConfigObject;
use crate::rules::{Change, Context};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Value};

/// An annotation with addresses: `192.0.2.1,2001:db8::1`, or the same as a JSON list.
pub(super) struct Pin<'t> {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub node: NodeId,
    text: &'t str,
}

impl<'t> Pin<'t> {
    /// Those of a Service.
    pub(super) fn all(object: &'t ConfigObject<'_>) -> impl Iterator<Item = Pin<'t>> {
        let tree = object.tree();
        PINS.into_iter().filter_map(move |name| {
            let node = tree.at(object.root, &["metadata", "annotations", name])?;
            Some(Pin { name, node, text: tree.scalar(node)? })
        })
    }

    fn parts(&self) -> impl Iterator<Item = &'t str> {
        let is_mark = |c: char| c.is_whitespace() || "[]\"'".contains(c);
        self.text.split(',').map(move |part| part.trim_matches(is_mark)).filter(|part| !part.is_empty())
    }

    /// The addresses of the other family that have no known counterpart.
    pub(super) fn lost(&self, cx: &Context<'_>, wanted: Family) -> Vec<&'t str> {
        self.parts().filter(|part| counterpart(cx, part, wanted) == Some(None)).collect()
    }

    /// The change that leaves addresses of one family: an address gets its counterpart, or goes.
    pub(super) fn bring(
        &self,
        cx: &Context<'_>,
        object: &ConfigObject<'_>,
        wanted: Family,
    ) -> Option<Change> {
        let mut kept: Vec<String> = Vec::new();
        for part in self.parts() {
            let new = counterpart(cx, part, wanted).unwrap_or_else(|| Some(part.to_owned()));
            kept.extend(new.filter(|new| !kept.contains(new)));
        }
        if kept.iter().map(String::as_str).eq(self.parts()) {
            return None;
        }
        let text = if self.text.trim_start().starts_with('[') {
            let quoted: Vec<String> = kept.iter().map(|one| format!("\"{one}\"")).collect();
            format!("[{}]", quoted.join(","))
        } else {
            kept.join(",")
        };
        let to = (!kept.is_empty()).then_some(text);
        let op = to.as_deref().map_or(Op::Remove, |text| Op::Set(Value::string(text)));
        let why = "the IP family of the cluster";
        let text = ChangeText { field: self.name, from: Some(self.text), to: to.as_deref(), why };
        Some(change(object, self.node, op, text))
    }
}
