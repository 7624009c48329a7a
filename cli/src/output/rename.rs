//! The renames, and how they are undone.

use super::{Before, Obstacle, Ready, WriteFailure, folder_of, properties, temporary};
use crate::file_state::FileState;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// How the old file is kept until all renames are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// One rename exchanges both files: the temporary one is the old file then.
    Exchange,
    /// The old file has a second name, before the new one takes its place.
    Link,
    /// A copy, on a file system that has neither.
    Copy,
}

/// A file in its place.
#[derive(Debug)]
struct Placed {
    name: String,
    place: PathBuf,
    /// The old file, in its folder; none if there was none.
    old: Option<Old>,
}

#[derive(Debug)]
struct Old {
    path: TempPath,
    kept: Keep,
}

/// Puts all files in their places, or none. Returns which old files could not be removed.
pub(super) fn all(files: Vec<Ready>) -> Result<Vec<String>, WriteFailure> {
    all_keeping(files, Keep::Exchange)
}

fn all_keeping(files: Vec<Ready>, keep: Keep) -> Result<Vec<String>, WriteFailure> {
    let mut placed: Vec<Placed> = Vec::with_capacity(files.len());
    for file in files {
        let Ready { name, place, temporary, before, .. } = file;
        let failure = match before {
            None => create(temporary, &place).map(|()| None),
            Some(before) => replace(temporary, &place, before, keep).map(Some),
        };
        let obstacle = match failure {
            Ok(old) => {
                let obstacle = before.zip(old.as_ref()).and_then(|(before, old)| changed(before, old));
                placed.push(Placed { name: name.clone(), place, old });
                obstacle
            }
            Err(obstacle) => Some(obstacle),
        };
        if let Some(obstacle) = obstacle {
            return Err(undo(placed, name, obstacle));
        }
    }
    Ok(placed.into_iter().filter_map(remove_old).collect())
}

/// Removes the old file of one that is in its place; otherwise says where it is.
fn remove_old(placed: Placed) -> Option<String> {
    let mut old = placed.old?.path;
    let removed = std::fs::remove_file(&old);
    old.disable_cleanup(true);
    let (error, path) = (removed.err()?, crate::people::name(&old));
    Some(format!("{}: its old text could not be removed ({error}): remove {path}", placed.name))
}

/// Whether the file that was replaced is another one than the one that was checked.
fn changed(before: Before, old: &Old) -> Option<Obstacle> {
    let is_same = old.kept == Keep::Copy
        || std::fs::symlink_metadata(&old.path).is_ok_and(|old| FileState::of(&old) == before.state);
    (!is_same).then_some(Obstacle::Changed)
}

/// Renames a file to a place that must be free.
fn create(temporary: TempPath, place: &Path) -> Result<(), Obstacle> {
    temporary.persist_noclobber(place).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => Obstacle::Appeared,
        _ => Obstacle::Io(error.error),
    })
}

/// Renames a file to a place that another has, and keeps the other.
fn replace(temporary: TempPath, place: &Path, before: Before, keep: Keep) -> Result<Old, Obstacle> {
    if keep == Keep::Exchange {
        match exchange(&temporary, place) {
            Ok(()) => return Ok(Old { path: temporary, kept: Keep::Exchange }),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(error) => return Err(error.into()),
        }
    }
    let linked = if keep == Keep::Copy { None } else { temporary::hard_link(place, folder_of(place)).ok() };
    let (path, kept) = match linked {
        Some(path) => (path, Keep::Link),
        None => (copy(place, before)?, Keep::Copy),
    };
    temporary.persist(place).map_err(|error| Obstacle::Io(error.error))?;
    Ok(Old { path, kept })
}

/// A copy of a file with its properties.
fn copy(place: &Path, before: Before) -> Result<TempPath, Obstacle> {
    let metadata = std::fs::symlink_metadata(place)?;
    if metadata.is_symlink() || FileState::of(&metadata) != before.state {
        return Err(Obstacle::Changed);
    }
    let mut copy = temporary::create(folder_of(place), None)?;
    io::copy(&mut std::fs::File::open(place)?, copy.as_file_mut())?;
    properties::copy(place, &metadata, copy.as_file(), None)?;
    if let Ok(modified) = metadata.modified() {
        copy.as_file().set_modified(modified)?;
    }
    copy.as_file().sync_data()?;
    Ok(copy.into_temp_path())
}

/// Exchanges two files; `Unsupported` where the system or the file system cannot.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|error| match error {
        Errno::NOSYS | Errno::INVAL | Errno::NOTSUP => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives every file that was replaced its old text back, and removes the new ones.
