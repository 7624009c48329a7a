//! `lint`: what it reports, hides, writes and returns.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::Folder;
use serde_json::Value;

/// An operator's Installation of a known release whose IPv6 pool has no NAT: POOL-006. What its author set is not corrected.
const NO_NAT: &str = "apiVersion: operator.tigera.io/v1
kind: Installation
metadata:
  name: default
spec:
  calicoNetwork:
    nodeAddressAutodetectionV4:
      firstFound: true
    nodeAddressAutodetectionV6:
      firstFound: true
    ipPools:
    - cidr: 10.244.0.0/16
      encapsulation: VXLAN
      natOutgoing: Enabled
    - cidr: fd00:10:244::/56
      encapsulation: VXLAN
      natOutgoing: Disabled
";

/// The same, and nothing is set.
fn unset() -> String {
    NO_NAT.replace("      natOutgoing: Disabled\n", "")
}

fn data(folder: &Folder, args: &[&str], exit: i32) -> Value {
    serde_json::from_str(&folder.run(args).exit(exit).out()).unwrap()
}

fn write(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.path(name), text).unwrap();
}

/// The findings of all files. That the release is unknown is a note.
fn findings(lint: &Value) -> Vec<&Value> {
    let files = lint["files"].as_array().unwrap().iter();
    let findings = files.flat_map(|file| file["findings"].as_array().unwrap());
    findings.filter(|finding| finding["rule"] != "VAR-004").collect()
}

fn rules(lint: &Value) -> Vec<&str> {
    findings(lint).into_iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn files_are_checked_for_the_stack_that_they_have() {
    let folder = Folder::with(&[("installation.yaml", NO_NAT)]);
    let lint = data(&folder, &["lint", "-o", "json", "installation.yaml"], 0);
    assert_eq!(lint["clusters"][0]["stack"], "dual-stack");
    assert_eq!(lint["clusters"][0]["checkedFor"], "dual-stack");
    assert_eq!(rules(&lint), ["POOL-006"]);
    let finding = findings(&lint)[0];
    assert_eq!(finding["object"], "Installation default");
    assert_eq!(
        finding["fingerprint"],
        "POOL-006|Installation default|spec.calicoNetwork.ipPools[1].natOutgoing"
    );
    let other = data(&folder, &["lint", "--to", "ipv4-only", "-o", "json", "installation.yaml"], 1);
    assert_eq!(other["clusters"][0]["checkedFor"], "ipv4-only");
    assert!(rules(&other).contains(&"OP-016"), "{other}");
}

#[test]
fn what_is_wrong_for_every_stack_is_found_if_no_file_states_one() {
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n  - port: 80\n";
    let folder = Folder::with(&[("service.yaml", service)]);
    let run = folder.run(&["lint", "service.yaml"]).exit(0);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("because no file states an IP family"), "{}", run.err());
}

#[test]
fn the_severity_that_fails_can_be_chosen() {
    let folder = Folder::with(&[("installation.yaml", NO_NAT)]);
    for (fail_on, exit) in [("error", 0), ("warning", 1), ("info", 1), ("never", 0)] {
        folder.run(&["lint", "--fail-on", fail_on, "installation.yaml"]).exit(exit);
    }
}

#[test]
fn rules_are_selected_by_id_name_or_prefix() {
    let folder = Folder::with(&[("installation.yaml", NO_NAT)]);
    let found = |args: &[&str]| {
        let lint = data(&folder, &[&["lint", "-o", "json", "installation.yaml"], args].concat(), 0);
        rules(&lint).len()
    };
    assert_eq!(found(&["--select", "POOL"]), 1);
    assert_eq!(found(&["--select", "unique-local-pool-without-nat"]), 1);
    assert_eq!(found(&["--select", "CNI,NODE"]), 0);
    assert_eq!(found(&["--ignore", "POOL"]), 0);
    assert_eq!(found(&["--ignore", "POOL", "--select", "POOL-006"]), 1);
    let unknown = folder.run(&["lint", "--ignore", "POOL-06", "installation.yaml"]).exit(2);
    assert!(unknown.err().contains("unknown rule `POOL-06`; did you mean POOL-006"), "{}", unknown.err());
}

