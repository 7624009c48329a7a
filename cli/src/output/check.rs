//! What prevents a file from being replaced, found before the first rename.

use super::Before;
#[cfg(unix)]
use super::folder_of;
use crate::file_state::{FileState, Fingerprint};
use crate::input::read_regular;
use crate::people::name;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file cannot be written, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Obstacle {
    #[error("{0}")]
    Io(io::Error),
    #[error("cannot use its folder {}: {error}", name(folder))]
    Folder { folder: PathBuf, error: io::Error },
    #[error("a folder has this name")]
    IsFolder,
    #[error("it already exists")]
    Exists,
    #[error(
        "another file beside the inputs has this name: name another folder for the output, or remove this file"
    )]
    Other,
    #[error("it is not a regular file: name another file or folder for the output")]
    NotAFile,
    #[error("it is read-only: make it writable (chmod u+w) if it may change")]
    ReadOnly,
    #[cfg(unix)]
    #[error("it is immutable or append-only: remove the attribute (chattr -i -a) if it may change")]
    Immutable,
    #[error("its folder {} is immutable or append-only (chattr -i -a)", name(_0))]
    FolderImmutable(PathBuf),
    #[cfg(unix)]
    #[error(
        "it is mounted by itself, so a rename cannot replace it: change the file that is mounted, or use --output-dir"
    )]
    MountPoint,
    #[cfg(unix)]
    #[error("it belongs to another user, and its folder lets only owners replace files (sticky bit)")]
    Sticky,
    #[error("a signal asked the command to end")]
    Interrupted,
    #[error("it changed while the command ran: run the command again")]
    Changed,
    #[error("somebody created it while the command ran: run the command again")]
    Appeared,
    #[error(
        "it has {0} names (hard links), and the others would keep the old text: name this file itself, or pass --follow-links"
    )]
    HardLinks(u64),
    #[error("it is a link to {}, outside the folder: name the file itself, or pass --follow-links", name(_0))]
    Outside(PathBuf),
    #[cfg(unix)]
    #[error("cannot keep its {0}: {1}")]
    Property(String, io::Error),
}

impl From<io::Error> for Obstacle {
    fn from(error: io::Error) -> Obstacle {
        Obstacle::Io(error)
    }
}

