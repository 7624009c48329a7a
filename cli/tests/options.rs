//! Options of the command, and its data.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, REFUSED, SERVICE, dual};
use std::process::{Command, Stdio};

#[test]
fn a_diff_can_be_applied() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    let out = folder.run(&dual(&["-o", "diff", "a.yaml", "b.yaml"])).exit(0).out();
    assert!(out.starts_with("--- a/a.yaml\n+++ b/a.yaml\n@@ "), "{out}");
    assert!(!out.contains("b.yaml"), "{out}");
}

#[test]
fn a_plan_is_data() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    let plan: serde_json::Value =
        serde_json::from_str(&folder.run(&dual(&["-o", "json", "a.yaml", "refused.yaml"])).exit(1).out())
            .unwrap();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["files"][0]["outcome"], "changed");
    assert_eq!(plan["files"][0]["text"], CONFIG_DUAL);
    assert_eq!(plan["files"][0]["changes"][0]["rule"], "CNI-015");
    assert_eq!(plan["files"][1]["outcome"], "refused");
    let findings = plan["files"][1]["findings"].as_array().unwrap();
    let blocking = findings.iter().find(|finding| finding["blocks"] == true).unwrap();
    assert_eq!(blocking["rule"], "ENC-006");
    assert_eq!(blocking["place"]["line"], 10);
    assert_eq!(plan["files"][1]["text"], serde_json::Value::Null);
}

#[test]
fn facts_are_data() {
    let folder = Folder::with(&[("refused.yaml", REFUSED)]);
    let facts: serde_json::Value =
        serde_json::from_str(&folder.run(&["inspect", "-o", "json", "refused.yaml"]).exit(0).out()).unwrap();
    assert_eq!(facts["version"], 1);
    let install = &facts["files"][0]["installs"][0];
    assert_eq!(install["facts"]["calico"], "v3.22.5");
    assert_eq!(install["facts"]["backend"], "vxlan");
}

