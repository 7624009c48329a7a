//! What a new file takes over from the old one, and files that have several names or places.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, Ran, dual, is_root, skip};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

fn mode(folder: &Folder, name: &str) -> u32 {
    fs::metadata(folder.path(name)).unwrap().mode() & 0o7777
}

fn set_mode(folder: &Folder, name: &str, mode: u32) {
    fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_mode_is_kept_without_the_bits_that_lend_rights() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for (before, after) in [(0o640, 0o640), (0o600, 0o600), (0o666, 0o666), (0o4755, 0o755), (0o3664, 0o664)]
    {
        fs::write(folder.path("a.yaml"), CONFIG).unwrap();
        set_mode(&folder, "a.yaml", before);
        folder.bash("umask 077; dual -w a.yaml").exit(0);
        assert_eq!((folder.read("a.yaml").as_str(), mode(&folder, "a.yaml")), (CONFIG_DUAL, after));
    }
}

#[test]
fn a_copy_has_the_mode_of_its_source_as_far_as_the_umask_allows() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for (source, umask, copy) in [
        (0o600, "022", 0o600),
        (0o640, "022", 0o640),
        (0o666, "022", 0o644),
        (0o644, "077", 0o600),
        (0o755, "027", 0o750),
        (0o4644, "022", 0o644),
        (0o444, "022", 0o444),
    ] {
        set_mode(&folder, "a.yaml", source);
        // The second run replaces the copy.
        for _ in 0..2 {
            folder.bash(&format!("umask {umask}; dual a.yaml --output-dir out")).exit(0);
            assert_eq!(
                (folder.read("out/a.yaml").as_str(), mode(&folder, "out/a.yaml")),
                (CONFIG_DUAL, copy)
            );
        }
        fs::remove_dir_all(folder.path("out")).unwrap();
    }
    // A pipe has no mode: the file is as every new file.
    set_mode(&folder, "a.yaml", 0o644);
    folder.bash("umask 027; cat a.yaml | dual --output-dir out").exit(0);
    assert_eq!(mode(&folder, "out/stdin.yaml"), 0o640);
}

#[test]
fn a_copy_never_gets_wider_than_its_source_or_than_it_was() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("out/a.yaml", "old\n")]);
    for (source, before, after) in [(0o600, 0o644, 0o600), (0o644, 0o600, 0o600), (0o664, 0o646, 0o644)] {
        set_mode(&folder, "a.yaml", source);
        set_mode(&folder, "out/a.yaml", before);
        folder.bash("dual a.yaml --output-dir out").exit(0);
        assert_eq!((folder.read("out/a.yaml").as_str(), mode(&folder, "out/a.yaml")), (CONFIG_DUAL, after));
    }
    set_mode(&folder, "out/a.yaml", 0o444);
    let ran = folder.run(&dual(&["a.yaml", "--output-dir", "out"])).exit(2);
    assert!(ran.err().contains("out/a.yaml: cannot write: it is read-only"), "{}", ran.err());
}

#[test]
fn a_generated_file_has_the_mode_that_the_umask_gives() {
    let folder = Folder::with(&[]);
    let command = env!("CARGO_BIN_EXE_calico-ipv6");
    let line = |out: &str| {
        format!(
            "umask 077; {command} generate ippool --to dual-stack --ipv4-pod-cidr 10.244.0.0/16 --ipv6-pod-cidr fd00:10:244::/56 --output-dir {out}"
        )
    };
    let ran = folder.bash(&line("out"));
    assert_eq!(ran.0.status.code(), Some(0), "{}", ran.err());
    let [file] = &folder.list()[..] else { panic!("{:?}", folder.list()) };
    assert_eq!(mode(&folder, file), 0o600);
    assert!(folder.bash(&line("out")).exit(2).err().contains("it already exists; nothing was written"));
}

