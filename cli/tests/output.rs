//! What users see: escapes, masks, wrapped prose, grouped findings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{DUAL, Folder};
use std::fs;
use std::process::Output;

const IPV6_ONLY: [&str; 7] = [
    "transform",
    "--to",
    "ipv6-only",
    "--ipv6-pod-cidr",
    "fd00:10:244::/56",
    "--ipv6-service-cidr",
    "fd00:10:96::/112",
];

/// Names and values with an escape sequence, a C1 control, and a character that reverses what follows.
const NODE: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata: {name: "calico-node\e[2J\u009b\u202E"}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: calico/node:v3.22.5
        env: # NAME
        - name: CALICO_NETWORKING_BACKEND
          value: vxlan
        - name: IP
          value: "auto\e[2K\r\u2066"
        - name: IP6
          value: "\e]8;;x\anone"
"#;

const KUBECONFIG: &str = r#"{"kind":"Config","apiVersion":"v1","clusters":[{"cluster":{"server":"https://admin:HIDDEN@192.0.2.1:6443"}}],"users":[{"user":{"token":"HIDDEN","client-key-data":"HIDDEN"}}]}"#;

fn printed(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{out}{err}")
}

#[track_caller]
fn is_safe(text: &str) {
    let raw = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    assert!(!text.contains(raw), "{text:?}");
}

#[cfg(unix)]
#[test]
fn control_characters_are_escaped_everywhere() {
    let name = "a\u{1b}[2K\n\u{202e}.yaml";
    let files = Folder::with(&[(name, NODE), ("calico.yaml", &NODE.replace("v3.22.5", "v3.31.7"))]);
    let target = files.path("target\u{202e}.yaml");
    fs::write(&target, "kind: Target\n").unwrap();
    let bad = "fd00\u{1b}[2K\u{9b}\u{202e}";
    let json = [&DUAL[..], &["-o", "json", name]].concat();
    let diff = [&DUAL[..], &["-q", "-o", "diff", "calico.yaml"]].concat();
    for arguments in [
        &[&DUAL[..], &[name]].concat()[..],
        &[&DUAL[..], &["calico.yaml", "--output-dir", "out\u{202e}"]].concat(),
        &["inspect", name, "calico.yaml"],
        &["inspect", "-o", "json", name],
        &json,
        &["transform", "--to", bad, name],
        &["transform", "--to", "dual-stack", "--ipv6-pod-cidr", bad, name],
        &["transform", "--to", "dual-stack", bad],
        &["transform", bad, "--nope\u{202e}"],
        &["transform", "--config", "target\u{202e}.yaml", name],
        &["transform", "--to", "dual-stack", "--calico-version", "v3.31.0-\u{1b}[31m", name],
        &["explain", bad],
        &["cidr", "--nodes", bad],
    ] {
        let output = files.run(arguments).0;
        assert!(!output.stderr.is_empty() || !output.stdout.is_empty(), "{arguments:?}");
        is_safe(&printed(&output));
    }
    let text = printed(&files.run(&[&DUAL[..], &[name]].concat()).0);
    assert!(text.contains("a\\u{1b}[2K\\n\\u{202e}.yaml"), "{text}");
    // The name of a file is data in JSON.
    let output = files.run(&json).0;
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["files"][0]["name"], name);
    // A diff applies, so only its header is escaped; this one needs no escape.
    assert!(printed(&files.run(&diff).0).starts_with("--- a/calico.yaml\n"));
    let renamed = [&DUAL[..], &["-q", "-o", "diff", "b\u{202e}.yaml"]].concat();
    fs::copy(files.path("calico.yaml"), files.path("b\u{202e}.yaml")).unwrap();
    let text = printed(&files.run(&renamed).0);
    let header = "--- \"a/b\\342\\200\\256.yaml\"\n+++ \"b/b\\342\\200\\256.yaml\"\n";
    assert!(text.starts_with(header), "{text}");
}

