//! Reads the files of a host. Nothing is written, asked or started.

use crate::people::name;
use calico_ipv6_engine::preflight::{Contents, Host, paths};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

/// No file of a host that is read here is larger.
const LIMIT: u64 = 16 << 20;

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// Reads this host, or the copy of a host below a folder.
pub(super) fn host(root: Option<&Path>) -> Result<Host, String> {
    if let Some(root) = root {
        let metadata = root.metadata().map_err(|error| format!("{}: {error}", name(root)))?;
        if !metadata.is_dir() {
            return Err(format!(
                "{}: is not a folder: --root needs a folder with proc, sys and etc",
                name(root)
            ));
        }
    }
    let reader = Reader { root };
    let mut host = Host::default();
    for path in paths::FILES {
        reader.add(&mut host, path);
    }
    let needed = [paths::RELEASE, paths::INTERFACES];
    if needed.iter().all(|path| host.files.get(*path) == Some(&Contents::Missing)) {
        let root = root.map_or_else(|| "/".to_owned(), name);
        return Err(format!(
            "{root}: has neither {} nor {}: preflight reads a Linux host, or a copy of one (--root)",
            needed[0].trim_start_matches('/'),
            needed[1].trim_start_matches('/')
        ));
    }
    let text = |path: &str| match host.files.get(path) {
        Some(Contents::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (interfaces, release) = (text(paths::INTERFACES), text(paths::RELEASE));
    let of_interfaces = paths::interfaces(&interfaces).into_iter().flat_map(paths::of_interface);
    for path in of_interfaces.chain(paths::of_release(&release)) {
        reader.add(&mut host, &path);
    }
    for folder in paths::SETTINGS {
        reader.add_settings(&mut host, folder);
    }
    Ok(host)
}

struct Reader<'r> {
    root: Option<&'r Path>,
}

impl Reader<'_> {
    fn add(&self, host: &mut Host, path: &str) {
        host.files.insert(path.to_owned(), self.read(path));
    }

    /// The `*.conf` files of a folder.
    fn add_settings(&self, host: &mut Host, folder: &str) {
        let entries = self.resolve(folder).and_then(std::fs::read_dir);
        let entries = match entries.and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => {
                host.files.insert(folder.to_owned(), failed(&error));
                return;
            }
        };
        host.files.insert(folder.to_owned(), Contents::Folder);
        for entry in entries {
            if let Some(file) = entry.file_name().to_str().filter(|file| file.ends_with(".conf")) {
                self.add(host, &format!("{folder}/{file}"));
            }
        }
    }

    fn read(&self, path: &str) -> Contents {
        self.contents(path).unwrap_or_else(|error| failed(&error))
    }

    fn contents(&self, path: &str) -> io::Result<Contents> {
        let path = self.resolve(path)?;
        let metadata = path.metadata()?;
        if metadata.is_dir() {
            return Ok(Contents::Folder);
        }
        // A pipe would wait for a writer.
        if !metadata.is_file() {
            return Ok(Contents::Unreadable("not a regular file".to_owned()));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LIMIT {
            return Ok(Contents::Unreadable("larger than 16 MiB".to_owned()));
        }
        Ok(Contents::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The place of a file. In a copy, links lead to places below its folder, as they did on the host.
    fn resolve(&self, path: &str) -> io::Result<PathBuf> {
        let Some(root) = self.root else { return Ok(PathBuf::from(path)) };
        let mut rest = parts(Path::new(path));
        let mut below = PathBuf::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part == ".." {
                below.pop();
                continue;
            }
            let Ok(target) = std::fs::read_link(root.join(&below).join(&part)) else {
                below.push(part);
                continue;
            };
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::other("too many links"));
            }
            if target.is_absolute() {
                below = PathBuf::new();
            }
            rest.extend(parts(&target));
        }
        Ok(root.join(below))
    }
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let part = |component: Component<'_>| match component {
        Component::Normal(_) | Component::ParentDir => Some(component.as_os_str().to_owned()),
        _ => None,
    };
    path.components().rev().filter_map(part).collect()
}

fn failed(error: &io::Error) -> Contents {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Contents::Missing,
        io::ErrorKind::Other => Contents::Unreadable(error.to_string()),
        kind => Contents::Unreadable(kind.to_string()),
    }
}