#[test]
fn the_owner_is_kept_where_this_is_allowed() {
    if !is_root() {
        return skip("only root gives files away");
    }
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b/b.yaml", CONFIG)]);
    chown(folder.path("a.yaml"), Some(1234), Some(2345)).unwrap();
    set_mode(&folder, "a.yaml", 0o640);
    folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    let now = fs::metadata(folder.path("a.yaml")).unwrap();
    assert_eq!((now.uid(), now.gid(), now.mode() & 0o7777), (1234, 2345, 0o640));
    // A user who may write the file, but not change its owner: another group does not get what its group could do.
    let command = folder.path("command");
    // By another process: if this one wrote the file, a test that starts a program at the same time would keep it open.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_calico-ipv6")).arg(&command).status();
    assert!(copied.unwrap().success());
    set_mode(&folder, "", 0o755);
    chown(folder.path("b"), Some(65534), None).unwrap();
    chown(folder.path("b/b.yaml"), Some(65534), Some(2345)).unwrap();
    set_mode(&folder, "b/b.yaml", 0o664);
    let mut command = Command::new(command);
    command.current_dir(folder.0.path()).args(dual(&["-w", "b/b.yaml"])).uid(65534).gid(65534);
    let ran = Ran(command.output().unwrap()).exit(0);
    assert!(ran.err().contains("warning: b/b.yaml: its group 2345 could not be kept"), "{}", ran.err());
    let now = fs::metadata(folder.path("b/b.yaml")).unwrap();
    assert_eq!((now.uid(), now.gid(), now.mode() & 0o7777), (65534, 65534, 0o644));
}

#[cfg(target_os = "linux")]
#[test]
fn extended_attributes_and_acls_are_kept() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let path = folder.path("a.yaml");
    set_mode(&folder, "a.yaml", 0o640);
    // rw for the owner, r for user 1234, nothing for the group, r as the mask, nothing for others.
    let entries: [(u16, u16, u32); 5] = [(1, 6, !0), (2, 4, 1234), (4, 0, !0), (16, 4, !0), (32, 0, !0)];
    let mut acl = 2u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        acl.extend(tag.to_le_bytes().iter().chain(&permissions.to_le_bytes()).chain(&id.to_le_bytes()));
    }
    let mut set = vec![("user.note", b"mine".to_vec()), ("system.posix_acl_access", acl)];
    if is_root() {
        set.push(("trusted.note", b"root's".to_vec()));
    }
    for (name, value) in &set {
        if setxattr(&path, *name, value, XattrFlags::empty()).is_err() {
            return skip("this file system has no extended attributes or ACLs");
        }
    }
    folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    assert_eq!((folder.read("a.yaml").as_str(), mode(&folder, "a.yaml")), (CONFIG_DUAL, 0o640));
    for (name, value) in &set {
        let mut found = vec![0; 256];
        let length = getxattr(&path, *name, &mut found[..]).unwrap();
        assert_eq!(&found[..length], value, "{name}");
    }
}

#[test]
fn a_file_with_several_names_is_replaced_only_on_request() {
    let files = [("m/a.yaml", CONFIG), ("m/b.yaml", CONFIG)];
    let linked = || {
        let folder = Folder::with(&files);
        fs::hard_link(folder.path("m/b.yaml"), folder.path("other")).unwrap();
        folder
    };
    let folder = linked();
    let ran = folder.run(&dual(&["-w", "m"])).exit(2);
    let message = "m/b.yaml: cannot write: it has 2 names (hard links), and the others would keep the old text: name this file itself, or pass --follow-links; nothing was written";
    assert!(ran.err().contains(message), "{}", ran.err());
    assert_eq!((folder.read("m/a.yaml"), folder.read("m/b.yaml")), (CONFIG.to_owned(), CONFIG.to_owned()));
    for arguments in
        [&["-w", "m", "--follow-links"][..], &["-w", "m/a.yaml", "m/b.yaml"], &["-w", "m", "m/b.yaml"]]
    {
        let folder = linked();
        let ran = folder.run(&dual(arguments)).exit(0);
        let warning = "warning: m/b.yaml: it had 2 names (hard links) and is a file of its own now; names that were not written keep the old text";
        assert!(ran.err().contains(warning), "{}", ran.err());
        assert_eq!((folder.read("m/b.yaml").as_str(), folder.read("other").as_str()), (CONFIG_DUAL, CONFIG));
    }
    // It can be read, and a copy of it can be written.
    folder.run(&dual(&["m", "--output-dir", "out"])).exit(0);
    assert_eq!(folder.read("out/b.yaml"), CONFIG_DUAL);
}

#[test]
fn both_names_of_a_file_can_be_replaced() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    fs::hard_link(folder.path("a.yaml"), folder.path("b.yaml")).unwrap();
    folder.run(&dual(&["-w", "a.yaml", "b.yaml"])).exit(0);
    assert_eq!((folder.read("a.yaml").as_str(), folder.read("b.yaml").as_str()), (CONFIG_DUAL, CONFIG_DUAL));
}

