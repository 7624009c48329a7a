//! Each copy of --output-dir has its own place, and replaces no other file.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, SERVICE, dual};
use std::os::unix::fs::symlink;

fn two() -> Folder {
    Folder::with(&[("m/x/a.yaml", CONFIG), ("m/y/a.yaml", SERVICE), ("out/z", "")])
}

#[track_caller]
fn inputs_are_kept(folder: &Folder) {
    assert_eq!((folder.read("m/x/a.yaml").as_str(), folder.read("m/y/a.yaml").as_str()), (CONFIG, SERVICE));
}

#[test]
fn a_linked_folder_in_the_output_is_not_left() {
    let folder = two();
    symlink("../m/x", folder.path("out/y")).unwrap();
    let ran = folder.run(&dual(&["-R", "m", "--output-dir", "out"])).exit(2);
    assert!(
        ran.err().contains("out/y/a.yaml: its folder is a link out of --output-dir, to "),
        "{}",
        ran.err()
    );
    inputs_are_kept(&folder);
    assert_eq!(folder.list(), ["m/x/a.yaml", "m/y/a.yaml", "out/y", "out/z"]);
    // The folder itself may be a link, and one inside it may lead to another inside it.
    symlink("m/y", folder.path("linked")).unwrap();
    folder.run(&dual(&["-R", "m/x", "--output-dir", "linked/copies"])).exit(0);
    assert_eq!(folder.read("m/y/copies/a.yaml"), CONFIG_DUAL);
}

#[test]
fn two_copies_are_not_written_to_one_place() {
    let folder = two();
    symlink("x", folder.path("out/y")).unwrap();
    std::fs::create_dir(folder.path("out/x")).unwrap();
    let same = "m/x/a.yaml and m/y/a.yaml would be written to the same file of --output-dir";
    for arguments in [&["-R", "m"][..], &["m/x/a.yaml", "m/y/a.yaml"]] {
        let ran = folder.run(&dual(&[arguments, &["--output-dir", "out"]].concat())).exit(2);
        assert!(ran.err().contains(same), "{}", ran.err());
    }
    inputs_are_kept(&folder);
}

#[test]
fn a_copy_is_not_written_over_another_input() {
    let folder = Folder::with(&[("m/x/a.yaml", CONFIG), ("m/a.yaml", SERVICE)]);
    symlink("m", folder.path("other")).unwrap();
    for arguments in
        [&["m/x/a.yaml", "other", "--output-dir", "m"][..], &["-R", "m/x", "m/a.yaml", "--output-dir", "m"]]
    {
        let ran = folder.run(&dual(arguments)).exit(2);
        assert!(ran.err().contains("would be written"), "{}", ran.err());
    }
    assert_eq!((folder.read("m/x/a.yaml").as_str(), folder.read("m/a.yaml").as_str()), (CONFIG, SERVICE));
}

/// The output is a folder above the input. Nobody knows whether a file there is an earlier copy.
#[test]
fn a_file_beside_the_inputs_is_replaced_only_by_itself() {
    let folder = Folder::with(&[("m/x/a.yaml", CONFIG)]);
    for _ in 0..2 {
        folder.run(&dual(&["m/x/a.yaml", "--output-dir", "m"])).exit(0);
        assert_eq!(folder.read("m/a.yaml"), CONFIG_DUAL);
    }
    std::fs::write(folder.path("m/a.yaml"), SERVICE).unwrap();
    let ran = folder.run(&dual(&["m/x/a.yaml", "--output-dir", "m"])).exit(2);
    assert!(
        ran.err().contains("m/a.yaml: cannot write: another file beside the inputs has this name"),
        "{}",
        ran.err()
    );
    assert_eq!(folder.read("m/a.yaml"), SERVICE);
}
