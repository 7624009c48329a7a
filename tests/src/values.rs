//! Documents as values, read by `serde_yaml` and `serde_json` only: no code of the engine has a say here.

use serde::Deserialize as _;
use serde_json::Value;

/// The documents of a stream as values, without empty ones; none where `serde_yaml` does not read it.
#[must_use]
pub fn documents(text: &str) -> Option<Vec<Value>> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut found = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = Value::deserialize(document).ok()?;
        if !value.is_null() {
            found.push(value);
        }
    }
    Some(found)
}

/// A CNI configuration as a value: bare placeholders such as `__CNI_MTU__` become numbers. None where it is not JSON.
#[must_use]
pub fn embedded(text: &str) -> Option<Value> {
    let mut json = String::new();
    let mut in_string = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '"' => in_string = !in_string,
            '\\' if in_string => {
                let end = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                json.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            '_' if !in_string && rest.starts_with("__") => {
                let end = rest[2..].find("__")? + 4;
                json.push_str("\"placeholder\"");
                rest = &rest[end..];
                continue;
            }
            _ => {}
        }
        json.push(c);
        rest = &rest[c.len_utf8()..];
    }
    serde_json::from_str(&json).ok()
}

/// A value with what may differ between two spellings of the same cluster made equal: JSON inside texts is opened, and
/// variables are sorted by name (a commented-out variable has a place of its own, which JSON cannot say).
#[must_use]
pub fn normal(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entry = |(key, value): (String, Value)| {
                let opened = match (&*key, &value) {
                    ("cni_network_config" | "net-conf.json", Value::String(text)) => embedded(text),
                    ("valuesContent" | "valuesTemplate" | "values", Value::String(text)) => {
                        serde_yaml::from_str(text).ok()
                    }
                    _ => None,
                };
                let mut value = opened.unwrap_or_else(|| normal(value));
                if key == "env"
                    && let Value::Array(items) = &mut value
                {
                    items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
                }
                (key, value)
            };
            Value::Object(entries.into_iter().map(entry).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(normal).collect()),
        other => other,
    }
}

/// The paths at which two values differ, `a.b.0.c`; missing keys and items count.
#[must_use]
pub fn differences(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differ(old, new, String::new(), &mut found);
    found
}

fn differ(old: &Value, new: &Value, path: String, found: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                match (a.get(key), b.get(key)) {
                    (Some(x), Some(y)) => differ(x, y, below(key), found),
                    _ => found.push(below(key)),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                differ(x, y, below(&i.to_string()), found);
            }
        }
        _ if old == new => {}
        _ => found.push(path),
    }
}
