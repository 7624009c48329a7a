//! `lint`: reports what is wrong, and corrects it on request.

mod baseline;
mod formats;
mod report;
mod sarif;

use crate::Exit;
use crate::args::{FailOn, Lint, LintFormat};
use crate::clusters::{BadTarget, Requested};
use crate::command::{
    Ended, Verbosity, alone_or_files, bad_target, collect, fail, fail_to_write, grouped, print_file,
    print_text, say, tell_killed, unknown_rule, warn,
};
use crate::fleet::{ClusterOutcome, ClusterRecord, Fleet, FoundRecord, describe};
use crate::input::{Input, Reading};
use crate::interrupt;
use crate::output::results::{OlderReport, ResultFile, check_results};
use crate::output::{Request, Staged};
use crate::people::Text;
use crate::progress::Progress;
use crate::threads::on_all_cores;
use baseline::Baseline;
use calico_ipv6_data::{Lint as Data, LintedCluster, LintedFile, Problem, VERSION};
use calico_ipv6_engine::diagnostic::selection::{Selection, near};
use calico_ipv6_engine::lint::{self, FixedFile, Linted, Wanted};
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::{Applicability, Severity, catalogue};
use calico_ipv6_engine::source::Source;
use rayon::prelude::*;
use report::Report;

/// How many clusters are in memory at once.
const BATCH: usize = 64;

/// A file after it was read, and its fixes.
struct Checked {
    index: usize,
    reading: Reading,
    /// The new text and what changed; `None` without --fix.
    fixed: Option<FixedFile>,
}

/// A cluster that was checked: the texts that were checked are those after fixes.
struct CheckedCluster {
    files: Vec<Checked>,
    /// Files that could not be read.
    unavailable: Vec<(usize, String)>,
    linted: Linted,
}

pub(crate) fn run(args: &Lint, verbosity: Verbosity) -> Exit {
    checked(args, verbosity).unwrap_or_else(|Ended { exit, error }| {
        // Who reads JUnit reads no exit code: GitLab takes an empty file for one without failures.
        let printed = match (args.output, &error) {
            (LintFormat::Junit, Some(error)) => formats::junit_not_checked(error),
            (LintFormat::Github, Some(error)) => formats::github_not_checked(error),
            _ => Text::default(),
        };
        if !printed.is_empty() {
            print_text(&printed);
        }
        exit
    })
}