/// What is in a place, without following a link; a folder cannot be replaced.
pub(super) fn existing(place: &Path) -> Result<Option<Metadata>, Obstacle> {
    match std::fs::symlink_metadata(place) {
        Ok(metadata) if metadata.is_dir() => Err(Obstacle::IsFolder),
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a regular file has this text.
pub(super) fn has_text(place: &Path, text: &str) -> bool {
    !place.is_symlink() && read_regular(place).is_ok_and(|(bytes, _)| bytes == text.as_bytes())
}

/// Whether a place is still as it was when its new text was prepared.
pub(super) fn unchanged(place: &Path, before: Option<&Before>) -> Result<(), Obstacle> {
    let (existing, before) = match (existing(place)?, before) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(Obstacle::Changed),
        (Some(_), None) => return Err(Obstacle::Appeared),
        (Some(existing), Some(before)) => (existing, before),
    };
    replaceable(place, &existing, Some(before.state))?;
    if FileState::of(&existing) != before.state {
        return Err(Obstacle::Changed);
    }
    let Some(read) = before.read else { return Ok(()) };
    match read_regular(place) {
        Ok((bytes, Some(state))) if Fingerprint::of(state, &bytes) == read => Ok(()),
        _ => Err(Obstacle::Changed),
    }
}

/// Whether a file may have several names and lie outside the folder in which it was found. Returns what happens if so.
pub(super) fn links(
    place: &Path,
    found_in: Option<&Path>,
    is_allowed: bool,
) -> Result<Vec<String>, Obstacle> {
    if !is_allowed && found_in.is_some_and(|folder| !place.starts_with(folder)) {
        return Err(Obstacle::Outside(place.to_owned()));
    }
    let names = names(place)?;
    match (names > 1, is_allowed) {
        (false, _) => Ok(Vec::new()),
        (true, false) => Err(Obstacle::HardLinks(names)),
        (true, true) => Ok(vec![format!(
            "it had {names} names (hard links) and is a file of its own now; names that were not written keep the old text"
        )]),
    }
}

/// How many names (hard links) a file has.
#[cfg(unix)]
fn names(place: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(place).map(|metadata| metadata.nlink())
}

/// How many names a file has, where the system does not tell: one.
#[cfg(not(unix))]
fn names(_: &Path) -> io::Result<u64> {
    Ok(1)
}

/// Whether an existing file, or a link, can be replaced by a rename. A copy of a read-only `source` may replace a read-only file.
pub(super) fn replaceable(
    place: &Path,
    existing: &Metadata,
    source: Option<FileState>,
) -> Result<(), Obstacle> {
    if !existing.is_file() && !existing.is_symlink() {
        return Err(Obstacle::NotAFile);
    }
    let is_read_only = existing.permissions().readonly() && !existing.is_symlink();
    if is_read_only && !source.is_some_and(|source| source.is_read_only()) {
        return Err(Obstacle::ReadOnly);
    }
    system::replaceable(place, existing)
}

/// Whether temporary files can be created in a folder, and removed again.
pub(super) fn folder(folder: &Path) -> Result<(), Obstacle> {
    if system::is_immutable(folder) { Err(Obstacle::FolderImmutable(folder.to_owned())) } else { Ok(()) }
}

#[cfg(unix)]
mod system {
    use super::{Metadata, Obstacle, Path, folder_of};
    use rustix::fs::{Access, AtFlags, CWD};
    use rustix::io::Errno;
    use std::os::unix::fs::MetadataExt as _;

    const STICKY: u32 = 0o1000;

    pub(super) fn replaceable(place: &Path, existing: &Metadata) -> Result<(), Obstacle> {
        if is_immutable(place) {
            return Err(Obstacle::Immutable);
        }
        if is_mount_point(place) {
            return Err(Obstacle::MountPoint);
        }
        // A rename asks for the folder alone; a user who may not write the file must not replace it.
        if !existing.is_symlink()
            && let Err(error @ (Errno::ACCESS | Errno::ROFS)) =
                rustix::fs::accessat(CWD, place, Access::WRITE_OK, AtFlags::EACCESS)
        {
            return Err(Obstacle::Io(error.into()));
        }
        let folder = std::fs::metadata(folder_of(place))?;
        let user = rustix::process::geteuid().as_raw();
        if folder.mode() & STICKY != 0 && user != 0 && user != existing.uid() && user != folder.uid() {
            return Err(Obstacle::Sticky);
        }
        Ok(())
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn attributes(path: &Path) -> rustix::fs::StatxAttributes {
        // A kernel that cannot answer lets the rename fail, which is undone.
        rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, rustix::fs::StatxFlags::BASIC_STATS)
            .map_or(rustix::fs::StatxAttributes::empty(), |found| {
                found.stx_attributes & found.stx_attributes_mask
            })
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn is_immutable(path: &Path) -> bool {
        use rustix::fs::StatxAttributes;
        attributes(path).intersects(StatxAttributes::IMMUTABLE | StatxAttributes::APPEND)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn is_mount_point(path: &Path) -> bool {
        attributes(path).contains(rustix::fs::StatxAttributes::MOUNT_ROOT)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn is_immutable(_: &Path) -> bool {
        false
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn is_mount_point(_: &Path) -> bool {
        false
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Metadata, Obstacle, Path};

    pub(super) fn replaceable(_: &Path, _: &Metadata) -> Result<(), Obstacle> {
        Ok(())
    }

    pub(super) fn is_immutable(_: &Path) -> bool {
        false
    }
}
