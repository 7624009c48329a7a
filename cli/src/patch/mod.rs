//! `-o patch`, `-o kustomize` and `-o flux`: the changes of Kubernetes objects as patches, for those who do not own the manifest.
//!
//! A patch says what differs between the values of an object before and after the transform. Whatever the rules changed is in it,
//! and the file itself stays as its author ships it.

mod difference;
mod forms;
mod object;
mod value;
mod write;

use crate::people::{Text, shown, text};
use crate::terminal::prose;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::transform::{AppliedChange, Outcome, Plan};
use calico_ipv6_engine::yaml::flag_file::FlagFile;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::{NodeId, Tree, parse};
use difference::differences;
use forms::{Forms, forms};
use object::{Identity, Unnamed, roots};
use std::collections::HashMap;
use value::Value;
pub(crate) use write::Layout;

/// What is reported if a pool must be created, which no patch can do.
const NO_POOL: &str = "POOL-026";

/// The objects of the files of one cluster, and the patches of those that change.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    known: Vec<Known>,
    patched: Vec<Patched>,
    refused: Vec<Refusal>,
    files: Vec<Text>,
    needs_pool: bool,
}

/// What cannot be patched.
#[derive(Debug)]
pub(crate) struct Refusal {
    place: Text,
    why: Text,
    help: &'static str,
}

/// An object, and where it is.
#[derive(Debug)]
struct Known {
    object: Identity,
    place: Text,
}

/// An object that changes.
#[derive(Debug)]
struct Patched {
    object: Identity,
    place: Text,
    /// Its index among the known objects.
    known: usize,
    /// The changes, each with its rule and reason.
    reasons: Vec<Text>,
    forms: Forms,
}

impl Patches {
    /// Adds the objects of a file, and the patches that its plan asks for.
    pub(crate) fn add(&mut self, name: &str, old: &str, plan: &Plan) {
        let lines = Excerpts::new(old);
        let place = |offset| text!("{}:{}", shown(name), lines.lines().position(offset).line);
        self.needs_pool |= plan.diagnostics.iter().any(|found| found.rule.id == NO_POOL);
        let new = plan.text.as_deref().filter(|_| plan.outcome == Outcome::Changed);
        self.files.extend(new.map(|_| shown(name)));
        if let Some(words) = FlagFile::of(old) {
            if new.is_some() {
                self.refused.push(not_an_object(place(0), &Text::ours(words.name())));
            }
            return;
        }
        // In the order of the text; a part of another change's edit has no place.
        let mut changes: Vec<(usize, &AppliedChange)> =
            plan.changes.iter().filter_map(|change| Some((change.offset?, change))).collect();
        changes.sort_by_key(|(offset, _)| *offset);
        let new_chunks = new.map(split).unwrap_or_default();
        for (i, chunk) in split(old).into_iter().enumerate() {
            // What is no YAML before it is rendered has no objects yet, and is not edited.
            let end = chunk.range.end;
            let Ok(before) = parse(old, chunk.range) else { continue };
            let after = new.zip(new_chunks.get(i)).filter(|_| plan.touched.contains(&i));
            let after = after.and_then(|(new, chunk)| parse(new, chunk.range.clone()).ok());
            let changed = after.as_ref().map(|after| (after, roots(after))).unzip();
            let roots = roots(&before);
            for (j, root) in roots.iter().copied().enumerate() {
                let after = changed.0.zip(changed.1.as_ref().and_then(|roots| roots.get(j)));
                // What is added behind the last entry of an object belongs to it.
                let end = roots.get(j + 1).map_or(end + 1, |next| before.range(*next).start);
                let range = before.range(root).start..end;
                let place = place(range.start);
                let first = changes.partition_point(|(offset, _)| *offset < range.start);
                let last = changes.partition_point(|(offset, _)| *offset < range.end);
                let changes = &changes[first..last.max(first)];
                self.add_object(Object { place, tree: &before, root, changes }, after);
            }
        }
    }

