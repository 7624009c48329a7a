//! All files are written, or none; and what the command says about it is true.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, DUAL, Folder, Ran, SERVICE, dual, is_root, skip};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// The command under strace, which makes system calls fail, or sends signals. Nothing if there is no strace.
fn injected(folder: &Folder, injections: &[&str], arguments: &[&str]) -> Option<Ran> {
    // What starts the tests may ignore signals, as nohup does.
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP,INT,QUIT,TERM", "strace"]);
    // It counts the calls of each thread: with one, they are those of the command.
    command.current_dir(folder.0.path()).env("RAYON_NUM_THREADS", "1").args(["-f", "-qq", "-o", "/dev/null"]);
    let calls: Vec<&str> = injections.iter().filter_map(|one| one.split(':').next()).collect();
    command.args(["-e", &format!("trace={}", calls.join(","))]);
    for injection in injections {
        command.args(["-e", &format!("inject={injection}")]);
    }
    let output = command.arg(env!("CARGO_BIN_EXE_calico-ipv6")).args(dual(arguments)).output().ok();
    let is_run = |stderr: &str| !stderr.contains("strace:") && !stderr.starts_with("env:");
    let output = output.filter(|output| is_run(&String::from_utf8_lossy(&output.stderr)));
    if output.is_none() {
        skip("strace is not here, or may not trace");
    }
    output.map(Ran)
}

fn three() -> Folder {
    Folder::with(&[("a.yaml", CONFIG), ("b.yaml", CONFIG), ("c.yaml", CONFIG)])
}

#[track_caller]
fn all_are(folder: &Folder, text: &str) {
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        assert_eq!(folder.read(name), text, "{name}");
    }
    assert_eq!(folder.list(), ["a.yaml", "b.yaml", "c.yaml"]);
}

const NAMES: [&str; 4] = ["-w", "a.yaml", "b.yaml", "c.yaml"];

#[test]
fn a_folder_with_the_name_of_a_file_stops_all() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG), ("m/b.yaml", CONFIG), ("out/b.yaml/x", "")]);
    let ran = folder.run(&dual(&["m", "--output-dir", "out"])).exit(2);
    assert!(
        ran.err().contains("out/b.yaml: cannot write: a folder has this name; nothing was written"),
        "{}",
        ran.err()
    );
    assert_eq!(folder.list(), ["m/a.yaml", "m/b.yaml", "out/b.yaml/x"]);
}

#[test]
fn a_file_with_the_name_of_a_folder_stops_all() {
    let files = [("x/a.yaml/z.yaml", CONFIG), ("y/a.yaml", CONFIG)];
    for arguments in [["x", "y/a.yaml"], ["y/a.yaml", "x"]] {
        let folder = Folder::with(&files);
        let ran = folder.run(&dual(&["-R", "--output-dir", "out/deep", arguments[0], arguments[1]])).exit(2);
        assert!(ran.err().contains("nothing was written"), "{}", ran.err());
        assert_eq!(folder.list(), ["x/a.yaml/z.yaml", "y/a.yaml"]);
        assert!(!folder.path("out").exists(), "folders that were created are removed");
    }
}

#[test]
fn a_link_in_the_place_of_an_output_is_replaced_and_not_followed() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("victim", "keep\n"), ("out/x", "")]);
    symlink("../victim", folder.path("out/a.yaml")).unwrap();
    folder.run(&dual(&["a.yaml", "--output-dir", "out"])).exit(0);
    assert_eq!((folder.read("victim").as_str(), folder.read("out/a.yaml").as_str()), ("keep\n", CONFIG_DUAL));
    assert!(!folder.path("out/a.yaml").is_symlink());
    let listener = std::os::unix::net::UnixListener::bind(folder.path("out/b.yaml")).unwrap();
    fs::write(folder.path("b.yaml"), CONFIG).unwrap();
    let ran = folder.run(&dual(&["b.yaml", "--output-dir", "out"])).exit(2);
    assert!(ran.err().contains("out/b.yaml: cannot write: it is not a regular file"), "{}", ran.err());
    drop(listener);
}

#[test]
fn an_output_folder_that_is_the_input_is_written_in_place() {
    let folder = three();
    fs::hard_link(folder.path("a.yaml"), folder.path("linked")).unwrap();
    let ran = folder.run(&dual(&[".", "--output-dir", "."])).exit(2);
    assert!(ran.err().contains("2 names (hard links)"), "{}", ran.err());
    fs::remove_file(folder.path("linked")).unwrap();
    folder.run(&dual(&[".", "--output-dir", "."])).exit(0);
    all_are(&folder, CONFIG_DUAL);
}

