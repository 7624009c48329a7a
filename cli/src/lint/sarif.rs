//! SARIF 2.1.0 (OASIS): what code scanning of GitHub, GitLab and Azure reads.

use super::formats::texts;
use crate::people::Text;
use calico_ipv6_data::{Lint, LintFinding, LintedFile, Severity};
use calico_ipv6_engine::rules::{Metadata, catalogue};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The page of a rule.
fn page(rule: &Metadata) -> String {
    format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id)
}

/// The log of one run. Its results are made one by one while it is written: a log may have very many.
#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    results: Results<'a>,
}

struct Results<'a> {
    files: &'a [LintedFile],
    rules: &'a [&'a Metadata],
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.files.iter().flat_map(|file| file.findings.iter().map(|one| result(file, one, self.rules))),
        )
    }
}

/// The log of one run.
pub(super) fn log(lint: &Lint) -> Text {
    let findings = || lint.files.iter().flat_map(|file| &file.findings);
    let ids: BTreeSet<&str> = findings().map(|one| one.finding.rule).collect();
    let rules: Vec<&Metadata> = catalogue().into_iter().filter(|rule| ids.contains(rule.id)).collect();
    let notifications: Vec<Value> = lint.files.iter().filter_map(notification).collect();
    let is_read = notifications.is_empty();
    Text::json(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": {
                "name": "calico-ipv6",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }}),
            column_kind: "unicodeCodePoints",
            invocations: json!([{
                "executionSuccessful": is_read,
                "toolExecutionNotifications": notifications,
            }]),
            results: Results { files: &lint.files, rules: &rules },
        }],
    })
}

fn descriptor(rule: &Metadata) -> Value {
    let texts = rule.texts();
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": texts.finds},
        "fullDescription": {"text": texts.consequence},
        "help": {"text": texts.help},
        "helpUri": page(rule),
        "defaultConfiguration": {"level": level(rule.severity.into())},
    })
}

fn result(file: &LintedFile, one: &LintFinding, rules: &[&Metadata]) -> Value {
    let LintFinding { finding, fingerprint, object } = one;
    let place = finding.place;
    let region = json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    });
    let texts: Vec<&str> = texts(finding).collect();
    let related = |(id, one): (usize, &calico_ipv6_data::Location)| {
        json!({
            "id": id,
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&one.file)},
                "region": {"startLine": one.line, "startColumn": one.column},
            },
            "message": {"text": one.text},
        })
    };
    let related: Vec<Value> = finding.related.iter().enumerate().map(related).collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.binary_search_by_key(&finding.rule, |rule| rule.id).ok(),
        "level": level(finding.severity),
        "message": {"text": texts.join("; ")},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(&file.name)}, "region": region},
            "logicalLocations": [{
                "fullyQualifiedName": format!("{} {}", object.as_deref().unwrap_or_default(), finding.path).trim(),
            }],
        }],
        "relatedLocations": related,
        "partialFingerprints": {"ruleObjectField/v1": fingerprint},
    })
}

/// A file that cannot be read.
fn notification(file: &LintedFile) -> Option<Value> {
    let problem = file.problem.as_ref()?;
    let region = problem.place.map(|place| json!({"startLine": place.line, "startColumn": place.column}));
    let mut location = json!({"artifactLocation": {"uri": uri(&file.name)}});
    if let (Some(region), Value::Object(fields)) = (region, &mut location) {
        fields.insert("region".to_owned(), region);
    }
    Some(json!({
        "level": "error",
        "message": {"text": format!("{}; {}", problem.message, problem.help)},
        "locations": [{"physicalLocation": location}],
    }))
}

/// The name of a file as a URI reference: what RFC 3986 does not allow in a path is percent-encoded.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