fn checked(args: &Lint, verbosity: Verbosity) -> Result<Exit, Ended> {
    interrupt::survive_file_size_limit();
    let selection = Selection { select: args.select.clone(), ignore: args.ignore.clone() };
    let rules = catalogue();
    if let Some(word) = selection.unknown(&rules).next() {
        return Err(Ended::failed(unknown_rule(word, &near(word, &rules))));
    }
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose().map_err(Ended::failed)?;
    let baseline = baseline.unwrap_or_default();
    let inputs = collect(&args.inputs, None, true, verbosity)?;
    alone_or_files(&inputs).map_err(Ended::failed)?;
    let baseline_file = args.write_baseline.as_deref().map(ResultFile::baseline);
    let report = args.fleet.report.as_deref().map(ResultFile::report);
    let results: Vec<ResultFile<'_>> = baseline_file.into_iter().chain(report).collect();
    let config = [("--config", args.target.config.as_deref())];
    check_results(&results, &inputs, &config, None).map_err(Ended::failed)?;
    let older = OlderReport::at(args.fleet.report.as_deref().filter(|_| !args.target.print_config));
    let grouped = grouped(inputs, &args.inputs, &args.target, &args.fleet, None, false, verbosity)?;
    let requests = grouped.requests(&args.target, false);
    if let Some(bad) = stops(&requests, args) {
        return Err(Ended { exit: bad_target(bad, "lint"), error: Some(bad.messages().join("; ")) });
    }
    let words = [args.select.join(","), args.ignore.join(","), format!("{} {}", args.fix, args.unsafe_fixes)];
    let request = [grouped.words(&args.target), words.to_vec()].concat();
    let described = describe("lint", &request, args.fleet.shard, &grouped);
    let fleet = Fleet::new(&described, args.fleet.report.is_some(), older).map_err(Ended::failed)?;
    let inputs = grouped.inputs;
    let positions = grouped.positions;
    let clusters: Vec<(Cluster, Result<Requested, BadTarget>)> =
        grouped.clusters.into_iter().zip(requests).collect();
    let mut job = Job {
        args,
        inputs: &inputs,
        baseline,
        staged: Staged::default(),
        requests: Vec::new(),
        printed: None,
        report: Report::new(args, verbosity),
        data: Data {
            version: VERSION,
            ok: true,
            problems: Vec::new(),
            clusters: Vec::new(),
            files: Vec::new(),
        },
        order: Vec::new(),
        fleet,
        positions: positions.into_iter(),
        failed: false,
    };
    let progress = Progress::new(clusters.len(), verbosity);
    for batch in clusters.chunks(BATCH) {
        if interrupt::received() {
            return Err(Ended::failed("a signal asked the command to end; nothing was written"));
        }
        let check = |(cluster, requested): &(Cluster, Result<Requested, BadTarget>)| {
            requested.as_ref().ok().map(|requested| check(&inputs, cluster, requested, &selection, args))
        };
        let checked: Vec<Option<CheckedCluster>> = match batch {
            [one] => vec![check(one)],
            several => on_all_cores(|| several.par_iter().map(check).collect()),
        };
        for ((cluster, requested), checked) in batch.iter().zip(checked) {
            let taken = match (requested, checked) {
                (Ok(requested), Some(checked)) => job.take(cluster, requested, checked),
                (Ok(_), None) => Ok(()),
                (Err(bad), _) => job.skip(cluster, &bad.messages()),
            };
            taken.map_err(Ended::failed)?;
        }
        job.stage().map_err(Ended::failed)?;
        progress.advance(batch.len());
    }
    drop(progress);
    job.finish(verbosity)
}

/// What is wrong with a target, if it stops the command. A configuration file is about its own clusters: the others are checked
/// all the same, unless something is written that is about all of them.
fn stops<'r>(requests: &'r [Result<Requested, BadTarget>], args: &Lint) -> Option<&'r BadTarget> {
    let is_about_all = args.fix || args.unsafe_fixes || args.write_baseline.is_some();
    let is_any_good = requests.iter().any(Result::is_ok);
    requests.iter().find_map(|request| request.as_ref().err()).filter(|_| is_about_all || !is_any_good)
}

fn wanted(requested: &Requested) -> Wanted<'_> {
    let Requested { target, has_stack } = requested;
    if *has_stack { Wanted::Target(target) } else { Wanted::AsFound(target) }
}

/// Reads the files of one cluster, writes fixes if they are requested, and checks the result.
fn check(
    inputs: &[Input],
    cluster: &Cluster,
    requested: &Requested,
    selection: &Selection,
    args: &Lint,
) -> CheckedCluster {
    let mut files = Vec::with_capacity(cluster.files.len());
    let mut unavailable = Vec::new();
    for index in cluster.files.iter().copied() {
        match inputs[index].read() {
            Ok(reading) => files.push(Checked { index, reading, fixed: None }),
            Err(error) => unavailable.push((index, error.to_string())),
        }
    }
    let names: Vec<String> = files.iter().map(|file| inputs[file.index].name()).collect();
    let wanted = wanted(requested);
    if args.fix || args.unsafe_fixes {
        let least = if args.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let sources: Vec<Source<'_>> = sources(&files, &names);
        let fixed = lint::fix(&sources, wanted, selection, least);
        for (file, fixed) in files.iter_mut().zip(fixed) {
            file.fixed = fixed.ok();
        }
    }
    let linted = lint::lint(&sources(&files, &names), wanted, selection);
    CheckedCluster { files, unavailable, linted }
}

/// The texts, those with fixes if there are any.
fn sources<'s>(files: &'s [Checked], names: &'s [String]) -> Vec<Source<'s>> {
    files.iter().zip(names).map(|(file, name)| Source { name, text: file.text() }).collect()
}

impl Checked {
    fn text(&self) -> &str {
        let fixed = self.fixed.as_ref().and_then(|fixed| fixed.text.as_deref());
        fixed.unwrap_or(&self.reading.text)
    }
}

