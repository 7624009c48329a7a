//! The configuration files of folders: `calico-ipv6.yaml` in a folder of inputs, or above it up to the root of the repository.

use crate::input::{InputFailure, read_file};
use crate::people::name;
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
    pub(crate) text: String,
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
        if !path.is_file() {
            return Ok(());
        }
        let (bytes, _) = read_file(&path)?;
        let Some(text) = String::from_utf8(bytes).ok().filter(|text| is_meant_as_target(text)) else {
            return Ok(());
        };
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

/// Whether a file of this name is a configuration file, even if there is a mistake in it: people also give the name to a
/// manifest of Calico.
fn is_meant_as_target(text: &str) -> bool {
    memmem::find(text.as_bytes(), GROUP.as_bytes()).is_some()
        || text.lines().any(|line| line.trim_end() == "kind: Target")
}
