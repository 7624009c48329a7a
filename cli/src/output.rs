//! Writing files: all of them or none.

use crate::input::Input;
use crate::people::name;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// New files beside their places, not yet in them.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    files: Vec<(TempPath, PathBuf)>,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot write: {error}; nothing was written")]
pub(crate) struct WriteFailure {
    path: String,
    error: std::io::Error,
}

impl Staged {
    /// Prepares the replacement of an input by `text`. Symbolic links are followed, permissions kept.
    pub(crate) fn replace(&mut self, input: &Input, text: &str) -> Result<(), WriteFailure> {
        let Some(path) = &input.path else { return Ok(()) };
        let failed = |error| WriteFailure { path: name(path), error };
        let place = path.canonicalize().map_err(failed)?;
        let permissions = std::fs::metadata(&place).map_err(failed)?.permissions();
        if permissions.readonly() {
            return Err(failed(std::io::Error::from(std::io::ErrorKind::PermissionDenied)));
        }
        self.stage(&place, text, Some(permissions)).map_err(failed)
    }

    /// Prepares a new file.
    pub(crate) fn create(&mut self, path: &Path, text: &str) -> Result<(), WriteFailure> {
        let failed = |error| WriteFailure { path: name(path), error };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        self.stage(path, text, None).map_err(failed)
    }

    fn stage(
        &mut self,
        place: &Path,
        text: &str,
        permissions: Option<std::fs::Permissions>,
    ) -> std::io::Result<()> {
        // A file that is replaced has no other copy: the new text must be on the disk before the rename.
        let durable = permissions.is_some();
        let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".calico-ipv6-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        let permissions = match permissions {
            Some(permissions) => Some(permissions),
            None => default_permissions(),
        };
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        if durable {
            file.as_file().sync_data()?;
        }
        // The handle would stay open for every file of a fleet.
        self.files.push((file.into_temp_path(), place.to_owned()));
        Ok(())
    }

    /// Puts all prepared files in their places, each by a rename.
    pub(crate) fn commit(self) -> Result<(), WriteFailure> {
        for (file, place) in self.files {
            file.persist(&place).map_err(|e| WriteFailure { path: name(&place), error: e.error })?;
        }
        Ok(())
    }
}

/// The permissions of a new file. Temporary files are private.
#[cfg(unix)]
fn default_permissions() -> Option<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn default_permissions() -> Option<std::fs::Permissions> {
    None
}