/// The second file is in a folder in which the user may not write.
#[test]
fn a_folder_that_may_not_be_written_stops_all() {
    if !is_root() {
        return skip("root runs the command as nobody");
    }
    let folder = Folder::with(&[("one/a.yaml", CONFIG), ("two/b.yaml", CONFIG), ("three/c.yaml", CONFIG)]);
    let command = folder.path("command");
    // By another process: if this one wrote the file, a test that starts a program at the same time would keep it open.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_calico-ipv6")).arg(&command).status();
    assert!(copied.unwrap().success());
    fs::set_permissions(folder.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new(&command);
        command.current_dir(folder.0.path()).args(dual(arguments)).uid(65534).gid(65534);
        Ran(command.output().unwrap())
    };
    let give = |name: &str| std::os::unix::fs::chown(folder.path(name), Some(65534), Some(65534)).unwrap();
    for name in ["one", "one/a.yaml", "two/b.yaml", "three/c.yaml", "three"] {
        give(name);
    }
    let ran = as_nobody(&["-w", "one/a.yaml", "two/b.yaml"]).exit(2);
    assert!(
        ran.err().contains("two/b.yaml: cannot write: Permission denied (os error 13); nothing was written"),
        "{}",
        ran.err()
    );
    // A folder like /tmp: everybody may create files in it, and only owners may replace them.
    fs::set_permissions(folder.path("two"), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::set_permissions(folder.path("two/b.yaml"), fs::Permissions::from_mode(0o666)).unwrap();
    std::os::unix::fs::chown(folder.path("two/b.yaml"), Some(0), None).unwrap();
    let ran = as_nobody(&["-w", "one/a.yaml", "two/b.yaml"]).exit(2);
    assert!(ran.err().contains("sticky"), "{}", ran.err());
    // The folder is the user's, but the file is not.
    std::os::unix::fs::chown(folder.path("three/c.yaml"), Some(0), Some(0)).unwrap();
    let ran = as_nobody(&["-w", "one/a.yaml", "three/c.yaml"]).exit(2);
    assert!(ran.err().contains("three/c.yaml: cannot write: Permission denied"), "{}", ran.err());
    for name in ["one/a.yaml", "two/b.yaml", "three/c.yaml"] {
        assert_eq!(folder.read(name), CONFIG);
    }
    assert_eq!(folder.list(), ["command", "one/a.yaml", "three/c.yaml", "two/b.yaml"]);
}

#[test]
fn an_immutable_file_stops_all() {
    let folder = three();
    let attribute = |flag: &str, name: &str| {
        Command::new("chattr")
            .args([flag, name])
            .current_dir(folder.0.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !attribute("+i", "b.yaml") {
        return skip("this user or file system has no immutable files");
    }
    let ran = folder.run(&dual(&NAMES));
    attribute("-i", "b.yaml");
    assert!(ran.exit(2).err().contains(
        "b.yaml: cannot write: it is immutable or append-only: remove the attribute (chattr -i -a)"
    ));
    all_are(&folder, CONFIG);
    // From such a folder a temporary file could not be removed again.
    assert!(attribute("+a", "."));
    let ran = folder.run(&dual(&NAMES));
    attribute("-a", ".");
    assert!(ran.exit(2).err().contains("is immutable or append-only"));
    all_are(&folder, CONFIG);
}

#[test]
fn a_file_that_is_mounted_by_itself_stops_all() {
    let folder = three();
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .current_dir(folder.0.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !is_root() || !run("mount", &["--bind", "c.yaml", "b.yaml"]) {
        return skip("this user may not mount");
    }
    let ran = folder.run(&dual(&NAMES));
    run("umount", &["b.yaml"]);
    assert!(ran.exit(2).err().contains("b.yaml: cannot write: it is mounted by itself"));
    all_are(&folder, CONFIG);
}

#[test]
fn a_full_disk_changes_nothing() {
    let folder = Folder::with(&[]);
    let mount = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .current_dir(folder.0.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !is_root() || !mount("mount", &["-t", "tmpfs", "-o", "size=64k", "tmpfs", "."]) {
        return skip("this user may not mount");
    }
    let large = format!("{CONFIG}{}", "# x\n".repeat(4 * 1024));
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        fs::write(folder.path(name), &large).unwrap();
    }
    let ran = folder.run(&dual(&NAMES));
    let (files, same) =
        (folder.list(), ["a.yaml", "b.yaml", "c.yaml"].map(|name| folder.read(name) == large));
    mount("umount", &["."]);
    assert!(
        ran.exit(2)
            .err()
            .contains("cannot write: No space left on device (os error 28); nothing was written")
    );
    assert_eq!((files.as_slice(), same), (&["a.yaml", "b.yaml", "c.yaml"].map(String::from)[..], [true; 3]));
}

#[test]
fn a_limit_of_file_sizes_changes_nothing() {
    let folder = three();
    let large = format!("{CONFIG}{}", "# x\n".repeat(4 * 1024));
    fs::write(folder.path("b.yaml"), &large).unwrap();
    let ran = folder.bash("ulimit -f 8; dual -w a.yaml b.yaml").exit(2);
    assert!(
        ran.err().contains("b.yaml: cannot write: File too large (os error 27); nothing was written"),
        "{}",
        ran.err()
    );
    assert_eq!((folder.read("a.yaml").as_str(), folder.list().len()), (CONFIG, 3));
}

/// 1,100 files, and 64 that may be open at a time.
#[test]
fn more_files_are_written_than_may_be_open() {
    let names: Vec<String> = (0..1100).map(|i| format!("m/{i}/a.yaml")).collect();
    let folder = Folder::with(&names.iter().map(|name| (name.as_str(), CONFIG)).collect::<Vec<_>>());
    folder.bash("ulimit -n 64; dual -R m --output-dir out").exit(0);
    assert!(names.iter().all(|name| folder.read(&name.replacen("m/", "out/", 1)) == CONFIG_DUAL));
    folder.bash("ulimit -n 64; dual -R m >/dev/null").exit(0);
    folder.bash("ulimit -n 64; dual -R m -w").exit(0);
    assert!(names.iter().all(|name| folder.read(name) == CONFIG_DUAL));
    assert_eq!(folder.list().len(), 2200);
}

#[test]
fn renames_are_undone_when_one_fails() {
    let folder = three();
    let Some(ran) = injected(&folder, &["renameat2:error=EIO:when=3"], &NAMES) else { return };
    assert!(
        ran.err().contains("c.yaml: cannot write: Input/output error (os error 5); nothing was written"),
        "{}",
        ran.err()
    );
    assert_eq!(ran.0.status.code(), Some(2));
    all_are(&folder, CONFIG);
}

#[test]
fn new_files_are_removed_when_one_rename_fails() {
    let folder = three();
    fs::create_dir(folder.path("out")).unwrap();
    fs::write(folder.path("out/b.yaml"), SERVICE).unwrap();
    let arguments = ["a.yaml", "b.yaml", "c.yaml", "--output-dir", "out"];
    let Some(ran) = injected(&folder, &["renameat2:error=EIO:when=3"], &arguments) else { return };
    assert!(ran.exit(2).err().contains("out/c.yaml: cannot write"));
    assert_eq!(folder.list(), ["a.yaml", "b.yaml", "c.yaml", "out/b.yaml"]);
    assert_eq!(folder.read("out/b.yaml"), SERVICE);
}

/// Neither the third rename works, nor is it possible to undo the first two.
#[test]
fn a_file_that_cannot_be_restored_is_named_and_its_old_text_kept() {
    let folder = three();
    let Some(ran) = injected(&folder, &["renameat2:error=EIO:when=3+"], &NAMES) else { return };
    let message = ran.exit(2).err();
    assert!(
        message.contains("not all files could be restored") && !message.contains("nothing was written"),
        "{message}"
    );
    for name in ["a.yaml", "b.yaml"] {
        assert_eq!(folder.read(name), CONFIG_DUAL);
        let line = message.lines().find(|line| line.starts_with(&format!("error: {name}: "))).unwrap();
        let kept = line.split("its old text is in ").nth(1).unwrap();
        assert!(kept.ends_with(&format!("{name}.calico-ipv6-old")), "{line}");
        assert_eq!(fs::read_to_string(kept).unwrap(), CONFIG);
    }
    assert_eq!(folder.read("c.yaml"), CONFIG);
    // No other run removes it, nor reads it.
    folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    for name in ["a.yaml.calico-ipv6-old", "b.yaml.calico-ipv6-old"] {
        assert_eq!(folder.read(name), CONFIG);
    }
    assert_eq!(folder.list().len(), 5);
}

/// A file system that cannot exchange two files: the old one gets a second name instead.
#[test]
fn renames_are_undone_without_exchanges() {
    let folder = three();
    let no_exchange = "renameat2:error=EINVAL";
    let Some(ran) = injected(&folder, &[no_exchange], &NAMES) else { return };
    drop(ran.exit(0));
    all_are(&folder, CONFIG_DUAL);
    let folder = three();
    let Some(ran) = injected(&folder, &[no_exchange, "renameat:error=EIO:when=3"], &NAMES) else { return };
    assert!(ran.exit(2).err().contains("c.yaml: cannot write: Input/output error"));
    all_are(&folder, CONFIG);
}

#[test]
fn a_file_that_changes_before_its_rename_is_not_replaced() {
    // More is said about these files than a pipe holds, so the command waits for its reader before it renames anything.
    let long = "n".repeat(200);
    let names: Vec<String> = (0..500).map(|i| format!("m/{long}{i}.yaml")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), NOISY)).collect();
    files.push(("m/a.yaml", CONFIG));
    let folder = Folder::with(&files);
    let mut running = folder.command(&dual(&["-v", "-w", "m"])).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = running.stderr.take().unwrap();
    let mut first = [0];
    stderr.read_exact(&mut first).unwrap();
    fs::write(folder.path("m/a.yaml"), SERVICE).unwrap();
    let mut message = String::new();
    stderr.read_to_string(&mut message).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(2), "{message}");
    assert!(message.len() > 65_536 + 4096);
    let end = "m/a.yaml: cannot write: it changed while the command ran: run the command again; nothing was written\n";
    assert!(message.ends_with(end), "{}", &message[message.len() - 500..]);
    assert_eq!(folder.read("m/a.yaml"), SERVICE);
}

#[test]
fn a_killed_run_leaves_complete_files_and_the_next_run_completes_it() {
    let cluster = || {
        let folder = Folder::with(&[]);
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/cluster");
        assert!(
            Command::new("cp").arg("-r").args([&examples, &folder.path("m")]).status().unwrap().success()
        );
        folder
    };
    let texts = |folder: &Folder| folder.list().iter().map(|name| folder.read(name)).collect::<Vec<_>>();
    let write = ["-v", "-w", "-R", "m", "--ipv6-service-cidr", "fd00:10:96::/112"];
    let folder = cluster();
    let old = texts(&folder);
    folder.run(&dual(&write)).exit(0);
    let (names, new) = (folder.list(), texts(&folder));
    let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
    assert!(changed > 2, "{names:?}");
    // While the files are prepared, and before each of the renames.
    let renames = (1..=changed).map(|i| format!("renameat2:signal=KILL:when={i}"));
    for injection in ["fdatasync:signal=KILL:when=1".to_owned()].into_iter().chain(renames) {
        let folder = cluster();
        let Some(ran) = injected(&folder, &[&injection], &write) else { return };
        assert_eq!(ran.0.status.code(), None, "{}", ran.err());
        for ((name, old), new) in names.iter().zip(&old).zip(&new) {
            let now = folder.read(name);
            assert!(now == *old || now == *new, "{injection}: {name}");
        }
        let left = folder.list();
        assert!(left.len() > names.len(), "{left:?}");
        // A run that does not write changes nothing.
        folder
            .run(&dual(&["-q", "-o", "diff", "-R", "m", "--ipv6-service-cidr", "fd00:10:96::/112"]))
            .exit(0);
        assert_eq!(folder.list(), left);
        let ran = folder.run(&dual(&write)).exit(0);
        assert!(ran.err().contains("removed what a killed run left: "), "{}", ran.err());
        assert_eq!((folder.list(), texts(&folder)), (names.clone(), new.clone()), "{injection}");
    }
}

/// What a killed run did to the other files is not known to a run that decides by all of them.
#[test]
fn where_a_run_was_killed_the_next_one_says_what_this_means() {
    for flags in [&[][..], &["-q"], &["-v"]] {
        let folder = Folder::with(&[("x/a.yaml", CONFIG), ("y/b.yaml", CONFIG)]);
        let write = ["-w", "-R", "."];
        let Some(_) = injected(&folder, &["renameat2:signal=KILL:when=2"], &write) else { return };
        assert_eq!(
            (folder.read("x/a.yaml").as_str(), folder.read("y/b.yaml").as_str()),
            (CONFIG_DUAL, CONFIG)
        );
        let ran = folder.run(&dual(&[flags, &write].concat())).exit(0);
        let said = ran.err().split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "warning: a run was killed in ",
            "Some files may be converted and others not.",
            "restore the files from version control or a backup and run the command again",
        ] {
            assert!(said.contains(text), "{}", ran.err());
        }
        assert_eq!(ran.err().matches("warning: ").count(), 1, "{}", ran.err());
        assert_eq!(folder.list(), ["x/a.yaml", "y/b.yaml"]);
        assert!(!folder.run(&dual(&write)).exit(0).err().contains("killed"));
    }
}

