//! What a new file takes over from the file that it replaces.

use super::Obstacle;
use crate::file_state::FileState;
use std::fs::{File, Metadata};
use std::path::Path;

/// Gives a new file the owner, the extended attributes, the ACLs and the mode of the file that it replaces. Its mode is
/// not wider than that of a `source`, and never has the bits for set-user-ID, set-group-ID and sticky. Returns what could
/// not be kept and does not matter for access.
#[cfg(unix)]
pub(super) fn copy(
    place: &Path,
    existing: &Metadata,
    file: &File,
    source: Option<FileState>,
) -> Result<Vec<String>, Obstacle> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let mut lost = Vec::new();
    let mut mode = existing.mode() & 0o777;
    if let Some(source) = source {
        mode &= source.permissions();
    }
    let new = file.metadata()?;
    if new.gid() != existing.gid() && chown(file, None, Some(existing.gid())).is_err() {
        // The bits of the group are about a group that the file no longer has.
        mode &= 0o707 | (mode & 0o007) << 3;
        lost.push(format!("its group {} could not be kept", existing.gid()));
    }
    if new.uid() != existing.uid() && chown(file, Some(existing.uid()), None).is_err() {
        lost.push(format!("its owner {} could not be kept: it belongs to you now", existing.uid()));
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    lost.extend(attributes::copy(place, file)?);
    // Not every file system has modes; one that has none refuses to set them.
    if file.metadata()?.mode() & 0o7777 != mode {
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    Ok(lost)
}

#[cfg(unix)]
fn chown(file: &File, user: Option<u32>, group: Option<u32>) -> std::io::Result<()> {
    std::os::unix::fs::fchown(file, user, group)
}

#[cfg(not(unix))]
pub(super) fn copy(
    _: &Path,
    existing: &Metadata,
    file: &File,
    _: Option<FileState>,
) -> Result<Vec<String>, Obstacle> {
    file.set_permissions(existing.permissions())?;
    Ok(Vec::new())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod attributes {
    use super::{File, Obstacle, Path};
    use rustix::fs::{XattrFlags, fgetxattr, fsetxattr, getxattr, listxattr};
    use rustix::io::Errno;
    use std::io;

    /// The kernel accepts no more for one attribute, nor for the list of their names.
    const LIMIT: usize = 64 * 1024;

    /// Attributes that belong to the old content, or give rights to it.
    const NOT_COPIED: [&str; 3] = ["security.capability", "security.ima", "security.evm"];

    /// Copies extended attributes; on Linux, ACLs are some of them. What decides about access or belongs to the user must
    /// be kept; what the system set is reported if it cannot be kept.
    pub(super) fn copy(place: &Path, file: &File) -> Result<Vec<String>, Obstacle> {
        let mut lost = Vec::new();
        let mut names = vec![0; LIMIT];
        match listxattr(place, &mut names[..]) {
            Ok(length) => names.truncate(length),
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(lost),
            Err(error) => return Err(Obstacle::Property("extended attributes".to_owned(), error.into())),
        }
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let shown = String::from_utf8_lossy(name).into_owned();
            if NOT_COPIED.contains(&shown.as_str()) {
                continue;
            }
            if let Err(error) = copy_one(place, file, name) {
                let property = format!("extended attribute {shown}");
                if shown.starts_with("security.") || shown.starts_with("trusted.") {
                    lost.push(format!("its {property} could not be kept: {error}"));
                } else {
                    return Err(Obstacle::Property(property, error));
                }
            }
        }
        Ok(lost)
    }

    fn copy_one(place: &Path, file: &File, name: &[u8]) -> io::Result<()> {
        let (mut value, mut present) = (vec![0; LIMIT], vec![0; LIMIT]);
        let length = getxattr(place, name, &mut value[..])?;
        // The system gives new files attributes as well: an equal one need not be set, and perhaps must not.
        let is_set = fgetxattr(file, name, &mut present[..]).is_ok_and(|n| present[..n] == value[..length]);
        if is_set { Ok(()) } else { Ok(fsetxattr(file, name, &value[..length], XattrFlags::empty())?) }
    }
}
