//! `transform`: reads, plans, and writes all files or none.

use crate::Exit;
use crate::args::{Format, Transform};
use crate::clusters::Requested;
use crate::command::{
    Verbosity, alone_or_files, bad_target, collect, fail, fail_to_write, grouped, is_told, missing_option,
    print_json, print_text, say, tell_killed, warn,
};
use crate::findings::Findings;
use crate::input::{Input, Reading};
use crate::interrupt;
use crate::output::{Request, Staged, WriteFailure, places};
use crate::output_buffer::OutputBuffer;
use crate::people::{Text, name, shown, text};
use crate::render;
use crate::summary::{self, Done};
use crate::threads::on_all_cores;
use calico_ipv6_data::Gathered;
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::model::coverage::mentioned;
use calico_ipv6_engine::output::diff::unified;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::steps::Planned;
use calico_ipv6_engine::source::{MAX_INPUT, Source};
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_all};
use rayon::prelude::*;
use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// How many files are in memory at once: enough for every core, few enough for any fleet.
const BATCH: usize = 64;

/// What became of one file, or why it could not be read.
enum File {
    Planned {
        reading: Reading,
        plan: Box<Plan>,
    },
    /// No bytes of it, or no text.
    Unavailable(Text),
    /// Text that is no YAML.
    Unreadable {
        name: String,
        text: String,
        error: InputError,
    },
}

/// Reads the files of one cluster and plans them together.
fn read_and_plan(inputs: &[Input], cluster: &Cluster, target: &Target) -> Vec<(usize, File)> {
    let read: Vec<(usize, Result<Reading, Text>)> = cluster
        .files
        .iter()
        .map(|i| (*i, inputs[*i].read().map_err(|error| text!("error: {}\n", shown(&error.to_string())))))
        .collect();
    let names: Vec<String> = cluster.files.iter().map(|i| inputs[*i].name()).collect();
    let sources: Vec<Source<'_>> = read
        .iter()
        .zip(&names)
        .filter_map(|((_, reading), name)| Some(Source { name, text: &reading.as_ref().ok()?.text }))
        .collect();
    let mut plans = plan_all(&sources, target, Options::default()).into_iter();
    let mut files = Vec::with_capacity(read.len());
    for ((i, reading), name) in read.into_iter().zip(names) {
        let file = match reading {
            Err(message) => File::Unavailable(message),
            Ok(reading) => match plans.next() {
                Some(Ok(plan)) => File::Planned { reading, plan: Box::new(plan) },
                Some(Err(error)) => File::Unreadable { name, text: reading.text, error },
                None => continue,
            },
        };
        files.push((i, file));
    }
    files
}

