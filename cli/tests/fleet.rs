//! Many clusters in one run: what holds for each, and the reports of runs that share the work.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, REFUSED, dual};
use std::process::Stdio;

/// A kubeadm configuration with an address of its own: something that a cluster has only once.
fn kubeadm(cluster: usize) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.{cluster}.0.0/16\n"
    )
}

/// Clusters in folders, the first ones with a target of their own.
fn clusters(number: usize) -> Folder {
    let folder = Folder::with(&[]);
    for cluster in 0..number {
        let at = folder.path(&format!("fleet/c{cluster:02}"));
        std::fs::create_dir_all(&at).unwrap();
        std::fs::write(at.join("kubeadm.yaml"), kubeadm(cluster)).unwrap();
        std::fs::write(at.join("config.yaml"), CONFIG).unwrap();
        if cluster < 4 {
            let target = format!(
                "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {{to: dual-stack, ipv6PodCIDR: 'fd00:{cluster}::/56', ipv6ServiceCIDR: 'fd01:{cluster}::/112'}}\n"
            );
            std::fs::write(at.join("calico-ipv6.yaml"), target).unwrap();
        }
    }
    folder
}

/// calico-node, which creates the pools.
const DAEMON_SET: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
  namespace: kube-system
spec:
  selector: {matchLabels: {k8s-app: calico-node}}
  template:
    spec:
      containers:
      - name: calico-node
        image: quay.io/calico/node:v3.31.4
        env:
        - name: IP
          value: "autodetect"
        - name: FELIX_IPV6SUPPORT
          value: "false"
"#;

const SERVICES: [&str; 2] = ["--ipv6-service-cidr", "fd00:10:96::/112"];

/// A fleet in which some clusters cannot be converted.
fn with_broken_clusters(number: usize) -> Folder {
    let folder = clusters(number);
    for (cluster, file, text) in [
        (5, "kubeadm.yaml", "a: [\n"),
        (6, "calico.yaml", REFUSED),
        (2, "calico-ipv6.yaml", "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {podCIDR: x}\n"),
    ] {
        std::fs::write(folder.path(&format!("fleet/c{cluster:02}/{file}")), text).unwrap();
    }
    folder
}

#[test]
fn one_broken_cluster_does_not_stop_the_others() {
    let folder = with_broken_clusters(12);
    let before: Vec<(String, String)> =
        folder.list().into_iter().map(|file| (file.clone(), folder.read(&file))).collect();
    let arguments = dual(&[&SERVICES[..], &["-R", "-w", "fleet"]].concat());
    folder.run(&arguments).exit(2);
    for (file, text) in &before {
        assert_eq!(&folder.read(file), text, "{file}: without --keep-going, nothing is written");
    }
    let ran = folder.run(&[&arguments[..], &["--keep-going"]].concat()).exit(1);
    let err = ran.err();
    for said in [
        "12 clusters: 9 changed, 1 cannot be converted, 2 failed\n",
        "error: fleet/c02/: fleet/c02/calico-ipv6.yaml:3:8: unknown key `podCIDR`",
        "fleet/c05/: nothing of this cluster was written",
    ] {
        assert!(err.contains(said), "{said}: {err}");
    }
    for (file, text) in &before {
        let is_broken = ["c02", "c05", "c06"].iter().any(|broken| file.contains(broken));
        let stays = is_broken || file.ends_with("calico-ipv6.yaml");
        assert_eq!(&folder.read(file) == text, stays, "{file}");
    }
    assert_eq!(folder.read("fleet/c11/config.yaml"), CONFIG_DUAL);
}

