//! What each subcommand does.

use crate::Exit;
use crate::args::{Action, Cli, Format, Inspect, TargetArgs, TextFormat, Transform};
use crate::clusters::{BadTarget, Grouped};
use crate::findings::Findings;
use crate::input::{self, Input};
use crate::output::Staged;
use crate::output_buffer::OutputBuffer;
use crate::people::{Text, shown, text};
use crate::render;
use crate::summary::{self, Done};
use crate::terminal::prose;
use calico_ipv6_data::{Gathered, Inspected, Inspection, Rules, VERSION};
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::model::coverage::mentioned;
use calico_ipv6_engine::model::{Documents, InputError};
use calico_ipv6_engine::output::diff::unified;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::{MissingOption, Severity, catalogue, find};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::{Target, TargetError};
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_all};
use clap::CommandFactory;
use rayon::prelude::*;
use std::io::Write;

/// How many files are in memory at once: enough for every core, few enough for any fleet.
const BATCH: usize = 64;

macro_rules! say {
    ($($arg:tt)*) => { $crate::command::speak(&$crate::people::text!($($arg)*)) };
}
pub(crate) use say;

/// Writes to standard error, in one piece: a stream that strips colours would write word by word.
pub(crate) fn speak(text: &Text) {
    let is_plain = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    let text = text.as_str();
    // If standard error is closed, nobody can be told.
    let _ = if is_plain {
        std::io::stderr().lock().write_all(anstream::adapter::strip_str(text).to_string().as_bytes())
    } else {
        anstream::stderr().lock().write_all(text.as_bytes())
    };
}

/// Runs the command.
pub(crate) fn run(cli: Cli) -> Exit {
    let verbosity = Verbosity { quiet: cli.quiet, verbose: cli.verbose };
    match cli.command {
        Action::Transform(args) => transform(&args, verbosity),
        Action::Generate(args) => crate::generate::run(&args, verbosity),
        Action::Cidr(args) => crate::cidr::run(&args),
        Action::Inspect(args) => run_inspect(&args),
        Action::Explain { rule } => explain(&rule),
        Action::Rules { output } => rules(output),
        Action::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "calico-ipv6", &mut script);
            print_file(&script)
        }
    }
}

/// How much is printed.
#[derive(Clone, Copy)]
pub(crate) struct Verbosity {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

/// Writes text to standard output, with styles if it takes them.
pub(crate) fn print_text(text: &Text) -> Exit {
    if anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never {
        print_file(anstream::adapter::strip_str(text.as_str()).to_string().as_bytes())
    } else {
        print_file(text.as_str().as_bytes())
    }
}

/// Writes the bytes of a file to standard output. If the reader closed it, that is not an error.
pub(crate) fn print_file(bytes: &[u8]) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            say!("error: standard output: {}\n", shown(&error.to_string()));
            Exit::Bad
        }
        _ => Exit::Done,
    }
}

pub(crate) fn fail(message: impl std::fmt::Display) -> Exit {
    say!("error: {}\n", shown(&message.to_string()));
    Exit::Bad
}

/// An option that is missing.
pub(crate) fn missing_option(name: &Text, question: &MissingOption) -> Text {
    let MissingOption { flag, why, example } = question;
    let choose = if flag.ends_with("-cidr") { "; to choose one: calico-ipv6 cidr" } else { "" };
    let (why, indent) = (shown(why), Text::spaces(2));
    text!(
        "error: {}: --{} is missing\n{}  for example: --{} {}{}\n",
        name,
        *flag,
        prose(&why, &indent, &indent),
        *flag,
        shown(example),
        choose
    )
}

/// Whether a finding of this severity is reported. If nothing is done, only what stops it is.
pub(crate) fn is_told(severity: Severity, verbosity: Verbosity, stopped: bool) -> bool {
    let least = match (verbosity.quiet || stopped, verbosity.verbose) {
        (_, true) => Severity::Info,
        (true, _) => Severity::Error,
        _ => Severity::Warning,
    };
    severity >= least
}

