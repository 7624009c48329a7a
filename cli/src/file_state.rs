//! Whether a regular file is still the one that was read.

use foldhash::fast::FixedState;
use std::fs::Metadata;
use std::hash::BuildHasher as _;
use std::time::SystemTime;

/// What the file system says about a regular file, as far as a rename does not change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    length: u64,
    modified: Option<SystemTime>,
    is_read_only: bool,
    /// Mode, user and group.
    #[cfg(unix)]
    access: (u32, u32, u32),
}

impl FileState {
    pub(crate) fn of(metadata: &Metadata) -> FileState {
        FileState {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            is_read_only: metadata.permissions().readonly(),
            #[cfg(unix)]
            access: {
                use std::os::unix::fs::MetadataExt as _;
                (metadata.mode(), metadata.uid(), metadata.gid())
            },
        }
    }

    /// Who may do what with the file: the nine bits of its mode.
    pub(crate) fn permissions(&self) -> u32 {
        #[cfg(unix)]
        let mode = self.access.0 & 0o777;
        #[cfg(not(unix))]
        let mode = 0o666;
        mode
    }

    /// The state of a file on whose copy the group and others get these bits.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn with_bits(mut self, bits: u32) -> FileState {
        self.access.0 = self.access.0 & !0o077 | bits;
        self
    }

    /// Whether nobody may write it.
    pub(crate) fn is_read_only(&self) -> bool {
        self.is_read_only
    }
}

/// A regular file when it was read: what the file system said, and its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) state: FileState,
    content: u64,
}

impl Fingerprint {
    pub(crate) fn of(state: FileState, content: &[u8]) -> Fingerprint {
        // A fixed seed: only contents of one run are compared.
        Fingerprint { state, content: FixedState::default().hash_one(content) }
    }
}
