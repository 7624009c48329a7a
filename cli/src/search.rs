//! Finds the inputs: named files, and the files of named folders.

use crate::args::Inputs;
use crate::input::{Input, InputFailure, read_regular};
use crate::people::name;
use ignore::{DirEntry, WalkBuilder};
use memchr::memmem;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::FileType;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// The extensions of files that are read from a folder.
const ENDINGS: [&str; 5] = ["yaml", "yml", "json", "env", "service"];

/// Kubeconfigs and drop-ins of units end in `.conf`, as files of many programs do: a relevant one contains one of these.
const CONF: [&[u8]; 2] = [b"apiVersion:", b"[Service]"];

/// What makes two inputs the same: files by their path without links, pipes and devices by what they are.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Stdin,
    Path(PathBuf),
    #[cfg(unix)]
    Node(u64, u64),
}

/// What an entry of a folder is, behind its links.
enum Kind {
    File,
    Folder {
        is_link: bool,
    },
    /// What it is instead.
    Other(String),
}

/// All inputs, including the files of folders, in a stable order, each once. `output` is a folder that is written, so its
/// files are not inputs. What a folder contains under the name of an input and is not read is described in `skipped`. A named
/// file that is not there is an error, or `may_be_missing` until it is read.
pub(crate) fn collect(
    inputs: &Inputs,
    output: Option<&Path>,
    may_be_missing: bool,
    skipped: &mut Vec<String>,
) -> Result<Vec<Input>, InputFailure> {
    let named: Vec<&PathBuf> = inputs.paths.iter().chain(&inputs.filename).collect();
    if named.is_empty() {
        if io::stdin().is_terminal() {
            return Err(InputFailure::Nothing);
        }
        return Ok(vec![Input::stdin()]);
    }
    let output = output.and_then(|folder| folder.canonicalize().ok());
    let mut found = Vec::new();
    for path in named {
        if path.as_os_str() == "-" {
            found.push(Input::stdin());
        } else if path.is_dir() {
            found.extend(folder(path, inputs, output.as_deref(), skipped)?);
        } else {
            let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
            if !may_be_missing {
                std::fs::metadata(path).map_err(|error| cannot_read(path, error))?;
            }
            found.push(Input::file(path.clone(), relative, None));
        }
    }
    Ok(each_once(found))
}

/// Each input once. A file that the user names is named, even if it is in a folder as well.
fn each_once(found: Vec<Input>) -> Vec<Input> {
    let mut known: HashMap<Identity, usize> = HashMap::new();
    let mut inputs: Vec<Input> = Vec::with_capacity(found.len());
    for input in found {
        match known.entry(identity(&input)) {
            Entry::Vacant(entry) => {
                entry.insert(inputs.len());
                inputs.push(input);
            }
            Entry::Occupied(entry) if input.found_in.is_none() => inputs[*entry.get()].found_in = None,
            Entry::Occupied(_) => {}
        }
    }
    inputs
}

fn cannot_read(path: &Path, error: io::Error) -> InputFailure {
    InputFailure::Read { path: name(path), error }
}

/// The path at which a walk ended is in each part of its error.
fn cannot_walk(top: &Path, error: ignore::Error) -> InputFailure {
    match error {
        ignore::Error::WithDepth { err, .. } => cannot_walk(top, *err),
        ignore::Error::WithPath { path, err } => cannot_walk(&path, *err),
        error => {
            let system = error_of_system(&error).map(io::Error::from_raw_os_error);
            cannot_read(top, system.unwrap_or_else(|| io::Error::other(error)))
        }
    }
}

fn error_of_system(error: &ignore::Error) -> Option<i32> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.io_error()?);
    while let Some(error) = cause {
        if let Some(code) = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(code);
        }
        cause = error.source();
    }
    None
}

fn identity(input: &Input) -> Identity {
    let Some(path) = &input.path else { return Identity::Stdin };
    // In a folder only regular files are inputs.
    #[cfg(unix)]
    if input.found_in.is_none()
        && let Ok(metadata) = std::fs::metadata(path)
        && !metadata.is_file()
    {
        use std::os::unix::fs::MetadataExt as _;
        return Identity::Node(metadata.dev(), metadata.ino());
    }
    Identity::Path(path.canonicalize().unwrap_or_else(|_| path.clone()))
}

