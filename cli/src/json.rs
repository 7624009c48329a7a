//! Plans and facts as data. The shape is named in it (`version`), and only grows.

use calico_ipv6_engine::facts::{Facts, Ipam};
use calico_ipv6_engine::plan::{Outcome, Plan};
use calico_ipv6_engine::report::inspect::Inspection;
use calico_ipv6_engine::rules::{Fixable, Metadata};
use calico_ipv6_engine::source::position;
use calico_ipv6_engine::target::Backend;
use serde::Serialize;
use serde_json::{Value, json};

/// The version of every document printed here.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn place(text: &str, range: &std::ops::Range<usize>) -> Place {
    let (start, end) = (position(text, range.start), position(text, range.end));
    Place { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
        Outcome::PassedThrough => "passed-through",
        Outcome::Refused => "refused",
        Outcome::Asks => "asks",
    }
}

fn facts(facts: &Facts) -> Value {
    json!({
        "variant": facts.variant.to_string(),
        "calico": facts.calico.map(|v| v.to_string()),
        "operator": facts.operator.map(|v| v.to_string()),
        "stack": facts.stack.map(|s| s.to_string()),
        "backend": match facts.backend { Backend::Bird => "bird", Backend::Vxlan => "vxlan", Backend::None => "none" },
        "ebpf": facts.is_bpf,
        "ipam": match facts.ipam { Ipam::Calico => Some("calico-ipam"), Ipam::HostLocal => Some("host-local"), Ipam::Unknown => None },
        "etcdDatastore": facts.has_etcd_datastore,
        "mtu": facts.mtu,
    })
}

/// One file of `transform -o json`.
pub(crate) fn plan(name: &str, text: &str, plan: &Plan) -> Value {
    let installs: Vec<Value> =
        plan.installs.iter().map(|i| json!({ "title": i.title, "facts": facts(&i.facts) })).collect();
    let changes: Vec<Value> = plan
        .changes
        .iter()
        .map(|c| {
            json!({
                "rule": c.rule,
                "resource": c.shown.resource,
                "field": c.shown.field,
                "from": c.shown.from,
                "to": c.shown.to,
                "why": c.shown.why,
                "line": c.offset.map(|offset| position(text, offset).line),
            })
        })
        .collect();
    let findings: Vec<Value> = plan
        .findings
        .iter()
        .map(|f| {
            json!({
                "rule": f.rule.id,
                "name": f.rule.name,
                "severity": f.severity.to_string(),
                "message": f.message,
                "cluster": f.cluster,
                "remedy": f.remedy,
                "path": f.path,
                "place": place(text, &f.range),
            })
        })
        .collect();
    let questions: Vec<Value> = plan
        .questions
        .iter()
        .map(|q| json!({ "option": q.flag, "why": q.why, "example": q.example }))
        .collect();
    json!({
        "name": name,
        "outcome": outcome(plan.outcome),
        "installs": installs,
        "components": plan.components,
        "changes": changes,
        "pools": plan.pools.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "findings": findings,
        "questions": questions,
        "documents": plan.documents,
        "touchedDocuments": plan.touched,
        "untouchedLines": plan.untouched_lines,
        "text": plan.text,
    })
}

/// The whole of `transform -o json`.
pub(crate) fn plans(files: &[Value]) -> Value {
    json!({ "version": VERSION, "files": files })
}

/// One file of `inspect -o json`.
pub(crate) fn inspection(name: &str, inspection: &Inspection) -> Value {
    let installs: Vec<Value> = inspection
        .installs
        .iter()
        .map(|i| {
            let rows: Vec<Value> =
                i.rows.iter().map(|r| json!({ "name": r.name, "value": r.value, "line": r.line })).collect();
            json!({ "title": i.title, "facts": facts(&i.facts), "rows": rows })
        })
        .collect();
    json!({
        "name": name,
        "documents": inspection.documents,
        "understood": inspection.understood,
        "templates": inspection.templates,
        "installs": installs,
        "components": inspection.components,
    })
}

/// The catalogue of rules.
pub(crate) fn rules(rules: &[&Metadata]) -> Value {
    let rules: Vec<Value> = rules
        .iter()
        .map(|meta| {
            json!({
                "id": meta.id,
                "name": meta.name,
                "severity": meta.severity.to_string(),
                "fix": match meta.fixable { Fixable::Always => "always", Fixable::Sometimes => "sometimes", Fixable::Never => "never" },
                "finds": meta.finds,
                "why": meta.why,
                "remedy": meta.remedy,
                "sources": meta.sources,
            })
        })
        .collect();
    json!({ "version": VERSION, "rules": rules })
}
