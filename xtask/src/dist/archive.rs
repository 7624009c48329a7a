//! Archives with the same bytes wherever and whenever they are made.

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use std::collections::BTreeSet;
use tar::{Builder, EntryType, Header};

/// A file of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its place in the archive.
    pub(super) path: String,
    bytes: Vec<u8>,
    mode: u32,
}

impl Entry {
    pub(super) fn file(path: &str, bytes: Vec<u8>) -> Entry {
        Entry { path: path.to_owned(), bytes, mode: 0o644 }
    }

    pub(super) fn program(path: &str, bytes: Vec<u8>) -> Entry {
        Entry { path: path.to_owned(), bytes, mode: 0o755 }
    }
}

/// A tar.gz of files below a folder, or without one. Files are sorted; times and owners are those of nobody.
pub(super) fn pack(folder: &str, entries: &[Entry]) -> Result<Vec<u8>> {
    let place = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let mut sorted: Vec<(String, &Entry)> = entries.iter().map(|entry| (place(&entry.path), entry)).collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let folders: BTreeSet<String> = sorted.iter().flat_map(|(path, _)| folders_of(path)).collect();
    // The header of gzip has no time and no system.
    let gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    let mut tar = Builder::new(gzip);
    for folder in folders {
        tar.append_data(&mut header(EntryType::Directory, 0o755, 0), folder, std::io::empty())?;
    }
    for (path, entry) in sorted {
        let mut header = header(EntryType::Regular, entry.mode, entry.bytes.len() as u64);
        tar.append_data(&mut header, path, &*entry.bytes)?;
    }
    Ok(tar.into_inner()?.finish()?)
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// The folders above a path, each with a slash at the end.
fn folders_of(path: &str) -> impl Iterator<Item = String> + '_ {
    path.match_indices('/').map(|(at, _)| path[..=at].to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Entry, pack};
    use flate2::read::GzDecoder;
    use tar::Archive;

    #[test]
    fn an_archive_depends_on_its_files_only() {
        let entries = [
            Entry::program("calico-ipv6", b"program".to_vec()),
            Entry::file("man/man1/calico-ipv6.1", b"page".to_vec()),
            Entry::file("LICENSE", b"license".to_vec()),
        ];
        let archive = pack("a", &entries).unwrap();
        let reversed: Vec<Entry> = entries.iter().rev().cloned().collect();
        assert_eq!(archive, pack("a", &reversed).unwrap());
        // Bytes 4 to 9 of gzip: time, flags of the compressor, system.
        assert_eq!((&archive[4..8], archive[9]), (&[0; 4][..], 255));
        let mut tar = Archive::new(GzDecoder::new(&*archive));
        let listed: Vec<(String, u32, u64)> = tar
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let header = entry.header();
                let path = entry.path().unwrap().to_string_lossy().into_owned();
                (path, header.mode().unwrap(), header.mtime().unwrap())
            })
            .collect();
        let expected = [
            ("a/", 0o755, 0),
            ("a/man/", 0o755, 0),
            ("a/man/man1/", 0o755, 0),
            ("a/LICENSE", 0o644, 0),
            ("a/calico-ipv6", 0o755, 0),
            ("a/man/man1/calico-ipv6.1", 0o644, 0),
        ];
        assert_eq!(listed, expected.map(|(path, mode, time)| (path.to_owned(), mode, time)));
    }
}