pub(crate) fn run(args: &Transform, verbosity: Verbosity) -> Exit {
    let inputs = match collect(&args.inputs, args.output_dir.as_deref(), verbosity) {
        Ok(inputs) => inputs,
        Err(exit) => return exit,
    };
    if let Some(folder) = &args.output_dir
        && let Err(message) = places::check(&inputs, folder)
    {
        return fail(message);
    }
    if args.write && inputs.iter().any(|i| i.path.is_none()) {
        return fail("-w replaces files, and standard input has no file: omit -w, or use --output-dir");
    }
    if let Err(message) = alone_or_files(&inputs) {
        return fail(message);
    }
    if args.write
        && let Some(stream) = inputs.iter().find(|input| input.path.as_ref().is_some_and(|p| !p.is_file()))
    {
        let name = stream.name();
        return fail(format!(
            "-w replaces files, and {name} is not a regular file: omit -w, or use --output-dir"
        ));
    }
    let grouped = match grouped(inputs, &args.inputs, &args.target, true, verbosity) {
        Ok(grouped) => grouped,
        Err(exit) => return exit,
    };
    let requests = grouped.requests(&args.target, true).and_then(|all| all.into_iter().collect());
    let requests: Vec<Requested> = match requests {
        Ok(requests) => requests,
        Err(bad) => return bad_target(&bad, "transform"),
    };
    let inputs = grouped.inputs;
    let targets = requests.into_iter().map(|request| request.target);
    let clusters: Vec<(Cluster, Target)> = grouped.clusters.into_iter().zip(targets).collect();
    let mut job = Job {
        args,
        inputs: &inputs,
        verbosity,
        done: Vec::new(),
        staged: Staged::default(),
        requests: Vec::new(),
        data: OutputBuffer::default(),
        failed: Exit::Done,
        asked: Vec::new(),
        findings: Findings::default(),
        gathered: Gathered::default(),
        steps: Planned::default(),
        clusters: Vec::new(),
        target: Target::default(),
        single: inputs.len() == 1,
    };
    if args.write {
        job.remove_stale();
    }
    for batch in batches(&clusters) {
        if interrupt::received() {
            return fail("a signal asked the command to end; nothing was written");
        }
        let planned: Vec<Vec<(usize, File)>> = match batch {
            [(one, target)] => vec![read_and_plan(&inputs, one, target)],
            several => on_all_cores(|| {
                several.par_iter().map(|(one, target)| read_and_plan(&inputs, one, target)).collect()
            }),
        };
        let files = batch.iter().zip(planned);
        let mut files =
            files.flat_map(|((_, target), files)| files.into_iter().map(move |file| (file, target)));
        let taken = files.try_for_each(|((i, file), target)| job.take(i, file, target));
        if let Err(message) = taken.and_then(|()| job.stage().map_err(|failure| failure.to_string())) {
            say!("{}", job.findings.report(verbosity.verbose));
            return fail(message);
        }
    }
    let (clusters, targets): (Vec<Cluster>, Vec<Target>) = clusters.into_iter().unzip();
    job.gathered.clusters(&clusters);
    job.clusters = clusters;
    job.target = targets.into_iter().next().unwrap_or_default();
    job.finish()
}

/// Clusters that are planned at the same time: not more than [`BATCH`] files, but at least one cluster.
fn batches(clusters: &[(Cluster, Target)]) -> impl Iterator<Item = &[(Cluster, Target)]> {
    let mut rest = clusters;
    std::iter::from_fn(move || {
        let mut files = 0;
        let fits = |(cluster, _): &&(Cluster, Target)| {
            files += cluster.files.len();
            files <= BATCH
        };
        let length = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (batch, later) = rest.split_at(length);
        rest = later;
        (!batch.is_empty()).then_some(batch)
    })
}

struct Job<'a> {
    args: &'a Transform,
    inputs: &'a [Input],
    /// What is requested of the first cluster.
    target: Target,
    verbosity: Verbosity,
    done: Vec<Done>,
    staged: Staged,
    /// What is to be staged of this batch.
    requests: Vec<Request>,
    data: OutputBuffer,
    failed: Exit,
    asked: Vec<&'static str>,
    /// What is printed about all files.
    findings: Findings,
    /// What `-o json` and `-o steps` print.
    gathered: Gathered,
    /// What the summary says about the steps.
    steps: Planned,
    clusters: Vec<Cluster>,
    /// The one input there is; among several an empty one is passed through.
    single: bool,
}

