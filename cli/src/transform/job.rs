//! What becomes of the plans: findings, files, the summary.

mod write;

use super::plan::{Detail, Digest, File, Work};
use crate::Exit;
use crate::args::{Format, Transform};
use crate::command::{Verbosity, fail, fail_to_write, missing_option, print_json, print_text, say, warn};
use crate::findings::{Findings, Told};
use crate::fleet::{ClusterOutcome, ClusterRecord, Fleet, FoundRecord, PodRanges, has_range, totals};
use crate::input::{Input, Reading};
use crate::interrupt::{self, Watch};
use crate::output::{NOTHING_WRITTEN, Request, Staged, Stop};
use crate::output_buffer::OutputBuffer;
use crate::patch::Patches;
use crate::people::{Text, shown, text};
use crate::render::{self, for_output};
use crate::summary::{self, Done};
use calico_ipv6_data::Gathered;
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::recognised::recognised;
use calico_ipv6_engine::output::steps::{Planned, checks};
use calico_ipv6_engine::source::MAX_INPUT;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Install, Outcome, Plan};
use write::copy_out;
pub(super) use write::layout;

/// From how many clusters on they are summed up instead of told one by one.
const MANY: usize = 9;

pub(super) struct Job<'a> {
    args: &'a Transform,
    inputs: &'a [Input],
    clusters: &'a [Work],
    verbosity: Verbosity,
    /// For --keep-going.
    watch: Option<&'a Watch>,
    done: Vec<Done>,
    staged: Staged,
    /// What is to be staged of this batch.
    requests: Vec<Request>,
    data: OutputBuffer,
    has_output: bool,
    failed: Exit,
    asked: Vec<&'static str>,
    /// Files that would change, and of which --check cannot say how.
    unanswered: usize,
    /// What is printed about all files.
    findings: Findings,
    /// What `-o json` and `-o steps` print.
    gathered: Gathered,
    /// What the summary says about the steps.
    steps: Planned,
    /// What `-o patch`, `-o kustomize` and `-o flux` print.
    patches: Patches,
    fleet: Fleet,
    ranges: PodRanges,
    /// The one input there is; among several an empty one is passed through.
    single: bool,
}

/// A cluster that is being taken.
struct Current {
    record: ClusterRecord,
    exit: Exit,
    installs: Vec<Install>,
    components: Vec<String>,
    /// Whether a file has the requested IPv6 pod CIDR.
    has_range: bool,
    done: Vec<Done>,
    /// The files that are written if nothing is wrong with the cluster.
    ready: Vec<(usize, Reading, Box<Plan>)>,
}

impl Current {
    fn fail(&mut self, message: String) {
        self.exit = Exit::Bad;
        self.record.fail(message);
    }
}

