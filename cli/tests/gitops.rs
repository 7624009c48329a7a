//! Argo CD and Flux: the files of `integrations/argocd` and `integrations/flux`, run as these programs run them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::HELM_3;
use calico_ipv6_tests::values::documents;
use folder::{Folder, Ran, is_root};
use hosts::{copy, example, kustomize, root, run, skip};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

const TARGET: &str = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: production}\nspec: {to: dual-stack, ipv6PodCIDR: fd00:10:244::/56}\n";

/// The first document of a file of `integrations`.
fn integration(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("integrations").join(name)).unwrap();
    documents(&text).unwrap().remove(0)
}

/// Another user, and a root that is read-only if a namespace of mounts can be had.
const AS_SIDECAR: &str = r#"
as_999="setpriv --reuid=999 --regid=999 --clear-groups --no-new-privs"
if unshare -m mount -o remount,bind,ro / 2> /dev/null; then
    exec unshare -m sh -c 'mount -o remount,bind,ro / && exec "$@"' sh $as_999 "$@"
fi
exec $as_999 "$@"
"#;

/// An application with the plugin's programs beside it. Everybody may read it, and only the owner may write.
struct Application {
    folder: Folder,
    command: Vec<String>,
}

impl Application {
    fn with(kustomize: &Path, files: &[(&str, &str)]) -> Application {
        let folder = Folder::with(files);
        std::fs::create_dir(folder.path("bin")).unwrap();
        std::fs::copy(kustomize, folder.path("bin/kustomize")).unwrap();
        std::fs::copy(env!("CARGO_BIN_EXE_calico-ipv6"), folder.path("bin/calico-ipv6")).unwrap();
        for open in [".", "app", "bin"] {
            open_to_read(&folder.path(open));
        }
        let plugin = integration("argocd/plugin.yaml");
        assert_eq!(
            (&plugin["apiVersion"], &plugin["kind"]),
            (&"argoproj.io/v1alpha1".into(), &"ConfigManagementPlugin".into())
        );
        let generate = &plugin["spec"]["generate"];
        let words = |key: &str| {
            generate[key].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned())
        };
        let command = words("command").chain(words("args")).collect();
        Application { folder, command }
    }

    /// What the sidecar does: as uid 999, with an empty environment, in a folder and below a root that are read-only.
    fn generate(&self, env: &[(&str, &str)]) -> Ran {
        let mut command = Command::new("sh");
        let script = if is_root() { AS_SIDECAR } else { "exec \"$@\"" };
        command.args(["-c", script, "sh"]).args(&self.command);
        if !is_root() {
            skip("the plugin runs as this user, and not as uid 999: the tests do not run as root");
        }
        let path = format!("{}:/usr/bin:/bin", self.folder.path("bin").display());
        command.env_clear().env("PATH", path).env("TMPDIR", "/nonexistent").envs(env.iter().copied());
        command.current_dir(self.folder.path("app")).stdin(Stdio::null());
        Ran(command.output().unwrap())
    }
}

