//! Where a fact comes from, so that a reader can follow it.

use core::fmt;

/// A place outside this project that a rule rests on: what to call it, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A file of a repository, as it was in a release.
    File {
        /// `owner/name` on GitHub.
        repository: &'static str,
        /// The path from the root of the repository.
        path: &'static str,
        /// The tag, branch or full commit at which the file was looked at.
        tag: &'static str,
        /// The function, field or message to look for; may be empty.
        symbol: &'static str,
        /// The line, from 1; `None` if only the file is known.
        line: Option<u32>,
    },
    /// An issue.
    Issue {
        /// `owner/name` on GitHub.
        repository: &'static str,
        /// Its number.
        number: u32,
    },
    /// A pull request.
    Pull {
        /// `owner/name` on GitHub.
        repository: &'static str,
        /// Its number.
        number: u32,
    },
    /// The notes of a release.
    Release {
        /// `owner/name` on GitHub.
        repository: &'static str,
        /// Its tag.
        tag: &'static str,
    },
    /// A change.
    Commit {
        /// `owner/name` on GitHub.
        repository: &'static str,
        /// Its hash.
        hash: &'static str,
    },
    /// A page of documentation, or a standard.
    Page {
        /// What it is called.
        title: &'static str,
        /// Its address.
        url: &'static str,
    },
}

/// A page of documentation, or a standard.
pub(crate) const fn page(title: &'static str, url: &'static str) -> Reference {
    Reference::Page { title, url }
}

/// A repository on GitHub, and the release of it that was last checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repository {
    name: &'static str,
    /// A tag or a branch; empty if no file of it is named.
    checked: &'static str,
}

impl Repository {
    pub(super) const fn new(name: &'static str, checked: &'static str) -> Repository {
        Repository { name, checked }
    }

    /// A file in the release that was last checked. [`Reference::at`] names another one.
    pub(crate) const fn file(self, path: &'static str) -> Reference {
        assert!(!self.checked.is_empty(), "the table of repositories names no release");
        Reference::File { repository: self.name, path, tag: self.checked, symbol: "", line: None }
    }

    pub(crate) const fn issue(self, number: u32) -> Reference {
        Reference::Issue { repository: self.name, number }
    }

    pub(crate) const fn pull(self, number: u32) -> Reference {
        Reference::Pull { repository: self.name, number }
    }

    pub(crate) const fn release(self, tag: &'static str) -> Reference {
        Reference::Release { repository: self.name, tag }
    }

    pub(crate) const fn commit(self, hash: &'static str) -> Reference {
        Reference::Commit { repository: self.name, hash }
    }
}

/// For files only. Rules are constants, so a mistake does not compile.
#[expect(clippy::panic, reason = "it happens while a constant is computed")]
impl Reference {
    /// The release in which the file was looked at.
    pub(crate) const fn at(self, release: &'static str) -> Reference {
        match self {
            Reference::File { repository, path, symbol, line, .. } => {
                Reference::File { repository, path, tag: release, symbol, line }
            }
            _ => panic!("only a file is in a release"),
        }
    }

    /// What to look for in the file.
    pub(crate) const fn symbol(self, name: &'static str) -> Reference {
        match self {
            Reference::File { repository, path, tag, line, .. } => {
                Reference::File { repository, path, tag, symbol: name, line }
            }
            _ => panic!("only a file has symbols"),
        }
    }

    /// The line of the file, from 1.
    pub(crate) const fn line(self, number: u32) -> Reference {
        match self {
            Reference::File { repository, path, tag, symbol, .. } => {
                Reference::File { repository, path, tag, symbol, line: Some(number) }
            }
            _ => panic!("only a file has lines"),
        }
    }
}

