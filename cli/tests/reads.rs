//! Every input is read once, up to a limit, and never waited for without being asked.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, SERVICE, dual, is_root, skip};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_that_the_user_names_is_read_once() {
    let folder = Folder::with(&[("b.yaml", SERVICE)]);
    fifo(&folder.path("pipe"));
    let path = folder.path("pipe");
    for arguments in [&["-q", "pipe"][..], &["-q", "pipe", "b.yaml"]] {
        let path = path.clone();
        let writer = std::thread::spawn(move || fs::write(path, CONFIG).unwrap());
        let ran = folder.run(&dual(arguments)).exit(0);
        writer.join().unwrap();
        assert!(ran.out().starts_with(CONFIG_DUAL), "{}", ran.out());
    }
}

#[test]
fn the_outputs_of_commands_are_inputs() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    assert_eq!(
        folder.bash("dual <(cat a.yaml) <(cat b.yaml)").exit(0).out(),
        format!("{CONFIG_DUAL}---\n{SERVICE}")
    );
    assert_eq!(folder.bash("cat a.yaml | dual /dev/stdin").exit(0).out(), CONFIG_DUAL);
    assert_eq!(
        folder.bash("cat a.yaml | dual /dev/stdin b.yaml").exit(0).out(),
        format!("{CONFIG_DUAL}---\n{SERVICE}")
    );
    // Two names of one pipe are one input: the second reading would find nothing.
    assert_eq!(
        folder.bash("cat a.yaml | dual /dev/stdin /dev/fd/0 b.yaml").exit(0).out().matches("Service").count(),
        1
    );
    let line = "\"$0\" inspect <(cat a.yaml)".replace("$0", env!("CARGO_BIN_EXE_calico-ipv6"));
    assert!(folder.bash(&line).exit(0).out().contains("1 document"));
}

/// A target that comes from a pipe, beside the files that it is about.
#[test]
fn a_target_is_read_once() {
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}\n";
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE), ("target.yaml", target)]);
    let command = env!("CARGO_BIN_EXE_calico-ipv6");
    let ran =
        folder.bash(&format!("{command} transform -q --config <(cat target.yaml) a.yaml b.yaml")).exit(0);
    assert!(ran.out().starts_with(CONFIG_DUAL), "{}", ran.out());
}

#[test]
fn a_pipe_cannot_be_replaced() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", CONFIG)]);
    let ran = folder.bash("dual -w b.yaml <(cat a.yaml)").exit(2);
    assert!(ran.err().contains("is not a regular file"), "{}", ran.err());
    assert_eq!(folder.read("b.yaml"), CONFIG);
}

#[test]
fn what_is_not_a_file_in_a_folder_is_named_and_skipped() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG)]);
    fifo(&folder.path("m/pipe.yaml"));
    fifo(&folder.path("m/pipe.conf"));
    fifo(&folder.path("m/pipe"));
    symlink("/dev/null", folder.path("m/device.yml")).unwrap();
    symlink("nowhere", folder.path("m/gone.yaml")).unwrap();
    symlink("circle.json", folder.path("m/circle.json")).unwrap();
    symlink("nowhere", folder.path("m/other")).unwrap();
    let _socket = UnixListener::bind(folder.path("m/socket.json")).unwrap();
    symlink("circle", folder.path("m/circle")).unwrap();
    for flags in [&["m"][..], &["--follow-links", "m"], &["-R", "--follow-links", "m"]] {
        what_is_skipped(&folder.run(&dual(flags)).exit(0));
    }
    assert_eq!(folder.run(&dual(&["-q", "m"])).exit(0).err(), "");
    assert!(folder.run(&["inspect", "m"]).exit(0).err().contains("pipe.yaml"));
}

