//! Reads the input: files, folders, standard input.

use crate::args::Inputs;
use crate::people::name;
use std::collections::HashMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// The extensions of files that are read from a folder.
const ENDINGS: [&str; 5] = ["yaml", "yml", "json", "env", "service"];

/// Kubeconfigs and drop-ins of units end in `.conf`, as files of many programs do: a relevant one contains one of these.
const CONF: [&[u8]; 2] = [b"apiVersion:", b"[Service]"];

/// One input: a file, or standard input if there is no path.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) path: Option<PathBuf>,
    /// The path below the folder that was passed, for --output-dir.
    pub(crate) relative: PathBuf,
}

/// Why an input cannot be used. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputFailure {
    #[error("{path}: {error}")]
    Read { path: String, error: std::io::Error },
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
    #[error("{error}")]
    Walk { error: ignore::Error },
}

impl Input {
    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        self.path.as_deref().map_or_else(|| "<stdin>".to_owned(), name)
    }

    /// The bytes of its name, for headers of a diff.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let path = self.path.as_ref();
        path.map_or_else(|| b"<stdin>".to_vec(), |path| path.as_os_str().as_encoded_bytes().to_vec())
    }

    /// Reads the whole text.
    pub(crate) fn read(&self) -> Result<String, InputFailure> {
        let name = self.name();
        let failed = |error| InputFailure::Read { path: name.clone(), error };
        let bytes = match &self.path {
            Some(path) => std::fs::read(path).map_err(failed)?,
            None => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
                bytes
            }
        };
        text(bytes).map_err(|what| InputFailure::NotText { path: name, what })
    }
}

/// UTF-8 text, or what the bytes are instead.
fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("is UTF-16: save it as UTF-8".to_owned());
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

/// All inputs, including the files of folders, in a stable order, each once.
pub(crate) fn collect(inputs: &Inputs) -> Result<Vec<Input>, InputFailure> {
    let named: Vec<&PathBuf> = inputs.paths.iter().chain(&inputs.filename).collect();
    if named.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(InputFailure::Nothing);
        }
        return Ok(vec![Input { path: None, relative: PathBuf::from("stdin.yaml") }]);
    }
    let mut found: Vec<Input> = Vec::new();
    for path in named {
        if path.as_os_str() == "-" {
            found.push(Input { path: None, relative: PathBuf::from("stdin.yaml") });
        } else if path.is_dir() {
            found.extend(folder(path, inputs.recursive)?);
        } else {
            let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
            std::fs::metadata(path).map_err(|error| InputFailure::Read { path: name(path), error })?;
            found.push(Input { path: Some(path.clone()), relative });
        }
    }
    let mut seen = Vec::new();
    found.retain(|input| {
        let key = input.path.as_ref().map(|p| p.canonicalize().unwrap_or_else(|_| p.clone()));
        let new = !seen.contains(&key);
        if new {
            seen.push(key);
        }
        new
    });
    Ok(found)
}

fn folder(path: &Path, recursive: bool) -> Result<Vec<Input>, InputFailure> {
    let mut walk = ignore::WalkBuilder::new(path);
    walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp);
    walk.max_depth(if recursive { None } else { Some(1) });
    let mut found = Vec::new();
    let mut folders = false;
    for entry in walk.build() {
        let entry = entry.map_err(|error| InputFailure::Walk { error })?;
        let is_dir = entry.path().is_dir();
        folders |= is_dir && entry.depth() == 1;
        if !is_dir && is_ours(entry.path()) {
            let relative = entry.path().strip_prefix(path).unwrap_or(entry.path()).to_owned();
            found.push(Input { path: Some(entry.path().to_owned()), relative });
        }
    }
    let path = name(path);
    match (found.is_empty(), folders && !recursive) {
        (true, true) => Err(InputFailure::OnlyFolders { path }),
        (true, false) => Err(InputFailure::EmptyFolder { path }),
        _ => Ok(found),
    }
}

/// Whether a file of a folder is read: decided by its extension, and for `.conf` also by its content.
fn is_ours(path: &Path) -> bool {
    let Some(ending) = path.extension() else { return false };
    let holds = |bytes: &[u8]| CONF.iter().any(|word| bytes.windows(word.len()).any(|part| part == *word));
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
        || (ending == "conf" && std::fs::read(path).is_ok_and(|bytes| holds(&bytes)))
}

/// The names of two inputs that would be written to the same file below a folder.
pub(crate) fn same_place(inputs: &[Input]) -> Option<(String, String)> {
    let mut seen: HashMap<&Path, &Input> = HashMap::new();
    inputs.iter().find_map(|input| Some((seen.insert(&input.relative, input)?.name(), input.name())))
}