/// What is said of files that were written must be true of one at least.
#[test]
fn nothing_is_called_written_if_nothing_was() {
    let folder = Folder::with(&[("f/a/calico.yaml", REFUSED), ("f/b/calico.yaml", REFUSED)]);
    for place in [&["-w"][..], &["--output-dir", "out"]] {
        let err = folder.run(&dual(&[&["-R", "--keep-going", "f"], place].concat())).exit(1).err();
        assert!(err.contains("2 files") && err.contains("; nothing was written\n"), "{err}");
    }
    let folder = Folder::with(&[("f/a/calico.yaml", CONFIG_DUAL), ("f/b/calico.yaml", CONFIG_DUAL)]);
    let err = folder.run(&dual(&["-R", "f", "-w"])).exit(0).err();
    assert!(err.contains("2 files; nothing was written\n"), "{err}");
    let err = folder.run(&dual(&["-R", "f", "--output-dir", "out"])).exit(0).err();
    assert!(err.contains("2 files; written\n"), "{err}");
}

/// Two clusters may have one range where no network connects them: a note, and nothing more.
#[test]
fn clusters_that_have_one_pod_range_are_named() {
    let said = |err: &str| err.split_whitespace().collect::<Vec<_>>().join(" ");
    let folder = Folder::with(&[]);
    for name in ["a", "b", "c"] {
        std::fs::create_dir_all(folder.path(&format!("f/{name}"))).unwrap();
        std::fs::write(folder.path(&format!("f/{name}/calico.yaml")), DAEMON_SET).unwrap();
    }
    let note = "3 clusters have the same IPv6 pod CIDR, fd00:10:244::/56 (f/a/calico.yaml, f/b/calico.yaml and 1 other)";
    for format in [&["-o", "diff"][..], &["--output-dir", "out"], &["-w"], &["-w"]] {
        let err = folder.run(&dual(&[&["-R", "f"], format].concat())).exit(0).err();
        assert_eq!(said(&err).matches(note).count(), 1, "{format:?}: {err}");
    }
    let one = folder.run(&dual(&["-R", "f/a"])).exit(0).err();
    assert!(!one.contains("same IPv6 pod CIDR"), "{one}");
    for (i, name) in ["a", "b", "c"].iter().enumerate() {
        let target = format!(
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {{to: dual-stack, ipv6PodCIDR: 'fd00:{i}::/56'}}\n"
        );
        std::fs::write(folder.path(&format!("f/{name}/calico.yaml")), DAEMON_SET).unwrap();
        std::fs::write(folder.path(&format!("f/{name}/calico-ipv6.yaml")), target).unwrap();
    }
    let err = folder.run(&["transform", "-R", "f", "-o", "diff"]).exit(0).err();
    assert!(err.contains("3 clusters: 3 changed") && !err.contains("same IPv6 pod CIDR"), "{err}");
}

/// A check writes nothing of any cluster: only where something is written, it is said what was not.
#[test]
fn what_was_not_written_is_said_only_where_something_is_written() {
    let folder = with_broken_clusters(7);
    let said = |more: &[&str]| {
        let arguments = [&SERVICES[..], &["-R", "--keep-going", "fleet"], more].concat();
        folder.run(&dual(&arguments)).exit(1).err()
    };
    let lines = |err: &str| err.matches("nothing of this cluster was written").count();
    let err = said(&["--check"]);
    assert!(err.contains("fleet/c06/calico.yaml: not transformed\n"), "{err}");
    assert!(err.contains(" would change; nothing was written\n"), "{err}");
    assert_eq!(lines(&err), 0, "{err}");
    for plans in [["-o", "json"], ["-o", "steps"], ["-o", "diff"]] {
        let err = said(&plans);
        assert_eq!(lines(&err), 0, "{plans:?}: {err}");
    }
    let err = said(&["--output-dir", "out"]);
    assert_eq!(lines(&err), 3, "{err}");
}

