//! The recipes for CI: the steps of `integrations/github-action`, `integrations/gitlab` and `integrations/update`, run by a shell as
//! their servers run them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::on_path;
use calico_ipv6_tests::values::documents;
use folder::{CONFIG, CONFIG_DUAL, Folder, Ran};
use hosts::{copy, example, path, root, skip};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A pool cannot have both encapsulations.
const WRONG: &str = "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/16, ipipMode: Always, vxlanMode: Always}\n";

const TARGET: &str = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: production}\nspec: {to: dual-stack, ipv6PodCIDR: fd00:10:244::/56}\n";

fn integration(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("integrations").join(name)).unwrap();
    documents(&text).unwrap().remove(0)
}

/// A run of the composite action in a repository.
struct Action {
    repository: Folder,
    /// What the runner gives to steps: paths of files that they write to.
    runner: Folder,
    inputs: BTreeMap<String, String>,
    /// Whether the command is in `PATH` before.
    is_installed: bool,
}

impl Action {
    fn new(files: &[(&str, &str)], inputs: &[(&str, &str)]) -> Action {
        let action = integration("github-action/action.yml");
        let mut values = BTreeMap::new();
        for (name, input) in action["inputs"].as_object().unwrap() {
            assert!(input["description"].is_string(), "{name}");
            values.insert(name.clone(), input["default"].as_str().unwrap().to_owned());
        }
        for (name, value) in inputs {
            assert!(values.insert((*name).to_owned(), (*value).to_owned()).is_some(), "no input {name}");
        }
        let runner = Folder::with(&[("path", ""), ("summary", "")]);
        Action { repository: Folder::with(files), runner, inputs: values, is_installed: true }
    }

    /// The value of an expression; nothing else than inputs and the path of the action is used.
    fn expanded(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (name, value) in &self.inputs {
            out = out.replace(&format!("${{{{ inputs.{name} }}}}"), value);
        }
        let own = root().join("integrations/github-action");
        out = out.replace("${{ github.action_path }}", own.to_str().unwrap());
        assert!(!out.contains("${{"), "{out}");
        out
    }

    /// Runs the steps up to the first that fails; returns that or the last one.
    fn run(&self) -> (String, Ran) {
        let action = integration("github-action/action.yml");
        assert_eq!(action["runs"]["using"], "composite");
        let mut last = None;
        for step in action["runs"]["steps"].as_array().unwrap() {
            assert_eq!(step["shell"], "bash");
            // An expression in a script would run what an input contains.
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "{script}");
            let mut command = Command::new("bash");
            command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
            let added = self.runner.read("path").lines().map(str::to_owned).collect::<Vec<_>>();
            let added: Vec<&Path> = added.iter().map(Path::new).collect();
            let system =
                std::env::join_paths(added.iter().copied().chain([Path::new("/usr/bin"), Path::new("/bin")]));
            let path = if self.is_installed { path(&added) } else { system.unwrap() };
            command.current_dir(self.repository.0.path()).env_clear().env("PATH", path);
            for (name, file) in
                [("RUNNER_TEMP", "temp"), ("GITHUB_PATH", "path"), ("GITHUB_STEP_SUMMARY", "summary")]
            {
                command.env(name, self.runner.path(file));
            }
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                command.env(name, self.expanded(value.as_str().unwrap()));
            }
            let ran = Ran(command.output().unwrap());
            let is_good = ran.0.status.success();
            last = Some((step["name"].as_str().unwrap().to_owned(), ran));
            if !is_good {
                break;
            }
        }
        last.unwrap()
    }
}

#[test]
fn the_action_annotates_findings_and_lists_them_in_the_summary() {
    let action = Action::new(&[("cluster/wrong.yaml", WRONG)], &[("fail-on", "warning")]);
    let (step, ran) = action.run();
    assert_eq!(step, "Lint");
    assert!(ran.exit(1).out().contains("::error file=cluster/wrong.yaml,line="));
    let summary = action.runner.read("summary");
    assert!(summary.contains("cluster/wrong.yaml:"), "{summary}");
    // A folder whose files have no finding.
    let action =
        Action::new(&[("a b/a.yaml", CONFIG), ("c.yaml", CONFIG_DUAL)], &[("files", "a b\n\nc.yaml\n")]);
    let (step, ran) = action.run();
    assert_eq!(step, "Check for changes");
    ran.exit(0);
}