impl Job<'_> {
    fn take(&mut self, index: usize, file: File, target: &Target) -> Result<(), String> {
        let (reading, mut plan) = match file {
            File::Unavailable(message) => {
                say!("{}", message);
                self.failed = Exit::Bad;
                return Ok(());
            }
            File::Unreadable { name, text, error } => {
                say!("{}", render::input_error(&name, &text, &error));
                self.failed = Exit::Bad;
                if self.gathers() {
                    self.gathered.add(index, &name, &Excerpts::new(&text), Err(error), target);
                }
                return Ok(());
            }
            File::Planned { reading, plan } => (reading, plan),
        };
        let input = &self.inputs[index];
        let (name, text) = (input.name(), &reading.text);
        if text.trim().is_empty() && self.single {
            return Err(format!("{name}: is empty: pass the rendered manifest"));
        }
        if let Some(new) = plan.text.as_deref().filter(|new| new.len() > MAX_INPUT) {
            let bytes = calico_ipv6_engine::cidr::grouped(new.len() as u128);
            return Err(format!(
                "{name}: the converted file would have {bytes} bytes, and no command reads more than 64 MiB: split the file between its documents; nothing was written"
            ));
        }
        let excerpts = Excerpts::new(text);
        self.tell(&name, &excerpts, &plan);
        match plan.outcome {
            Outcome::NeedsInput => self.failed = Exit::Bad,
            Outcome::Refused if self.failed == Exit::Done => self.failed = Exit::Incomplete,
            _ => {}
        }
        if self.gathers() {
            self.gathered.add(index, &name, &excerpts, Ok(*plan), target);
            return Ok(());
        }
        // Only the summary needs them.
        if !self.verbosity.quiet && !self.args.check {
            self.steps.add(index, &name, &excerpts, &plan, target);
        }
        let mentioned = if plan.outcome == Outcome::Unchanged && !plan.is_confirmed(target) {
            mentioned(text)
        } else {
            Vec::new()
        };
        let done = Done::new(&name, &excerpts, &plan, mentioned, target);
        if self.failed == Exit::Done && !self.args.check {
            self.put(input, reading, &mut plan)?;
        }
        self.done.push(done);
        Ok(())
    }

    /// Whether the plans are printed, and not the files.
    fn gathers(&self) -> bool {
        matches!(self.args.output, Format::Json | Format::Steps)
    }

    /// Prints the plans.
    fn print_plans(self) -> Exit {
        let would_change = self.args.check && self.gathered.is_changed();
        let plans = self.gathered.finish(&self.target);
        let printed = if self.args.output == Format::Json {
            print_json(&plans)
        } else {
            let all: Vec<&str> = plans.steps.iter().map(|steps| steps.markdown.as_str()).collect();
            print_text(&all.join("\n").lines().map(|line| text!("{}\n", Text::ours(line))).collect())
        };
        match self.failed {
            _ if printed != Exit::Done => printed,
            Exit::Done if would_change => Exit::Incomplete,
            failed => failed,
        }
    }

    /// Findings and missing options.
    fn tell(&mut self, name: &str, excerpts: &Excerpts<'_>, plan: &Plan) {
        // What else is wrong with a refused file is corrected together with what stops it.
        let stopped = plan.outcome == Outcome::NeedsInput;
        for finding in plan.diagnostics.iter().filter(|diagnostic| !diagnostic.is_fixed()) {
            if is_told(finding.severity, self.verbosity, stopped) {
                self.findings.add(name, excerpts, finding);
            }
        }
        if plan.outcome == Outcome::Refused {
            self.findings.note(&text!("{}: not transformed; nothing was written\n", shown(name)));
        } else if plan.outcome == Outcome::NeedsInput {
            for question in &plan.missing_options {
                if !self.asked.contains(&question.flag) {
                    self.asked.push(question.flag);
                    self.findings.note(&missing_option(&shown(name), question));
                }
            }
        }
    }

    /// Requests that a file is written, or adds its text, which leaves the plan, to the output.
    fn put(&mut self, input: &Input, reading: Reading, plan: &mut Plan) -> Result<(), String> {
        let follow_links = self.args.inputs.follow_links;
        if self.args.write {
            if let Some(new) = plan.text.take() {
                let request = Request::replace(input, &reading, new, follow_links);
                self.requests.push(request.map_err(|failure| failure.to_string())?);
            }
            return Ok(());
        }
        if let Some(folder) = &self.args.output_dir {
            let request = Request::create_from(input, reading, plan.text.take(), folder, follow_links);
            self.requests.extend(request.map_err(|failure| failure.to_string())?);
            return Ok(());
        }
        let text = reading.text;
        let new = plan.text.as_deref().unwrap_or(&text);
        let written = if self.args.output == Format::Diff {
            self.data.push(render::diff(unified(&input.bytes(), &text, new, &plan.edits)))
        } else {
            // Several files become one stream: each begins a document of its own.
            let first = self.done.is_empty();
            let separator =
                if first || new.trim_start_matches('\u{FEFF}').starts_with("---") { "" } else { "---\n" };
            let line_break = if first || self.data.is_at_line_start() { "" } else { "\n" };
            let new = plan.text.take().unwrap_or(text);
            let new = if std::io::stdout().is_terminal() { render::for_terminal(&new) } else { new };
            self.data.push(format!("{line_break}{separator}")).and_then(|()| self.data.push(new))
        };
        written.map_err(|e| format!("temporary output: {e}"))
    }

    /// Removes what killed runs left beside the inputs, also if no input is changed.
    fn remove_stale(&mut self) {
        for input in self.inputs {
            let place = input.path.as_ref().and_then(|path| path.canonicalize().ok());
            if let Some(folder) = place.as_deref().and_then(Path::parent) {
                self.staged.remove_stale(folder);
            }
        }
        self.tell_removed();
    }

    fn tell_removed(&mut self) {
        let removed = self.staged.removed();
        if self.verbosity.verbose {
            for path in &removed {
                say!("removed what a killed run left: {}\n", shown(&name(path)));
            }
        }
        // Copies are all written again, but nobody knows which inputs that run replaced.
        let replaces = self.args.write || self.are_beside_inputs(&removed);
        if replaces {
            tell_killed(&removed);
        }
    }

    fn are_beside_inputs(&self, removed: &[PathBuf]) -> bool {
        if removed.is_empty() {
            return false;
        }
        let folder = |path: &PathBuf| Some(path.canonicalize().ok()?.parent()?.to_owned());
        let folders: HashSet<PathBuf> =
            self.inputs.iter().filter_map(|input| folder(input.path.as_ref()?)).collect();
        let parent = |path: &PathBuf| path.parent().and_then(|folder| folder.canonicalize().ok());
        removed.iter().filter_map(parent).any(|folder| folders.contains(&folder))
    }

    /// Stages the files of a batch.
    fn stage(&mut self) -> Result<(), WriteFailure> {
        let requests = std::mem::take(&mut self.requests);
        if self.failed != Exit::Done {
            return Ok(());
        }
        self.staged.add(requests)?;
        self.tell_removed();
        Ok(())
    }

    /// What `--check` says: which files would change.
    fn checked(self) -> Exit {
        let changed: Vec<&Done> = self.done.iter().filter(|d| d.outcome == Outcome::Changed).collect();
        if !self.verbosity.quiet {
            for file in &changed {
                say!("{}: would change\n", file.name);
            }
            say!(
                "{} of {} would change; nothing was written\n",
                changed.len(),
                summary::count(self.done.len(), "file")
            );
        }
        match self.failed {
            Exit::Done if !changed.is_empty() => Exit::Incomplete,
            failed => failed,
        }
    }

    fn finish(mut self) -> Exit {
        say!("{}", self.findings.report(self.verbosity.verbose));
        if self.gathers() {
            return self.print_plans();
        }
        if self.args.check {
            return self.checked();
        }
        if self.failed != Exit::Done {
            let good = self.done.iter().filter(|d| d.outcome == Outcome::Changed).count();
            if good > 0 && !self.verbosity.quiet {
                say!("{} more would be transformed; nothing was written\n", good);
            }
            return self.failed;
        }
        let writes = self.args.write || self.args.output_dir.is_some();
        match self.staged.commit() {
            Ok(notes) if !self.verbosity.quiet => notes.iter().for_each(|note| warn(note)),
            Ok(_) => {}
            Err(failure) => return fail_to_write(&failure),
        }
        if !writes {
            let exit = copy_out(std::mem::take(&mut self.data));
            if exit != Exit::Done {
                return exit;
            }
        }
        if !self.verbosity.quiet {
            let verb = if writes { "written" } else { "" };
            let running = self.steps.brief(&self.clusters);
            let verbose = self.verbosity.verbose;
            say!(
                "{}",
                summary::all(&self.done, &self.clusters, &self.target, verb, running.as_deref(), verbose)
            );
        }
        Exit::Done
    }
}

fn copy_out(data: OutputBuffer) -> Exit {
    match data.copy_to(&mut std::io::stdout().lock()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            fail(format!("standard output: {error}"))
        }
        _ => Exit::Done,
    }
}
