//! The configuration files of folders: `calico-ipv6.yaml` in a folder of inputs, or above it up to the root of the repository.

use super::{Config, is_config_map_of_target};
use crate::input::{InputFailure, read_file, text};
use crate::people::name;
use calico_ipv6_engine::model::Documents;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::{Tree, parse};
use memchr::memmem;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The name of a configuration file.
pub(crate) const FILE: &str = "calico-ipv6.yaml";

/// What all `Target` documents contain.
const GROUP: &str = "calico-ipv6.io/";

/// A configuration file, and the folder that it is for.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its name in messages.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Without links.
    pub(crate) folder: PathBuf,
    /// Its text, or why it has none.
    pub(crate) text: Result<String, String>,
}

impl Found {
    /// Reads the target. What is wrong with a file matters only if the file counts.
    pub(crate) fn parse(&self) -> Result<Config, String> {
        match &self.text {
            Ok(text) => Config::parse_found(&self.name, text),
            Err(what) => Err(format!("{}: {what}", self.name)),
        }
    }
}

/// Looks for configuration files, in each folder once.
#[derive(Debug)]
pub(crate) struct Search {
    working: Option<PathBuf>,
    looked_in: HashSet<PathBuf>,
    repositories: HashMap<PathBuf, bool>,
    pub(crate) found: Vec<Found>,
}

impl Search {
    pub(crate) fn new() -> Search {
        Search {
            working: std::env::current_dir().and_then(std::fs::canonicalize).ok(),
            looked_in: HashSet::new(),
            repositories: HashMap::new(),
            found: Vec::new(),
        }
    }

    /// Looks in the working directory and above it.
    pub(crate) fn look_here(&mut self) -> Result<(), InputFailure> {
        match self.working.clone() {
            Some(working) => self.look_from(&working, None),
            None => Ok(()),
        }
    }

    /// Looks in a folder and above it, up to the root of its repository. Outside a repository, where anybody may have put
    /// files above, it ends at the working directory, otherwise at `named`, the folder that was passed.
    pub(crate) fn look_from(&mut self, folder: &Path, named: Option<&Path>) -> Result<(), InputFailure> {
        let last = self.last(folder, named).to_owned();
        for folder in folder.ancestors() {
            if self.looked_in.insert(folder.to_owned()) {
                self.look_in(folder)?;
            }
            if folder == last {
                break;
            }
        }
        Ok(())
    }

    fn last<'p>(&mut self, folder: &'p Path, named: Option<&'p Path>) -> &'p Path {
        let mut is_repository = |folder: &&Path| {
            let known = self.repositories.get(*folder).copied();
            known.unwrap_or_else(|| {
                let is_one = folder.join(".git").exists();
                self.repositories.insert((*folder).to_owned(), is_one);
                is_one
            })
        };
        let repository = folder.ancestors().find(&mut is_repository);
        let working = folder.ancestors().find(|above| Some(*above) == self.working.as_deref());
        repository.or(working).or(named).unwrap_or(folder)
    }

    fn look_in(&mut self, folder: &Path) -> Result<(), InputFailure> {
        let path = folder.join(FILE);
        let Some(text) = text_of(&path)? else { return Ok(()) };
        let working = self.working.as_deref();
        let shown = working.and_then(|working| path.strip_prefix(working).ok()).unwrap_or(&path);
        let name = name(shown);
        self.found.push(Found { name, path, folder: folder.to_owned(), text });
        Ok(())
    }
}

/// Whether a file is a `Target` document of this tool.
pub(crate) fn is_target(text: &str) -> bool {
    let line = |wanted: &str| text.lines().any(|line| line.trim_end() == wanted);
    memmem::find(text.as_bytes(), GROUP.as_bytes()).is_some()
        && line("apiVersion: calico-ipv6.io/v1alpha1")
        && line("kind: Target")
}

/// The text of a configuration file, or why it has none; `None` if there is no such file here.
fn text_of(path: &Path) -> Result<Option<Result<String, String>>, InputFailure> {
    match std::fs::metadata(path) {
        Err(error) if path.is_symlink() => {
            return Ok(Some(Err(format!(
                "is a link that leads to no file ({error}): correct the link, or remove it"
            ))));
        }
        Ok(metadata) if metadata.is_file() => {}
        _ => return Ok(None),
    }
    let (bytes, _) = read_file(path)?;
    // A shell creates the file of `> calico-ipv6.yaml` before it starts the command.
    if bytes.is_empty() && is_standard_output(path) {
        return Ok(None);
    }
    let text = text(bytes);
    Ok(Some(text).filter(|text| text.as_ref().map_or(true, |text| is_meant_as_target(text))))
}

#[cfg(unix)]
fn is_standard_output(path: &Path) -> bool {
    let (output, file) = (rustix::fs::fstat(std::io::stdout()), rustix::fs::stat(path));
    matches!((output, file), (Ok(one), Ok(other)) if one.st_dev == other.st_dev && one.st_ino == other.st_ino)
}

/// Whether a file may be standard output, where the system does not tell.
#[cfg(not(unix))]
fn is_standard_output(_: &Path) -> bool {
    use std::io::IsTerminal as _;
    !std::io::stdout().is_terminal()
}

/// Whether a file of this name is a configuration file, even if there is a mistake in it: people also give the name to a
/// manifest of Calico, or to the values of a chart.
fn is_meant_as_target(text: &str) -> bool {
    if memmem::find(text.as_bytes(), GROUP.as_bytes()).is_some()
        || text.lines().any(|line| line.trim_end() == "kind: Target")
    {
        return true;
    }
    let trees: Result<Vec<Tree<'_>>, _> =
        split(text).into_iter().map(|chunk| parse(text, chunk.range)).collect();
    let Ok(trees) = trees else {
        // Not YAML: a template of a manifest, or a target with a mistake.
        return !["apiVersion", "kind"].iter().any(|key| text.contains(key));
    };
    let roots: Vec<_> = trees.iter().filter_map(|tree| Some((tree, tree.root()?))).collect();
    if let [(tree, root)] = roots[..]
        && is_config_map_of_target(tree, root)
    {
        return true;
    }
    let has = |key: &str| roots.iter().any(|(tree, root)| tree.get(*root, key).is_some());
    !has("apiVersion") && !has("kind") && !is_known_without_kind(text)
}

/// Whether a text is of one of the kinds of files that have no `kind`, such as values of a chart.
fn is_known_without_kind(text: &str) -> bool {
    let read = Documents::read(Source { name: FILE, text });
    read.is_ok_and(|read| read.resources.iter().any(|one| !one.kind.is_empty()))
}