fn what_is_skipped(ran: &folder::Ran) {
    assert_eq!(ran.out(), CONFIG_DUAL);
    for line in [
        "warning: m/circle.json: is a link that leads to no file (Too many levels of symbolic links (os error 40)); skipped",
        "warning: m/device.yml: is a device; skipped",
        "warning: m/gone.yaml: is a link that leads to no file (No such file or directory (os error 2)); skipped",
        "warning: m/pipe.conf: is a FIFO; skipped",
        "warning: m/pipe.yaml: is a FIFO; skipped",
        "warning: m/socket.json: is a socket; skipped",
    ] {
        assert!(ran.err().contains(line), "{line}\n{}", ran.err());
    }
    // What has no name of an input would not be one.
    assert_eq!(ran.err().matches("skipped").count(), 6, "{}", ran.err());
}

#[test]
fn linked_folders_are_read_on_request() {
    let folder = Folder::with(&[("m/a.yaml", SERVICE), ("other/b.yaml", CONFIG)]);
    symlink("../other", folder.path("m/linked")).unwrap();
    symlink(".", folder.path("m/circle")).unwrap();
    let ran = folder.run(&dual(&["-R", "m"])).exit(0);
    assert_eq!(ran.out(), SERVICE);
    assert!(
        ran.err().contains("m/linked: is a link to a folder (--follow-links reads it); skipped"),
        "{}",
        ran.err()
    );
    let ran = folder.run(&dual(&["-R", "--follow-links", "m"])).exit(0);
    assert_eq!(ran.out(), format!("{SERVICE}---\n{CONFIG_DUAL}"));
    // The loop would be an input only by the name of one.
    assert!(!ran.err().contains("circle"), "{}", ran.err());
}