/// The others are written: a message about one cluster does not say that nothing was.
#[test]
#[cfg(unix)]
fn a_cluster_that_cannot_be_written_does_not_speak_for_the_others() {
    let folder = clusters(10);
    std::fs::create_dir(folder.path("out")).unwrap();
    std::fs::write(folder.path("out/c07"), "a file").unwrap();
    let arguments =
        [&SERVICES[..], &["-R", "--output-dir", "out", "--report", "report.jsonl", "fleet"]].concat();
    let obstacle = "error: out/c07/config.yaml: cannot write: ";
    let err = folder.run(&dual(&arguments)).exit(2).err();
    let line = |err: &str| err.lines().find(|line| line.starts_with(obstacle)).map(str::to_owned);
    assert!(line(&err).unwrap().ends_with("; nothing was written"), "{err}");
    assert_eq!(folder.read("out/c07"), "a file");
    let err = folder.run(&dual(&[&arguments[..], &["--keep-going"]].concat())).exit(1).err();
    assert!(!line(&err).unwrap().contains("nothing was written"), "{err}");
    assert!(err.contains("fleet/c07/: nothing of this cluster was written\n"), "{err}");
    assert_eq!(folder.read("out/c08/config.yaml"), CONFIG_DUAL);
    assert!(!folder.read("report.jsonl").contains("nothing was written"));
}

#[test]
fn nothing_is_done_if_every_cluster_is_broken() {
    let folder = Folder::with(&[("a/kubeadm.yaml", "a: [\n"), ("b/kubeadm.yaml", "a: [\n")]);
    folder.run(&dual(&["-R", "--keep-going", "--output-dir", "out", "."])).exit(2);
    assert_eq!(folder.list(), ["a/kubeadm.yaml", "b/kubeadm.yaml"]);
}

/// Who lints a fleet sees all of it: a target that nobody can read is about its own clusters.
#[test]
fn a_wrong_target_of_one_cluster_does_not_stop_a_lint_of_the_others() {
    let folder = clusters(4);
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {podCIDR: x}\n";
    std::fs::write(folder.path("fleet/c02/calico-ipv6.yaml"), target).unwrap();
    let lint = ["lint", "-R", "--report", "report.jsonl", "fleet"];
    let ran = folder.run(&lint).exit(2);
    let wrong = "fleet/c02/calico-ipv6.yaml:3:8: unknown key `podCIDR`; did you mean `ipv4PodCIDR`?";
    let (out, err) = (ran.out(), ran.err());
    assert!(err.contains(&format!("error: fleet/c02/: {wrong}\n")), "{err}");
    assert!(err.contains(" in 6 of 6 files; 2 files not read\nchecked for dual-stack\n"), "{err}");
    assert!(out.contains("fleet/c03/config.yaml") && !out.contains("fleet/c02/config.yaml"), "{out}");
    let report = folder.read("report.jsonl");
    let line = report.lines().find(|line| line.contains("fleet/c02/")).unwrap();
    assert!(line.contains("\"outcome\":\"failed\"") && line.contains("unknown key"), "{line}");
    assert!(
        report.ends_with(
            "\"outcomes\":{\"findings\":3,\"failed\":1},\"findings\":{\"error\":9,\"warning\":3}}\n"
        ),
        "{report}"
    );
    // Programs read it of each file.
    for format in ["json", "sarif", "github", "junit"] {
        let out = folder.run(&["lint", "-q", "-R", "-o", format, "fleet"]).exit(2).out();
        assert!(out.contains("unknown key `podCIDR`"), "{format}: {out}");
    }
    // What is written would be without them.
    for writes in [&["--fix"][..], &["--unsafe-fixes"], &["--write-baseline", "known.json"]] {
        let ran = folder.run(&[&lint[..], writes].concat()).exit(2);
        assert_eq!(ran.err(), format!("error: {wrong}\n"));
        assert_eq!(folder.read("fleet/c03/config.yaml"), CONFIG);
        assert!(!folder.path("known.json").exists());
    }
    let ran = folder.run(&["lint", "-R", "fleet/c02"]).exit(2);
    assert_eq!(ran.err(), format!("error: {wrong}\n"));
}

