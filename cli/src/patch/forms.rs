//! The two forms of a patch: strategic merge where the API merges and nothing is lost, JSON Patch (RFC 6902) for the rest.
//!
//! kustomize puts the items of a merged list that a patch names before the others. So only two lists are merged: the variables of
//! a container, whose order has no meaning unless one refers to another, and the containers, of which only the first is named. Init
//! containers run in their order, and a list without a merge key would be replaced as a whole.

use super::difference::{Difference, Step};
use super::object::Identity;
use super::value::Value;

/// The patches of one object. The JSON Patch is applied first: its indexes are those of the old lists.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Forms {
    /// The operations of the JSON Patch; empty if there is none.
    pub(super) json: Vec<Value>,
    /// The strategic merge patch, with what names the object.
    pub(super) merge: Option<Value>,
}

/// Kinds that every API server merges by the same keys, with the path of their pods.
const PODS: [(&str, &str, &[&str]); 6] = [
    ("apps/v1", "DaemonSet", &["spec", "template", "spec"]),
    ("apps/v1", "Deployment", &["spec", "template", "spec"]),
    ("apps/v1", "StatefulSet", &["spec", "template", "spec"]),
    ("batch/v1", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("batch/v1", "Job", &["spec", "template", "spec"]),
    ("v1", "Pod", &["spec"]),
];

/// Groups of which every kind is built in.
const BUILT_IN: [&str; 6] = ["", "apps", "batch", "discovery.k8s.io", "networking.k8s.io", "policy"];

/// How a difference can be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Merge {
    /// Its path has keys only, or a container.
    Alone,
    /// It is about the variables of a container: all of them can be merged, or none.
    Variables,
    No,
}

/// Gives each difference the form that is enough for it.
pub(super) fn forms(object: &Identity, differences: Vec<Difference>) -> Forms {
    let merges: Vec<Merge> = differences.iter().map(|one| merge_of(object, one)).collect();
    let all_variables = differences
        .iter()
        .zip(&merges)
        .all(|(one, merge)| *merge == Merge::Variables || !is_about_variables(object, one));
    let can_merge = |merge: Merge| match merge {
        Merge::Alone => true,
        Merge::Variables => all_variables,
        Merge::No => false,
    };
    let mut merge = None;
    let (mut tests, mut operations) = (Vec::new(), Vec::new());
    for (one, how) in differences.into_iter().zip(merges) {
        if can_merge(how) {
            let patch = merge.get_or_insert_with(|| object.header());
            place(patch, &one.path, one.new);
        } else {
            for test in tests_of(&one) {
                if !tests.contains(&test) {
                    tests.push(test);
                }
            }
            operations.push(operation_of(one));
        }
    }
    tests.extend(operations);
    Forms { json: tests, merge }
}

/// The steps of the path below the first container of the pods of an object.
fn in_first_container<'p>(object: &Identity, path: &'p [Step]) -> Option<&'p [Step]> {
    let api_version = object.api_version();
    let (.., pods) =
        PODS.iter().find(|(version, kind, _)| *version == api_version && *kind == object.kind)?;
    let keys = pods.iter().copied().chain(["containers"]);
    let mut steps = path.iter();
    for key in keys {
        if steps.next() != Some(&Step::Key(key.to_owned())) {
            return None;
        }
    }
    match steps.next()? {
        Step::Item { index: Some(0), name: Some(("name", _)) } => Some(steps.as_slice()),
        _ => None,
    }
}

fn is_about_variables(object: &Identity, one: &Difference) -> bool {
    let steps = in_first_container(object, &one.path);
    steps.is_some_and(|steps| steps.len() > 1 && steps[0] == Step::Key("env".to_owned()))
}

fn merge_of(object: &Identity, one: &Difference) -> Merge {
    let is_key = |step: &Step| matches!(step, Step::Key(_));
    let is_named = |step: &Step| matches!(step, Step::Item { name: Some(("name", _)), .. });
    if !BUILT_IN.contains(&object.group.as_str()) || !one.new.as_ref().is_none_or(can_be_merged) {
        return Merge::No;
    }
    match in_first_container(object, &one.path) {
        Some([Step::Key(env), item, rest @ ..]) if env == "env" && is_named(item) => {
            let refers = |value: &Value| value.as_string().is_some_and(|text| text.contains("$("));
            let is_merged = rest.iter().all(is_key) && !one.new.as_ref().is_some_and(|new| new.any(&refers));
            if is_merged { Merge::Variables } else { Merge::No }
        }
        Some(rest) if !rest.is_empty() && rest.iter().all(is_key) => Merge::Alone,
        None if one.path.iter().all(is_key) => Merge::Alone,
        _ => Merge::No,
    }
}

/// Whether a merge keeps a value as it is: null removes a key, and an empty collection may vanish.
fn can_be_merged(value: &Value) -> bool {
    let is_lost = |value: &Value| match value {
        Value::Scalar { text, is_string } => {
            !is_string && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        }
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty() || entries.iter().any(|(key, _)| key.starts_with('$')),
        Value::Alias(_) => true,
    };
    !value.any(&is_lost)
}

