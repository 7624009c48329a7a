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
use calico_ipv6_engine::source::position;
use calico_ipv6_engine::transform::{AppliedChange, Outcome, Plan};
use calico_ipv6_engine::yaml::flag_file::FlagFile;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::{NodeId, Tree, parse};
use core::ops::Range;
use difference::differences;
use forms::{Forms, forms};
use object::{Identity, Unnamed, roots};
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
        self.needs_pool |= plan.diagnostics.iter().any(|found| found.rule.id == NO_POOL);
        let new = plan.text.as_deref().filter(|_| plan.outcome == Outcome::Changed);
        self.files.extend(new.map(|_| shown(name)));
        if let Some(words) = FlagFile::of(old) {
            if new.is_some() {
                let place = place(name, old, 0);
                self.refused.push(not_an_object(place, &Text::ours(words.name())));
            }
            return;
        }
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
                self.add_object(
                    &Object { name, text: old, tree: &before, root, range },
                    after,
                    &plan.changes,
                );
            }
        }
    }

    fn add_object(
        &mut self,
        object: &Object<'_>,
        after: Option<(&Tree<'_>, &NodeId)>,
        changes: &[AppliedChange],
    ) {
        let before = after.map(|_| Value::of(object.tree, object.root));
        let after = after.map(|(tree, root)| Value::of(tree, *root));
        let differences = before.zip(after).map(|(before, after)| differences(&before, &after));
        let differences = differences.unwrap_or_default();
        let place = place(object.name, object.text, object.tree.range(object.root).start);
        let own: Vec<&AppliedChange> = changes.iter().filter(|change| object.holds(change)).collect();
        let identity = match Identity::of(object.tree, object.root) {
            Ok(identity) => identity,
            Err(unnamed) if !differences.is_empty() => {
                return self.refused.push(unnamed_object(place, unnamed, own.first().copied()));
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
        let reasons = own.into_iter().map(reason).collect();
        let forms = forms(&identity, differences);
        self.patched.push(Patched { object: identity, place, known, reasons, forms });
    }

    /// The patches as a text, or what cannot be patched, why, and what to do instead.
    pub(crate) fn finish(mut self, layout: Layout) -> Result<String, Text> {
        for patched in std::mem::take(&mut self.patched) {
            let is_other =
                |(i, known): &(usize, &Known)| *i != patched.known && patched.object.reaches(&known.object);
            let other = self.known.iter().enumerate().find(is_other).map(|(_, known)| known);
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
    name: &'t str,
    text: &'t str,
    tree: &'t Tree<'t>,
    root: NodeId,
    /// From its first byte up to the next object.
    range: Range<usize>,
}

impl Object<'_> {
    /// Whether a change is in it.
    fn holds(&self, change: &AppliedChange) -> bool {
        change.offset.is_some_and(|offset| self.range.contains(&offset))
    }
}

fn place(name: &str, text: &str, offset: usize) -> Text {
    text!("{}:{}", shown(name), position(text, offset).line)
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
