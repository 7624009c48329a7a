//! Writing files: all of them or none.
//!
//! Each new text is first written to a temporary file beside its place. When all are ready and every place was checked
//! again, each is renamed into its place; a file that is replaced stays in the folder until all renames are done, so that
//! they can be undone.

mod check;
pub(crate) mod places;
mod properties;
mod rename;
pub(crate) mod results;
mod temporary;

use crate::file_state::{FileState, Fingerprint};
use crate::input::{Input, Reading};
use crate::interrupt::{self, Watch};
use crate::people::name;
use crate::threads::on_all_cores;
pub(crate) use check::Obstacle;
use rayon::prelude::*;
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// A text to be written.
#[derive(Debug)]
pub(crate) struct Request {
    /// Its name in messages.
    name: String,
    place: PathBuf,
    text: String,
    kind: RequestKind,
}

#[derive(Debug)]
enum RequestKind {
    /// Replaces an input, which must still be what was read.
    Replace { read: Fingerprint, notes: Vec<String> },
    /// Writes a file that need not exist, with the mode of its source.
    Create { source: Option<FileState>, existing: Existing },
}

/// What may be in the place of a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    /// An earlier copy.
    Any,
    /// The same text: the place is beside the inputs, and another text is not known to be a copy.
    Same,
    Nothing,
}

/// A new file beside its place, and what was in this place.
#[derive(Debug)]
struct Ready {
    name: String,
    place: PathBuf,
    temporary: TempPath,
    before: Option<Before>,
    /// What the user must know when the file is in its place.
    notes: Vec<String>,
}

/// A file that is replaced.
#[derive(Clone, Copy, Debug)]
struct Before {
    state: FileState,
    /// If it is an input.
    read: Option<Fingerprint>,
}

/// New files beside their places, not yet in them.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    // The order matters: temporary files are removed before the folders that were created for them.
    files: Vec<Ready>,
    created: CreatedFolders,
    /// Folders that are ready for temporary files.
    prepared: HashSet<PathBuf>,
    /// Folders in which nothing is left of killed runs.
    cleaned: HashSet<PathBuf>,
    removed: Vec<PathBuf>,
    /// Whether somebody else watches signals.
    is_watched: bool,
    /// Last: a signal ends the command when the temporary files are removed.
    watch: Option<Watch>,
}

/// How a message ends if no file was changed.
pub(crate) const NOTHING_WRITTEN: &str = "; nothing was written";

/// Why the files cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteFailure {
    /// Before the first rename, or all renames were undone.
    #[error("{}{NOTHING_WRITTEN}", cannot_write(.name, .obstacle))]
    Nothing { name: String, obstacle: Obstacle },
    /// A rename failed, and not all that were done before could be undone.
    #[error("{}; not all files could be restored", cannot_write(.name, .obstacle))]
    Partly { name: String, obstacle: Obstacle, not_restored: Vec<String> },
}

fn cannot_write(name: &str, obstacle: &Obstacle) -> String {
    format!("{name}: cannot write: {obstacle}")
}

/// Why nothing can be written.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) reason: String,
    /// What follows for all files: not said of one cluster among others that are written.
    effect: &'static str,
}

impl Stop {
    /// No file was changed.
    pub(crate) fn nothing_written(reason: String) -> Stop {
        Stop { reason, effect: NOTHING_WRITTEN }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.reason, self.effect)
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Stop {
        Stop { reason, effect: "" }
    }
}

impl From<WriteFailure> for Stop {
    fn from(failure: WriteFailure) -> Stop {
        match &failure {
            WriteFailure::Nothing { name, obstacle } => Stop::nothing_written(cannot_write(name, obstacle)),
            WriteFailure::Partly { .. } => failure.to_string().into(),
        }
    }
}

impl WriteFailure {
    /// What was not restored: each file, and where its old text is.
    pub(crate) fn not_restored(&self) -> &[String] {
        match self {
            WriteFailure::Nothing { .. } => &[],
            WriteFailure::Partly { not_restored, .. } => not_restored,
        }
    }
}

/// Folders that did not exist before. They are removed again, if nothing is in them, unless they are kept.
#[derive(Debug, Default)]
struct CreatedFolders(Vec<PathBuf>);

impl Drop for CreatedFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // A folder that somebody else uses by now is not empty, and stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

