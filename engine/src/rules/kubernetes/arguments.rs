//! Adds flags, in each format in which flags are written.

use crate::model::fields::{ConfigObject, Flags, ObjectKind, Shape};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};

/// Returns how a new flag is added to the others: the node and the edit. `None` if no edit is possible.
pub(super) fn insert(
    object: &ConfigObject<'_>,
    flags: &Flags,
    name: &str,
    value: &str,
) -> Option<(NodeId, Op)> {
    let tree = object.tree();
    match flags.shape {
        Shape::Words(list) => {
            // kubeadm sorts flags by name.
            let before = flags.flags.iter().take_while(|f| f.name.as_str() < name).last();
            let sorted = flags.flags.windows(2).all(|pair| pair[0].name <= pair[1].name);
            let after = before.filter(|_| sorted).and_then(|f| f.items.last().copied());
            let argument = Value::string(format!("--{name}={value}"));
            Some((list, Op::InsertItem(Placement { after, below: None }, argument)))
        }
        Shape::Plain(list) if tree.kind(list) == Kind::Sequence => {
            Some((list, Op::InsertItem(Placement::default(), Value::string(format!("{name}={value}")))))
        }
        Shape::Plain(_) => None,
        Shape::Map(map) if tree.children(map).next().is_some() => {
            Some((map, Op::InsertEntry(Placement::default(), name.to_owned(), Value::string(value))))
        }
        Shape::List(list) if tree.items(list).next().is_some() => {
            Some((list, Op::InsertItem(Placement::default(), item(name, value))))
        }
        Shape::Map(map) => Some((map, Op::Set(Value::Map(vec![entry(name, value)])))),
        Shape::List(list) => Some((list, Op::Set(Value::Seq(vec![item(name, value)])))),
    }
}

/// Returns the same for a kubeadm document that has no controller manager arguments yet.
pub(super) fn insert_controller(object: &ConfigObject<'_>, name: &str, value: &str) -> Option<(NodeId, Op)> {
    if object.kind != ObjectKind::ClusterConfiguration {
        return None;
    }
    let is_list = !matches!(
        object.text(&["apiVersion"])?,
        "kubeadm.k8s.io/v1beta1" | "kubeadm.k8s.io/v1beta2" | "kubeadm.k8s.io/v1beta3"
    );
    let arguments =
        if is_list { Value::Seq(vec![item(name, value)]) } else { Value::Map(vec![entry(name, value)]) };
    let tree = object.tree();
    let fields = vec![("extraArgs".to_owned(), arguments.clone())];
    let Some(controller) = tree.get(object.root, "controllerManager") else {
        let place = Placement { after: tree.get(object.root, "apiServer"), below: None };
        return Some((
            object.root,
            Op::InsertEntry(place, "controllerManager".to_owned(), Value::Map(fields)),
        ));
    };
    match tree.get(controller, "extraArgs") {
        Some(empty) => Some((empty, Op::Set(arguments))),
        None if tree.kind(controller) == Kind::Mapping && tree.children(controller).next().is_some() => {
            Some((controller, Op::InsertEntry(Placement::default(), "extraArgs".to_owned(), arguments)))
        }
        None => Some((controller, Op::Set(Value::Map(fields)))),
    }
}

fn entry(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::string(value))
}

fn item(name: &str, value: &str) -> Value {
    Value::Map(vec![entry("name", name), entry("value", value)])
}