struct Job<'a> {
    args: &'a Lint,
    inputs: &'a [Input],
    baseline: Baseline,
    staged: Staged,
    /// What is to be staged of this batch.
    requests: Vec<Request>,
    /// Standard input with its fixes.
    printed: Option<String>,
    report: Report,
    data: Data,
    /// The index of each file of `data`.
    order: Vec<usize>,
    fleet: Fleet,
    /// The places of the clusters among those of all shards.
    positions: std::vec::IntoIter<usize>,
    /// A file could not be read, or a target.
    failed: bool,
}

impl Job<'_> {
    fn take(
        &mut self,
        cluster: &Cluster,
        requested: &Requested,
        checked: CheckedCluster,
    ) -> Result<(), String> {
        let CheckedCluster { files, unavailable, mut linted } = checked;
        let position = self.positions.next().unwrap_or_default();
        let mut record = ClusterRecord::new(position, &cluster.name, cluster.files.len());
        record.outcome = ClusterOutcome::Clean;
        self.report.begin_cluster();
        for (index, message) in unavailable {
            say!("error: {}\n", crate::people::shown(&message));
            record.fail(message.clone());
            self.not_checked(index, formats::unavailable(message));
        }
        for (file, found) in files.into_iter().zip(&mut linted.files) {
            let (index, name) = (file.index, self.inputs[file.index].name());
            self.inputs[index].fed(file.text(), self.inputs.len() == 1)?;
            match found {
                Ok(found) => {
                    let known = &mut self.baseline;
                    let before = found.findings.len();
                    found.findings.retain(|finding| !known.takes(&name, finding));
                    self.report.file(&name, file.text(), found, before - found.findings.len());
                    let excerpts = Excerpts::new(file.text());
                    let is_reported = self.args.fleet.report.is_some();
                    let of_file = |one: &lint::Finding| match is_reported {
                        true => FoundRecord::of(&name, &excerpts, &one.diagnostic),
                        false => FoundRecord::counted(&one.diagnostic),
                    };
                    record.findings.extend(found.findings.iter().map(of_file));
                }
                Err(error) => {
                    if self.args.output == LintFormat::Text {
                        self.report.input_error(&name, file.text(), error);
                    }
                    record.fail(format!("{name}: {error}"));
                    self.report.unreadable();
                    self.failed = true;
                }
            }
            if let Some(fixed) = &file.fixed {
                record.changes += fixed.changes.len();
                record.changed_files += usize::from(fixed.text.is_some());
            }
            if self.args.output != LintFormat::Text || self.args.write_baseline.is_some() {
                self.data.files.push(LintedFile::of(&name, file.text(), found));
                self.order.push(index);
            }
            self.put(file)?;
        }
        let Cluster { name, files } = cluster;
        let cluster = LintedCluster::of(name.clone(), files.clone(), &linted, wanted(requested));
        self.report.cluster(&cluster, !requested.has_stack);
        record.stack = cluster.stack.map(str::to_owned);
        record.target = cluster.checked_for.map(str::to_owned);
        if !record.findings.is_empty() {
            record.outcome = record.outcome.max(ClusterOutcome::Findings);
        }
        self.data.clusters.push(cluster);
        self.fleet.add(record, Vec::new())
    }

    /// Reports a cluster of which nobody knows what is requested.
    fn skip(&mut self, cluster: &Cluster, problems: &[String]) -> Result<(), String> {
        let position = self.positions.next().unwrap_or_default();
        let mut record = ClusterRecord::new(position, &cluster.name, cluster.files.len());
        for problem in problems {
            say!("error: {}: {}\n", crate::people::shown(&cluster.name), crate::people::shown(problem));
            record.fail(problem.clone());
        }
        for index in &cluster.files {
            self.not_checked(*index, formats::wrong_target(problems.join("; ")));
        }
        let Cluster { name, files } = cluster.clone();
        self.data.clusters.push(LintedCluster { name, files, stack: None, checked_for: None });
        self.fleet.add(record, Vec::new())
    }

    /// Reports a file that cannot be checked.
    fn not_checked(&mut self, index: usize, problem: Problem) {
        self.failed = true;
        self.report.unreadable();
        let name = self.inputs[index].name();
        self.data.files.push(LintedFile {
            name,
            problem: Some(problem),
            findings: Vec::new(),
            suppressed: 0,
        });
        self.order.push(index);
    }

    /// Requests that the fixes of a file are written.
    fn put(&mut self, file: Checked) -> Result<(), String> {
        let Checked { index, reading, fixed } = file;
        let input = &self.inputs[index];
        let Some(fixed) = fixed else {
            // Standard input that cannot be read is not printed.
            return Ok(());
        };
        self.report.fixed(&input.name(), &reading.text, &fixed);
        if input.path.is_none() {
            self.printed = Some(fixed.text.unwrap_or(reading.text));
        } else if let Some(new) = fixed.text {
            let request = Request::replace(input, &reading, new, self.args.inputs.follow_links);
            self.requests.push(request.map_err(|failure| failure.to_string())?);
        }
        Ok(())
    }

    fn stage(&mut self) -> Result<(), String> {
        let requests = std::mem::take(&mut self.requests);
        self.staged.add(requests).map_err(|failure| failure.to_string())?;
        tell_killed(&self.staged.removed());
        Ok(())
    }

    fn finish(mut self, verbosity: Verbosity) -> Result<Exit, Ended> {
        match self.staged.commit() {
            Ok(notes) if !verbosity.quiet => notes.iter().for_each(|note| warn(note)),
            Ok(_) => {}
            Err(failure) => {
                return Err(Ended { exit: fail_to_write(&failure), error: Some(failure.to_string()) });
            }
        }
        let mut files: Vec<(usize, LintedFile)> = self.order.into_iter().zip(self.data.files).collect();
        files.sort_by_key(|(index, _)| *index);
        self.data.files = files.into_iter().map(|(_, file)| file).collect();
        self.data.ok = self.data.files.iter().all(LintedFile::is_ok);
        if let Some(path) = &self.args.write_baseline {
            if let Err(message) = self.fleet.write_report(self.args.fleet.report.as_deref()) {
                return Ok(fail(message));
            }
            return Ok(match Baseline::write(path, &self.data.files) {
                Ok(number) => {
                    if !verbosity.quiet {
                        say!(
                            "{} written to {}\n",
                            crate::summary::count(number, "finding"),
                            crate::people::shown(&crate::people::name(path))
                        );
                    }
                    if self.failed { Exit::Bad } else { Exit::Done }
                }
                Err(message) => fail(message),
            });
        }
        let summary = self.report.summary(&self.baseline);
        // With --fix, the fixed text of standard input is the result; the report is about it.
        let is_data_on_stdout = self.printed.is_some();
        let output = match self.args.output {
            LintFormat::Text => self.report.text(),
            LintFormat::Concise => formats::concise(&self.data),
            LintFormat::Json => Text::json(&self.data),
            LintFormat::Sarif => sarif::log(&self.data),
            LintFormat::Github => formats::github(&self.data),
            LintFormat::Junit => formats::junit(&self.data, self.args.fail_on),
        };
        let mut exit = if is_data_on_stdout { say_all(&output) } else { print_text(&output) };
        if let Some(text) = self.printed {
            exit = print_file(crate::render::for_output(text).as_bytes());
        }
        if !verbosity.quiet {
            if self.data.clusters.len() > 1 {
                say!("{}", self.fleet.table());
            }
            say!("{}", summary);
        }
        if let Err(message) = self.fleet.write_report(self.args.fleet.report.as_deref()) {
            if !self.args.fix && !self.args.unsafe_fixes {
                return Ok(fail(message));
            }
            // Exit code 2 says that nothing was written.
            fail(format!("{message}; the fixes are written, and the report is not"));
            return Ok(Exit::Incomplete);
        }
        if exit != Exit::Done {
            return Ok(exit);
        }
        let least = match self.args.fail_on {
            FailOn::Never => None,
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
        };
        Ok(match least {
            _ if self.failed => Exit::Bad,
            Some(least) if self.report.has(least) => Exit::Incomplete,
            _ => Exit::Done,
        })
    }
}

fn say_all(text: &Text) -> Exit {
    say!("{}", text);
    Exit::Done
}
