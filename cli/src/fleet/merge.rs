//! `report merge`: the reports of all shards become the one of a single run.

use super::record::{ClusterRecord, FORMAT, Line, Run, Totals};
use super::report::Report;
use super::shard::Shard;
use super::summary;
use crate::Exit;
use crate::command::{Verbosity, fail, say};
use crate::people::name;
use calico_ipv6_engine::source::MAX_INPUT;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// A report that is read line by line: a fleet need not be in memory.
struct Reading {
    name: String,
    run: Run,
    shard: Shard,
    lines: BufReader<File>,
    /// The number of the line that was read last.
    number: usize,
    /// The next cluster, and its line as it is written.
    next: Option<(ClusterRecord, String)>,
    totals: Totals,
}

pub(crate) fn run(files: &[PathBuf], verbosity: Verbosity) -> Exit {
    match merged(files) {
        Ok(report) => {
            let totals = report.totals.clone();
            match report.finish() {
                Ok(lines) => {
                    if let Err(error) = lines.copy_to(&mut std::io::stdout().lock())
                        && error.kind() != std::io::ErrorKind::BrokenPipe
                    {
                        return fail(format!("standard output: {error}"));
                    }
                }
                Err(message) => return fail(message),
            }
            if !verbosity.quiet {
                say!("{}", summary::totals(&totals, ""));
            }
            if totals.has_failures() { Exit::Incomplete } else { Exit::Done }
        }
        Err(message) => fail(message),
    }
}

fn merged(files: &[PathBuf]) -> Result<Report, String> {
    let mut readings: Vec<Reading> =
        files.iter().map(|path| Reading::open(path)).collect::<Result<_, _>>()?;
    let Some(first) = readings.first() else { return Err("no reports: pass those of all shards".to_owned()) };
    for other in &readings {
        same_run(first, other)?;
    }
    all_shards(&readings)?;
    let run = Run { shard: Shard::default().to_string(), ..first.run.clone() };
    let clusters = run.clusters;
    let mut report = Report::new(&run)?;
    for expected in 0..clusters {
        let of_cluster = |reading: &&mut Reading| {
            reading.next.as_ref().is_some_and(|(cluster, _)| cluster.index == expected)
        };
        let Some(reading) = readings.iter_mut().find(of_cluster) else {
            return Err(format!(
                "cluster {expected} of {clusters} is in no report: a report is damaged, or was made of other files"
            ));
        };
        if let Some((cluster, line)) = reading.next.take() {
            report.add_line(line, &cluster)?;
        }
        reading.advance()?;
    }
    match readings.iter().find_map(|reading| Some((&reading.name, &reading.next.as_ref()?.0.name))) {
        Some((file, cluster)) => Err(format!("{file}: has {cluster} twice, or in the wrong place")),
        None => Ok(report),
    }
}

/// Whether two reports are parts of one run.
fn same_run(one: &Reading, other: &Reading) -> Result<(), String> {
    let (a, b) = (&one.run, &other.run);
    let differ = |what: String| Err(format!("{} and {} cannot be merged: {what}", one.name, other.name));
    if a.version != b.version {
        return differ(format!(
            "they are of calico-ipv6 {} and {}; run all shards with the same release",
            a.version, b.version
        ));
    }
    if a.command != b.command {
        return differ(format!("one is of {}, the other of {}", a.command, b.command));
    }
    if a.request != b.request {
        return differ("they were run with other options or another target".to_owned());
    }
    if one.shard.count != other.shard.count {
        return differ(format!("one is a shard of {}, the other of {}", one.shard.count, other.shard.count));
    }
    if a.clusters != b.clusters || a.fleet != b.fleet {
        let what = match a.clusters == b.clusters {
            true => "different files, or of the same files under other paths".to_owned(),
            false => format!("different files ({} and {} clusters)", a.clusters, b.clusters),
        };
        return differ(format!("they are of {what}; run all shards on the same files, under the same paths"));
    }
    Ok(())
}

/// Whether each shard is there, and once.
fn all_shards(readings: &[Reading]) -> Result<(), String> {
    let count = readings.first().map_or(1, |reading| reading.shard.count);
    let mut of_shard: Vec<Option<&str>> = vec![None; count];
    for reading in readings {
        let place = &mut of_shard[reading.shard.index - 1];
        if let Some(other) = place {
            return Err(format!(
                "{other} and {}: both are shard {}: pass each shard once",
                reading.name, reading.shard
            ));
        }
        *place = Some(&reading.name);
    }
    let missing: Vec<String> = of_shard
        .iter()
        .enumerate()
        .filter(|(_, name)| name.is_none())
        .map(|(i, _)| Shard { index: i + 1, count }.to_string())
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("{} missing: {}", crate::summary::count(missing.len(), "shard"), missing.join(", ")))
        }
    }
}

impl Reading {
    fn open(path: &Path) -> Result<Reading, String> {
        let name = name(path);
        let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
        let mut lines = BufReader::new(file);
        let run = match read_line(&name, 1, &mut lines)? {
            Some((Line::Run(run), _)) => run,
            _ => return Err(format!("{name}: is not a report: --report writes one")),
        };
        if run.format != FORMAT {
            return Err(format!(
                "{name}: is a report in format {}, and this command reads format {FORMAT}",
                run.format
            ));
        }
        let shard = run.shard.parse().map_err(|what| format!("{name}: shard {}: {what}", run.shard))?;
        let mut reading =
            Reading { name, run, shard, lines, number: 1, next: None, totals: Totals::default() };
        reading.advance()?;
        Ok(reading)
    }

    /// Reads the next cluster. At the end the totals must be those of the clusters.
    fn advance(&mut self) -> Result<(), String> {
        let name = &self.name;
        self.number += 1;
        match read_line(name, self.number, &mut self.lines)? {
            Some((Line::Cluster(cluster), text)) => {
                self.totals.add(&cluster);
                self.next = Some((cluster, text));
                Ok(())
            }
            Some((Line::Totals(totals), _)) if totals == self.totals => {
                match read_line(name, self.number + 1, &mut self.lines)? {
                    None => Ok(()),
                    Some(_) => Err(format!("{name}: goes on behind its totals")),
                }
            }
            Some((Line::Totals(_), _)) => Err(format!("{name}: its totals are not those of its clusters")),
            Some((Line::Run(_), _)) => Err(format!("{name}: holds several reports: pass each as a file")),
            None => Err(format!("{name}: ends before its totals: the run was stopped; run this shard again")),
        }
    }
}

fn read_line(name: &str, number: usize, lines: &mut impl BufRead) -> Result<Option<(Line, String)>, String> {
    let mut text = String::new();
    // A line is about one cluster, and has no more to say than an input.
    let mut limited = lines.take(MAX_INPUT as u64 + 1);
    limited.read_line(&mut text).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => format!("{name}:{number}: is not a report: not UTF-8"),
        _ => format!("{name}: {error}"),
    })?;
    if text.len() > MAX_INPUT {
        return Err(format!("{name}: is not a report: a line has more than 64 MiB"));
    }
    if text.is_empty() {
        return Ok(None);
    }
    let line = serde_json::from_str(&text).map_err(|error| match number {
        1 => format!("{name}: is not a report: {error}"),
        _ if error.is_eof() => {
            format!("{name}:{number}: ends inside of this line: the run was stopped; run this shard again")
        }
        _ => {
            // The parser sees this line alone, and calls it the first.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            format!("{name}:{number}:{}: is damaged: {what}; run this shard again", error.column())
        }
    })?;
    Ok(Some((line, text)))
}
