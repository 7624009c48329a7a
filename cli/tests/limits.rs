//! What the system does not allow, and what a terminal would act on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, DUAL, Folder, Ran, dual, is_root, skip};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// A container may have a limit of processes, which threads count for.
#[test]
fn without_threads_the_command_works_on_one_core() {
    if !is_root() {
        return skip("the limit of processes is for a user who has none, and root becomes this user");
    }
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", CONFIG)]);
    // By another process: if this one wrote the file, a test that starts a program at the same time would keep it open.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_calico-ipv6")).arg(folder.path("x")).status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(folder.0.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let user = Some(4321);
    for name in ["", "a.yaml", "b.yaml"] {
        chown(folder.path(name), user, user).unwrap();
    }
    let mut command = Command::new("bash");
    command.args(["-c", &format!("ulimit -u 1; exec ./x {} -q -w a.yaml b.yaml", DUAL.join(" "))]);
    let ran = Ran(command.current_dir(folder.0.path()).uid(4321).gid(4321).output().unwrap()).exit(0);
    assert_eq!(ran.err(), "");
    assert_eq!((folder.read("a.yaml").as_str(), folder.read("b.yaml").as_str()), (CONFIG_DUAL, CONFIG_DUAL));
}

/// More threads than cores would only take memory, and time to start.
#[test]
fn more_threads_than_cores_are_not_started() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", CONFIG)]);
    folder.run_with(&dual(&["-q", "-w", "a.yaml", "b.yaml"]), "", &[("RAYON_NUM_THREADS", "99999")]).exit(0);
    assert_eq!(folder.read("b.yaml"), CONFIG_DUAL);
}

#[test]
fn a_limit_of_file_sizes_is_told() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let command = env!("CARGO_BIN_EXE_calico-ipv6");
    for line in [
        format!("{command} inspect -o json a.yaml"),
        format!("{command} rules"),
        format!("{command} generate --help"),
    ] {
        let ran = folder.bash(&format!("ulimit -f 0; {line} >out")).exit(2);
        assert!(ran.err().contains("standard output: File too large"), "{}", ran.err());
    }
}

/// No later run could read the result.
#[test]
fn a_result_that_is_larger_than_an_input_may_be_is_refused() {
    let most = 64 * 1024 * 1024 - CONFIG.len();
    let folder = Folder::with(&[("a.yaml", &format!("{CONFIG}#{}\n", "x".repeat(most - 2)))]);
    for options in [&["-o", "json"][..], &["-o", "steps"], &["--check"], &["-w"]] {
        let ran = folder.run(&dual(&[options, &["a.yaml"]].concat())).exit(2);
        let told = "a.yaml: the converted file would have 67,108,";
        assert!(ran.err().contains(told), "{options:?}: {}", ran.err());
        assert!(ran.err().contains("split the file between its documents"), "{}", ran.err());
    }
    assert_eq!(folder.read("a.yaml").len(), most + CONFIG.len());
}

/// Files that are not YAML may contain control characters.
#[test]
fn a_terminal_does_not_act_on_a_file() {
    let unit = "[Service]\n# \u{1b}]0;title\u{7}\u{1b}[31m\ttab \\t\nExecStart=/usr/bin/kubelet --node-ip=192.0.2.1\n";
    let folder = Folder::with(&[("k.service", unit)]);
    let command = format!("{} {} -q k.service", env!("CARGO_BIN_EXE_calico-ipv6"), DUAL.join(" "));
    let terminal =
        Command::new("script").args(["-qec", &command, "/dev/null"]).current_dir(folder.0.path()).output();
    let Ok(terminal) = terminal else { return skip("there is no script(1), which opens a terminal") };
    let shown = String::from_utf8(terminal.stdout).unwrap();
    assert!(shown.contains("# \\u{1b}]0;title\\u{7}\\u{1b}[31m\ttab \\t\r\n"), "{shown:?}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    // A pipe gets the bytes of the file.
    assert_eq!(folder.bash("dual k.service").exit(0).out(), unit);
}