impl Request {
    /// Replaces an input by `text`. A link is followed to its file.
    pub(crate) fn replace(
        input: &Input,
        reading: &Reading,
        text: String,
        follow_links: bool,
    ) -> Result<Request, WriteFailure> {
        let name = input.name();
        let failed = |obstacle| WriteFailure::Nothing { name: name.clone(), obstacle };
        let (Some(path), Some(read)) = (&input.path, reading.fingerprint()) else {
            return Err(failed(Obstacle::NotAFile));
        };
        let place = path.canonicalize().map_err(|error| failed(error.into()))?;
        let is_allowed = follow_links || input.found_in.is_none();
        let notes = check::links(&place, input.found_in.as_deref(), is_allowed).map_err(failed)?;
        Ok(Request { name, place, text, kind: RequestKind::Replace { read, notes } })
    }

    /// Writes a file of another `folder`: the new text of an input, or its old one. If it is the input itself, this is
    /// replaced, and need not be if it does not change.
    pub(crate) fn create_from(
        input: &Input,
        reading: Reading,
        new: Option<String>,
        folder: &Path,
        follow_links: bool,
    ) -> Result<Option<Request>, WriteFailure> {
        let place = folder.join(&input.relative);
        let leads_to = |path: &PathBuf| matches!((path.canonicalize(), place.canonicalize()), (Ok(one), Ok(other)) if one == other);
        let is_input = input.path.as_ref().is_some_and(leads_to);
        if is_input && !place.is_symlink() {
            return new.map(|text| Request::replace(input, &reading, text, follow_links)).transpose();
        }
        let source = reading.state.map(|state| properties::of_source(input, state));
        let is_beside_inputs = !is_input && places::is_beside_inputs(input, folder);
        let existing = if is_beside_inputs { Existing::Same } else { Existing::Any };
        let kind = RequestKind::Create { source, existing };
        let text = new.unwrap_or(reading.text);
        Ok(Some(Request { name: name(&place), place, text, kind }))
    }

    /// Writes a file that must not exist.
    pub(crate) fn create(place: PathBuf, text: String) -> Request {
        let kind = RequestKind::Create { source: None, existing: Existing::Nothing };
        Request { name: name(&place), place, text, kind }
    }

    /// Writes a file, whether it exists or not.
    pub(crate) fn write(place: PathBuf, text: String) -> Request {
        let kind = RequestKind::Create { source: None, existing: Existing::Any };
        Request { name: name(&place), place, text, kind }
    }

    /// Writes the text beside its place. The handle is closed: a fleet has more files than may be open.
    fn stage(self) -> Result<Ready, WriteFailure> {
        let Request { name, place, text, kind } = self;
        if interrupt::received() {
            return Err(WriteFailure::Nothing { name, obstacle: Obstacle::Interrupted });
        }
        match stage(&place, &text, kind) {
            Ok((temporary, before, notes)) => Ok(Ready { name, place, temporary, before, notes }),
            Err(obstacle) => Err(WriteFailure::Nothing { name, obstacle }),
        }
    }
}

type Prepared = (TempPath, Option<Before>, Vec<String>);

fn stage(place: &Path, text: &str, kind: RequestKind) -> Result<Prepared, Obstacle> {
    let existing = check::existing(place)?;
    let folder = folder_of(place);
    let Some(existing) = existing else {
        let RequestKind::Create { source, .. } = kind else { return Err(Obstacle::Changed) };
        let mut file = temporary::create(folder, Some(mode_of_new(source)))?;
        file.as_file_mut().write_all(text.as_bytes())?;
        return Ok((file.into_temp_path(), None, Vec::new()));
    };
    let (read, source, mut notes) = match kind {
        RequestKind::Create { existing: Existing::Nothing, .. } => return Err(Obstacle::Exists),
        RequestKind::Create { existing: Existing::Same, .. } if !check::has_text(place, text) => {
            return Err(Obstacle::Other);
        }
        RequestKind::Create { source, .. } => (None, source, Vec::new()),
        RequestKind::Replace { read, notes } => (Some(read), None, notes),
    };
    check::replaceable(place, &existing, source)?;
    let before = Before { state: FileState::of(&existing), read };
    if read.is_some_and(|read| read.state != before.state) {
        return Err(Obstacle::Changed);
    }
    // A link that is replaced has nothing to take over.
    let is_file = existing.is_file();
    let mut file = temporary::create(folder, (!is_file).then(|| mode_of_new(source)))?;
    file.as_file_mut().write_all(text.as_bytes())?;
    if is_file {
        notes.extend(properties::copy(place, &existing, file.as_file(), source)?);
    }
    // A file that is replaced has no other copy: the new text must be on the disk before the rename.
    file.as_file().sync_data()?;
    Ok((file.into_temp_path(), Some(before), notes))
}