const SIGNALS: [(&str, i32); 4] = [("INT", 2), ("QUIT", 3), ("TERM", 15), ("HUP", 1)];

#[test]
fn a_signal_before_the_renames_leaves_nothing() {
    for (signal, number) in SIGNALS {
        let folder = three();
        let injection = format!("fdatasync:signal={signal}:when=1");
        let Some(ran) = injected(&folder, &[&injection], &NAMES) else { return };
        assert!(
            ran.err().contains("cannot write: a signal asked the command to end; nothing was written"),
            "{}",
            ran.err()
        );
        assert_eq!(ran.0.status.signal(), Some(number), "a shell must see it");
        all_are(&folder, CONFIG);
    }
}

#[test]
fn a_signal_ends_a_fleet_at_the_cluster_that_it_meets() {
    let folder = Folder::with(&[("a/c.yaml", CONFIG), ("b/c.yaml", CONFIG), ("c/c.yaml", CONFIG)]);
    let arguments = ["--keep-going", "-w", "-R", "a", "b", "c"];
    let Some(ran) = injected(&folder, &["fdatasync:signal=INT:when=2"], &arguments) else { return };
    assert!(ran.err().contains("; 1 of 3 clusters were done"), "{}", ran.err());
    assert_eq!(ran.err().matches("cannot write").count(), 1, "{}", ran.err());
    assert_eq!(
        ["a", "b", "c"].map(|name| folder.read(&format!("{name}/c.yaml")) == CONFIG),
        [false, true, true]
    );
}