#[test]
fn the_action_fails_if_a_file_would_change() {
    let inputs = [("config", "target.yaml"), ("files", "cluster"), ("fail-on", "never")];
    let (step, ran) = Action::new(&[("cluster/a.yaml", CONFIG), ("target.yaml", TARGET)], &inputs).run();
    assert_eq!(step, "Check for changes");
    let ran = ran.exit(1);
    assert!(ran.err().contains("cluster/a.yaml: would change"), "{}", ran.err());
    assert!(
        ran.out().starts_with("::error title=calico-ipv6::Files are not as target.yaml requests."),
        "{}",
        ran.out()
    );
    Action::new(&[("cluster/a.yaml", CONFIG_DUAL), ("target.yaml", TARGET)], &inputs).run().1.exit(0);
    // A target without a stack is one for a lint, and none for a transform.
    let target = TARGET.replace("to: dual-stack, ", "");
    let (step, ran) = Action::new(&[("cluster/a.yaml", CONFIG), ("target.yaml", &target)], &inputs).run();
    assert_eq!((step.as_str(), ran.exit(2).out()), ("Check for changes", String::new()));
}

/// An expression of another step may be empty: standard input is no file of the repository.
#[test]
fn the_recipes_refuse_an_empty_list_of_files() {
    let (step, ran) = Action::new(&[("a.yaml", CONFIG)], &[("files", " \n\n")]).run();
    assert_eq!(step, "Lint");
    let said = "::error title=calico-ipv6::The input files is empty: name files and folders, one a line\n";
    assert_eq!(ran.exit(2).out(), said);
    let (folder, ran) = job(&[("a.yaml", CONFIG)], &[("CALICO_IPV6_FILES", " ")]);
    assert_eq!(ran.exit(2).err(), "CALICO_IPV6_FILES is empty: name files and folders\n");
    assert_eq!(folder.list(), ["a.yaml"]);
}

/// macOS has bash 3.2.
#[test]
fn the_action_uses_nothing_that_bash_3_lacks() {
    let action = std::fs::read_to_string(root().join("integrations/github-action/action.yml")).unwrap();
    let lines = action.lines().filter(|line| !line.trim_start().starts_with('#'));
    let code: String = lines.collect::<Vec<_>>().join("\n");
    for new in ["mapfile", "readarray", "declare -A", "${files[@]@", "|&", "&>>", ",,}", "^^}"] {
        assert!(!code.contains(new), "{new}");
    }
}

/// Nothing is a command that an input contains.
#[test]
fn the_action_runs_no_input() {
    let inputs = [
        ("files", "$(touch owned)\n;touch owned"),
        ("config", "$(touch owned)"),
        ("fail-on", "error; touch owned"),
    ];
    let action = Action::new(&[("a.yaml", CONFIG)], &inputs);
    action.run();
    assert_eq!(action.repository.list(), ["a.yaml"]);
}

#[test]
fn the_action_downloads_a_release_and_compares_its_checksum() {
    let releases = Folder::with(&[]);
    let name = format!("calico-ipv6-9.8.7-{}-unknown-linux-musl", std::env::consts::ARCH);
    let pack = format!(
        "mkdir -p v9.8.7/{name} && cp '{}' v9.8.7/{name}/ && cd v9.8.7 && tar -czf {name}.tar.gz {name} && sha256sum {name}.tar.gz > SHA256SUMS && echo '{:064}  other.tar.gz' >> SHA256SUMS",
        env!("CARGO_BIN_EXE_calico-ipv6"),
        0
    );
    releases.bash(&pack).exit(0);
    let url = format!("file://{}", releases.0.path().display());
    let inputs = [("version", "v9.8.7"), ("releases", url.as_str())];
    let mut action = Action::new(&[("a.yaml", CONFIG_DUAL)], &inputs);
    action.is_installed = false;
    let (step, ran) = action.run();
    let ran = ran.exit(0);
    assert_eq!(step, "Check for changes", "{}", ran.err());
    assert!(action.runner.path("temp/calico-ipv6/bin/calico-ipv6").is_file());

    releases.bash(&format!("echo >> v9.8.7/{name}.tar.gz")).exit(0);
    let mut action = Action::new(&[("a.yaml", CONFIG_DUAL)], &inputs);
    action.is_installed = false;
    let (step, ran) = action.run();
    assert_eq!(step, "Install calico-ipv6");
    assert_ne!(ran.0.status.code(), Some(0));
    assert_eq!(action.runner.read("path"), "");
}

