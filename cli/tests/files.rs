//! Files, links and permissions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, REFUSED, SERVICE, dual};
use std::fs;

#[test]
fn a_file_is_printed() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["a.yaml"])).exit(0);
    assert_eq!(ran.out(), CONFIG_DUAL);
    assert_eq!(folder.read("a.yaml"), CONFIG);
    assert!(ran.err().contains("a.yaml"), "{}", ran.err());
}

#[test]
fn standard_input_is_printed() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run_with(&dual(&[]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
    assert_eq!(folder.run_with(&dual(&["-"]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
    assert_eq!(folder.run_with(&dual(&["-f", "-"]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
}

#[test]
fn standard_input_has_no_file_to_write() {
    let folder = Folder::with(&[]);
    let ran = folder.run_with(&dual(&["-w", "-"]), CONFIG, &[]).exit(2);
    assert_eq!(ran.out(), "");
    assert!(ran.err().contains("-w"), "{}", ran.err());
}

#[test]
fn files_become_one_stream() {
    let folder = Folder::with(&[("a.yaml", CONFIG.trim_end()), ("b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["a.yaml", "-f", "b.yaml"])).exit(0);
    assert_eq!(ran.out(), format!("{CONFIG_DUAL}---\n{SERVICE}"));
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    assert_eq!(folder.run(&dual(&["a.yaml", "./a.yaml", "-f", "a.yaml"])).exit(0).out(), CONFIG_DUAL);
}

#[test]
fn what_one_file_says_is_known_to_the_others() {
    let config = format!("{CONFIG}  calico_backend: vxlan\n");
    let node = REFUSED.replace(
        "value: \"vxlan\"",
        "valueFrom: {configMapKeyRef: {name: calico-config, key: calico_backend}}",
    );
    let folder = Folder::with(&[("config.yaml", &config), ("node.yaml", &node)]);
    let ran = folder.run(&dual(&["node.yaml", "config.yaml"])).exit(1);
    assert!(ran.err().contains("ENC-006"), "{}", ran.err());
    assert_eq!(ran.out(), "");
}

#[test]
fn files_are_replaced() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["-w", "a.yaml", "b.yaml"])).exit(0);
    assert_eq!(ran.out(), "");
    assert_eq!((folder.read("a.yaml"), folder.read("b.yaml")), (CONFIG_DUAL.to_owned(), SERVICE.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "b.yaml"]);
    let again = folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    assert!(again.err().contains("already dual-stack"), "{}", again.err());
}

#[test]
fn addresses_of_a_node_do_not_show_the_stack_of_the_cluster() {
    let folder = Folder::with(&[("kubelet", "KUBELET_EXTRA_ARGS=--node-ip=192.0.2.11,2001:db8:1::11\n")]);
    let ran = folder.run(&dual(&["-w", "kubelet"])).exit(0);
    assert!(ran.err().contains("nothing to change") && !ran.err().contains("already"), "{}", ran.err());
}

#[test]
fn nothing_is_replaced_when_one_file_is_refused() {
    for files in [["a.yaml", "refused.yaml"], ["refused.yaml", "a.yaml"]] {
        let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
        let ran = folder.run(&dual(&["-w", files[0], files[1]])).exit(1);
        assert_eq!(ran.out(), "");
        assert_eq!(
            (folder.read("a.yaml"), folder.read("refused.yaml")),
            (CONFIG.to_owned(), REFUSED.to_owned())
        );
        assert_eq!(folder.list(), ["a.yaml", "refused.yaml"]);
    }
}

#[test]
fn nothing_is_replaced_when_one_file_cannot_be_read() {
    for (name, text, said) in [
        ("bad.yaml", "kind: ConfigMap\ndata: {cni_network_config: [\n".as_bytes(), "not YAML"),
        ("tabs.yaml", b"kind: ConfigMap\ndata:\n\tcni_network_config: x\n", "tab"),
        ("binary.yaml", b"\x7fELF\0\0\0", "binary"),
        ("latin.yaml", b"# gr\xfc\xdfe\n", "UTF-8"),
        ("wide.yaml", b"\xff\xfek\0i\0n\0d\0", "UTF-16"),
        ("packed.yaml", b"\x1f\x8b\x08\0", "compressed"),
    ] {
        let folder = Folder::with(&[("a.yaml", CONFIG)]);
        fs::write(folder.path(name), text).unwrap();
        let ran = folder.run(&dual(&["-w", "a.yaml", name])).exit(2);
        assert_eq!((ran.out(), folder.read("a.yaml")), (String::new(), CONFIG.to_owned()), "{name}");
        assert!(ran.err().contains(said) && ran.err().contains(name), "{name}: {}", ran.err());
    }
}

#[test]
fn an_empty_input_is_an_accident_unless_there_are_others() {
    let folder = Folder::with(&[("empty.yaml", ""), ("a.yaml", CONFIG)]);
    assert!(folder.run(&dual(&["empty.yaml"])).exit(2).err().contains("empty"));
    assert!(folder.run_with(&dual(&["-"]), "", &[]).exit(2).err().contains("empty"));
    folder.run(&dual(&["-w", "empty.yaml", "a.yaml"])).exit(0);
    assert_eq!((folder.read("empty.yaml"), folder.read("a.yaml")), (String::new(), CONFIG_DUAL.to_owned()));
}

#[test]
fn a_missing_file_is_told() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["-w", "a.yaml", "missing.yaml"])).exit(2);
    assert!(ran.err().contains("missing.yaml"), "{}", ran.err());
    assert_eq!(folder.read("a.yaml"), CONFIG);
}

#[test]
fn bytes_that_were_there_stay() {
    let crlf = format!("\u{FEFF}{}", CONFIG.trim_end().replace('\n', "\r\n"));
    let folder = Folder::with(&[("a.yaml", &crlf)]);
    folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    assert_eq!(folder.read("a.yaml"), format!("\u{FEFF}{}", CONFIG_DUAL.trim_end().replace('\n', "\r\n")));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("real/a.yaml", CONFIG)]);
    fs::set_permissions(folder.path("real/a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/a.yaml", folder.path("link.yaml")).unwrap();
    folder.run(&dual(&["-w", "link.yaml"])).exit(0);
    assert!(folder.path("link.yaml").is_symlink());
    assert_eq!(folder.read("real/a.yaml"), CONFIG_DUAL);
    assert_eq!(fs::metadata(folder.path("real/a.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(folder.list(), ["link.yaml", "real/a.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("a.yaml", CONFIG), ("locked.yaml", CONFIG)]);
    fs::set_permissions(folder.path("locked.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = folder.run(&dual(&["-w", "a.yaml", "locked.yaml"])).exit(2);
    assert!(ran.err().contains("locked.yaml"), "{}", ran.err());
    assert_eq!((folder.read("a.yaml"), folder.read("locked.yaml")), (CONFIG.to_owned(), CONFIG.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "locked.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("a.yaml", CONFIG), ("locked/b.yaml", CONFIG)]);
    fs::set_permissions(folder.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(folder.path("locked/probe"), "").is_ok() {
        return; // root may write everywhere
    }
    let ran = folder.run(&dual(&["-w", "a.yaml", "locked/b.yaml"])).exit(2);
    fs::set_permissions(folder.path("locked"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(ran.err().contains("locked"), "{}", ran.err());
    assert_eq!((folder.read("a.yaml"), folder.read("locked/b.yaml")), (CONFIG.to_owned(), CONFIG.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "locked/b.yaml"]);
}

#[test]
fn another_folder_takes_the_files() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG), ("m/deep/b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["-R", "--output-dir", "out", "m"])).exit(0);
    assert_eq!(ran.out(), "");
    assert_eq!(folder.list(), ["m/a.yaml", "m/deep/b.yaml", "out/a.yaml", "out/deep/b.yaml"]);
    assert_eq!(
        (folder.read("out/a.yaml"), folder.read("out/deep/b.yaml")),
        (CONFIG_DUAL.to_owned(), SERVICE.to_owned())
    );
    assert_eq!(folder.read("m/a.yaml"), CONFIG);
}

#[test]
fn another_folder_stays_empty_when_one_file_is_refused() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    folder.run(&dual(&["--output-dir", "out", "a.yaml", "refused.yaml"])).exit(1);
    assert_eq!(folder.list(), ["a.yaml", "refused.yaml"]);
}

#[test]
fn two_files_of_one_name_do_not_fall_on_each_other() {
    let folder = Folder::with(&[("x/a.yaml", CONFIG), ("y/a.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["--output-dir", "out", "x/a.yaml", "y/a.yaml"])).exit(2);
    assert!(ran.err().contains("a.yaml"), "{}", ran.err());
    assert!(!folder.path("out/a.yaml").exists());
}