#[test]
fn a_signal_waits_until_all_renames_are_done() {
    for (signal, number) in SIGNALS {
        let folder = three();
        let injection = format!("renameat2:signal={signal}:when=1");
        let Some(ran) = injected(&folder, &[&injection], &NAMES) else { return };
        assert_eq!(ran.0.status.signal(), Some(number), "a shell must see it");
        all_are(&folder, CONFIG_DUAL);
    }
}

/// As nohup does it.
#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let folder = three();
    let strace = "strace -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=HUP:when=1";
    let line = format!(
        "trap '' HUP; {strace} {} {} -q -w *.yaml",
        env!("CARGO_BIN_EXE_calico-ipv6"),
        DUAL.join(" ")
    );
    let ran = folder.bash(&line);
    if ran.err().contains("strace") {
        return skip("strace is not here, or may not trace");
    }
    ran.exit(0);
    all_are(&folder, CONFIG_DUAL);
}

#[test]
fn an_old_text_that_cannot_be_removed_is_named() {
    let folder = three();
    let Some(ran) = injected(&folder, &["unlink:error=EIO:when=1"], &NAMES) else { return };
    let message = ran.exit(0).err();
    assert!(
        message.contains(
            "warning: a.yaml: its old text could not be removed (Input/output error (os error 5)): remove "
        ),
        "{message}"
    );
    let left: Vec<String> =
        folder.list().into_iter().filter(|name| name.starts_with(".calico-ipv6-")).collect();
    let [left] = &left[..] else { panic!("{left:?}") };
    assert!(message.contains(left.as_str()) && folder.read(left) == CONFIG, "{message}");
}

/// A finding that does not stop the command; `-v` lists every file that has it.
const NOISY: &str = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  podSelector: {}
  egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]
";

#[test]
fn help_says_what_holds_when_the_process_is_killed() {
    let folder = Folder::with(&[]);
    let help = folder.run(&[DUAL[0], "--help"]).exit(0).out();
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "some files are new and some are old; each is complete",
        "some files are missing or old; each is complete",
    ] {
        assert!(words.contains(text), "{help}");
    }
}