impl Reference {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        const HOST: &str = "https://github.com";
        match *self {
            Reference::File { repository, path, tag, line, .. } => {
                let line = line.map(|line| format!("#L{line}")).unwrap_or_default();
                format!("{HOST}/{repository}/blob/{tag}/{path}{line}")
            }
            Reference::Issue { repository, number } => format!("{HOST}/{repository}/issues/{number}"),
            Reference::Pull { repository, number } => format!("{HOST}/{repository}/pull/{number}"),
            Reference::Release { repository, tag } => format!("{HOST}/{repository}/releases/tag/{tag}"),
            Reference::Commit { repository, hash } => format!("{HOST}/{repository}/commit/{hash}"),
            Reference::Page { url, .. } => url.to_owned(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reference::File { repository, path, tag, symbol, line } => {
                write!(f, "{repository} {}: {path}", short(tag))?;
                if let Some(line) = line {
                    write!(f, ":{line}")?;
                }
                if symbol.is_empty() { Ok(()) } else { write!(f, ", {symbol}") }
            }
            Reference::Issue { repository, number } => write!(f, "{repository} issue {number}"),
            Reference::Pull { repository, number } => write!(f, "{repository} pull request {number}"),
            Reference::Release { repository, tag } => write!(f, "{repository} release {tag}"),
            Reference::Commit { repository, hash } => write!(f, "{repository} commit {}", short(hash)),
            Reference::Page { title, .. } => f.write_str(title),
        }
    }
}

/// A tag as it is; the hash of a commit as git shortens it.
fn short(tag: &str) -> &str {
    let is_hash = tag.len() == 40 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { &tag[..10] } else { tag }
}

#[cfg(test)]
mod tests {
    use super::{Reference, Repository, page};

    const CALICO: Repository = Repository::new("projectcalico/calico", "v3.32.1");
    const HASH: &str = "87c15906f20c4ca1fda55af92295e7678b0cc0b2";

    #[track_caller]
    fn reads(reference: Reference, text: &str, url: &str) {
        assert_eq!((reference.to_string().as_str(), reference.url().as_str()), (text, url));
    }

    #[test]
    fn a_file_is_in_the_release_that_was_last_checked() {
        reads(
            CALICO.file("felix/rules/nat.go"),
            "projectcalico/calico v3.32.1: felix/rules/nat.go",
            "https://github.com/projectcalico/calico/blob/v3.32.1/felix/rules/nat.go",
        );
    }

    #[test]
    fn a_file_of_another_release_with_what_to_look_for() {
        reads(
            CALICO.file("felix/rules/nat.go").symbol("natOutgoing").line(84).at("v3.30.0"),
            "projectcalico/calico v3.30.0: felix/rules/nat.go:84, natOutgoing",
            "https://github.com/projectcalico/calico/blob/v3.30.0/felix/rules/nat.go#L84",
        );
    }

    #[test]
    fn a_file_of_a_commit() {
        reads(
            CALICO.file("felix/rules/nat.go").at(HASH),
            "projectcalico/calico 87c15906f2: felix/rules/nat.go",
            "https://github.com/projectcalico/calico/blob/87c15906f20c4ca1fda55af92295e7678b0cc0b2/felix/rules/nat.go",
        );
    }

    #[test]
    fn issues_and_pull_requests() {
        reads(
            CALICO.issue(3757),
            "projectcalico/calico issue 3757",
            "https://github.com/projectcalico/calico/issues/3757",
        );
        reads(
            CALICO.pull(9416),
            "projectcalico/calico pull request 9416",
            "https://github.com/projectcalico/calico/pull/9416",
        );
    }

    #[test]
    fn releases_and_commits() {
        reads(
            CALICO.release("v3.23.0"),
            "projectcalico/calico release v3.23.0",
            "https://github.com/projectcalico/calico/releases/tag/v3.23.0",
        );
        reads(
            CALICO.commit(HASH),
            "projectcalico/calico commit 87c15906f2",
            "https://github.com/projectcalico/calico/commit/87c15906f20c4ca1fda55af92295e7678b0cc0b2",
        );
    }

    #[test]
    fn pages() {
        reads(
            page("RFC 4193", "https://www.rfc-editor.org/rfc/rfc4193"),
            "RFC 4193",
            "https://www.rfc-editor.org/rfc/rfc4193",
        );
    }
}
