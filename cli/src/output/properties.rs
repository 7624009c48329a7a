//! What a new file takes over from the file that it replaces.

use super::Obstacle;
use crate::file_state::FileState;
use crate::input::Input;
use std::fs::{File, Metadata};
use std::path::Path;

/// Gives a new file the owner, the extended attributes, the ACL and the mode of the file that it replaces, and no ACL if
/// that has none. Its mode is not wider than that of a `source`, and never has the bits for set-user-ID, set-group-ID and
/// sticky. Returns what could not be kept and does not matter for access.
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

/// What the copy of an input takes over: an ACL is not copied, so nobody gets a right from the bits that stand for it.
pub(super) fn of_source(input: &Input, state: FileState) -> FileState {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(bits) = input.path.as_deref().and_then(acl::bits_without) {
        return state.with_bits(bits);
    }
    let _ = input;
    state
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
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if !names.split(|byte| *byte == 0).any(|name| name == super::acl::NAME.as_bytes()) {
            super::acl::remove(file)?;
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

#[cfg(any(target_os = "linux", target_os = "android"))]
mod acl {
    use super::{File, Obstacle, Path};
    use rustix::fs::{fremovexattr, getxattr};
    use rustix::io::Errno;

    pub(super) const NAME: &str = "system.posix_acl_access";

    /// The kernel accepts no more for one attribute.
    const LIMIT: usize = 64 * 1024;

    /// What an entry is about: acl(5).
    const GROUP: u16 = 0x04;
    const OTHERS: u16 = 0x20;
    const MASK: u16 = 0x10;
    const NAMED_USER: u16 = 0x02;
    const NAMED_GROUP: u16 = 0x08;

    /// Removes the ACL that a new file gets from the default ACL of its folder. This must happen before the mode is set:
    /// with an ACL, the bits of the group say what the users that it names may do.
    pub(super) fn remove(file: &File) -> Result<(), Obstacle> {
        match fremovexattr(file, NAME) {
            Ok(()) | Err(Errno::NODATA | Errno::NOTSUP) => Ok(()),
            Err(error) => Err(Obstacle::Property("permissions (ACL)".to_owned(), error.into())),
        }
    }

    /// The bits for the group and for others of a copy without an ACL, if the file has one: nobody may do more with the
    /// copy. (The bits of the file itself have the mask of its ACL in the place of the group.)
    pub(super) fn bits_without(place: &Path) -> Option<u32> {
        let mut value = vec![0; LIMIT];
        match getxattr(place, NAME, &mut value[..]) {
            Ok(length) => value.truncate(length),
            Err(Errno::NODATA | Errno::NOTSUP | Errno::NOSYS) => return None,
            Err(_) => return Some(0),
        }
        // A version, then entries of a tag, permissions and an id. A text that is not an ACL gives no rights.
        let entries = value.get(4..).unwrap_or_default().chunks_exact(8);
        let entries = entries.map(|e| (u16::from_le_bytes([e[0], e[1]]), u32::from(e[2] & 7)));
        let entries: Vec<(u16, u32)> = entries.collect();
        let all_of = |tags: &[u16]| {
            let bits = entries.iter().filter(|(tag, _)| tags.contains(tag)).map(|(_, bits)| bits);
            bits.fold(7, |all, bits| all & bits)
        };
        if entries.is_empty() {
            return Some(0);
        }
        let group = all_of(&[GROUP, MASK, NAMED_USER]);
        Some(group << 3 | all_of(&[OTHERS, MASK, NAMED_USER, NAMED_GROUP]))
    }
}