/// Whether a program of the system applies a diff to a copy of a folder, so that its file becomes `wanted`; true without it.
#[cfg(unix)]
fn applies(program: &[&str], diff: &str, name: &std::path::Path, old: &[u8], wanted: &[u8]) -> bool {
    let copy = Folder::with(&[]);
    fs::write(copy.0.path().join(name), old).unwrap();
    let mut command = std::process::Command::new(program[0]);
    command.current_dir(copy.0.path()).args(&program[1..]).stdin(std::process::Stdio::piped());
    let Ok(mut child) = command.spawn() else { return true };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff.as_bytes()).unwrap();
    child.wait().unwrap().success() && fs::read(copy.0.path().join(name)).unwrap() == wanted
}

#[cfg(unix)]
#[test]
fn a_diff_applies_whatever_the_file_is_called() {
    use std::os::unix::ffi::OsStrExt as _;
    let old = NODE.replace("v3.22.5", "v3.31.7").replace("NAME", "\u{202e}");
    for (name, header) in [
        (&b"a b.yaml"[..], "--- a/a b.yaml\t"),
        (b"esc\x1b[31m.yaml", r#"--- "a/esc\033[31m.yaml""#),
        (b"new\nline\t.yaml", r#"--- "a/new\nline\t.yaml""#),
        (b"q\"u\\.yaml", r#"--- "a/q\"u\\.yaml""#),
        (b"\xff\xc3\xa4.yaml", "--- \"a/\\377\u{e4}.yaml\""),
    ] {
        let name = std::path::Path::new(std::ffi::OsStr::from_bytes(name));
        let files = Folder::with(&[]);
        fs::write(files.path(".").join(name), &old).unwrap();
        let new = files.run(&[&DUAL[..], &["-q", "."]].concat()).exit(0).out();
        let diff = files.run(&[&DUAL[..], &["-q", "-o", "diff", "."]].concat()).exit(0).out();
        assert_eq!(diff.lines().next(), Some(header));
        for program in [&["git", "apply"][..], &["patch", "-s", "-p1"]] {
            assert!(applies(program, &diff, name, old.as_bytes(), new.as_bytes()), "{program:?} {diff}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_utf_8_is_told_byte_by_byte() {
    use std::os::unix::ffi::OsStrExt as _;
    let files = Folder::with(&[]);
    for name in [b"\xfe.yaml", b"\xff.yaml"] {
        fs::write(files.path(".").join(std::ffi::OsStr::from_bytes(name)), NODE).unwrap();
    }
    let text = printed(&files.run(&["inspect", "."]).0);
    assert!(text.contains("./\\xfe.yaml: ") && text.contains("./\\xff.yaml: "), "{text}");
    // Commands of a plan are text, and no text names these files.
    let plan = files.run(&[&DUAL[..], &["-o", "steps", "."]].concat()).exit(2);
    assert_eq!(plan.out(), "");
    assert!(plan.err().contains("error: ./\\xfe.yaml: its name is not UTF-8"), "{}", plan.err());
}

#[test]
fn the_transformed_file_keeps_its_bytes() {
    let files = Folder::with(&[("a.yaml", &NODE.replace("v3.22.5", "v3.31.7").replace("NAME", "\u{202e}"))]);
    let output = files.run(&[&DUAL[..], &["a.yaml"]].concat()).0;
    assert!(String::from_utf8(output.stdout).unwrap().contains("# \u{202e}\n"));
    is_safe(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn secrets_are_not_printed() {
    let pretty = "apiVersion: v1\nkind: Config\nclusters:\n- cluster: {server: 'https://u:HIDDEN@192.0.2.1:6443'}\n\
                  users:\n- user: {token: HIDDEN}\n";
    let files = Folder::with(&[("one.json", KUBECONFIG), ("pretty.yaml", pretty)]);
    for file in ["one.json", "pretty.yaml"] {
        let output = files.run(&[&IPV6_ONLY[..], &[file]].concat()).0;
        assert_eq!(output.status.code(), Some(1));
        let text = printed(&output);
        assert!(text.contains("192.0.2.1") && !text.contains("HIDDEN"), "{text}");
        for arguments in [&["inspect", file][..], &["inspect", "-o", "json", file]] {
            let text = printed(&files.run(arguments).0);
            assert!(text.contains("192.0.2.1") && !text.contains("HIDDEN"), "{text}");
        }
        let json = files.run(&[&IPV6_ONLY[..], &["-q", "-o", "json", file]].concat()).0;
        let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        let finding = &value["files"][0]["findings"][0];
        assert!(!finding.to_string().contains("HIDDEN"), "{finding}");
        // Masks keep columns: the location in the file is that in the line.
        let line = finding["line"].as_str().unwrap();
        let column = usize::try_from(finding["place"]["column"].as_u64().unwrap()).unwrap();
        assert!(line[column - 1..].trim_start_matches(['"', '\'']).starts_with("https://"), "{line}");
    }
    let text = printed(&files.run(&[&IPV6_ONLY[..], &["one.json"]].concat()).0);
    let column = KUBECONFIG.find("\"https").unwrap() + 1;
    assert!(text.contains(&format!("--> one.json:1:{column}\n")), "{text}");
}

#[test]
fn a_change_of_a_url_does_not_show_its_user() {
    let files = Folder::with(&[("one.json", KUBECONFIG)]);
    let more = ["--map-address", "192.0.2.1=2001:db8::1", "one.json"];
    let output = files.run(&[&IPV6_ONLY[..], &more].concat()).0;
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("2001:db8::1") && !text.contains("HIDDEN"), "{text}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("admin:HIDDEN@[2001:db8::1]"));
}

#[test]
fn address_is_an_alias_of_map_address() {
    let files = Folder::with(&[("one.json", KUBECONFIG)]);
    let with = |flag: &str| {
        let output = files.run(&[&IPV6_ONLY[..], &[flag, "192.0.2.1=2001:db8::1", "one.json"]].concat()).0;
        assert_eq!(output.status.code(), Some(0));
        output.stdout
    };
    assert_eq!(with("--address"), with("--map-address"));
}

#[test]
fn prose_wraps_and_tables_do_not() {
    let files = Folder::with(&[("a.yaml", NODE), ("b.yaml", &NODE.replace("v3.22.5", "v3.31.7"))]);
    for arguments in [&[&DUAL[..], &["b.yaml"]].concat()[..], &["explain", "CNI-018"]] {
        let text = printed(&files.run(arguments).0);
        let prose = text.lines().filter(|line| line.contains("= ") || line.starts_with("  "));
        let is_prose = |line: &&str| line.split_whitespace().count() > 8;
        for line in prose.filter(is_prose) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn a_summary_names_the_rule_of_each_change() {
    let files = Folder::with(&[("b.yaml", &NODE.replace("v3.22.5", "v3.31.7"))]);
    let text = printed(&files.run(&[&DUAL[..], &["b.yaml", "--output-dir", "out"]].concat()).0);
    assert!(
        text.lines().any(|line| line.contains("IPv6 BGP sessions") && line.ends_with("  NODE-003")),
        "{text}"
    );
}

#[test]
fn a_finding_of_many_files_is_printed_once() {
    let names: Vec<String> = (0..9).map(|i| format!("n{i}.yaml")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), NODE)).collect();
    let files = Folder::with(&files);
    let output = files.run(&[&DUAL[..], &["."]].concat()).0;
    let text = printed(&output);
    assert_eq!(text.matches("error[ENC-006]").count(), 1, "{text}");
    assert!(text.contains(" = also at: ./n1.yaml:9:28\n") && text.contains("and 4 more\n"), "{text}");
    let json = files.run(&[&DUAL[..], &["-q", "-o", "json", "."]].concat()).0;
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let with = |file: &&serde_json::Value| file["findings"].to_string().contains("ENC-006");
    assert_eq!(value["files"].as_array().unwrap().iter().filter(with).count(), 9);
}
