//! The programs that run the command in tests: kustomize, Helm 3, Helm 4, pre-commit. kubectl and kpt are those of the machine.

use crate::shell::{command, heading, run};
use anyhow::Result;
use calico_ipv6_tests::hosts::{GO_HOSTS, GoHost, pre_commit, pre_commit_folder};
use std::path::Path;

/// The release of pre-commit.
const PRE_COMMIT: &str = "pre-commit==4.7.0";

/// Installs what is missing. What cannot be installed is skipped by its tests, which say so.
pub(crate) fn install() -> Result<()> {
    heading("hosts");
    for host in GO_HOSTS {
        if host.installed().is_none()
            && let Some(folder) = host.folder()
            && let Err(error) = go_install(host, &folder)
        {
            println!("not installed: its tests are skipped ({error:#})");
        }
    }
    if pre_commit().is_none()
        && let Some(folder) = pre_commit_folder()
        && let Err(error) = pip_install(&folder)
    {
        println!("not installed: its tests are skipped ({error:#})");
    }
    Ok(())
}

fn go_install(host: GoHost, folder: &Path) -> Result<()> {
    let module = format!("{}@{}", host.package, host.version);
    run(command("go").env("GOBIN", folder).args(["install", &module]))
}

fn pip_install(folder: &Path) -> Result<()> {
    run(command("python3").args(["-m", "venv"]).arg(folder))?;
    run(command(folder.join("bin/python3")).args(["-m", "pip", "install", "--quiet", PRE_COMMIT]))
}