    fn add_object(&mut self, object: Object<'_>, after: Option<(&Tree<'_>, &NodeId)>) {
        let before = after.map(|_| Value::of(object.tree, object.root));
        let after = after.map(|(tree, root)| Value::of(tree, *root));
        let differences = before.zip(after).map(|(before, after)| differences(&before, &after));
        let differences = differences.unwrap_or_default();
        let place = object.place;
        let identity = match Identity::of(object.tree, object.root) {
            Ok(identity) => identity,
            Err(unnamed) if !differences.is_empty() => {
                return self.refused.push(unnamed_object(
                    place,
                    unnamed,
                    object.changes.first().map(|(_, change)| *change),
                ));
            }
            Err(_) => return,
        };
        let known = self.known.len();
        self.known.push(Known { object: identity.clone(), place: place.clone() });
        if differences.is_empty() {
            return;
        }
        let is_alias = |value: &Value| matches!(value, Value::Alias(_));
        if differences.iter().any(|one| one.new.as_ref().is_some_and(|new| new.any(&is_alias))) {
            let why = text!(
                "{} is changed where it has a YAML alias, which means nothing in a patch",
                identity.title()
            );
            return self.refused.push(Refusal { place, why, help: "write the value in place of the alias" });
        }
        let reasons = object.changes.iter().map(|(_, change)| reason(change)).collect();
        let forms = forms(&identity, differences);
        self.patched.push(Patched { object: identity, place, known, reasons, forms });
    }

    /// The patches as a text, or what cannot be patched, why, and what to do instead.
    pub(crate) fn finish(mut self, layout: Layout) -> Result<String, Text> {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, known) in self.known.iter().enumerate() {
            by_name.entry(&known.object.name).or_default().push(i);
        }
        for patched in std::mem::take(&mut self.patched) {
            let same_name = by_name.get(patched.object.name.as_str()).into_iter().flatten();
            let others = same_name.filter(|i| **i != patched.known).map(|i| &self.known[*i]);
            let other = others.into_iter().find(|known| patched.object.reaches(&known.object));
            match other {
                None => self.patched.push(patched),
                Some(other) => {
                    let title = patched.object.title();
                    let why = text!("a patch of {} would change the object at {}, too", title, other.place);
                    let help = "one name is one object for kustomize: remove one of them, or give each its namespace";
                    self.refused.push(Refusal { place: patched.place, why, help });
                }
            }
        }
        if self.refused.is_empty() { Ok(write::written(&self, layout)) } else { Err(report(&self.refused)) }
    }
}

/// An object in its file.
struct Object<'t> {
    /// `file:line`.
    place: Text,
    tree: &'t Tree<'t>,
    root: NodeId,
    /// The changes in it, each with its offset.
    changes: &'t [(usize, &'t AppliedChange)],
}

/// A change with its rule and its reason.
fn reason(change: &AppliedChange) -> Text {
    text!("{} {}: {}", change.rule, shown(&change.description.field), shown(&change.description.why))
}

/// The errors, and below each what to do, unless it is the same for the next one.
fn report(refused: &[Refusal]) -> Text {
    let mut out = Text::default();
    for (i, one) in refused.iter().enumerate() {
        out.push(&text!("error: {}: {}\n", one.place, one.why));
        if refused.get(i + 1).is_none_or(|next| next.help != one.help) {
            let indent = Text::spaces(2);
            out.push(&prose(&text!("help: {}", one.help), &indent, &indent));
        }
    }
    out
}

fn not_an_object(place: Text, what: &Text) -> Refusal {
    Refusal {
        place,
        why: text!("{} cannot be patched: it is not a Kubernetes object with a name", what),
        help: "convert the file with -w or --output-dir, for the program that reads it; then run this again: a converted file needs no patch",
    }
}

fn unnamed_object(place: Text, unnamed: Unnamed, change: Option<&AppliedChange>) -> Refusal {
    let (why, help) = match unnamed {
        Unnamed::NotAnObject => {
            return not_an_object(place, &change.map_or("this".into(), |change| shown(&change.object.kind)));
        }
        Unnamed::NoName(kind) => return not_an_object(place, &shown(&kind)),
        Unnamed::GeneratedName(kind) => (
            text!(
                "{} cannot be patched: it has generateName, and only the API server gives it a name",
                shown(&kind)
            ),
            "give it a name, or convert its file with -w or --output-dir",
        ),
        Unnamed::NotAName(part) => (
            text!("{} is not a name that a patch can find", shown(&part)),
            "if it is a template, render it and pass the result",
        ),
    };
    Refusal { place, why, help }
}