/// The files of one cluster are written together also where one of them cannot be.
#[test]
#[cfg(unix)]
fn a_cluster_is_written_as_a_whole_or_not_at_all() {
    use std::os::unix::fs::symlink;
    let folder = clusters(10);
    // -w does not replace a file that a link outside of the folder leads to.
    std::fs::rename(folder.path("fleet/c07/kubeadm.yaml"), folder.path("elsewhere.yaml")).unwrap();
    symlink(folder.path("elsewhere.yaml"), folder.path("fleet/c07/kubeadm.yaml")).unwrap();
    let arguments =
        [&SERVICES[..], &["-R", "-w", "--keep-going", "--report", "report.jsonl", "fleet"]].concat();
    folder.run(&dual(&arguments)).exit(1);
    assert_eq!(folder.read("fleet/c07/config.yaml"), CONFIG);
    assert_eq!(folder.read("fleet/c08/config.yaml"), CONFIG_DUAL);
    let report = folder.read("report.jsonl");
    let line = report.lines().find(|line| line.contains("fleet/c07/")).unwrap();
    assert!(line.contains("\"outcome\":\"failed\""), "{line}");
}

#[test]
fn a_finding_of_many_clusters_is_printed_once() {
    let folder = clusters(12);
    for cluster in 0..12 {
        let pod = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, loadBalancerIP: 192.0.2.1, ports: [{port: 80}]}\n";
        std::fs::write(folder.path(&format!("fleet/c{cluster:02}/web.yaml")), pod).unwrap();
    }
    let ran = folder.run(
        &[&["lint", "-R", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00::/56"], &SERVICES[..], &["fleet"]]
            .concat(),
    );
    let err = ran.err();
    let out = ran.out();
    assert!(out.contains("in 12 clusters\n"), "{out}");
    assert_eq!(out.matches("error[CNI-008]").count(), 1, "{out}");
    assert!(err.contains("  fleet/c03/  3 files  IPv4-only -> dual-stack  with findings  3 errors"), "{err}");
}

/// Runs all shards at the same time, as machines would, and then merges their reports.
fn merged(folder: &Folder, arguments: &[&str], count: usize) -> String {
    let shards: Vec<_> = (0..count)
        .map(|shard| {
            let (part, report) = (format!("{shard}/{count}"), format!("{shard}.jsonl"));
            let words = [arguments, &["--shard", &part, "--report", &report]].concat();
            folder.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut shard in shards {
        assert!(shard.wait().unwrap().code().is_some_and(|code| code < 2));
    }
    let reports: Vec<String> = (0..count).rev().map(|shard| format!("{shard}.jsonl")).collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    let ran = folder.run(&[&["report", "merge"], &reports[..]].concat());
    assert!(ran.0.status.code().is_some_and(|code| code < 2), "{}", ran.err());
    ran.out()
}

#[test]
fn the_merged_report_of_all_shards_is_that_of_one_run() {
    let folder = with_broken_clusters(40);
    let flags = dual(&SERVICES);
    let transform = [&flags[..], &["-R", "--keep-going", "--output-dir", "out", "fleet"]].concat();
    let good = clusters(40);
    let lint = ["lint", "-R", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00::/56", "fleet"];
    let check = [&flags[..], &["-R", "--check", "fleet"]].concat();
    for (folder, arguments) in [(&folder, &transform[..]), (&good, &lint), (&good, &check)] {
        folder.run(&[arguments, &["--report", "all.jsonl"]].concat());
        let all = folder.read("all.jsonl");
        assert_eq!(all.lines().count(), 42, "{all}");
        for count in [1, 4, 7] {
            assert_eq!(merged(folder, arguments, count), all, "{count} shards of {arguments:?}");
        }
    }
    // Every file is written by one of the shards, with the same text.
    let list = |folder: &Folder, top: &str| -> Vec<String> {
        folder.list().into_iter().filter(|file| file.starts_with(top)).collect()
    };
    let once = list(&folder, "out/");
    std::fs::rename(folder.path("out"), folder.path("once")).unwrap();
    merged(&folder, &transform, 4);
    assert_eq!(list(&folder, "out/"), once);
    for file in once {
        assert_eq!(folder.read(&file), folder.read(&file.replacen("out/", "once/", 1)), "{file}");
    }
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let folder = clusters(12);
    let run = |more: &[&str], report: &str| {
        let words = [&["lint", "-R", "--report", report], more, &["fleet"]].concat();
        folder.run(&words);
    };
    for shard in ["1/3", "2/3", "3/3"] {
        run(&["--shard", shard], &format!("{}.jsonl", &shard[..1]));
    }
    run(&["--shard", "2/4"], "of4.jsonl");
    run(&["--shard", "2/3", "--to", "ipv4-only"], "other-target.jsonl");
    folder.run(&dual(&["-R", "--check", "--shard", "2/3", "--report", "transform.jsonl", "fleet"]));
    let edited = |name: &str, edit: &dyn Fn(String) -> String| {
        std::fs::write(folder.path(name), edit(folder.read("2.jsonl"))).unwrap();
    };
    let version = env!("CARGO_PKG_VERSION");
    edited("old.jsonl", &|text| text.replace(&format!("\"version\":\"{version}\""), "\"version\":\"0.0.1\""));
    edited("future.jsonl", &|text| text.replace("\"format\":1", "\"format\":9"));
    edited("cut.jsonl", &|text| text.lines().take(2).map(|line| format!("{line}\n")).collect());
    edited("shorter.jsonl", &|text| {
        let lines = text.lines().enumerate().filter(|(i, _)| *i != 1);
        lines.map(|(_, line)| format!("{line}\n")).collect()
    });
    edited("torn.jsonl", &|text| {
        let second = text.find('\n').unwrap() + 1;
        text[..second + 30].to_owned()
    });
    edited("damaged.jsonl", &|text| text.replacen("\n{", "\n{x", 1));
    std::fs::write(folder.path("none.jsonl"), "{}\n").unwrap();
    folder.run(&["lint", "-R", "--report", "other-paths.jsonl", "--shard", "2/3", "./fleet"]);
    std::fs::create_dir(folder.path("fleet/new")).unwrap();
    std::fs::write(folder.path("fleet/new/kubeadm.yaml"), kubeadm(99)).unwrap();
    run(&["--shard", "2/3"], "other-files.jsonl");
    for (second, said) in [
        (&["3.jsonl"][..], "1 shard missing: 2/3"),
        (&[], "2 shards missing: 2/3, 3/3"),
        (&["2.jsonl", "3.jsonl", "2.jsonl"], "both are shard 2/3: pass each shard once"),
        (&["of4.jsonl", "3.jsonl"], "one is a shard of 3, the other of 4"),
        (&["old.jsonl", "3.jsonl"], "and 0.0.1; run all shards with the same release"),
        (&["future.jsonl", "3.jsonl"], "future.jsonl: is a report in format 9"),
        (&["other-target.jsonl", "3.jsonl"], "they were run with other options or another target"),
        (&["transform.jsonl", "3.jsonl"], "one is of lint, the other of transform"),
        (&["other-files.jsonl", "3.jsonl"], "they are of different files (12 and 13 clusters)"),
        (
            &["other-paths.jsonl", "3.jsonl"],
            "they are of different files, or of the same files under other paths; run all shards on the same files, under the same paths",
        ),
        (
            &["torn.jsonl", "3.jsonl"],
            "torn.jsonl:2: ends inside of this line: the run was stopped; run this shard again",
        ),
        (
            &["damaged.jsonl", "3.jsonl"],
            "damaged.jsonl:2:2: is damaged: key must be a string; run this shard again",
        ),
        (&["cut.jsonl", "3.jsonl"], "cut.jsonl: ends before its totals: the run was stopped"),
        (&["shorter.jsonl", "3.jsonl"], " of 12 is in no report: a report is damaged"),
        (&["none.jsonl"], "none.jsonl: is not a report"),
        (&["nowhere.jsonl"], "nowhere.jsonl: No such file"),
    ] {
        let ran = folder.run(&[&["report", "merge", "1.jsonl"], second].concat()).exit(2);
        assert!(ran.err().contains(said), "{said}: {}", ran.err());
        assert_eq!(ran.out(), "");
    }
}

#[test]
fn a_report_masks_secrets_and_can_go_to_a_pipe() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {config: 'token: T0PSECRET 10.0.0.0/8'}\n";
    let folder = Folder::with(&[("a.yaml", CONFIG), ("s.yaml", secret)]);
    let report = if cfg!(unix) { "/dev/stderr" } else { "report.jsonl" };
    let ran = folder.run(&dual(&["-q", "--check", "--report", report, "."])).exit(1);
    let text = if cfg!(unix) { ran.err() } else { folder.read("report.jsonl") };
    assert!(text.contains("{\"kind\":\"run\"") && text.contains("{\"kind\":\"totals\""), "{text}");
    assert!(!text.contains("T0PSECRET"), "{text}");
}

/// A file of `integrations/fleet`.
fn integration(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/fleet");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The pods of the Job, as Kubernetes would start them: it puts the values of variables into `args`.
#[test]
fn the_pods_of_the_job_do_what_one_run_does() {
    let job = integration("job.yaml");
    let args = job.split_once("        args:\n").unwrap().1.split_once("        env:\n").unwrap().0;
    let args: Vec<&str> = args.lines().map(|line| line.trim_start().strip_prefix("- ").unwrap()).collect();
    assert!(job.contains("  completions: 4\n"));
    let folder = clusters(20);
    std::fs::rename(folder.path("fleet"), folder.path("clusters")).unwrap();
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', ipv6ServiceCIDR: 'fd00:10:96::/112'}\n";
    std::fs::write(folder.path("clusters/calico-ipv6.yaml"), target).unwrap();
    let pods: Vec<_> = (0..4)
        .map(|index| {
            let of_pod = |arg: &&str| arg.replace("$(JOB_COMPLETION_INDEX)", &index.to_string());
            let args: Vec<String> = args.iter().map(of_pod).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            folder.command(&args).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for pod in pods {
        folder::Ran(pod.wait_with_output().unwrap()).exit(0);
    }
    let reports: Vec<String> = (0..4).map(|index| format!("report-{index}.jsonl")).collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    let merged = folder.run(&[&["report", "merge"], &reports[..]].concat()).exit(0);
    assert!(merged.err().starts_with("20 clusters: 20 changed\n"), "{}", merged.err());
    folder
        .run(&["transform", "-R", "--keep-going", "--output-dir", "one", "--report", "one.jsonl", "clusters"])
        .exit(0);
    assert_eq!(merged.out(), folder.read("one.jsonl"));
}

/// The jobs of the matrix.
#[test]
fn the_jobs_of_the_matrix_can_be_merged() {
    let workflow = integration("github-actions.yml");
    let run = |start: &str| {
        let mut lines = workflow.lines().filter_map(|line| line.trim_start().strip_prefix("- run: "));
        lines.find(|line| line.starts_with(start)).unwrap().to_owned()
    };
    let folder = clusters(20);
    std::fs::rename(folder.path("fleet"), folder.path("clusters")).unwrap();
    for shard in ["1", "2", "3", "4"] {
        let line = run("calico-ipv6 lint").replace("${{ matrix.shard }}", shard);
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        assert!(folder.run(&words).0.status.code().is_some_and(|code| code < 2));
    }
    let line = run("calico-ipv6 report merge");
    let words: Vec<&str> = line.split(" > ").next().unwrap().split(' ').skip(1).collect();
    let merged = folder.run(&words).exit(0);
    assert!(merged.out().contains("\"command\":\"lint\"") && merged.out().contains("\"shard\":\"1/1\""));
}
