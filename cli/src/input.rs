//! One input: a file or standard input. Every input is read as if once: two readings return the same text, or an error.

use crate::file_state::{FileState, Fingerprint};
use crate::people::name;
use calico_ipv6_engine::source::MAX_INPUT;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// One input: a file, or standard input if there is no path.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) path: Option<PathBuf>,
    /// The path below the folder that was passed, for --output-dir.
    pub(crate) relative: PathBuf,
    /// The folder in which the file was found, without links. The user named the file itself if there is none.
    pub(crate) found_in: Option<PathBuf>,
    first: Mutex<First>,
}

/// What is known of the first reading.
#[derive(Debug, Default)]
enum First {
    #[default]
    NotRead,
    /// A pipe, a device or a file of /proc cannot be read again, and an error stays one.
    Kept(Result<Reading, InputFailure>),
    /// A regular file is read again, so that the texts of a fleet need not be in memory.
    Regular(Fingerprint),
}

/// A text that was read.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) text: String,
    /// Of a regular file.
    pub(crate) state: Option<FileState>,
}

impl Reading {
    /// What a regular file must still be when it is replaced.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        self.state.map(|state| Fingerprint::of(state, self.text.as_bytes()))
    }
}

/// Why an input cannot be used. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputFailure {
    #[error("{path}: {error}")]
    Read { path: String, error: io::Error },
    #[error("{path}: has more than 64 MiB, the limit of one input: pass only the manifests")]
    TooLarge { path: String },
    #[error("{path}: changed while the command ran: run the command again")]
    Changed { path: String },
    #[error("{path}: never ends: pass a copy of what it has printed so far")]
    Endless { path: String },
    #[error(
        "{path}: no *.yaml, *.yml, *.json, *.env, *.service files or kubeconfigs in this folder (use -R to read its subfolders)"
    )]
    EmptyFolder { path: String },
    #[error("{path}: only contains folders; use -R to read them")]
    OnlyFolders { path: String },
    #[error("{path}: {what}")]
    NotText { path: String, what: String },
    #[error("nothing to read: pass a file, a folder, or - for standard input")]
    Nothing,
}

impl Input {
    /// A file.
    pub(crate) fn file(path: PathBuf, relative: PathBuf, found_in: Option<PathBuf>) -> Input {
        Input { path: Some(path), relative, found_in, first: Mutex::default() }
    }

    /// Standard input.
    pub(crate) fn stdin() -> Input {
        let relative = PathBuf::from("stdin.yaml");
        Input { path: None, relative, found_in: None, first: Mutex::default() }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        self.path.as_deref().map_or_else(|| "<stdin>".to_owned(), name)
    }

    /// The bytes of its name, for headers of a diff.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let path = self.path.as_ref();
        path.map_or_else(|| b"<stdin>".to_vec(), |path| path.as_os_str().as_encoded_bytes().to_vec())
    }

    /// Looks at the text before it is read: `read` then returns the same text. What cannot be read looks empty.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&str) -> T) -> T {
        let read = self.read_now(self.found_in.is_some());
        let seen = look(read.as_ref().map_or("", |reading| reading.text.as_str()));
        let fingerprint = read.as_ref().ok().and_then(Reading::fingerprint);
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) =
            fingerprint.map_or(First::Kept(read), First::Regular);
        seen
    }

    /// Reads the whole text.
    pub(crate) fn read(&self) -> Result<Reading, InputFailure> {
        let first = std::mem::take(&mut *self.first.lock().unwrap_or_else(PoisonError::into_inner));
        match first {
            First::NotRead => self.read_now(self.found_in.is_some()),
            First::Kept(reading) => reading,
            First::Regular(before) => match self.read_now(true)? {
                reading if reading.fingerprint() == Some(before) => Ok(reading),
                _ => Err(InputFailure::Changed { path: self.name() }),
            },
        }
    }

    /// Fails if there is no text in standard input, or in an input that `is_alone`: what should have written it may have failed.
    /// Among several files an empty one is passed through.
    pub(crate) fn fed(&self, text: &str, is_alone: bool) -> Result<(), String> {
        if (is_alone || self.path.is_none()) && text.trim().is_empty() {
            return Err(format!("{}: is empty: pass the rendered manifest", self.name()));
        }
        Ok(())
    }

    /// `is_regular`: it was a regular file before. The command waits only for a pipe that the user names.
    fn read_now(&self, is_regular: bool) -> Result<Reading, InputFailure> {
        let (bytes, state) = match &self.path {
            Some(path) if is_regular => read_regular(path)?,
            Some(path) => read_file(path)?,
            None => (read_limited(io::stdin().lock(), &self.name(), 0)?, None),
        };
        let text = text(bytes).map_err(|what| InputFailure::NotText { path: self.name(), what })?;
        Ok(Reading { text, state })
    }
}