#[test]
fn a_link_out_of_the_folder_is_followed_only_on_request() {
    let linked = || {
        let folder = Folder::with(&[("m/a.yaml", CONFIG), ("other/t.yaml", CONFIG)]);
        symlink("../other/t.yaml", folder.path("m/l.yaml")).unwrap();
        folder
    };
    let folder = linked();
    let ran = folder.run(&dual(&["-w", "m"])).exit(2);
    assert!(
        ran.err().contains("m/l.yaml: cannot write: it is a link to ")
            && ran.err().contains("other/t.yaml, outside the folder"),
        "{}",
        ran.err()
    );
    assert_eq!((folder.read("m/a.yaml").as_str(), folder.read("other/t.yaml").as_str()), (CONFIG, CONFIG));
    for arguments in [&["-w", "m", "--follow-links"][..], &["-w", "m/l.yaml"]] {
        let folder = linked();
        folder.run(&dual(arguments)).exit(0);
        assert_eq!(folder.read("other/t.yaml"), CONFIG_DUAL);
        assert!(folder.path("m/l.yaml").is_symlink());
    }
}

/// A mounted ConfigMap: each file is a link through a linked folder.
#[test]
fn a_link_inside_the_folder_is_followed() {
    let folder = Folder::with(&[("m/..2026/a.yaml", CONFIG)]);
    symlink("..2026", folder.path("m/..data")).unwrap();
    symlink("..data/a.yaml", folder.path("m/a.yaml")).unwrap();
    folder.run(&dual(&["-w", "m"])).exit(0);
    assert_eq!(folder.read("m/..2026/a.yaml"), CONFIG_DUAL);
    assert!(folder.path("m/a.yaml").is_symlink());
}

/// setfacl in a folder; nothing if there are no ACLs.
#[cfg(target_os = "linux")]
fn setfacl(folder: &Folder, arguments: &[&str]) -> Option<()> {
    let ran = Command::new("setfacl").current_dir(folder.0.path()).args(arguments).output();
    if !ran.is_ok_and(|ran| ran.status.success()) {
        skip("there is no setfacl, or this file system has no ACLs");
        return None;
    }
    Some(())
}

#[cfg(target_os = "linux")]
fn acl(folder: &Folder, name: &str) -> Vec<String> {
    let ran = Command::new("getfacl").args(["-cn", name]).current_dir(folder.0.path()).output().unwrap();
    let lines = String::from_utf8(ran.stdout).unwrap();
    lines.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// New files in such a folder get its ACL. With it, the bits of the group would be those of the users that it names.
#[cfg(target_os = "linux")]
#[test]
fn the_default_acl_of_a_folder_gives_a_replaced_file_no_rights() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG), ("source.yaml", CONFIG), ("m/source.yaml", "old\n")]);
    for name in ["m/a.yaml", "source.yaml", "m/source.yaml"] {
        set_mode(&folder, name, 0o640);
    }
    let Some(()) = setfacl(&folder, &["-d", "-m", "u:1234:rw,g::rw", "m"]) else { return };
    folder.bash("dual -w m/a.yaml && dual source.yaml --output-dir m").exit(0);
    for name in ["m/a.yaml", "m/source.yaml"] {
        assert_eq!(folder.read(name), CONFIG_DUAL);
        assert_eq!(acl(&folder, name), ["user::rw-", "group::r--", "other::---"], "{name}");
    }
}

/// The mode of such a file has the mask of its ACL in the place of the group.
#[cfg(target_os = "linux")]
#[test]
fn a_copy_gives_nobody_what_the_acl_of_its_source_gives_to_others() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for (mode, entries, copy) in [
        (0o600, "u:1234:r", ["user::rw-", "group::---", "other::---"]),
        (0o644, "u:1234:r", ["user::rw-", "group::r--", "other::r--"]),
        // What a user is denied, the copy allows to no group of this user, and not to others.
        (0o644, "u:1234:-", ["user::rw-", "group::---", "other::---"]),
        (0o644, "g:1234:-", ["user::rw-", "group::r--", "other::---"]),
        (0o664, "u:1234:rw,m::r", ["user::rw-", "group::r--", "other::r--"]),
    ] {
        // A new file: the mode of one with an ACL is its mask.
        let _ = fs::remove_file(folder.path("a.yaml"));
        fs::write(folder.path("a.yaml"), CONFIG).unwrap();
        set_mode(&folder, "a.yaml", mode);
        let Some(()) = setfacl(&folder, &["-m", entries, "a.yaml"]) else { return };
        // The second run replaces the copy.
        for _ in 0..2 {
            folder.bash("umask 0; dual a.yaml --output-dir out").exit(0);
            assert_eq!(acl(&folder, "out/a.yaml"), copy, "{mode:o} {entries}");
        }
        fs::remove_dir_all(folder.path("out")).unwrap();
    }
}
