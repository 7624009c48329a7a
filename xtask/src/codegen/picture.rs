//! The README's picture: what a transform says, as the command says it today.

use crate::shell::{cargo, root};
use anstyle_svg::Term;
use anyhow::{Context, Result, ensure};

/// What is typed, and what comes back.
const ARGUMENTS: [&str; 7] =
    ["transform", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56", "-o", "diff"];

/// The terminal as a picture: the diff on standard output, then the words on standard error.
pub(super) fn svg() -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "calico-ipv6", "--", "--color", "always"]);
    command.args(ARGUMENTS).arg("calico.yaml").current_dir(root().join("examples"));
    let ran = command.env("COLUMNS", "100").output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "the command failed ({}): {}", ran.status, said.trim());
    let diff = String::from_utf8(ran.stdout).context("the diff is not UTF-8")?;
    let typed = format!("\x1b[1m$ calico-ipv6 {} calico.yaml\x1b[0m\n", ARGUMENTS.join(" "));
    // The warning about encapsulation is long; the picture shows what changed and what to check.
    let summary =
        said.split_once("explain ENC-003").map_or(&*said, |(_, rest)| rest.trim_start_matches(['\n', ' ']));
    let summary = summary.trim_start_matches("\x1b[0m").trim_start();
    let picture = Term::new().min_width_px(980).render_svg(&format!("{typed}{diff}\n{summary}"));
    Ok(format!("{}\n", picture.trim_end()))
}
