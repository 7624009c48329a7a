//! The command as a post-renderer of Helm 3 and Helm 4, with the chart, the plugin and the flags of `integrations/helm`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::{GoHost, HELM_3, HELM_4};
use folder::{Folder, Ran};
use hosts::{copy, root, run, run_with, skip};
use std::path::PathBuf;

/// Helm, with a home of its own that has the plugin.
struct Helm {
    program: PathBuf,
    folder: Folder,
    post_renderer: Vec<&'static str>,
}

impl Helm {
    fn new(host: GoHost, post_renderer: &[&'static str]) -> Option<Helm> {
        let Some(program) = host.installed() else {
            skip(&format!("helm {} is not installed: `cargo xtask test` installs it", host.version));
            return None;
        };
        let folder = Folder::with(&[]);
        copy(&root().join("integrations/helm"), folder.0.path());
        Some(Helm { program, folder, post_renderer: post_renderer.to_vec() })
    }

    fn three() -> Option<Helm> {
        let flags = [
            "--post-renderer",
            "calico-ipv6",
            "--post-renderer-args",
            "transform",
            "--post-renderer-args=-q",
        ];
        Helm::new(HELM_3, &flags)
    }

    fn four() -> Option<Helm> {
        let helm = Helm::new(HELM_4, &["--post-renderer", "calico-ipv6"])?;
        run(&helm.program, &["plugin", "install", "./calico-ipv6"], &helm.folder).exit(0);
        Some(helm)
    }

    fn template(&self, flags: &[&str]) -> Ran {
        run(&self.program, &[&["template", "calico", "./chart"], flags].concat(), &self.folder)
    }

    fn converted(&self, flags: &[&str]) -> Ran {
        self.template(&[&self.post_renderer, flags].concat())
    }
}

#[test]
fn both_helms_convert_what_a_chart_renders() {
    for helm in [Helm::three(), Helm::four()].into_iter().flatten() {
        let plain = helm.template(&[]).exit(0).out();
        let converted = helm.converted(&["--post-renderer-args=--config=target.yaml"]).exit(0).out();
        // Only the lines of the changes differ, and comments stay.
        let removed: Vec<&str> = plain.lines().filter(|line| !converted.contains(line)).collect();
        let changed = [
            r#"        {"type": "calico", "datastore_type": "kubernetes", "ipam": {"type": "calico-ipam"}}"#,
            r#"          value: "false""#,
        ];
        assert_eq!(removed, changed);
        for new in ["\"assign_ipv6\": \"true\"", "name: IP6\n", "fd00:10:244::/56", "# from values.yaml"] {
            assert!(converted.contains(new), "{converted}");
        }
        let again = helm.folder.run_with(&["transform", "-q", "--config", "target.yaml"], &converted, &[]);
        assert_eq!(again.exit(0).out(), converted);
    }
}

/// A hook that a transform changes.
const HOOK: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config-of-hook
  annotations: {helm.sh/hook: pre-install}
data:
  cni_network_config: '{"type": "of-hook", "plugins": [{"type": "calico", "ipam": {"type": "calico-ipam"}}]}'
"#;

#[test]
fn helm_4_passes_hooks_and_helm_3_does_not() {
    for helm in [Helm::three(), Helm::four()].into_iter().flatten() {
        std::fs::write(helm.folder.path("chart/templates/hook.yaml"), HOOK).unwrap();
        let out = helm.converted(&["--post-renderer-args=--config=target.yaml"]).exit(0).out();
        let hook = out.lines().find(|line| line.contains("of-hook\"")).unwrap();
        let is_four = !helm.post_renderer.contains(&"transform");
        assert_eq!(hook.contains("assign_ipv6"), is_four, "{hook}");
    }
}

/// Both have the same folder of plugins, and Helm 3 cannot read those of Helm 4.
#[test]
fn helm_3_names_the_plugin_of_helm_4_and_goes_on() {
    let (Some(three), Some(four)) = (Helm::three(), Helm::four()) else { return };
    let ran = run(&three.program, &["template", "calico", "./chart"], &four.folder).exit(0);
    assert!(ran.err().contains("failed to load plugins"), "{}", ran.err());
    let home = four.folder.path("none").to_string_lossy().into_owned();
    let arguments = ["template", "calico", "./chart"];
    let ran = run_with(&three.program, &arguments, &four.folder, "", &[("HELM_PLUGINS", &home)]).exit(0);
    assert_eq!(ran.err(), "");
}

#[test]
fn both_helms_stop_if_a_chart_cannot_be_converted_or_renders_nothing() {
    for helm in [Helm::three(), Helm::four()].into_iter().flatten() {
        let ran = helm.converted(&["--post-renderer-args=--to=dual-stack"]).exit(1);
        assert_eq!(ran.out(), "");
        let target = "--post-renderer-args=--config=target.yaml";
        let ran = helm.converted(&["--set", "enabled=false", target]).exit(1);
        assert_eq!(ran.out(), "");
        // Helm 4 does not show what its plugins print.
        if helm.post_renderer.contains(&"transform") {
            assert!(
                ran.err().contains("error: <stdin>: is empty: pass the rendered manifest"),
                "{}",
                ran.err()
            );
        }
    }
}

#[test]
fn a_host_that_closes_the_pipe_early_sees_no_error() {
    let folder = Folder::with(&[("a.yaml", folder::CONFIG)]);
    let ran = folder.bash("(dual a.yaml; echo $? >&2) | true");
    assert_eq!(ran.err(), "0\n");
}
