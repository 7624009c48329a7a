//! Files that the command writes beside the manifests: nothing of the user is lost by them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, Folder, dual};

/// Runs a command that must refuse before it writes anything, and returns what it says.
fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let before: Vec<(String, String)> =
        folder.list().into_iter().map(|file| (file.clone(), folder.read(&file))).collect();
    let said = folder.run(arguments).exit(2).err().to_owned();
    let after: Vec<(String, String)> =
        folder.list().into_iter().map(|file| (file.clone(), folder.read(&file))).collect();
    assert_eq!(before, after, "{arguments:?}");
    said
}

#[test]
fn a_result_never_replaces_an_input() {
    let folder = Folder::with(&[("c.yaml", CONFIG)]);
    let over = "would be written over the input c.yaml: name another file";
    for arguments in [
        dual(&["--check", "--report", "c.yaml", "c.yaml"]),
        dual(&["-w", "--report", "./c.yaml", "c.yaml"]),
        vec!["lint", "--report", "c.yaml", "c.yaml"],
        vec!["lint", "--write-baseline", "c.yaml", "c.yaml"],
    ] {
        let said = refused(&folder, &arguments);
        assert!(said.contains(over), "{said}");
    }
    let said = refused(&folder, &dual(&["--output-dir", "out", "--report", "out/c.yaml", "c.yaml"]));
    assert!(said.contains("would be written over a file of --output-dir"), "{said}");
}

#[test]
fn a_result_replaces_only_an_older_one() {
    let folder = Folder::with(&[("c.yaml", CONFIG), ("notes.txt", "keep me\n")]);
    let said = refused(&folder, &["lint", "--write-baseline", "notes.txt", "c.yaml"]);
    assert!(said.contains("is another file, which would be lost: remove it, or name another one"), "{said}");
    let said = refused(&folder, &["lint", "--report", "r", "--write-baseline", "./r", "c.yaml"]);
    assert!(said.contains("would be written over the file of --write-baseline"), "{said}");
    for _ in 0..2 {
        folder.run(&["lint", "-q", "--report", "r.jsonl", "--fail-on", "never", "c.yaml"]).exit(0);
        folder.run(&["lint", "-q", "--write-baseline", "b.json", "."]).exit(0);
    }
}

/// A report is of this run, or not there: shards of an earlier run would be merged as if they were new.
#[test]
fn a_run_that_ends_without_a_report_leaves_none_of_an_earlier_run() {
    let folder = Folder::with(&[("c.yaml", CONFIG), ("notes.txt", "keep me\n")]);
    let wrong = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: both}\n";
    std::fs::write(folder.path("wrong.yaml"), wrong).unwrap();
    let earlier = || {
        folder.run(&dual(&["-q", "--check", "--report", "r.jsonl", "c.yaml"])).exit(1);
        assert!(folder.path("r.jsonl").exists());
    };
    for command in ["transform", "lint"] {
        earlier();
        folder.run(&[command, "--config", "wrong.yaml", "--report", "r.jsonl", "c.yaml"]).exit(2);
        assert!(!folder.path("r.jsonl").exists(), "{command}");
        // What does nothing, and what is refused before it begins, removes nothing.
        earlier();
        folder.run(&[command, "--print-config", "--report", "r.jsonl", "c.yaml"]).exit(0);
        folder.run(&[command, "--report", "r.jsonl", "missing.yaml"]).exit(2);
        folder.run(&[command, "--config", "wrong.yaml", "--report", "notes.txt", "c.yaml"]).exit(2);
        assert!(folder.path("r.jsonl").exists() && folder.path("notes.txt").exists(), "{command}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_found_before_anything_is_written() {
    let folder = Folder::with(&[("c.yaml", CONFIG)]);
    let said = refused(&folder, &dual(&["-w", "--report", "missing/r.jsonl", "c.yaml"]));
    assert!(said.contains("error: --report missing/r.jsonl: "), "{said}");
    std::fs::create_dir(folder.path("folder")).unwrap();
    let said = refused(&folder, &dual(&["-w", "--report", "folder", "c.yaml"]));
    assert!(said.contains("error: --report folder: is a folder: name a file"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_are_written_without_their_report_are_not_called_unwritten() {
    let folder = Folder::with(&[("c.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["-w", "--report", "/dev/full", "c.yaml"])).exit(1);
    assert!(ran.err().contains("; the files are written, and their report is not"), "{}", ran.err());
    assert_ne!(folder.read("c.yaml"), CONFIG);
}

#[cfg(unix)]
#[test]
fn a_report_keeps_the_mode_of_the_older_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("c.yaml", CONFIG), ("r.jsonl", "")]);
    let mode = |mode| {
        std::fs::set_permissions(folder.path("r.jsonl"), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(0o600);
    folder.run(&["lint", "-q", "--report", "r.jsonl", "--fail-on", "never", "c.yaml"]).exit(0);
    assert_eq!(std::fs::metadata(folder.path("r.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
    mode(0o400);
    let said = refused(&folder, &["lint", "--report", "r.jsonl", "c.yaml"]);
    assert!(said.contains("it is read-only"), "{said}");
}

#[test]
fn an_empty_pipe_is_not_a_sound_manifest() {
    let folder = Folder::with(&[]);
    for command in [["lint", "-"], ["inspect", "-"]] {
        let ran = folder.run_with(&command, "\n", &[]).exit(2);
        assert!(ran.err().contains("error: <stdin>: is empty: pass the rendered manifest"), "{}", ran.err());
    }
}

#[test]
fn a_file_that_is_not_text_is_no_report() {
    let folder = Folder::with(&[]);
    std::fs::write(folder.path("r.jsonl"), b"\xff\xfe\n").unwrap();
    let ran = folder.run(&["report", "merge", "r.jsonl"]).exit(2);
    assert_eq!(ran.err(), "error: r.jsonl:1: is not a report: not UTF-8\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_never_ends_is_refused() {
    let folder = Folder::with(&[]);
    let ran = folder.run(&["report", "merge", "/dev/zero"]).exit(2);
    assert!(ran.err().contains("is not a report: a line has more than 64 MiB"), "{}", ran.err());
}

#[cfg(unix)]
#[test]
fn names_in_a_report_do_not_act_on_a_terminal() {
    let name = "n\u{9b}2J\u{202e}.yaml";
    let folder = Folder::with(&[(name, CONFIG)]);
    folder.run(&["lint", "-q", "--report", "r.jsonl", "--fail-on", "never", name]).exit(0);
    let report = std::fs::read_to_string(folder.path("r.jsonl")).unwrap();
    assert!(report.contains("n\\u009b2J\\u202e.yaml"), "{report}");
    // A report of another program may have them raw.
    std::fs::write(folder.path("r.jsonl"), report.replace("\\u009b", "\u{9b}")).unwrap();
    let merged = folder.run(&["report", "merge", "r.jsonl"]).exit(0).out();
    assert!(!merged.contains('\u{9b}') && merged.contains("\\u009b"), "{merged}");
}
