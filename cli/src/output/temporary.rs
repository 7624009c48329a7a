//! Temporary files: their names say which process made them, so that those of a killed one can be removed.
//!
//! A lock would need an open file in every folder, and a fleet has more folders than a process may have files open. So
//! the name holds the process and when it began, and beside it what makes both unique: the machine, its boot, and the
//! container's processes. A process that can be looked up is asked for; the files of another machine or container, whose
//! processes cannot be seen, count as left behind after an hour.

use foldhash::fast::FixedState;
use std::fs::{File, Metadata};
use std::hash::BuildHasher as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};
use tempfile::{Builder, NamedTempFile, TempPath};

const PREFIX: &str = ".calico-ipv6-";

/// No run keeps a temporary file for so long.
const ABANDONED: Duration = Duration::from_secs(3600);

/// How many characters of a name are random.
const RANDOM: usize = 6;

/// Who made a temporary file: a process, and when it began, among the processes that can be seen from one place.
#[derive(Debug, PartialEq, Eq)]
struct Owner {
    scope: String,
    process: u32,
    began: u64,
}

static SELF: LazyLock<Owner> = LazyLock::new(|| {
    let process = std::process::id();
    Owner { scope: scope(), process, began: began(process).unwrap_or(0) }
});

impl Owner {
    fn prefix(&self) -> String {
        format!("{PREFIX}{}-{}-{}-", self.scope, self.process, self.began)
    }

    /// Reads a name back. Other names that begin with the same words are not ours.
    fn of(name: &str) -> Option<Owner> {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        let (scope, process, began, random) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_ours = parts.next().is_none()
            && scope.len() == 16
            && scope.bytes().all(|byte| byte.is_ascii_hexdigit())
            && random.len() == RANDOM
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_ours.then_some(Owner {
            scope: scope.to_owned(),
            process: process.parse().ok()?,
            began: began.parse().ok()?,
        })
    }

    /// Whether the process ended. Nothing is known about those of another scope.
    fn has_ended(&self) -> Option<bool> {
        (self.scope == SELF.scope).then(|| match began(self.process) {
            Some(began) => began != self.began,
            None => !exists(self.process),
        })
    }
}

/// Creates a temporary file: a private one, or one with these bits as far as the umask allows them.
pub(super) fn create(folder: &Path, mode: Option<u32>) -> io::Result<NamedTempFile> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode.unwrap_or(0o600));
    #[cfg(not(unix))]
    let _ = mode;
    named(folder, |path| options.open(path))
}

/// Another name for a file, in its folder.
pub(super) fn hard_link(place: &Path, folder: &Path) -> io::Result<TempPath> {
    Ok(named(folder, |path| std::fs::hard_link(place, path))?.into_temp_path())
}

/// Makes something under a new name. Its errors do not mention this name, which tells the user nothing.
fn named<R>(folder: &Path, make: impl FnMut(&Path) -> io::Result<R>) -> io::Result<NamedTempFile<R>> {
    Builder::new().prefix(&SELF.prefix()).rand_bytes(RANDOM).make_in(folder, make)
}

/// Removes the temporary files of killed runs from a folder. Returns those that were removed.
pub(super) fn remove_stale(folder: &Path) -> Vec<PathBuf> {
    // A folder that cannot be listed keeps what is in it.
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_stale = |entry: &std::fs::DirEntry| {
        let owner = entry.file_name().to_str().and_then(Owner::of)?;
        let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
        Some(owner.has_ended().unwrap_or_else(|| is_abandoned(&metadata)))
    };
    let stale = entries.flatten().filter(|entry| is_stale(entry) == Some(true)).map(|entry| entry.path());
    stale.filter(|path| std::fs::remove_file(path).is_ok()).collect()
}

/// Whether a file was put here, by a rename or new, so long ago that nobody waits for it.
fn is_abandoned(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    let since = {
        use std::os::unix::fs::MetadataExt as _;
        u64::try_from(metadata.ctime())
            .ok()
            .and_then(|s| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(s)))
    };
    #[cfg(not(unix))]
    let since = metadata.modified().ok();
    let age = since.and_then(|since| SystemTime::now().duration_since(since).ok());
    age.is_some_and(|age| age > ABANDONED)
}

/// A machine, its boot, and the processes that are visible in a container: a process is known by its number only there.
fn scope() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let container = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    #[cfg(unix)]
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let machine = std::env::var("COMPUTERNAME").unwrap_or_default();
    format!("{:016x}", FixedState::default().hash_one((boot, container, machine)))
}

/// When a process began, in ticks after the boot, if the system tells.
fn began(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the name of the program, in brackets; the start is the 22nd.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether a process may exist.
#[cfg(unix)]
fn exists(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn exists(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::{Owner, SELF, create, remove_stale};
    use std::fs;

    fn owner(process: u32, began: u64) -> Owner {
        Owner { scope: SELF.scope.clone(), process, began }
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let of_a_dead_process = format!("{}abcDEF", owner(u32::MAX >> 1, 7).prefix());
        let of_a_reused_number = format!("{}abcDEF", owner(std::process::id(), SELF.began + 1).prefix());
        let of_another_machine = format!(".calico-ipv6-{}-1-1-abcDEF", "0".repeat(16));
        let of_the_user = ".calico-ipv6-notes";
        let names = [&of_a_dead_process, &of_a_reused_number, &of_another_machine, of_the_user];
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let ours = create(folder.path(), None).unwrap();
        let mut removed = remove_stale(folder.path());
        removed.sort();
        let mut expected = vec![folder.path().join(&of_a_dead_process)];
        if cfg!(target_os = "linux") {
            expected.push(folder.path().join(&of_a_reused_number));
            expected.sort();
        }
        assert_eq!(removed, expected);
        assert!(ours.path().exists());
        assert!(folder.path().join(of_another_machine).exists() && folder.path().join(of_the_user).exists());
    }

    #[test]
    fn the_name_of_a_temporary_file_is_in_no_message() {
        let error = create(std::path::Path::new("/nowhere"), None).unwrap_err();
        assert!(!error.to_string().contains(".calico-ipv6-"), "{error}");
    }
}
