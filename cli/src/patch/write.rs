//! Patches as the text that a program reads.

use super::value::{Value, block};
use super::{Patched, Patches};
use crate::people::{Text, text};

/// Which program reads the patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// kubectl, or a kustomization that names files: one patch is one document.
    Documents,
    /// kustomize: a Component.
    Component,
    /// Flux: what belongs into a HelmRelease, and into a Kustomization.
    Flux,
}

/// The columns of a comment.
const WIDTH: usize = 110;

/// What a patch of a pod is for.
const STATIC_POD: &str = "A static pod is a file on the node, which kubectl does not change: use kustomize or kubeadm's --patches.";

/// The patches of all objects, in the order of the files.
pub(super) fn written(patches: &Patches, layout: Layout) -> String {
    let lines = match layout {
        Layout::Documents => documents(patches),
        Layout::Component => component(patches),
        Layout::Flux => flux(patches),
    };
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A comment, wrapped.
fn comment(text: &Text) -> Vec<String> {
    let sign = Text::from("# ");
    text.wrapped(WIDTH, &sign, &sign).iter().map(|line| line.as_str().to_owned()).collect()
}

/// What the patches are of. Nothing here depends on the day or the machine: a repository keeps what is printed.
fn origin(patches: &Patches, layout: Layout) -> Vec<String> {
    let format = match layout {
        Layout::Documents => "patch",
        Layout::Component => "kustomize",
        Layout::Flux => "flux",
    };
    let mut lines = Vec::new();
    if !patches.files.is_empty() {
        let files = Text::join(&patches.files, ", ");
        lines.extend(comment(&text!("Made by calico-ipv6 transform -o {} from {}.", format, files)));
    }
    if patches.needs_pool {
        let pool = "A patch creates no object: write the missing IP pool with calico-ipv6 generate ippool, and list its file under resources.";
        lines.extend(comment(&pool.into()));
    }
    lines
}

/// A patch in one of its forms.
struct Part<'p> {
    of: &'p Patched,
    /// `json` or `strategic`, as kubectl names it.
    form: &'static str,
    patch: Value,
}

/// All patches, the JSON Patch of an object first.
fn parts(patches: &Patches) -> impl Iterator<Item = Part<'_>> {
    patches.patched.iter().flat_map(|of| {
        let json = (!of.forms.json.is_empty()).then(|| Value::List(of.forms.json.clone()));
        let merge = of.forms.merge.clone();
        [("json", json), ("strategic", merge)]
            .into_iter()
            .filter_map(move |(form, patch)| Some(Part { of, form, patch: patch? }))
    })
}

/// The object of a patch, and why it changes.
fn about(part: &Part<'_>) -> Vec<String> {
    let of = part.of;
    let is_first = part.form == "json" || of.forms.json.is_empty();
    let title = text!("{} ({})", of.object.title(), of.place);
    let reasons = of.reasons.iter().filter(|_| is_first);
    core::iter::once(&title).chain(reasons).flat_map(comment).collect()
}

fn documents(patches: &Patches) -> Vec<String> {
    let mut lines = origin(patches, Layout::Documents);
    for (i, part) in parts(patches).enumerate() {
        if i > 0 || !lines.is_empty() {
            lines.push("---".to_owned());
        }
        lines.extend(about(&part));
        lines.extend(if part.of.object.kind == "Pod" {
            comment(&STATIC_POD.into())
        } else {
            vec![kubectl(&part)]
        });
        lines.extend(part.patch.lines());
    }
    lines
}

/// The command that applies a patch. An identity has no character that a shell reads.
fn kubectl(part: &Part<'_>) -> String {
    let object = &part.of.object;
    let group = if object.group.is_empty() { String::new() } else { format!(".{}", object.group) };
    let kind = object.kind.to_lowercase();
    let namespace = object.namespace.as_ref().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    format!("# kubectl patch {kind}{group} {}{namespace} --type {} --patch-file FILE", object.name, part.form)
}

/// The list of patches of a kustomization.
fn entries(patches: &Patches) -> Vec<String> {
    let mut lines = Vec::new();
    for part in parts(patches) {
        lines.extend(about(&part));
        let mut text = part.patch.lines();
        if part.patch.ends_with_break() {
            // kustomize removes the line breaks at the end of a patch.
            text.push("# end of the patch".to_owned());
        }
        let mut patch = block(&(text.join("\n") + "\n")).into_iter();
        lines.extend(patch.next().map(|header| format!("- patch: {header}")));
        lines.extend(patch.map(|line| if line.is_empty() { line } else { format!("    {line}") }));
        // A merge names its object itself, and kustomize fails if there is none; with a target it would patch nothing.
        if part.form == "json" {
            lines.push("  target:".to_owned());
            lines.extend(part.of.object.target().lines().iter().map(|line| format!("    {line}")));
        }
    }
    lines
}

fn component(patches: &Patches) -> Vec<String> {
    let mut lines = origin(patches, Layout::Component);
    lines.push("apiVersion: kustomize.config.k8s.io/v1alpha1".to_owned());
    lines.push("kind: Component".to_owned());
    lines.extend(list("", &entries(patches)));
    lines
}

fn flux(patches: &Patches) -> Vec<String> {
    let entries = entries(patches);
    let mut lines = origin(patches, Layout::Flux);
    lines.push("# Of a HelmRelease (helm.toolkit.fluxcd.io/v2), if a chart renders the objects:".to_owned());
    lines.extend(["spec:", "  postRenderers:", "  - kustomize:"].map(str::to_owned));
    lines.extend(list("      ", &entries));
    lines.push("---".to_owned());
    lines.push("# Of a Kustomization (kustomize.toolkit.fluxcd.io/v1), if its path holds them:".to_owned());
    lines.push("spec:".to_owned());
    lines.extend(list("  ", &entries));
    lines
}

/// The key `patches` with its list.
fn list(indent: &str, entries: &[String]) -> Vec<String> {
    if entries.is_empty() {
        return vec![format!("{indent}patches: []")];
    }
    let indented = |line: &String| if line.is_empty() { String::new() } else { format!("{indent}{line}") };
    core::iter::once(format!("{indent}patches:")).chain(entries.iter().map(indented)).collect()
}
