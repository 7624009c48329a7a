//! How long a tool takes, and how much memory.

use super::peers::Tool;
use anyhow::{Context, Result, bail};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What a tool writes.
pub(super) fn output(tool: &Tool) -> Result<String> {
    let output = tool.command(&[]).stdin(Stdio::null()).output().context("cannot be started")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("failed ({}): {}", output.status, said.lines().next_back().unwrap_or_default());
    }
    String::from_utf8(output.stdout).context("wrote something that is not UTF-8")
}

/// The times of each tool, sorted. Every round runs each tool once; the first is not counted.
pub(super) fn interleaved(tools: &[Tool], rounds: usize) -> Result<Vec<Vec<Duration>>> {
    let mut times = vec![Vec::with_capacity(rounds); tools.len()];
    for round in 0..=rounds {
        for (tool, times) in tools.iter().zip(&mut times) {
            let time = once(tool).with_context(|| tool.name)?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    Ok(times)
}

fn once(tool: &Tool) -> Result<Duration> {
    let mut command = tool.command(&[]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let time = start.elapsed();
    if !status.success() {
        bail!("failed ({status})");
    }
    Ok(time)
}

/// The most memory that a tool holds, in KiB, as GNU time tells; none where that is not installed.
pub(super) fn peak_memory(tool: &Tool) -> Option<u64> {
    let words = ["/usr/bin/time", "--format", "%M", "--quiet"].map(std::ffi::OsStr::new);
    let mut command = tool.command(&words);
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().next_back()?.trim().parse().ok()
}