/// The files of a folder.
fn folder(
    top: &Path,
    inputs: &Inputs,
    output: Option<&Path>,
    skipped: &mut Vec<String>,
) -> Result<Vec<Input>, InputFailure> {
    let root = top.canonicalize().map_err(|error| cannot_read(top, error))?;
    let mut skip = |path: &Path, why: &str| skipped.push(format!("{}: {why}; skipped", name(path)));
    let mut found = Vec::new();
    let (mut unreadable, mut folders) = (Vec::new(), false);
    for entry in walk(top, inputs, output) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match broken_link(&error) {
                Some((path, why)) if has_known_name(path) => {
                    skip(path, &why);
                    continue;
                }
                Some(_) => continue,
                None => return Err(cannot_walk(top, error)),
            },
        };
        if entry.depth() == 0 {
            continue;
        }
        let path = entry.path();
        match kind(&entry) {
            Kind::Folder { is_link } => {
                folders |= entry.depth() == 1;
                if is_link && inputs.recursive && !inputs.follow_links {
                    skip(path, "is a link to a folder (--follow-links reads it)");
                }
            }
            Kind::File => match is_ours(path) {
                Ok(false) => {}
                Ok(true) => {
                    let relative = path.strip_prefix(top).unwrap_or(path).to_owned();
                    found.push(Input::file(path.to_owned(), relative, Some(root.clone())));
                }
                Err(error) => unreadable.push(format!("{error}; skipped")),
            },
            Kind::Other(what) if has_known_name(path) => skip(path, &what),
            Kind::Other(_) => {}
        }
    }
    skipped.append(&mut unreadable);
    let path = name(top);
    match (found.is_empty(), folders && !inputs.recursive) {
        (true, true) => Err(InputFailure::OnlyFolders { path }),
        (true, false) => Err(InputFailure::EmptyFolder { path }),
        _ => Ok(found),
    }
}

fn walk(top: &Path, inputs: &Inputs, output: Option<&Path>) -> ignore::Walk {
    let mut walk = WalkBuilder::new(top);
    walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp).follow_links(inputs.follow_links);
    walk.max_depth(if inputs.recursive { None } else { Some(1) });
    if let Some(output) = output.map(PathBuf::from) {
        let is_output = move |entry: &DirEntry| {
            entry.depth() > 0
                && entry.file_type().is_some_and(|kind| kind.is_dir())
                && entry.path().canonicalize().is_ok_and(|folder| folder == output)
        };
        walk.filter_entry(move |entry| !is_output(entry));
    }
    walk.build()
}

/// What an entry is. Only links need a second look.
fn kind(entry: &DirEntry) -> Kind {
    let is_link = entry.path_is_symlink();
    let kind = match entry.file_type().filter(|_| !is_link) {
        Some(kind) => Ok(kind),
        None => std::fs::metadata(entry.path()).map(|metadata| metadata.file_type()),
    };
    match kind {
        Ok(kind) if kind.is_file() => Kind::File,
        Ok(kind) if kind.is_dir() => Kind::Folder { is_link },
        Ok(kind) => Kind::Other(special(kind).to_owned()),
        Err(error) => Kind::Other(leads_nowhere(&error)),
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_fifo() {
        "is a FIFO"
    } else if kind.is_socket() {
        "is a socket"
    } else {
        "is a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "is not a file"
}

fn leads_nowhere(error: &io::Error) -> String {
    format!("is a link that leads to no file ({error})")
}

/// The path at which links end nowhere or lead in a circle, if that is what is wrong.
fn broken_link(error: &ignore::Error) -> Option<(&Path, String)> {
    match error {
        ignore::Error::WithDepth { err, .. } => broken_link(err),
        ignore::Error::WithPath { path, err } if error.io_error().is_some() => {
            // Only a link without its file may be skipped, not a folder behind a link that cannot be read.
            let missing = std::fs::metadata(path).err().filter(|_| path.is_symlink());
            missing.map(|error| (path.as_path(), leads_nowhere(&error))).or_else(|| broken_link(err))
        }
        ignore::Error::WithPath { err, .. } => broken_link(err),
        ignore::Error::Loop { child, .. } => Some((child, "is a link to a folder above it".to_owned())),
        _ => None,
    }
}

/// Whether a name is that of an input, or may be.
fn has_known_name(path: &Path) -> bool {
    let Some(ending) = path.extension() else { return false };
    ending == "conf" || ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether a file of a folder is read: decided by its extension, and for `.conf` also by its content.
fn is_ours(path: &Path) -> Result<bool, InputFailure> {
    if path.extension().is_none_or(|ending| ending != "conf") {
        return Ok(has_known_name(path));
    }
    let (bytes, _) = read_regular(path)?;
    Ok(CONF.iter().any(|word| memmem::find(&bytes, word).is_some()))
}