#[test]
fn a_comment_with_a_reason_suppresses_a_finding() {
    let comment =
        |text: &str| NO_NAT.replace("natOutgoing: Disabled", &format!("natOutgoing: Disabled {text}"));
    let folder = Folder::with(&[
        ("good.yaml", &comment("# calico-ipv6: ignore[POOL-006] the fabric routes this range")),
        ("no-reason.yaml", &comment("# calico-ipv6: ignore[POOL-006]")),
        ("unknown.yaml", &comment("# calico-ipv6: ignore[POOL-6] the fabric routes this range")),
        ("unused.yaml", &comment("# calico-ipv6: ignore[POOL-006, POOL-001] the fabric routes this range")),
    ]);
    let found = |file: &str, exit| data(&folder, &["lint", "-o", "json", file], exit);
    let good = found("good.yaml", 0);
    assert!(rules(&good).is_empty(), "{good}");
    assert_eq!(good["files"][0]["suppressed"], 1);
    assert_eq!(rules(&found("no-reason.yaml", 1)), ["POOL-006", "LINT-001"]);
    let unknown = found("unknown.yaml", 1);
    assert_eq!(rules(&unknown), ["POOL-006", "LINT-001"]);
    assert!(findings(&unknown)[1]["label"].as_str().unwrap().contains("POOL-006"), "{unknown}");
    let unused = found("unused.yaml", 0);
    assert_eq!(rules(&unused), ["LINT-002"]);
    assert_eq!(findings(&unused)[0]["message"], "POOL-001 finds nothing here");
}

#[test]
fn fixes_are_written_and_what_is_left_is_reported() {
    let folder = Folder::with(&[("installation.yaml", &unset())]);
    let run = folder.run(&["lint", "--fix", "--fail-on", "warning", "installation.yaml"]).exit(0);
    assert!(run.err().starts_with("1 change written in 1 file\n"), "{}", run.err());
    assert_eq!(folder.read("installation.yaml"), NO_NAT.replace("Disabled", "Enabled"));
}

#[test]
fn standard_input_is_printed_with_its_fixes() {
    let folder = Folder::with(&[]);
    let run = folder.run_with(&["lint", "--fix", "-"], &unset(), &[]).exit(0);
    assert_eq!(run.out(), NO_NAT.replace("Disabled", "Enabled"));
}

#[test]
fn a_suppressed_finding_is_not_fixed() {
    let text =
        unset().replace("    - cidr: fd00", "    # calico-ipv6: ignore[POOL-006] routed\n    - cidr: fd00");
    let folder = Folder::with(&[("installation.yaml", &text)]);
    folder.run(&["lint", "--fix", "installation.yaml"]).exit(0);
    assert_eq!(folder.read("installation.yaml"), text);
}