/// Reads a file up to the limit. Only a regular file has a state.
pub(crate) fn read_file(path: &Path) -> Result<(Vec<u8>, Option<FileState>), InputFailure> {
    let name = name(path);
    let failed = |error| InputFailure::Read { path: name.clone(), error };
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Ok((read_limited(file, &name, 0)?, None));
    }
    if metadata.len() == 0 {
        // It is empty, or made by the kernel when it is read.
        file = open_without_waiting(path).map_err(failed)?;
    }
    read_opened(path, file, &metadata)
}

/// Reads what was a regular file before. A pipe in its place is not waited for.
pub(crate) fn read_regular(path: &Path) -> Result<(Vec<u8>, Option<FileState>), InputFailure> {
    let failed = |error| InputFailure::Read { path: name(path), error };
    let file = open_without_waiting(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() {
        return read_opened(path, file, &metadata);
    }
    Err(InputFailure::Changed { path: name(path) })
}

/// Reads a regular file.
fn read_opened(
    path: &Path,
    file: File,
    metadata: &Metadata,
) -> Result<(Vec<u8>, Option<FileState>), InputFailure> {
    let name = name(path);
    if metadata.len() > MAX_INPUT as u64 {
        return Err(InputFailure::TooLarge { path: name });
    }
    let length = usize::try_from(metadata.len()).unwrap_or(0);
    let bytes = read_limited(file, &name, length)?;
    match (length, bytes.len()) {
        (stated, read) if stated == read => Ok((bytes, Some(FileState::of(metadata)))),
        // A file of /proc: its content is made when it is read, and may differ the next time.
        (0, _) => Ok((bytes, None)),
        // A file of /sys: it states a page, and has less.
        (stated, read) if stated > read && is_unchanged(path, metadata) => Ok((bytes, None)),
        _ => Err(InputFailure::Changed { path: name }),
    }
}

/// Whether the file system says the same as before about a file.
fn is_unchanged(path: &Path, before: &Metadata) -> bool {
    std::fs::metadata(path).is_ok_and(|now| FileState::of(&now) == FileState::of(before))
}

/// Reads to the end, or fails where an input has more than the limit.
fn read_limited(from: impl Read, name: &str, expected: usize) -> Result<Vec<u8>, InputFailure> {
    let mut bytes = Vec::with_capacity(expected);
    from.take(MAX_INPUT as u64 + 1).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => InputFailure::Endless { path: name.to_owned() },
        _ => InputFailure::Read { path: name.to_owned(), error },
    })?;
    if bytes.len() > MAX_INPUT {
        return Err(InputFailure::TooLarge { path: name.to_owned() });
    }
    Ok(bytes)
}

/// Opens a file of the kernel so that it does not wait for news, as `/proc/kmsg` would.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// What a text is encoded in, by its byte-order mark or by where it has zeros.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [0, 0, 0, b'\t'..=b'~', ..] | [b'\t'..=b'~', 0, 0, 0, ..] => Some("UTF-32"),
        [0, b'\t'..=b'~', 0, ..] | [b'\t'..=b'~', 0, b'\t'..=b'~', 0, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// UTF-8 text, or what the bytes are instead.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, String> {
    if let Some(encoding) = other_encoding(&bytes) {
        return Err(format!("is {encoding}: save it as UTF-8"));
    }
    if bytes.starts_with(&[0x1F, 0x8B]) {
        return Err("is compressed: decompress it first (gunzip)".to_owned());
    }
    if bytes.iter().take(8192).any(|b| *b == 0) {
        return Err("is a binary file, not YAML or JSON".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
        format!("is not UTF-8 (line {line}, byte {at}): save it as UTF-8")
    })
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(matches!(super::read_regular(&path), Err(super::InputFailure::Changed { .. })));
    }
}