fn undo(placed: Vec<Placed>, name: String, obstacle: Obstacle) -> WriteFailure {
    let mut not_restored = Vec::new();
    for Placed { name, place, old } in placed.into_iter().rev() {
        let Some(Old { path, kept }) = old else {
            if let Err(error) = std::fs::remove_file(&place) {
                not_restored.push(format!("{name}: is new and could not be removed: {error}"));
            }
            continue;
        };
        let restored = match kept {
            Keep::Exchange => exchange(&path, &place),
            Keep::Link | Keep::Copy => std::fs::rename(&path, &place),
        };
        if let Err(error) = restored {
            let kept = keep_for_user(path, &place);
            not_restored.push(format!(
                "{name}: has the new text ({error}); its old text is in {}",
                crate::people::name(&kept)
            ));
        }
    }
    not_restored.reverse();
    if not_restored.is_empty() {
        WriteFailure::Nothing { name, obstacle }
    } else {
        WriteFailure::Partly { name, obstacle, not_restored }
    }
}

/// Gives an old text a name that the user understands and no run removes.
fn keep_for_user(mut path: TempPath, place: &Path) -> PathBuf {
    let file = place.file_name().unwrap_or_default();
    for number in 0..10 {
        let mut name = file.to_owned();
        name.push(".calico-ipv6-old");
        if number > 0 {
            name.push(format!("-{number}"));
        }
        let wanted = place.with_file_name(name);
        // The other name is removed with the temporary path.
        if std::fs::hard_link(&path, &wanted).is_ok() {
            return wanted;
        }
        match path.persist_noclobber(&wanted) {
            Ok(()) => return wanted,
            Err(error) => path = error.path,
        }
    }
    // Such a name is too long, or taken. No run takes this one for its own.
    path.disable_cleanup(true);
    let mut other = path.as_os_str().to_owned();
    other.push("-old");
    let other = PathBuf::from(other);
    match std::fs::rename(&path, &other) {
        Ok(()) => other,
        Err(_) => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Before, Keep, Ready, WriteFailure, all_keeping};
    use crate::file_state::FileState;
    use crate::output::temporary;
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;

    const KEPT: [Keep; 3] = [Keep::Exchange, Keep::Link, Keep::Copy];

    /// A new text beside a place in which an old one is, or none.
    fn ready(folder: &Path, name: &str, old: Option<&str>) -> Ready {
        let place = folder.join(name);
        if let Some(old) = old {
            fs::write(&place, old).unwrap();
        }
        let state = fs::metadata(&place).ok().map(|metadata| FileState::of(&metadata));
        let mut file = temporary::create(folder, None).unwrap();
        file.write_all(b"new").unwrap();
        let before = state.map(|state| Before { state, read: None });
        Ready { name: name.to_owned(), place, temporary: file.into_temp_path(), before, notes: Vec::new() }
    }

    /// The files of a folder with their texts, without what is temporary.
    fn texts(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let text = |path: &Path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        };
        let mut found: Vec<_> = entries.map(|path| text(&path)).collect();
        found.sort();
        found
    }

    #[test]
    fn files_are_replaced_and_created() {
        for keep in KEPT {
            let folder = tempfile::tempdir().unwrap();
            let files = vec![ready(folder.path(), "a", Some("old")), ready(folder.path(), "b", None)];
            all_keeping(files, keep).unwrap();
            let new = [("a", "new"), ("b", "new")].map(|(name, text)| (name.to_owned(), text.to_owned()));
            assert_eq!(texts(folder.path()), new, "{keep:?}");
        }
    }

    #[test]
    fn all_renames_are_undone_when_the_last_one_fails() {
        for keep in KEPT {
            let folder = tempfile::tempdir().unwrap();
            let files: Vec<Ready> = [("a", Some("old a")), ("b", None), ("c", Some("old c"))]
                .map(|(name, old)| ready(folder.path(), name, old))
                .into();
            fs::remove_file(&files[2].temporary).unwrap();
            let failure = all_keeping(files, keep).unwrap_err();
            assert!(matches!(&failure, WriteFailure::Nothing { name, .. } if name == "c"), "{failure}");
            let old = [("a", "old a"), ("c", "old c")].map(|(name, text)| (name.to_owned(), text.to_owned()));
            assert_eq!(texts(folder.path()), old, "{keep:?}");
        }
    }

    /// Between the last comparison and the rename somebody writes another text.
    #[test]
    fn a_file_that_changed_in_the_last_instant_is_put_back() {
        for keep in KEPT {
            let folder = tempfile::tempdir().unwrap();
            let files = vec![ready(folder.path(), "a", Some("old")), ready(folder.path(), "b", Some("old"))];
            fs::write(folder.path().join("b"), "of somebody else").unwrap();
            let failure = all_keeping(files, keep).unwrap_err();
            assert!(
                failure.to_string().contains("b: cannot write: it changed while the command ran"),
                "{failure}"
            );
            let old = [("a", "old"), ("b", "of somebody else")];
            assert_eq!(
                texts(folder.path()),
                old.map(|(name, text)| (name.to_owned(), text.to_owned())),
                "{keep:?}"
            );
        }
    }
}