impl<'a> Job<'a> {
    pub(super) fn new(
        args: &'a Transform,
        inputs: &'a [Input],
        clusters: &'a [Work],
        verbosity: Verbosity,
        fleet: Fleet,
        watch: Option<&'a Watch>,
    ) -> Job<'a> {
        Job {
            args,
            inputs,
            clusters,
            verbosity,
            watch,
            done: Vec::new(),
            staged: Staged::default(),
            requests: Vec::new(),
            data: OutputBuffer::default(),
            has_output: false,
            failed: Exit::Done,
            asked: Vec::new(),
            unanswered: 0,
            findings: Findings::new(verbosity.verbose),
            gathered: Gathered::default(),
            steps: Planned::default(),
            patches: Patches::default(),
            fleet,
            ranges: PodRanges::default(),
            single: inputs.len() == 1,
        }
    }

    /// Takes the plans of a batch of clusters, and stages their files; with --keep-going, writes them. Returns whether a signal
    /// came before the last cluster.
    pub(super) fn take_batch(
        &mut self,
        batch: &[Work],
        planned: Vec<Vec<(usize, File)>>,
    ) -> Result<bool, Stop> {
        for (work, files) in batch.iter().zip(planned) {
            if self.args.keep_going && interrupt::received() {
                return Ok(true);
            }
            self.take_cluster(work, files)?;
        }
        if self.failed == Exit::Done && !self.args.keep_going {
            let requests = std::mem::take(&mut self.requests);
            self.staged.add(requests)?;
            self.tell_removed();
        }
        Ok(false)
    }

    fn take_cluster(&mut self, work: &Work, files: Vec<(usize, File)>) -> Result<(), Stop> {
        let Work { cluster, position, request } = work;
        let mut current = Current {
            record: ClusterRecord::new(*position, &cluster.name, cluster.files.len()),
            exit: Exit::Done,
            installs: Vec::new(),
            components: Vec::new(),
            has_range: false,
            done: Vec::new(),
            ready: Vec::new(),
        };
        self.findings.begin_cluster();
        match request {
            Err(bad) => {
                for message in bad.messages() {
                    say!("error: {}: {}\n", shown(&cluster.name), shown(&message));
                    current.fail(message);
                }
            }
            Ok(request) => {
                current.record.target = Some(request.target.to.word().to_owned());
                for (index, file) in files {
                    let taken = self.take(index, file, &request.target, &mut current);
                    self.go_on_after(taken, &mut current)?;
                }
            }
        }
        let may_write = if self.args.keep_going { current.exit } else { self.failed.max(current.exit) };
        if may_write == Exit::Done && !self.gathers() && !self.args.check {
            let ready = std::mem::take(&mut current.ready);
            let written = self.put_all(ready);
            self.go_on_after(written, &mut current)?;
        }
        if self.args.keep_going && current.exit != Exit::Done {
            (current.record.changes, current.record.changed_files) = (0, 0);
            if self.writes() {
                self.findings.note(&text!("{}: nothing of this cluster was written\n", shown(&cluster.name)));
            }
        }
        self.failed = self.failed.max(current.exit);
        let Current { record, installs, components, has_range, done, .. } = current;
        if let Ok(request) = request
            && let Some(range) =
                request.target.ipv6_pod_cidr.filter(|_| has_range && !record.outcome.is_failure())
        {
            self.ranges.add(&range.to_string(), &record.name);
        }
        let checks = match request {
            Ok(request) if record.outcome == ClusterOutcome::Changed => {
                checks(&installs, !components.is_empty(), &request.target)
            }
            _ => Vec::new(),
        };
        if self.tells_files() && (!self.args.keep_going || !record.outcome.is_failure()) {
            self.done.extend(done);
        }
        Ok(self.fleet.add(record, checks)?)
    }

    /// With --keep-going, what is wrong with a cluster ends this cluster only.
    fn go_on_after(&mut self, result: Result<(), Stop>, current: &mut Current) -> Result<(), Stop> {
        match result {
            Err(stop) if self.args.keep_going => {
                say!("error: {}\n", shown(&stop.reason));
                current.fail(stop.reason);
                Ok(())
            }
            result => result,
        }
    }

    fn take(&mut self, index: usize, file: File, target: &Target, current: &mut Current) -> Result<(), Stop> {
        let (reading, plan, digest) = match file {
            File::Unavailable(message) => {
                say!("error: {}\n", shown(&message));
                current.fail(message);
                return Ok(());
            }
            File::Unreadable { name, text, error } => {
                say!("{}", render::input_error(&name, &text, &error));
                current.fail(format!("{name}: {error}"));
                if self.gathers() {
                    self.gathered.add(index, &name, &Excerpts::of_refused(&text), Err(error), target);
                }
                return Ok(());
            }
            File::Planned { reading, plan, digest } => (reading, plan, digest),
        };
        let (name, text) = (self.inputs[index].name(), &reading.text);
        self.inputs[index].fed(text, self.single)?;
        if let Some(new) = plan.text.as_deref().filter(|new| new.len() > MAX_INPUT) {
            let bytes = calico_ipv6_engine::cidr::grouped(new.len() as u128);
            return Err(Stop::nothing_written(format!(
                "{name}: the converted file would have {bytes} bytes, and no command reads more than 64 MiB: split the file between its documents"
            )));
        }
        let Digest { found, told, done, steps } = *digest;
        self.tell(&name, told, &plan);
        record(&mut current.record, &plan, found);
        match plan.outcome {
            // A check has its answer: the file is not as the target requests.
            Outcome::NeedsInput if self.args.check => {
                current.exit = current.exit.max(Exit::Incomplete);
                self.unanswered += 1;
            }
            Outcome::NeedsInput => current.exit = Exit::Bad,
            Outcome::Refused => current.exit = current.exit.max(Exit::Incomplete),
            _ => {}
        }
        if self.gathers() {
            self.gathered.add(index, &name, &Excerpts::new(text), Ok(*plan), target);
            return Ok(());
        }
        current.has_range |= target.ipv6_pod_cidr.is_some_and(|range| has_range(&plan, &range.to_string()));
        current.installs.extend(plan.installs.iter().cloned());
        current.components.extend(plan.components.iter().cloned());
        if let Some(file) = steps {
            self.steps.add(index, file, target);
        }
        current.done.extend(done);
        current.ready.push((index, reading, plan));
        Ok(())
    }

    /// Whether the plans are printed, and not the files.
    fn gathers(&self) -> bool {
        matches!(self.args.output, Format::Json | Format::Steps)
    }

    /// Whether files are written. The plans and --check have other options.
    fn writes(&self) -> bool {
        self.args.write || self.args.output_dir.is_some()
    }

    /// Whether the summary is about files, and not only about clusters.
    fn tells_files(&self) -> bool {
        self.verbosity.verbose || self.clusters.len() < MANY
    }

    /// How much is reported about each file.
    pub(super) fn detail(&self) -> Detail {
        let has_summary_of_files = self.tells_files() && !self.gathers();
        Detail {
            verbosity: self.verbosity,
            is_reported: self.args.fleet.report.is_some(),
            has_summary_of_files,
            names_steps: has_summary_of_files && !self.verbosity.quiet && !self.args.check,
        }
    }

    /// Prints the plans.
    fn print_plans(&mut self) -> Exit {
        let would_change = self.args.check && self.gathered.is_changed();
        let mut gathered = std::mem::take(&mut self.gathered);
        let clusters: Vec<Cluster> = self.clusters.iter().map(|work| work.cluster.clone()).collect();
        gathered.clusters(&clusters);
        let plans = gathered.finish(&self.target());
        let printed = if self.args.output == Format::Json {
            print_json(&plans)
        } else {
            let all: Vec<&str> = plans.steps.iter().map(|steps| steps.markdown.as_str()).collect();
            print_text(&all.join("\n").lines().map(|line| text!("{}\n", Text::ours(line))).collect())
        };
        match self.failed {
            _ if printed != Exit::Done => printed,
            Exit::Done if would_change => Exit::Incomplete,
            _ => self.exit(),
        }
    }

    /// What is requested of the first cluster.
    fn target(&self) -> Target {
        let first = self.clusters.iter().find_map(|work| work.request.as_ref().ok());
        first.map(|request| request.target.clone()).unwrap_or_default()
    }

    /// Findings and missing options.
    fn tell(&mut self, name: &str, told: Told, plan: &Plan) {
        self.findings.add_all(told);
        if plan.outcome == Outcome::Refused {
            let written = if self.args.keep_going { "" } else { NOTHING_WRITTEN };
            self.findings.note(&text!("{}: not transformed{}\n", shown(name), written));
        } else if plan.outcome == Outcome::NeedsInput {
            let effect = if self.args.check { "would change, and " } else { "" };
            for question in &plan.missing_options {
                if !self.asked.contains(&question.flag) {
                    self.asked.push(question.flag);
                    self.findings.note(&missing_option(&shown(name), effect, question));
                }
            }
        }
    }

    /// What is said where a signal ends the run.
    pub(super) fn interrupted(&self) -> String {
        let totals = self.fleet.totals();
        let done = totals.outcomes.iter().filter(|(outcome, _)| !outcome.is_failure());
        let done: usize = done.map(|(_, number)| number).sum();
        match self.args.keep_going {
            true => format!(
                "a signal asked the command to end; {done} of {} clusters were done",
                self.clusters.len()
            ),
            false => "a signal asked the command to end; nothing was written".to_owned(),
        }
    }

    pub(super) fn report_findings(&mut self) {
        say!("{}", self.findings.report());
    }

    pub(super) fn finish(mut self) -> Exit {
        self.report_findings();
        let writes = self.writes();
        let exit = if self.gathers() {
            self.print_plans()
        } else if self.args.check {
            self.checked()
        } else {
            self.write()
        };
        match self.fleet.write_report(self.args.fleet.report.as_deref()) {
            // Exit code 2 says that nothing was written.
            Err(message) if writes && exit != Exit::Bad => {
                fail(format!("{message}; the files are written, and their report is not"));
                Exit::Incomplete
            }
            Err(message) => fail(message),
            Ok(()) => exit,
        }
    }

    /// The exit code: with --keep-going, clusters that are done make the difference.
    fn exit(&self) -> Exit {
        match self.failed {
            Exit::Bad if self.args.keep_going && self.is_any_done() => Exit::Incomplete,
            failed => failed,
        }
    }

    fn is_any_done(&self) -> bool {
        self.fleet.totals().outcomes.keys().any(|outcome| !outcome.is_failure())
    }

    /// What `--check` says: which files would change.
    fn checked(&mut self) -> Exit {
        let totals = self.fleet.totals();
        if !self.verbosity.quiet {
            self.done
                .iter()
                .filter(|file| file.outcome == Outcome::Changed)
                .for_each(|file| say!("{}: would change\n", file.name));
            if !self.tells_files() {
                say!("{}", self.fleet.table());
            }
            say!(
                "{} of {} would change; nothing was written\n",
                totals.changed_files + self.unanswered,
                summary::count(totals.files, "file")
            );
        }
        match self.exit() {
            Exit::Done if totals.changed_files > 0 => Exit::Incomplete,
            exit => exit,
        }
    }

    /// Writes everything, and sums it up.
    fn write(&mut self) -> Exit {
        if self.failed != Exit::Done && !self.args.keep_going {
            let good = self.fleet.totals().changed_files;
            if good > 0 && !self.verbosity.quiet {
                say!("{} more would be transformed; nothing was written\n", good);
            }
            return self.failed;
        }
        if let Some(layout) = layout(self.args.output) {
            match std::mem::take(&mut self.patches).finish(layout) {
                Ok(text) => {
                    if let Err(error) = self.data.push(for_output(text)) {
                        return fail(format!("temporary output: {error}"));
                    }
                }
                Err(refused) => {
                    say!("{}", refused);
                    return Exit::Incomplete;
                }
            }
        }
        match std::mem::take(&mut self.staged).commit() {
            Ok(notes) if !self.verbosity.quiet => notes.iter().for_each(|note| warn(note)),
            Ok(_) => {}
            Err(failure) => return fail_to_write(&failure),
        }
        let writes = self.writes();
        if !writes {
            let exit = copy_out(std::mem::take(&mut self.data));
            if exit != Exit::Done {
                return exit;
            }
        }
        if !self.verbosity.quiet {
            let is_any_written = match self.args.write {
                true => self.fleet.totals().changed_files > 0,
                false => self.is_any_done(),
            };
            self.sum_up(match (writes, is_any_written) {
                (true, true) => "written",
                (true, false) => "nothing was written",
                (false, _) => "",
            });
        }
        self.exit()
    }

    fn sum_up(&self, verb: &'static str) {
        let clusters: Vec<Cluster> = self.clusters.iter().map(|work| work.cluster.clone()).collect();
        let target = self.target();
        if clusters.len() > 1 {
            say!("{}{}{}", self.fleet.table(), totals(self.fleet.totals(), verb), self.ranges.note());
        }
        if self.tells_files() {
            say!("{}", summary::all(&self.done, verb, self.verbosity.verbose));
        }
        let running = if self.tells_files() { self.steps.brief(&clusters) } else { None };
        say!("{}", summary::before_you_apply(self.fleet.checks(), running.as_deref(), &target));
    }
}

/// Adds a plan to what is known of its cluster.
fn record(cluster: &mut ClusterRecord, plan: &Plan, found: Vec<FoundRecord>) {
    let outcome = match plan.outcome {
        Outcome::PassedThrough => ClusterOutcome::NotRelevant,
        Outcome::Unchanged => ClusterOutcome::Unchanged,
        Outcome::Changed => ClusterOutcome::Changed,
        Outcome::Refused => ClusterOutcome::Refused,
        Outcome::NeedsInput => ClusterOutcome::NeedsInput,
    };
    cluster.outcome = cluster.outcome.max(outcome);
    if outcome == ClusterOutcome::Changed {
        cluster.changed_files += 1;
        cluster.changes += plan.changes.len();
    }
    if let Some(install) = plan.installs.first()
        && cluster.stack.is_none()
    {
        // An installation says more of a cluster than another object of it.
        cluster.release = recognised(&plan.installs, &[]);
        cluster.stack = install.facts.stack.map(|stack| stack.word().to_owned());
    }
    if cluster.release.is_none() {
        cluster.release = recognised(&plan.installs, &plan.components);
    }
    for question in &plan.missing_options {
        cluster.problems.push(format!("--{} is missing", question.flag));
    }
    cluster.findings.extend(found);
}