/// Runs the job of the template as a runner does: one shell, which ends at the first command that fails.
fn job(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (Folder, Ran) {
    let template = integration("gitlab/calico-ipv6.gitlab-ci.yml");
    let job = &template["calico-ipv6"];
    let lines = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    let script = lines.fold("set -e\n".to_owned(), |script, line| script + line + "\n");
    let folder = Folder::with(files);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder.0.path()).env_clear().env("PATH", path(&[]));
    for (name, value) in template["variables"].as_object().unwrap() {
        command.env(name, value.as_str().unwrap());
    }
    for (name, value) in variables {
        assert!(template["variables"][name].is_string(), "no variable {name}");
        command.env(name, value);
    }
    assert_eq!(job["artifacts"]["reports"]["junit"], "calico-ipv6.xml");
    assert_eq!(job["artifacts"]["when"], "always");
    let ran = Ran(command.output().unwrap());
    (folder, ran)
}

#[test]
fn the_job_of_gitlab_leaves_a_report_also_if_it_fails() {
    let (folder, ran) = job(&[("cluster/wrong.yaml", WRONG)], &[("CALICO_IPV6_FAIL_ON", "warning")]);
    assert!(ran.exit(1).out().contains("wrong.yaml"));
    let report = folder.read("calico-ipv6.xml");
    assert!(report.starts_with("<?xml") && report.contains("<failure"), "{report}");
    let (folder, ran) =
        job(&[("a.yaml", CONFIG), ("b/c.yaml", CONFIG_DUAL)], &[("CALICO_IPV6_FILES", "a.yaml b")]);
    ran.exit(0);
    assert!(!folder.read("calico-ipv6.xml").contains("<failure"));
    let (folder, ran) = job(&[("a.yaml", CONFIG)], &[("CALICO_IPV6_CONFIG", "missing.yaml")]);
    ran.exit(2);
    assert!(folder.read("calico-ipv6.xml").contains("missing.yaml: No such file"));
    let (folder, ran) = job(&[("a.yaml", CONFIG)], &[("CALICO_IPV6_FAIL_ON", "never ever")]);
    ran.exit(2);
    assert_eq!(folder.list(), ["a.yaml"]);
}

#[test]
fn the_job_of_gitlab_fails_if_a_file_would_change() {
    let variables = [("CALICO_IPV6_CONFIG", "target.yaml"), ("CALICO_IPV6_FAIL_ON", "never")];
    let (_, ran) = job(&[("a.yaml", CONFIG), ("target.yaml", TARGET)], &variables);
    assert!(ran.exit(1).err().contains("a.yaml: would change"));
    job(&[("a.yaml", CONFIG_DUAL), ("target.yaml", TARGET)], &variables).1.exit(0);
}

/// A folder of a cluster with the files of the recipe, and a source of manifests.
fn update(manifest: &str) -> Option<Folder> {
    update_to("v3.31.4", manifest)
}

fn update_to(release: &str, manifest: &str) -> Option<Folder> {
    if on_path("curl").is_none() {
        skip("curl is not installed");
        return None;
    }
    let folder = Folder::with(&[(&format!("source/{release}/manifests/calico.yaml"), manifest)]);
    copy(&root().join("integrations/update"), &folder.path("cluster"));
    let env = folder.read("cluster/calico.env").replace("v3.31.4", release);
    std::fs::write(folder.path("cluster/calico.env"), env).unwrap();
    Some(folder)
}

fn run_update(folder: &Folder) -> Ran {
    let mut command = Command::new("sh");
    command.arg("cluster/update.sh").current_dir(folder.0.path()).env_clear().env("PATH", path(&[]));
    command.env("CALICO_MANIFESTS", format!("file://{}", folder.path("source").display()));
    Ran(command.output().unwrap())
}

#[test]
fn an_update_writes_what_upstream_ships_and_what_it_becomes() {
    let Some(folder) = update(&example("calico.yaml")) else { return };
    let ran = run_update(&folder).exit(0);
    assert!(ran.err().contains("6 changes in 2 of 15 documents"), "{}", ran.err());
    assert_eq!(folder.read("cluster/calico.yaml.upstream"), example("calico.yaml"));
    let converted = folder.read("cluster/calico.yaml");
    assert!(converted.contains("\"assign_ipv6\": \"true\""));
    let files = folder.list();
    run_update(&folder).exit(0);
    assert_eq!(folder.read("cluster/calico.yaml"), converted);
    assert_eq!(folder.list(), files);
}