/// Puts a value into a strategic merge patch; `None` removes what is there.
fn place(patch: &mut Value, path: &[Step], new: Option<Value>) {
    let Some((step, rest)) = path.split_first() else {
        *patch = new.unwrap_or_else(Value::null);
        return;
    };
    match step {
        Step::Key(key) => {
            if !matches!(patch, Value::Map(_)) {
                *patch = Value::Map(Vec::new());
            }
            let Value::Map(entries) = patch else { return };
            let at = entries.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
                entries.push((key.clone(), Value::Map(Vec::new())));
                entries.len() - 1
            });
            place(&mut entries[at].1, rest, new);
        }
        Step::Item { index, name } => {
            if !matches!(patch, Value::List(_)) {
                *patch = Value::List(Vec::new());
            }
            let Value::List(items) = patch else { return };
            // Later items come first, except those behind the last one.
            let at = if index.is_some() { 0 } else { items.len() };
            let own: Vec<(String, Value)> =
                name.iter().map(|(key, name)| ((*key).to_owned(), Value::string(name.as_str()))).collect();
            if rest.is_empty() {
                let removed = || {
                    let directive = ("$patch".to_owned(), Value::string("delete"));
                    Value::Map(own.into_iter().chain([directive]).collect())
                };
                items.insert(at, new.unwrap_or_else(removed));
                return;
            }
            let is_it = |item: &Value| own.iter().all(|(key, value)| item.get(key) == Some(value));
            let at = items.iter().position(is_it).unwrap_or_else(|| {
                items.insert(at, Value::Map(own.clone()));
                at
            });
            place(&mut items[at], rest, new);
        }
    }
}

/// Operations that fail if the object has changed since it was read: an index would lead to another item.
fn tests_of(one: &Difference) -> Vec<Value> {
    let mut tests = Vec::new();
    for (i, step) in one.path.iter().enumerate() {
        let Step::Item { index: Some(_), name } = step else { continue };
        let is_last = i + 1 == one.path.len();
        match name {
            // The name of an item that is inserted is not yet there.
            Some((key, name)) if !is_last || one.old.is_some() => {
                let path = format!("{}/{}", pointer(&one.path[..=i]), escaped(key));
                tests.push(operation("test", path, Some(Value::string(name.as_str()))));
            }
            None if is_last => {
                let is_scalar = |old: &&Value| matches!(old, Value::Scalar { .. });
                tests.extend(
                    one.old
                        .as_ref()
                        .filter(is_scalar)
                        .map(|old| operation("test", pointer(&one.path), Some(old.clone()))),
                );
            }
            _ => {}
        }
    }
    tests
}

fn operation_of(one: Difference) -> Value {
    let name = match (&one.old, &one.new) {
        (None, _) => "add",
        (Some(_), Some(_)) => "replace",
        (Some(_), None) => "remove",
    };
    operation(name, pointer(&one.path), one.new)
}

fn operation(name: &str, path: String, value: Option<Value>) -> Value {
    let mut entries = vec![("op".to_owned(), Value::string(name)), ("path".to_owned(), Value::string(path))];
    entries.extend(value.map(|value| ("value".to_owned(), value)));
    Value::Map(entries)
}