#[cfg(unix)]
fn open_to_read(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn open_to_read(_: &Path) {}

#[test]
fn argo_cd_gets_the_converted_manifests_and_nothing_else() {
    let Some(kustomize) = kustomize() else { return };
    let files = [
        ("app/calico.yaml", example("calico.yaml")),
        ("app/kustomization.yaml", "resources: [calico.yaml]\n".to_owned()),
        ("app/target.yaml", TARGET.to_owned()),
        ("app/other.yaml", TARGET.replace("fd00:10:244::/56", "fd00:10:245::/56")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let application = Application::with(&kustomize, &files);
    let before = application.folder.list();
    let ran = application.generate(&[]).exit(0);
    assert_eq!(ran.err(), "");
    let printed = documents(&ran.out()).unwrap();
    assert_eq!(printed.len(), documents(&example("calico.yaml")).unwrap().len());
    assert!(ran.out().contains("\"assign_ipv6\": \"true\"") && ran.out().contains("fd00:10:244::/56"));
    assert!(!printed.iter().any(|object| object["kind"] == "Target"));
    // The same bytes each time, and no file is left.
    assert_eq!(application.generate(&[]).exit(0).out(), ran.out());
    assert_eq!(application.folder.list(), before);
    // The user of Argo CD names another target.
    let ran = application.generate(&[("ARGOCD_ENV_TARGET", "other.yaml")]).exit(0);
    assert!(ran.out().contains("fd00:10:245::/56"));
}

#[test]
fn argo_cd_is_told_if_the_build_or_the_transform_fails() {
    let Some(kustomize) = kustomize() else { return };
    for (kustomization, message) in
        [("resources: [missing.yaml]\n", "missing.yaml"), ("resources: [refused.yaml]\n", "error[")]
    {
        let files = [
            ("app/refused.yaml", folder::REFUSED),
            ("app/kustomization.yaml", kustomization),
            ("app/target.yaml", TARGET),
        ];
        let application = Application::with(&kustomize, &files);
        let ran = application.generate(&[]).exit(1);
        assert_eq!(ran.out(), "");
        assert!(ran.err().contains(message), "{}", ran.err());
    }
}

#[test]
fn the_sidecar_of_argo_cd_is_added_to_its_deployment() {
    let Some(kustomize) = kustomize() else { return };
    for metadata in ["{name: argocd-repo-server}", "{name: argocd-repo-server, namespace: argocd}"] {
        the_sidecar_is_added(&kustomize, metadata);
    }
}

fn the_sidecar_is_added(kustomize: &Path, metadata: &str) {
    let argocd = "apiVersion: apps/v1
kind: Deployment
metadata: METADATA
spec:
  template:
    spec:
      containers:
      - {name: argocd-repo-server, image: argocd}
      volumes:
      - {name: var-files, emptyDir: {}}
      - {name: plugins, emptyDir: {}}
"
    .replace("METADATA", metadata);
    let folder = Folder::with(&[
        ("argocd.yaml", &argocd),
        ("kustomization.yaml", "namespace: argocd\nresources: [argocd.yaml]\ncomponents: [plugin]\n"),
    ]);
    copy(&root().join("integrations/argocd"), &folder.path("plugin"));
    let built = documents(&run(kustomize, &["build", "."], &folder).exit(0).out()).unwrap();
    let of_kind = |kind: &str| built.iter().find(|object| object["kind"] == kind).unwrap();
    let pod = &of_kind("Deployment")["spec"]["template"]["spec"];
    let containers = pod["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 2);
    let sidecar = containers.iter().find(|one| one["name"] == "calico-ipv6").unwrap();
    // Every mount has its volume, and the ConfigMap has the plugin.
    let volumes = pod["volumes"].as_array().unwrap();
    for mount in sidecar["volumeMounts"].as_array().unwrap() {
        assert!(volumes.iter().any(|volume| volume["name"] == mount["name"]), "{mount}");
    }
    let config = of_kind("ConfigMap");
    let named = |volume: &&Value| volume["configMap"]["name"] == config["metadata"]["name"];
    assert!(volumes.iter().any(|volume| named(&volume)));
    let plugin = config["data"]["plugin.yaml"].as_str().unwrap();
    assert_eq!(documents(plugin).unwrap(), [integration("argocd/plugin.yaml")]);
}

/// What Flux builds: the manifests, patched.
fn built(kustomize: &Path, manifests: &str, patches: &Value) -> Vec<Value> {
    assert!(patches.as_array().is_some_and(|patches| !patches.is_empty()));
    let kustomization = serde_json::json!({"resources": ["a.yaml"], "patches": patches}).to_string();
    let folder = Folder::with(&[("a.yaml", manifests), ("kustomization.yaml", &kustomization)]);
    documents(&run(kustomize, &["build", "."], &folder).exit(0).out()).unwrap()
}

/// The same patches, and a result that a transform does not change.
fn check(kustomize: &Path, manifests: &str, patches: &Value, document: usize) {
    let folder = Folder::with(&[("calico.yaml", manifests), ("target.yaml", TARGET)]);
    let printed = folder
        .run(&["transform", "-q", "--config", "target.yaml", "-o", "flux", "calico.yaml"])
        .exit(0)
        .out();
    let spec = documents(&printed).unwrap().remove(document).get("spec").unwrap().clone();
    let printed = spec.pointer("/postRenderers/0/kustomize/patches").or(spec.get("patches")).unwrap();
    assert_eq!(patches, printed);
    let built = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": built(kustomize, manifests, patches)});
    let ran =
        folder.run_with(&["transform", "--check", "--config", "target.yaml", "-"], &built.to_string(), &[]);
    assert!(ran.err().ends_with("0 of 1 file would change; nothing was written\n"), "{}", ran.err());
    ran.exit(0);
}

#[test]
fn flux_patches_a_folder() {
    let Some(kustomize) = kustomize() else { return };
    let object = integration("flux/patched-folder.yaml");
    assert_eq!(object["kind"], "Kustomization");
    check(&kustomize, &example("calico.yaml"), &object["spec"]["patches"], 1);
}

#[test]
fn flux_patches_what_a_chart_renders() {
    let Some(kustomize) = kustomize() else { return };
    let Some(helm) = HELM_3.installed() else {
        return skip("helm v3.22.0 is not installed: `cargo xtask test` installs it");
    };
    let folder = Folder::with(&[]);
    copy(&root().join("integrations/helm/chart"), &folder.path("chart"));
    let rendered =
        run(&helm, &["template", "calico", "./chart", "--namespace", "kube-system"], &folder).exit(0).out();
    let object = integration("flux/patched-chart.yaml");
    assert_eq!(object["kind"], "HelmRelease");
    let patches = &object["spec"]["postRenderers"][0]["kustomize"]["patches"];
    check(&kustomize, &rendered, patches, 0);
}
