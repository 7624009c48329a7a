//! Writing the files: to their places, to another folder, or to standard output.

use super::Job;
use crate::Exit;
use crate::args::Format;
use crate::command::{fail, say, tell_killed, warn};
use crate::input::{Input, Reading};
use crate::output::{Request, Staged, Stop};
use crate::output_buffer::OutputBuffer;
use crate::patch::Layout;
use crate::people::{name, shown};
use crate::render::{self, for_output};
use calico_ipv6_engine::output::diff::unified;
use calico_ipv6_engine::transform::Plan;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

impl Job<'_> {
    /// Writes the files of a cluster, or makes ready what is written when all clusters are planned.
    pub(super) fn put_all(&mut self, files: Vec<(usize, Reading, Box<Plan>)>) -> Result<(), Stop> {
        for (index, reading, mut plan) in files {
            if let Err(stop) = self.put(&self.inputs[index], reading, &mut plan) {
                if self.args.keep_going {
                    self.requests.clear();
                }
                return Err(stop);
            }
        }
        let Some(watch) = self.watch else { return Ok(()) };
        let mut staged = Staged::within(watch);
        let requests = std::mem::take(&mut self.requests);
        let written = staged.add(requests).and_then(|()| {
            let removed = staged.removed();
            staged.commit().map(|notes| (notes, removed))
        });
        let (notes, removed) = written.inspect_err(|failure| {
            for one in failure.not_restored() {
                fail(one);
            }
        })?;
        self.tell_removed_of(&removed);
        if !self.verbosity.quiet {
            notes.iter().for_each(|note| warn(note));
        }
        Ok(())
    }

    /// Requests that a file is written, or adds its text, which leaves the plan, to the output.
    fn put(&mut self, input: &Input, reading: Reading, plan: &mut Plan) -> Result<(), Stop> {
        let follow_links = self.args.inputs.follow_links;
        if self.args.write {
            if let Some(new) = plan.text.take() {
                let request = Request::replace(input, &reading, new, follow_links);
                self.requests.push(request?);
            }
            return Ok(());
        }
        if let Some(folder) = &self.args.output_dir {
            let request = Request::create_from(input, reading, plan.text.take(), folder, follow_links);
            self.requests.extend(request?);
            return Ok(());
        }
        let text = reading.text;
        if layout(self.args.output).is_some() {
            self.patches.add(&input.name(), &text, plan);
            return Ok(());
        }
        let new = plan.text.as_deref().unwrap_or(&text);
        let written = if self.args.output == Format::Diff {
            self.data.push(render::diff(unified(&input.bytes(), &text, new, &plan.edits)))
        } else {
            // Several files become one stream: each begins a document of its own.
            let first = !std::mem::replace(&mut self.has_output, true);
            let separator =
                if first || new.trim_start_matches('\u{FEFF}').starts_with("---") { "" } else { "---\n" };
            let line_break = if first || self.data.is_at_line_start() { "" } else { "\n" };
            let new = plan.text.take().unwrap_or(text);
            self.data.push(format!("{line_break}{separator}")).and_then(|()| self.data.push(for_output(new)))
        };
        Ok(written.map_err(|e| format!("temporary output: {e}"))?)
    }

    /// Removes what killed runs left beside the inputs, also if no input is changed.
    pub(in crate::transform) fn remove_stale(&mut self) {
        for input in self.inputs {
            let place = input.path.as_ref().and_then(|path| path.canonicalize().ok());
            if let Some(folder) = place.as_deref().and_then(Path::parent) {
                self.staged.remove_stale(folder);
            }
        }
        self.tell_removed();
    }

    pub(super) fn tell_removed(&mut self) {
        let removed = self.staged.removed();
        self.tell_removed_of(&removed);
    }

    fn tell_removed_of(&self, removed: &[PathBuf]) {
        if self.verbosity.verbose {
            for path in removed {
                say!("removed what a killed run left: {}\n", shown(&name(path)));
            }
        }
        // Copies are all written again, but nobody knows which inputs that run replaced.
        let replaces = self.args.write || self.are_beside_inputs(removed);
        if replaces {
            tell_killed(removed);
        }
    }

    fn are_beside_inputs(&self, removed: &[PathBuf]) -> bool {
        if removed.is_empty() {
            return false;
        }
        let folder = |path: &PathBuf| Some(path.canonicalize().ok()?.parent()?.to_owned());
        let folders: HashSet<PathBuf> =
            self.inputs.iter().filter_map(|input| folder(input.path.as_ref()?)).collect();
        let parent = |path: &PathBuf| path.parent().and_then(|folder| folder.canonicalize().ok());
        removed.iter().filter_map(parent).any(|folder| folders.contains(&folder))
    }
}

pub(super) fn copy_out(data: OutputBuffer) -> Exit {
    match data.copy_to(&mut std::io::stdout().lock()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            fail(format!("standard output: {error}"))
        }
        _ => Exit::Done,
    }
}

/// How patches are laid out, if they are what is printed.
pub(in crate::transform) fn layout(format: Format) -> Option<Layout> {
    match format {
        Format::Patch => Some(Layout::Documents),
        Format::Kustomize => Some(Layout::Component),
        Format::Flux => Some(Layout::Flux),
        Format::Yaml | Format::Diff | Format::Json | Format::Steps => None,
    }
}