/// The mode of a new file, from which the umask takes away: that of its source, if this is a file.
fn mode_of_new(source: Option<FileState>) -> u32 {
    source.map_or(0o666, |source| source.permissions())
}

fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A temporary file that becomes a new file at a place when it is persisted.
pub(crate) fn new_file(place: &Path) -> io::Result<NamedTempFile> {
    temporary::create(folder_of(place), Some(mode_of_new(None)))
}

impl Staged {
    /// For one of several commits while signals are watched anyway.
    pub(crate) fn within(_watch: &Watch) -> Staged {
        Staged { is_watched: true, ..Staged::default() }
    }

    /// Writes texts beside their places, on all cores. Of several failures the first one is returned.
    pub(crate) fn add(&mut self, requests: Vec<Request>) -> Result<(), WriteFailure> {
        if !requests.is_empty() && !self.is_watched && self.watch.is_none() {
            self.watch = Some(Watch::new());
        }
        for request in &requests {
            let failed = |obstacle| WriteFailure::Nothing { name: request.name.clone(), obstacle };
            self.prepare(folder_of(&request.place)).map_err(failed)?;
        }
        for one in each(requests, Request::stage) {
            self.files.push(one?);
        }
        Ok(())
    }

    /// Makes a folder ready: creates it, and removes the temporary files that a killed run left in it.
    fn prepare(&mut self, folder: &Path) -> Result<(), Obstacle> {
        if !self.prepared.insert(folder.to_owned()) {
            return Ok(());
        }
        let missing = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists());
        let missing: Vec<PathBuf> = missing.map(PathBuf::from).collect();
        for folder in missing.into_iter().rev() {
            match std::fs::create_dir(&folder) {
                Ok(()) => self.created.0.push(folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(error) => return Err(Obstacle::Folder { folder, error }),
            }
        }
        // In a new folder is nothing of other runs.
        if self.created.0.last().is_none_or(|created| created != folder) {
            check::folder(folder)?;
            self.remove_stale(folder);
        }
        Ok(())
    }

    /// Removes the temporary files that killed runs left in a folder.
    pub(crate) fn remove_stale(&mut self, folder: &Path) {
        if self.cleaned.insert(folder.to_owned()) {
            self.removed.extend(temporary::remove_stale(folder));
        }
    }

    /// The temporary files of killed runs that were removed.
    pub(crate) fn removed(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.removed)
    }

    /// Puts all prepared files in their places. Returns what the user must know about them.
    pub(crate) fn commit(mut self) -> Result<Vec<String>, WriteFailure> {
        if self.files.is_empty() {
            return Ok(Vec::new());
        }
        each(self.files.iter().collect(), Ready::check).into_iter().collect::<Result<(), WriteFailure>>()?;
        let named = |file: &Ready| file.notes.iter().map(|note| format!("{}: {note}", file.name)).collect();
        let notes: Vec<Vec<String>> = self.files.iter().map(named).collect();
        // Signals wait for the few milliseconds that this takes.
        self.watch.iter_mut().for_each(Watch::hold);
        let not_removed = rename::all(std::mem::take(&mut self.files))?;
        self.created.0.clear();
        Ok([notes.concat(), not_removed].concat())
    }
}

/// On all cores, in order. For one file or none, threads would take longer to start than the work.
fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() < 2 {
        items.into_iter().map(work).collect()
    } else {
        on_all_cores(|| items.into_par_iter().map(work).collect())
    }
}

impl Ready {
    /// Whether the place is still as it was, and can be replaced.
    fn check(&self) -> Result<(), WriteFailure> {
        let unchanged = if interrupt::received() {
            Err(Obstacle::Interrupted)
        } else {
            check::unchanged(&self.place, self.before.as_ref())
        };
        unchanged.map_err(|obstacle| WriteFailure::Nothing { name: self.name.clone(), obstacle })
    }
}
