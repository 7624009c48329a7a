//! The hooks in the real pre-commit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::{on_path, pre_commit};
use folder::{CONFIG, CONFIG_DUAL, Folder};
use hosts::{example, root, run, run_with, skip};

/// A repository with the hooks, as `pre-commit try-repo` clones it.
fn hooks() -> Folder {
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    repository(&[(".pre-commit-hooks.yaml", &hooks)])
}

fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(files);
    let git = on_path("git").expect("git");
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &["-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "files"],
    ] {
        run(&git, arguments, &folder).exit(0);
    }
    folder
}

#[test]
fn the_hooks_check_and_fix() {
    let Some(pre_commit) = pre_commit() else {
        return skip("pre-commit is not installed: `cargo xtask test` installs it");
    };
    let target =
        "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: t}\nspec: {to: dual-stack}\n";
    let wrong = example("broken.yaml");
    let hooks = hooks();
    let repo = hooks.0.path().to_str().unwrap();
    let files = [("cluster/a.yaml", CONFIG), ("cluster/wrong.yaml", wrong.as_str()), ("target.yaml", target)];
    let folder = repository(&files);
    let try_repo = |hook: &str, file: &str| {
        run_with(&pre_commit, &["try-repo", repo, hook, "--files", file], &folder, "", &[])
    };
    let ran = try_repo("calico-ipv6-check", "cluster/a.yaml").exit(0);
    assert!(ran.out().contains("Passed"), "{}", ran.out());
    let ran = try_repo("calico-ipv6-check", "cluster/wrong.yaml").exit(1);
    assert!(ran.out().contains("cluster/wrong.yaml:"), "{}", ran.out());

    // try-repo passes no args; a configuration does.
    let rev = run(&on_path("git").expect("git"), &["rev-parse", "HEAD"], &hooks).exit(0).out();
    let hook = format!(
        "repos:\n- repo: {repo}\n  rev: {rev}  hooks:\n  - id: calico-ipv6-fix\n    args: [--config=target.yaml]\n"
    );
    std::fs::write(folder.path(".pre-commit-config.yaml"), hook).unwrap();
    let fix = ["run", "--files", "cluster/a.yaml"];
    let ran = run(&pre_commit, &fix, &folder).exit(1);
    assert!(ran.out().contains("files were modified by this hook"), "{}", ran.out());
    assert_eq!(folder.read("cluster/a.yaml"), CONFIG_DUAL);
    run(&pre_commit, &fix, &folder).exit(0);
}