/// What became of one file, or why it could not be read.
enum File {
    Planned {
        input: Input,
        text: String,
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
    let read: Vec<(usize, Result<String, Text>)> = cluster
        .files
        .iter()
        .map(|i| (*i, inputs[*i].read().map_err(|error| text!("error: {}\n", shown(&error.to_string())))))
        .collect();
    let names: Vec<String> = cluster.files.iter().map(|i| inputs[*i].name()).collect();
    let sources: Vec<Source<'_>> = read
        .iter()
        .zip(&names)
        .filter_map(|((_, text), name)| Some(Source { name, text: text.as_ref().ok()? }))
        .collect();
    let mut plans = plan_all(&sources, target, Options::default()).into_iter();
    let mut files = Vec::with_capacity(read.len());
    for ((i, text), name) in read.into_iter().zip(names) {
        let file = match text {
            Err(message) => File::Unavailable(message),
            Ok(text) => match plans.next() {
                Some(Ok(plan)) => File::Planned { input: inputs[i].clone(), text, plan: Box::new(plan) },
                Some(Err(error)) => File::Unreadable { name, text, error },
                None => continue,
            },
        };
        files.push((i, file));
    }
    files
}

/// The target that the options describe; otherwise reports everything that is wrong with them.
pub(crate) fn resolve(args: &TargetArgs, subcommand: &'static str) -> Result<Target, Exit> {
    let config = args.config.as_deref().map(crate::args::read_config).transpose().map_err(fail)?;
    args.resolve(&config.unwrap_or_default()).map_err(|errors| bad_usage(&errors, subcommand))
}

/// Reports all invalid options.
pub(crate) fn bad_usage(errors: &[TargetError], subcommand: &'static str) -> Exit {
    for error in errors {
        say!("error: {}\n", shown(&error.to_string()));
    }
    say!("\nfor more information, try 'calico-ipv6 {} --help'\n", subcommand);
    Exit::Bad
}

fn transform(args: &Transform, verbosity: Verbosity) -> Exit {
    let inputs = match input::collect(&args.inputs) {
        Ok(inputs) => inputs,
        Err(error) => return fail(error),
    };
    if args.output_dir.is_some()
        && let Some((one, other)) = input::same_place(&inputs)
    {
        return fail(format!(
            "{one} and {other} would be written to the same file of --output-dir: pass their folder instead"
        ));
    }
    if args.write && inputs.iter().any(|i| i.path.is_none()) {
        return fail("-w replaces files, and standard input has no file: omit -w, or use --output-dir");
    }
    if inputs.len() > 1 && inputs.iter().any(|i| i.path.is_none()) {
        return fail("standard input cannot be combined with files: pass one or the other");
    }
    let grouped = Grouped::of(&inputs, &args.inputs);
    let targets = match grouped.targets(&inputs, &args.target) {
        Ok(targets) => targets,
        Err(BadTarget::File(message)) => return fail(message),
        Err(BadTarget::Options(errors)) => return bad_usage(&errors, "transform"),
    };
    let clusters: Vec<(Cluster, Target)> = grouped.clusters.into_iter().zip(targets).collect();
    let mut job = Job {
        args,
        verbosity,
        done: Vec::new(),
        staged: Staged::default(),
        data: OutputBuffer::default(),
        failed: Exit::Done,
        asked: Vec::new(),
        findings: Findings::default(),
        gathered: Gathered::default(),
        clusters: Vec::new(),
        target: Target::default(),
        single: inputs.len() == 1,
    };
    for batch in batches(&clusters) {
        let planned: Vec<Vec<(usize, File)>> = match batch {
            [(one, target)] => vec![read_and_plan(&inputs, one, target)],
            several => several.par_iter().map(|(one, target)| read_and_plan(&inputs, one, target)).collect(),
        };
        for ((_, target), files) in batch.iter().zip(planned) {
            for (i, file) in files {
                if let Err(message) = job.take(i, file, target) {
                    say!("{}", job.findings.report(verbosity.verbose));
                    return fail(message);
                }
            }
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
    /// What is requested of the first cluster.
    target: Target,
    verbosity: Verbosity,
    done: Vec<Done>,
    staged: Staged,
    data: OutputBuffer,
    failed: Exit,
    asked: Vec<&'static str>,
    /// What is printed about all files.
    findings: Findings,
    /// What `-o json` prints.
    gathered: Gathered,
    clusters: Vec<Cluster>,
    /// The one input there is; among several an empty one is passed through.
    single: bool,
}

impl Job<'_> {
    fn take(&mut self, index: usize, file: File, target: &Target) -> Result<(), String> {
        let (input, text, mut plan) = match file {
            File::Unavailable(message) => {
                say!("{}", message);
                self.failed = Exit::Bad;
                return Ok(());
            }
            File::Unreadable { name, text, error } => {
                say!("{}", render::input_error(&name, &text, &error));
                self.failed = Exit::Bad;
                if self.prints_json() {
                    self.gathered.add(index, &name, &text, Err(error), target);
                }
                return Ok(());
            }
            File::Planned { input, text, plan } => (input, text, plan),
        };
        let name = input.name();
        if text.trim().is_empty() && self.single {
            return Err(format!("{name}: is empty: pass the rendered manifest"));
        }
        let excerpts = Excerpts::new(&text);
        self.tell(&name, &excerpts, &plan);
        match plan.outcome {
            Outcome::NeedsInput => self.failed = Exit::Bad,
            Outcome::Refused if self.failed == Exit::Done => self.failed = Exit::Incomplete,
            _ => {}
        }
        if self.prints_json() {
            self.gathered.add(index, &name, &text, Ok(*plan), target);
            return Ok(());
        }
        let mentioned = if plan.outcome == Outcome::Unchanged && !plan.is_confirmed(target) {
            mentioned(&text)
        } else {
            Vec::new()
        };
        let done = Done::new(&name, &excerpts, &plan, mentioned, target);
        if self.failed == Exit::Done {
            self.put(&input, text, &mut plan)?;
        }
        self.done.push(done);
        Ok(())
    }

    fn prints_json(&self) -> bool {
        self.args.output == Format::Json
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

    /// Stages a file, or adds its text, which leaves the plan, to the output.
    fn put(&mut self, input: &Input, text: String, plan: &mut Plan) -> Result<(), String> {
        let is_changed = plan.text.is_some();
        let new = plan.text.as_deref().unwrap_or(&text);
        if self.args.write {
            if is_changed {
                self.staged.replace(input, new).map_err(|e| e.to_string())?;
            }
            return Ok(());
        }
        if let Some(folder) = &self.args.output_dir {
            return self.staged.create(&folder.join(&input.relative), new).map_err(|e| e.to_string());
        }
        let written = if self.args.output == Format::Diff {
            self.data.push(render::diff(unified(&input.bytes(), &text, new)))
        } else {
            // Several files become one stream: each begins a document of its own.
            let first = self.done.is_empty();
            let separator =
                if first || new.trim_start_matches('\u{FEFF}').starts_with("---") { "" } else { "---\n" };
            let line_break = if first || self.data.is_at_line_start() { "" } else { "\n" };
            let new = plan.text.take().unwrap_or(text);
            self.data.push(format!("{line_break}{separator}")).and_then(|()| self.data.push(new))
        };
        written.map_err(|e| format!("temporary output: {e}"))
    }

    fn finish(mut self) -> Exit {
        say!("{}", self.findings.report(self.verbosity.verbose));
        if self.prints_json() {
            let printed = print_json(&self.gathered.finish(&self.target));
            return if printed == Exit::Done { self.failed } else { printed };
        }
        if self.failed != Exit::Done {
            let good = self.done.iter().filter(|d| d.outcome == Outcome::Changed).count();
            if good > 0 && !self.verbosity.quiet {
                say!("{} more would be transformed; nothing was written\n", good);
            }
            return self.failed;
        }
        let writes = self.args.write || self.args.output_dir.is_some();
        if let Err(error) = self.staged.commit() {
            return fail(error);
        }
        if !writes {
            let exit = copy_out(std::mem::take(&mut self.data));
            if exit != Exit::Done {
                return exit;
            }
        }
        if !self.verbosity.quiet {
            let verb = if writes { "written" } else { "" };
            say!("{}", summary::all(&self.done, &self.clusters, &self.target, verb, self.verbosity.verbose));
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

fn run_inspect(args: &Inspect) -> Exit {
    let inputs = match input::collect(&args.inputs) {
        Ok(inputs) => inputs,
        Err(error) => return fail(error),
    };
    let mut exit = Exit::Done;
    let mut files: Vec<(usize, Inspected)> = Vec::new();
    for cluster in Grouped::of(&inputs, &args.inputs).clusters {
        let mut texts = Vec::with_capacity(cluster.files.len());
        for i in &cluster.files {
            match inputs[*i].read() {
                Ok(text) => texts.push((inputs[*i].name(), text)),
                Err(error) => return fail(error),
            }
        }
        let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
        for ((i, found), source) in cluster.files.iter().zip(Inspected::all(&sources)).zip(&sources) {
            if found.problem.is_some()
                && let Err(error) = Documents::read(*source)
            {
                say!("{}", render::input_error(source.name, source.text, &error));
                exit = Exit::Bad;
            }
            files.push((*i, found));
        }
    }
    files.sort_by_key(|(i, _)| *i);
    let files: Vec<Inspected> = files.into_iter().map(|(_, file)| file).collect();
    let printed = if args.output == TextFormat::Json {
        print_json(&Inspection { version: VERSION, files })
    } else {
        let read = files.iter().filter(|found| found.problem.is_none());
        print_text(&read.map(summary::inspection).collect())
    };
    if printed == Exit::Done { exit } else { printed }
}

pub(crate) fn print_json(value: &impl serde::Serialize) -> Exit {
    print_file(Text::json(value).as_str().as_bytes())
}

fn explain(rule: &str) -> Exit {
    match find(rule) {
        Some(meta) => print_text(&crate::explain::page(meta)),
        None => {
            let near = catalogue()
                .into_iter()
                .filter(|m| is_near(m.id, rule) || is_near(m.name, rule))
                .map(|m| m.id);
            let near: Vec<&str> = near.take(5).collect();
            let hint =
                if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
            fail(format!("unknown rule `{rule}`{hint} (calico-ipv6 rules lists all rules)"))
        }
    }
}

fn is_near(known: &str, typed: &str) -> bool {
    let typed = typed.to_ascii_lowercase();
    let known = known.to_ascii_lowercase();
    typed.len() >= 3
        && (known.contains(&typed) || known.get(..4).is_some_and(|start| typed.starts_with(start)))
}

fn rules(output: TextFormat) -> Exit {
    let all = catalogue();
    if output == TextFormat::Json {
        return print_json(&Rules::all());
    }
    let width = all.iter().map(|m| m.name.len()).max().unwrap_or(0);
    let line = |m: &&'static calico_ipv6_engine::rules::Metadata| {
        let rest = Text::spaces(width - m.name.len());
        text!(
            "{:<9} {:<8} {}{}  {}\n",
            m.id,
            Text::ours(&m.severity.to_string()),
            m.name,
            rest,
            m.texts().finds
        )
    };
    print_text(&all.iter().map(line).collect())
}