/// A path as a JSON Pointer (RFC 6901).
fn pointer(path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => format!("/{}", escaped(key)),
        Step::Item { index: Some(index), .. } => format!("/{index}"),
        Step::Item { index: None, .. } => "/-".to_owned(),
    };
    path.iter().map(step).collect()
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::super::difference::differences;
    use super::super::object::Identity;
    use super::super::value::Value;
    use super::forms;
    use calico_ipv6_engine::yaml::parse;

    fn value(text: &str) -> Value {
        let tree = parse(text, 0..text.len()).unwrap();
        Value::of(&tree, tree.root().unwrap())
    }

    /// The JSON Patch and the merge patch that lead from one body of an object to another.
    fn patches(api_version: &str, kind: &str, old: &str, new: &str) -> (String, String) {
        let text = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\n");
        let tree = parse(&text, 0..text.len()).unwrap();
        let object = Identity::of(&tree, tree.root().unwrap()).unwrap();
        let made = forms(&object, differences(&value(old), &value(new)));
        let json = made.json.iter().map(|operation| {
            let part =
                |key: &str| operation.get(key).map(|value| value.lines().join(" ")).unwrap_or_default();
            format!("{} {} {}", part("op"), part("path"), part("value")).trim_end().to_owned() + "\n"
        });
        // Without what names the object, which is the same in each.
        let merge =
            made.merge.map(|merge| merge.lines().iter().skip(4).map(|line| line.clone() + "\n").collect());
        (json.collect(), merge.unwrap_or_default())
    }

    #[test]
    fn keys_of_a_built_in_kind_are_merged() {
        let (json, merge) = patches("v1", "ConfigMap", "data: {a: p, b: q}", "data: {a: 'true', c: z}");
        assert_eq!(json, "");
        assert_eq!(merge, "data:\n  a: \"true\"\n  c: z\n  b: null\n");
    }

    /// A DaemonSet with these entries in the first of two containers.
    fn pods(first: &str) -> String {
        format!(
            "spec: {{template: {{spec: {{containers: [{{name: node, {first}}}, {{name: other, env: [{{name: A}}]}}]}}}}}}"
        )
    }

    #[test]
    fn variables_of_the_first_container_are_merged_by_name() {
        let old = pods("env: [{name: A, value: p}, {name: B, value: q}]");
        let new = pods("env: [{name: A, value: z}, {name: C, value: w}]");
        let (json, merge) = patches("apps/v1", "DaemonSet", &old, &new);
        assert_eq!(json, "");
        let variables = "spec:
  template:
    spec:
      containers:
      - name: node
        env:
        - name: A
          value: z
        - name: B
          \"$patch\": delete
        - name: C
          value: w
";
        assert_eq!(merge, variables);
        // No API server merges this version any more.
        let (json, merge) = patches("extensions/v1beta1", "DaemonSet", &old, &new);
        let operations = "test /spec/template/spec/containers/0/name node
test /spec/template/spec/containers/0/env/1/name B
test /spec/template/spec/containers/0/env/0/name A
add /spec/template/spec/containers/0/env/- name: C value: w
remove /spec/template/spec/containers/0/env/1
replace /spec/template/spec/containers/0/env/0/value z
";
        assert_eq!((json.as_str(), merge.as_str()), (operations, ""));
    }

    #[test]
    fn variables_are_not_merged_if_their_order_may_matter() {
        let (json, merge) = patches(
            "apps/v1",
            "DaemonSet",
            &pods("env: [{name: A, value: p}]"),
            &pods("env: [{name: A, value: z}, {name: B, value: $(A)}]"),
        );
        let operations = "test /spec/template/spec/containers/0/name node
test /spec/template/spec/containers/0/env/0/name A
add /spec/template/spec/containers/0/env/- name: B value: \"$(A)\"
replace /spec/template/spec/containers/0/env/0/value z
";
        assert_eq!((json.as_str(), merge.as_str()), (operations, ""));
        // Repeated names: a merge would change the first one, or both.
        let (json, merge) = patches(
            "apps/v1",
            "DaemonSet",
            &pods("env: [{name: A, value: p}, {name: A, value: q}]"),
            &pods("env: [{name: A, value: p}, {name: A, value: z}]"),
        );
        assert!(json.contains("replace /spec/template/spec/containers/0/env/1/value z"), "{json}");
        assert_eq!(merge, "");
    }

    #[test]
    fn items_of_other_lists_are_patched_one_by_one() {
        let (json, merge) = patches(
            "apps/v1",
            "DaemonSet",
            &pods("command: [run, --a=1, --b=1], env: [{name: A, value: p}]"),
            &pods("command: [run, --a=2, --b=1, --c], env: [{name: A, value: q}]"),
        );
        let operations = "test /spec/template/spec/containers/0/name node
test /spec/template/spec/containers/0/command/1 \"--a=1\"
add /spec/template/spec/containers/0/command/- \"--c\"
replace /spec/template/spec/containers/0/command/1 \"--a=2\"
";
        assert_eq!(json, operations);
        assert!(merge.ends_with("        env:\n        - name: A\n          value: q\n"), "{merge}");
    }

    #[test]
    fn other_kinds_get_a_json_patch() {
        let (json, merge) = patches(
            "operator.tigera.io/v1",
            "Installation",
            "spec: {calicoNetwork: {ipPools: [{cidr: 10.0.0.0/16}]}}",
            "spec: {calicoNetwork: {ipPools: [{cidr: 10.0.0.0/16, a/b~c: 1}, {cidr: fd00::/56}]}}",
        );
        let operations = "test /spec/calicoNetwork/ipPools/0/cidr 10.0.0.0/16
add /spec/calicoNetwork/ipPools/- cidr: fd00::/56
add \"/spec/calicoNetwork/ipPools/0/a~1b~0c\" 1
";
        assert_eq!((json.as_str(), merge.as_str()), (operations, ""));
    }

    #[test]
    fn the_operations_on_a_list_keep_the_indexes_of_what_comes_before() {
        let (json, _) = patches("x/v1", "X", "a: [1, 2, 3, 4, 5]", "a: [0, 1, 3, p, q, 4, 7]");
        let operations =
            "test /a/4 5\ntest /a/1 2\nreplace /a/4 7\nadd /a/3 q\nadd /a/3 p\nremove /a/1\nadd /a/0 0\n";
        assert_eq!(json, operations);
    }

    #[test]
    fn what_a_merge_would_lose_is_a_json_patch() {
        let (json, merge) = patches("v1", "ConfigMap", "data: {a: p}", "data: {a: null, b: {}, c: q}");
        assert_eq!(json, "replace /data/a null\nadd /data/b {}\n");
        assert_eq!(merge, "data:\n  c: q\n");
    }
}