#[test]
fn rules_are_data() {
    let folder = Folder::with(&[]);
    let rules: serde_json::Value =
        serde_json::from_str(&folder.run(&["rules", "-o", "json"]).exit(0).out()).unwrap();
    let rules = rules["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "NODE-003"), "{rules:?}");
    for rule in rules {
        let page = folder.run(&["explain", rule["id"].as_str().unwrap()]).exit(0);
        assert!(page.out().contains(rule["name"].as_str().unwrap()));
        folder.run(&["explain", rule["name"].as_str().unwrap()]).exit(0);
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    assert_eq!(folder.run(&dual(&["-q", "a.yaml"])).exit(0).err(), "");
    assert!(folder.run(&dual(&["-q", "refused.yaml"])).exit(1).err().contains("ENC-006"));
    assert!(
        folder
            .run(&["-q", "transform", "--to", "dual-stack", "nope.yaml"])
            .exit(2)
            .err()
            .contains("nope.yaml")
    );
}

#[test]
fn verbose_says_more() {
    let node = REFUSED.replace("v3.22.5", "v3.31.7");
    let folder = Folder::with(&[("node.yaml", &node)]);
    assert!(!folder.run(&dual(&["node.yaml"])).exit(0).err().contains("ENC-005"));
    assert!(folder.run(&dual(&["-v", "node.yaml"])).exit(0).err().contains("ENC-005"));
}

#[test]
fn colour_follows_the_option_then_the_environment() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let coloured = |arguments: &[&str], env: &[(&str, &str)]| {
        folder.run_with(&dual(arguments), "", env).exit(0).err().contains('\u{1b}')
    };
    assert!(!coloured(&["a.yaml"], &[]), "a pipe has no colours");
    assert!(coloured(&["--color", "always", "a.yaml"], &[]));
    assert!(coloured(&["--color", "always", "a.yaml"], &[("NO_COLOR", "1")]), "the option wins");
    assert!(!coloured(&["--color", "never", "a.yaml"], &[("CLICOLOR_FORCE", "1")]), "the option wins");
    assert!(coloured(&["a.yaml"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["a.yaml"], &[("NO_COLOR", "1")]));
}

#[test]
fn data_never_has_colours() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    assert_eq!(folder.run(&dual(&["--color", "always", "a.yaml"])).exit(0).out(), CONFIG_DUAL);
    let json = folder.run(&dual(&["--color", "always", "-o", "json", "a.yaml"])).exit(0).out();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

#[test]
fn bad_usage_exits_with_2() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for arguments in [
        &["transform", "a.yaml"][..],
        &["transform", "--to", "ipv5-only", "a.yaml"],
        &["transform", "--to", "dual-stack", "--ipv6-pod-cidr", "10.0.0.0/8", "a.yaml"],
        &["transform", "--to", "dual-stack", "--nope", "a.yaml"],
        &["transform", "--to", "dual-stack", "-w", "-o", "json", "a.yaml"],
        &["transform", "--to", "dual-stack", "-w", "--output-dir", "x", "a.yaml"],
        &["-q", "-v", "rules"],
        &["explain"],
        &["explain", "nonsense"],
        &["completion", "tcsh"],
        &["nonsense"],
        &[],
    ] {
        let ran = folder.run(arguments).exit(2);
        assert_eq!(ran.out(), "", "{arguments:?}");
        assert!(!ran.err().is_empty(), "{arguments:?}");
    }
    assert_eq!(folder.list(), ["a.yaml"]);
}

#[test]
fn help_and_version_are_data() {
    let folder = Folder::with(&[]);
    for arguments in
        [&["--help"][..], &["-h"], &["--version"], &["transform", "--help"], &["help", "inspect"]]
    {
        let ran = folder.run(arguments).exit(0);
        assert!(!ran.out().is_empty() && ran.err().is_empty(), "{arguments:?}");
    }
}

#[test]
fn completion_is_printed_for_each_shell() {
    let folder = Folder::with(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completion", shell]).exit(0).out();
        assert!(script.contains("ipv6-pod-cidr"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn as_a_plugin_of_kubectl_its_help_says_so() {
    let folder = Folder::with(&[]);
    let plugin = folder.path("kubectl-calico_ipv6");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calico-ipv6"), &plugin).unwrap();
    let help = |arguments: &[&str]| {
        String::from_utf8(Command::new(&plugin).args(arguments).output().unwrap().stdout).unwrap()
    };
    assert!(
        help(&["--help"]).contains("Usage: kubectl calico-ipv6 [OPTIONS] <COMMAND>"),
        "{}",
        help(&["--help"])
    );
    assert!(help(&["transform", "--help"]).contains("Usage: kubectl calico-ipv6 transform"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::with(&[("big.yaml", &format!("# {}\n", "x".repeat(1 << 20)))]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"))
        .current_dir(folder.0.path())
        .args(dual(&["-q", "big.yaml"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_check_tells_what_would_change_and_writes_nothing() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", CONFIG_DUAL), ("refused.yaml", REFUSED)]);
    let run = folder.run(&dual(&["--check", "a.yaml"])).exit(1);
    assert_eq!((run.out().as_str(), folder.read("a.yaml").as_str()), ("", CONFIG));
    assert!(run.err().contains("a.yaml: would change\n"), "{}", run.err());
    folder.run(&dual(&["--check", "-o", "json", "a.yaml"])).exit(1);
    folder.run(&dual(&["--check", "refused.yaml"])).exit(1);
    // Without the range, a check cannot say how the file would change, but that it would.
    let node = REFUSED.replace("v3.22.5", "v3.31.4");
    std::fs::write(folder.path("node.yaml"), node).unwrap();
    for more in [&[][..], &["-q"], &["-o", "json"], &["--keep-going"]] {
        let arguments = [&["transform", "--to", "dual-stack", "--check", "node.yaml"], more].concat();
        let ran = folder.run(&arguments).exit(1);
        let said = "error: node.yaml: would change, and --ipv6-pod-cidr is missing\n";
        assert!(ran.err().contains(said), "{more:?}: {}", ran.err());
    }
    let ran = folder.run(&["transform", "--to", "dual-stack", "--check", "node.yaml", "b.yaml"]).exit(1);
    assert!(ran.err().ends_with("1 of 2 files would change; nothing was written\n"), "{}", ran.err());
    let same = folder.run(&dual(&["--check", "b.yaml"])).exit(0);
    assert!(same.err().contains("0 of 1 file would change"), "{}", same.err());
}

/// BIRD takes 0 for none, and a DaemonSet sets any other address for all nodes.
#[test]
fn no_address_is_the_router_id_of_all_nodes() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["--router-id", "0.0.0.0", "a.yaml"])).exit(2);
    assert!(ran.err().contains("`0.0.0.0` is no router ID: BIRD takes it for none"), "{}", ran.err());
    let ran = folder.run(&dual(&["--router-id", "192.0.2.11", "a.yaml"])).exit(2);
    assert!(ran.err().contains("192.0.2.11 would be the router ID of every node"), "{}", ran.err());
    assert!(ran.err().contains("Otherwise pass `hash`"), "{}", ran.err());
    let ran = folder.run(&dual(&["--ipv6-service-cidr", "fd00:10\u{1b}[2J", "a.yaml"])).exit(2);
    assert!(!ran.err().contains("brackets"), "{}", ran.err());
}