#[test]
fn an_update_that_fails_changes_nothing() {
    let Some(folder) = update_to("v3.22.5", folder::REFUSED) else { return };
    let files = folder.list();
    let ran = run_update(&folder).exit(1);
    assert!(ran.err().contains("not transformed"), "{}", ran.err());
    assert_eq!(folder.list(), files);
    std::fs::remove_dir_all(folder.path("source")).unwrap();
    std::fs::write(folder.path("cluster/calico.yaml"), "old").unwrap();
    assert_ne!(run_update(&folder).0.status.code(), Some(0));
    assert_eq!(folder.read("cluster/calico.yaml"), "old");
}

/// A mirror may answer with a page of its own, and status 200.
#[test]
fn an_update_of_something_else_changes_nothing() {
    let manifest = example("calico.yaml");
    let other = |release: &str| manifest.replace("node:v3.31.4", &format!("node:{release}"));
    for other in [
        "<html>Sign in</html>\n",
        CONFIG,
        &other("v3.31.40"),
        &other("v3.31.4-rc1"),
        &other("v3x31.4"),
        &other("v3.30.4"),
    ] {
        let Some(folder) = update(other) else { return };
        let files = folder.list();
        let ran = run_update(&folder).exit(1);
        assert!(ran.err().contains("is not the manifest of Calico v3.31.4"), "{}", ran.err());
        assert_eq!(folder.list(), files);
    }
}

#[test]
fn an_update_reads_the_release_however_it_is_quoted_or_pinned() {
    let line = "image: quay.io/calico/node:v3.31.4";
    let manifest = example("calico.yaml");
    assert!(manifest.contains(line));
    for (found, replaced) in [
        ("image: \"quay.io/calico/node:v3.31.4\"", "quoted"),
        ("image: 'quay.io/calico/node:v3.31.4' # ours", "with a comment"),
        ("image: quay.io/calico/node:v3.31.4@sha256:0a", "with a digest"),
        ("image: quay.io/calico/node:v3.31.4\r", "of Windows"),
    ] {
        let Some(folder) = update(&manifest.replace(line, found)) else { return };
        let ran = run_update(&folder);
        assert!(!ran.err().contains("is not the manifest"), "{replaced}: {}", ran.err());
    }
}

#[test]
fn an_update_without_a_target_names_the_file_that_is_missing() {
    let Some(folder) = update(&example("calico.yaml")) else { return };
    std::fs::remove_file(folder.path("cluster/target.yaml")).unwrap();
    let files = folder.list();
    let ran = run_update(&folder).exit(1);
    assert!(
        ran.err().ends_with("/cluster/target.yaml is missing: it says what is requested\n"),
        "{}",
        ran.err()
    );
    assert_eq!(folder.list(), files);
}

/// The expression is in the grammar that `grep -P` and Renovate share.
#[test]
fn renovate_finds_the_release() {
    let config: Value = serde_json::from_str(
        &std::fs::read_to_string(root().join("integrations/update/renovate.json")).unwrap(),
    )
    .unwrap();
    let expression = config["customManagers"][0]["matchStrings"][0].as_str().unwrap();
    let Some(folder) = update("") else { return };
    let last = expression.replace("CALICO_VERSION=", "CALICO_VERSION=\\K");
    let mut grep = Command::new("grep");
    grep.args(["-zoP", &last, "cluster/calico.env"]).current_dir(folder.0.path());
    let found = Ran(grep.output().unwrap()).exit(0).out();
    assert_eq!(found.trim_end_matches('\0'), "v3.31.4");
    let file = config["customManagers"][0]["managerFilePatterns"][0].as_str().unwrap().trim_matches('/');
    let mut grep = Command::new("sh");
    grep.args(["-c", "echo cluster/calico.env | grep -P \"$0\"", file]);
    Ran(grep.output().unwrap()).exit(0);
    assert!(
        config["packageRules"][0]["postUpgradeTasks"]["commands"][0]
            .as_str()
            .unwrap()
            .ends_with("/update.sh")
    );
}
