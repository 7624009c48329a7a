//! What a function reports: the results of a ResourceList, and the same on standard error.

use super::resource_list::{Place, ResourceList};
use crate::people::{Text, shown, text};
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::{Diagnostic, MissingOption, Severity};
use calico_ipv6_engine::target::TargetOption;
use calico_ipv6_engine::transform::{AppliedChange, Plan};
use calico_ipv6_engine::yaml::write::Value;
use std::borrow::Cow;

/// One result. All texts are masked.
#[derive(Clone, Debug)]
pub(super) struct FnResult {
    pub(super) severity: Severity,
    message: Text,
    /// The rule; `None` if the result is about the call.
    rule: Option<&'static str>,
    place: Option<Place>,
    /// The value of the field today.
    current: Option<Text>,
    /// The value that the target needs.
    proposed: Option<Text>,
}

impl FnResult {
    /// A result about the list or the configuration as a whole.
    pub(super) fn general(severity: Severity, message: Text) -> FnResult {
        FnResult { severity, message, rule: None, place: None, current: None, proposed: None }
    }

    fn finding(list: &ResourceList<'_>, excerpts: &Excerpts<'_>, found: &Diagnostic) -> FnResult {
        // What a rule says of every place quotes nothing.
        let told = |text: &Cow<'static, str>| match text {
            Cow::Borrowed(of_rule) => Text::from(*of_rule),
            Cow::Owned(message) => shown(&excerpts.message(&found.range, message)),
        };
        let mut message = told(&found.message);
        for (label, more) in [("impact", told(&found.consequence)), ("help", told(&found.help))] {
            if !more.is_empty() {
                message.push(&text!("; {}: {}", label, more));
            }
        }
        // An error fails the host. A finding that does not stop a transform becomes a warning.
        let severity = match found.severity {
            _ if found.blocks() => Severity::Error,
            Severity::Error => Severity::Warning,
            severity => severity,
        };
        let place = list.place(found.range.start, None);
        FnResult { rule: Some(found.rule.id), place, ..FnResult::general(severity, message) }
    }

    /// A change that was made or, in a check, is missing.
    fn change(place: Option<Place>, change: &AppliedChange, is_check: bool) -> FnResult {
        let description = &change.description;
        let [current, proposed] = [&description.from, &description.to].map(|v| v.as_deref().map(shown));
        let field = shown(&description.field);
        let what = match (&current, &proposed) {
            (None, Some(to)) => text!("add {}: {}", field, to),
            (Some(_), Some(to)) => text!("set {} to {}", field, to),
            (_, None) => text!("remove {}", field),
        };
        let (severity, would) = if is_check { (Severity::Error, "would ") } else { (Severity::Info, "") };
        let message = text!("{}{}: {}", would, what, shown(&description.why));
        // The field of something new, or of JSON inside a text, is what holds it: its value is another one.
        let is_whole = current.is_some() && current == place.as_ref().and_then(|place| place.value.clone());
        let [current, proposed] = [current, proposed].map(|value| value.filter(|_| is_whole));
        FnResult { severity, message, rule: Some(change.rule), place, current, proposed }
    }

    /// An option that functionConfig must have.
    pub(super) fn missing(option: &MissingOption) -> FnResult {
        let key = TargetOption::named(option.flag).map_or(option.flag, |option| option.key);
        let message = text!(
            "functionConfig has no {}: {}; for example {}: {}",
            key,
            shown(&option.why),
            key,
            shown(&option.example)
        );
        FnResult::general(Severity::Error, message)
    }

    /// Everything that a plan says. Infos of rules only on request.
    pub(super) fn of_plan(
        list: &ResourceList<'_>,
        plan: &Plan,
        is_check: bool,
        with_infos: bool,
    ) -> Vec<FnResult> {
        let excerpts = Excerpts::new(list.tree().text());
        let mut results: Vec<FnResult> = plan.missing_options.iter().map(FnResult::missing).collect();
        let findings = plan.diagnostics.iter().filter(|found| !found.is_fixed());
        let findings = findings.map(|found| FnResult::finding(list, &excerpts, found));
        results.extend(findings.filter(|one| with_infos || one.severity > Severity::Info));
        // A change without an offset is part of the edit of the one before it.
        let mut place = None;
        for change in &plan.changes {
            if let Some(offset) = change.offset {
                let first = plan.edits.partition_point(|edit| edit.range.start < offset);
                let mut here = plan.edits[first..].iter().take_while(|edit| edit.range.start == offset);
                let edit = here.find(|edit| edit.range.is_empty());
                place = list.place(offset, edit.map(|edit| edit.text.as_str()));
            }
            results.push(FnResult::change(place.clone(), &excerpts.change(change), is_check));
        }
        results
    }

    /// As an item of `results`.
    pub(super) fn value(&self) -> Value {
        let string = |text: &Text| Value::string(text.as_str());
        let severity = Value::string(self.severity.to_string());
        let mut entries =
            vec![("message".to_owned(), string(&self.message)), ("severity".to_owned(), severity)];
        if let Some(place) = &self.place {
            let object = place.object.iter().map(|(key, value)| ((*key).to_owned(), string(value)));
            entries.push(("resourceRef".to_owned(), Value::Map(object.collect())));
            let mut field = Vec::new();
            if !place.field.is_empty() {
                field.push(("path".to_owned(), string(&place.field)));
                let values = [("currentValue", &self.current), ("proposedValue", &self.proposed)];
                field.extend(
                    values.into_iter().filter_map(|(key, v)| Some((key.to_owned(), string(v.as_ref()?)))),
                );
                entries.push(("field".to_owned(), Value::Map(field)));
            }
            if let Some(file) = &place.file {
                let mut entry = vec![("path".to_owned(), string(file))];
                entry.extend(place.index.map(|i| ("index".to_owned(), Value::Word(i.to_string()))));
                entries.push(("file".to_owned(), Value::Map(entry)));
            }
        }
        if let Some(rule) = self.rule {
            let tags = Value::Map(vec![("rule".to_owned(), Value::string(rule))]);
            entries.push(("tags".to_owned(), tags));
        }
        Value::Map(entries)
    }

    /// As a line for people: kustomize shows nothing else.
    pub(super) fn line(&self) -> Text {
        let mut line = text!("{}", self.severity);
        if let Some(rule) = self.rule {
            line.push(&text!("[{}]", rule));
        }
        if let Some(place) = &self.place {
            let named =
                |wanted: &str| place.object.iter().find(|(key, _)| *key == wanted).map(|(_, value)| value);
            let words: Vec<Text> =
                ["kind", "name"].into_iter().filter_map(|key| named(key).cloned()).collect();
            line.push(&text!(": {}", Text::join(&words, " ")));
            if let Some(file) = &place.file {
                line.push(&text!(" ({})", file));
            }
            if !place.field.is_empty() {
                line.push(&text!(", {}", place.field));
            }
        }
        line.push(&text!(": {}\n", self.message));
        line
    }
}