#[test]
fn nothing_is_read_past_the_limit() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    File::create(folder.path("sparse.yaml")).unwrap().set_len(20_000_000_000).unwrap();
    File::create(folder.path("sparse.conf")).unwrap().set_len(20_000_000_000).unwrap();
    for arguments in [
        &["/dev/zero"][..],
        &["sparse.yaml"],
        &["a.yaml", "sparse.yaml"],
        &["--config", "sparse.yaml", "a.yaml"],
    ] {
        let ran = folder.run(&dual(arguments)).exit(2);
        assert!(ran.err().contains("has more than 64 MiB, the limit of one input"), "{}", ran.err());
        assert_eq!(ran.out(), "");
    }
    let mut yes = Command::new("yes").arg("a: b").stdout(Stdio::piped()).spawn().unwrap();
    let endless = Stdio::from(yes.stdout.take().unwrap());
    let output = folder.command(&dual(&["-"])).stdin(endless).output().unwrap();
    yes.wait().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("<stdin>: has more than 64 MiB"), "{message}");
    assert_eq!(output.status.code(), Some(2));
    fs::remove_file(folder.path("sparse.yaml")).unwrap();
    // Nobody knows whether such a file is a kubeconfig.
    let ran = folder.run(&dual(&["."])).exit(0);
    assert!(ran.err().contains("sparse.conf: has more than 64 MiB"), "{}", ran.err());
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_the_kernel_makes_are_read_once() {
    let folder = Folder::with(&[("b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["-q", "/proc/self/environ"]));
    assert!(ran.err().contains("binary") || ran.err().contains("empty"), "{}", ran.err());
    // Its content differs each time.
    let ran = folder.run(&dual(&["-q", "/proc/self/status", "b.yaml"])).exit(0);
    assert!(ran.out().starts_with("Name:") && ran.out().ends_with(SERVICE), "{}", ran.out());
    let ran = folder.run(&dual(&["-w", "/proc/self/status"]));
    assert!(ran.out().is_empty());
}

/// It states the length of a page, and has less.
#[cfg(target_os = "linux")]
#[test]
fn files_of_sys_are_read() {
    let file = "/sys/devices/system/cpu/online";
    if fs::metadata(file).is_ok_and(|file| file.len() != 4096) {
        return skip("/sys has no such file");
    }
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    assert!(folder.run(&dual(&["-q", "a.yaml", file])).exit(0).out().starts_with(CONFIG_DUAL));
}

#[test]
fn other_encodings_are_named() {
    let wide = |units: &[&[u8]]| units.concat();
    for (bytes, said) in [
        (wide(&[&[0xFF, 0xFE], b"a\0:\0"]), "is UTF-16: save it as UTF-8"),
        (wide(&[b"a\0:\0"]), "is UTF-16"),
        (wide(&[b"\0a\0:"]), "is UTF-16"),
        (wide(&[&[0xFF, 0xFE, 0, 0], b"a\0\0\0"]), "is UTF-32"),
        (wide(&[b"\0\0\0a"]), "is UTF-32"),
        (wide(&[b"a: b\n\0"]), "is a binary file"),
    ] {
        let folder = Folder::with(&[]);
        fs::write(folder.path("a.yaml"), bytes).unwrap();
        let ran = folder.run(&dual(&["a.yaml"])).exit(2);
        assert!(ran.err().contains(said), "{}", ran.err());
    }
}

#[test]
fn a_path_that_is_too_long_is_named_once() {
    let folder = Folder::with(&[("deep/a.yaml", CONFIG)]);
    let long = "n".repeat(250);
    folder.bash(&format!("cd deep; for i in {{1..20}}; do mkdir {long} && cd -P {long}; done")).exit(0);
    let ran = folder.run(&dual(&["-R", "deep"])).exit(2);
    assert_eq!(ran.err().matches("deep/").count(), 1, "{}", ran.err());
    assert!(ran.err().ends_with(": File name too long (os error 36)\n"), "{}", ran.err());
}

#[test]
fn a_file_that_waits_for_news_is_not_waited_for() {
    if !is_root() || File::open("/proc/kmsg").is_err() {
        return skip("/proc/kmsg is for root");
    }
    let ran = Folder::with(&[]).run(&dual(&["/proc/kmsg"])).exit(2);
    assert!(ran.err().contains("/proc/kmsg: never ends"), "{}", ran.err());
}

/// The files are read first to find their clusters, then the target is read, then each file is read again.
#[test]
fn a_file_that_changes_between_two_readings_stops_the_command() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    fifo(&folder.path("target"));
    let mut running = folder
        .command(&["transform", "--config", "target", "-w", "a.yaml", "b.yaml"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // This waits until the command opens the target.
    let mut target = File::options().write(true).open(folder.path("target")).unwrap();
    fs::write(folder.path("a.yaml"), SERVICE).unwrap();
    target.write_all(b"apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}\n").unwrap();
    drop(target);
    let mut message = String::new();
    running.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(2), "{message}");
    assert!(message.contains("a.yaml: changed while the command ran: run the command again"), "{message}");
    assert_eq!((folder.read("a.yaml"), folder.read("b.yaml")), (SERVICE.to_owned(), SERVICE.to_owned()));
}

#[test]
fn the_folder_of_the_output_is_no_input() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG)]);
    for _ in 0..3 {
        folder.run(&dual(&["-R", "m", "--output-dir", "m/out"])).exit(0);
        assert_eq!(folder.list(), ["m/a.yaml", "m/out/a.yaml"]);
    }
    // What the user names is an input, wherever it is.
    assert_eq!(folder.run(&dual(&["m/out/a.yaml", "--output-dir", "m/out"])).exit(0).out(), "");
}

#[test]
fn streams_that_are_closed_full_or_gone() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for (line, code) in [
        ("dual a.yaml | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", 0),
        ("dual a.yaml 2>&- >/dev/null", 0),
        ("dual a.yaml 2>/dev/full >/dev/null", 0),
        ("dual - <&-", 2),
    ] {
        folder.bash(line).exit(code);
    }
    if !Path::new("/dev/full").exists() {
        return skip("no /dev/full");
    }
    for line in ["dual a.yaml >/dev/full", "dual --help >/dev/full"] {
        let ran = folder.bash(line).exit(2);
        assert!(ran.err().contains("standard output: No space left on device"), "{}", ran.err());
    }
}