#[test]
fn a_baseline_hides_what_is_known() {
    let folder = Folder::with(&[("installation.yaml", NO_NAT)]);
    folder.run(&["lint", "--write-baseline", "known.json", "installation.yaml"]).exit(0);
    let lint = ["lint", "--fail-on", "warning", "installation.yaml", "--baseline", "known.json"];
    let known = folder.run(&lint).exit(0);
    assert!(known.err().contains("2 findings not reported because of the baseline"), "{}", known.err());
    // The place may move.
    write(&folder, "installation.yaml", &format!("# a comment\n{NO_NAT}"));
    folder.run(&lint).exit(0);
    write(&folder, "installation.yaml", &NO_NAT.replace("Disabled", "Enabled"));
    let stale = folder.run(&lint).exit(0);
    assert!(stale.err().contains("1 finding of the baseline not found any more"), "{}", stale.err());
    write(&folder, "known.json", "{\"version\": 2, \"files\": {}}");
    let wrong = folder.run(&lint).exit(2);
    assert!(
        wrong.err().contains("a baseline of version 2, and this command reads version 1"),
        "{}",
        wrong.err()
    );
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_a_lint() {
    let folder = Folder::with(&[("a.yaml", "kind: Installation\n\tx"), ("b.yaml", NO_NAT)]);
    let run = folder.run(&["lint", "-o", "concise", "."]).exit(2);
    let out = run.out();
    assert!(out.starts_with("./a.yaml:2:1: error: "), "{out}");
    assert!(out.contains("./b.yaml:17:20: warning[POOL-006] "), "{out}");
}

#[test]
fn a_file_that_is_not_there_does_not_stop_a_lint() {
    let folder = Folder::with(&[("b.yaml", NO_NAT)]);
    let run = folder.run(&["lint", "-o", "concise", "a.yaml", "b.yaml"]).exit(2);
    assert!(run.out().starts_with("a.yaml: error: a.yaml: No such file"), "{}", run.out());
    assert!(run.out().contains("b.yaml:17:20: warning[POOL-006] "), "{}", run.out());
    let run = folder.run(&["lint", "a.yaml"]).exit(2);
    assert!(run.err().contains("nothing was checked: 1 file not read"), "{}", run.err());
}

/// `kubectl get ... > live.yaml` leaves an empty file if it fails.
#[test]
fn an_empty_file_is_not_sound() {
    let folder = Folder::with(&[("live.yaml", "\n"), ("b.yaml", NO_NAT)]);
    let run = folder.run(&["lint", "live.yaml"]).exit(2);
    assert!(run.err().contains("live.yaml: is empty: pass the rendered manifest"), "{}", run.err());
    folder.run(&["lint", "live.yaml", "b.yaml"]).exit(0);
}

#[test]
fn findings_for_other_programs() {
    let folder = Folder::with(&[("a,b.yaml", NO_NAT)]);
    let run =
        |format: &str| folder.run(&["lint", "--select", "POOL", "-o", format, "a,b.yaml"]).exit(0).out();
    let github = run("github");
    assert!(
        github.starts_with(
            "::warning file=a%2Cb.yaml,line=17,col=20,endLine=17,title=POOL-006 unique-local-pool-without-nat::"
        ),
        "{github}"
    );
    // A warning is no failed test where the lint does not fail.
    let junit = run("junit");
    assert!(junit.contains("<testsuite name=\"a,b.yaml\" tests=\"1\" failures=\"0\">"), "{junit}");
    assert!(junit.contains("<system-out>warning: a,b.yaml:17:20"), "{junit}");
    let strict = ["lint", "--select", "POOL", "-o", "junit", "--fail-on", "warning", "a,b.yaml"];
    let junit = folder.run(&strict).exit(1).out();
    assert!(junit.contains("<testsuite name=\"a,b.yaml\" tests=\"1\" failures=\"1\">"), "{junit}");
    assert!(junit.contains("<testcase name=\"POOL-006 17:20\" classname=\"a,b.yaml\">"), "{junit}");
    // Nobody may take the report of a lint that checked nothing for one without failures.
    std::fs::write(
        folder.path("wrong.yaml"),
        "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {x: y}\n",
    )
    .unwrap();
    for (wrong, said) in [
        (&["--config", "missing.yaml"][..], "missing.yaml: No such file or directory"),
        (&["--config", "wrong.yaml"], "unknown key `x`"),
        (&["--ipv6-pod-cidr", "10.0.0.0/8"], "10.0.0.0/8"),
        (&["--select", "NO-RULE"], "unknown rule `NO-RULE`"),
        (&["--baseline", "missing.json"], "missing.json"),
    ] {
        let arguments = [&["lint", "-o", "junit", "a,b.yaml"], wrong].concat();
        let ran = folder.run(&arguments).exit(2);
        assert!(ran.err().contains(said), "{}", ran.err());
        let junit = ran.out();
        assert!(junit.starts_with("<?xml") && junit.contains("failures=\"1\""), "{wrong:?}: {junit}");
        assert!(junit.contains("<testcase name=\"nothing was checked\"") && junit.contains(said), "{junit}");
        let github = folder.run(&[&["lint", "-o", "github", "a,b.yaml"], wrong].concat()).exit(2).out();
        assert!(github.starts_with("::error title=calico-ipv6::") && github.contains(said), "{github}");
    }
    let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "POOL-006");
    assert_eq!(result["level"], "warning");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 17);
    assert_eq!(
        result["partialFingerprints"]["ruleObjectField/v1"],
        "POOL-006|Installation default|spec.calicoNetwork.ipPools[1].natOutgoing"
    );
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["helpUri"].as_str().unwrap().ends_with("/docs/rules/POOL-006.md"), "{rule}");
}

/// serde-sarif's types are generated from the schema of SARIF 2.1.0. What they do not know is lost on the way.
#[test]
fn sarif_is_what_its_schema_says() {
    let broken = "kind: Installation\n\tx";
    let suppressed =
        NO_NAT.replace("natOutgoing: false", "natOutgoing: false # calico-ipv6: ignore[POOL-006] test");
    let files = [("a.yaml", NO_NAT), ("b.yaml", &suppressed), ("c.yaml", broken)];
    let folder = Folder::with(&files);
    for (arguments, exit) in [(&["a.yaml", "b.yaml"][..], 0), (&["."], 2)] {
        let out = folder.run(&[&["lint", "-o", "sarif"], arguments].concat()).exit(exit).out();
        let written: Value = serde_json::from_str(&out).unwrap();
        let read: serde_sarif::sarif::Sarif = serde_json::from_str(&out).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), written);
    }
}

#[test]
fn the_same_finding_in_many_files_is_printed_once() {
    let files: Vec<(String, &str)> = (0..12).map(|i| (format!("c{i}/installation.yaml"), NO_NAT)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = Folder::with(&files);
    let run = folder.run(&["lint", "-R", "."]).exit(0);
    assert_eq!(run.out().matches("warning[POOL-006]").count(), 1, "{}", run.out());
    assert!(run.err().contains("12 warnings, 12 notes in 12 of 12 files"), "{}", run.err());
}

/// Only documents that can configure IP families are parsed: `docs/lint.md` says so.
#[test]
fn a_mistake_in_a_document_that_is_not_relevant_is_not_found() {
    let broken = "kind: Deployment\nspec: [\n";
    let folder = Folder::with(&[("a.yaml", &format!("{NO_NAT}---\n{broken}"))]);
    let ran = folder.run(&["lint", "a.yaml"]).exit(0);
    assert!(!ran.err().contains("error"), "{}", ran.err());
}
