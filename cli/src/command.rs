//! What each subcommand does.

use crate::Exit;
use crate::args::{Action, Cli, FleetArgs, Inputs, Inspect, ReportAction, TargetArgs, TextFormat};
use crate::clusters::{BadTarget, Grouped};
use crate::config::Wrong;
use crate::input::Input;
use crate::kubectl::as_called;
use crate::output::{WriteFailure, places};
use crate::people::{Text, name, shown, text};
use crate::progress::suspended;
use crate::render;
use crate::search;
use crate::summary;
use crate::terminal::prose;
use calico_ipv6_data::{Inspected, Inspection, Rules};
use calico_ipv6_engine::cidr::Request;
use calico_ipv6_engine::model::Documents;
use calico_ipv6_engine::rules::{MissingOption, Severity, catalogue, find};
use calico_ipv6_engine::source::Source;
use clap::CommandFactory;
use std::io::Write;
use std::path::{Path, PathBuf};

macro_rules! say {
    ($($arg:tt)*) => { $crate::command::speak(&$crate::people::text!($($arg)*)) };
}
pub(crate) use say;

/// Writes to standard error, in one piece: a stream that strips colours would write word by word.
pub(crate) fn speak(text: &Text) {
    let is_plain = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    let text = as_called(text.as_str(), Cli::command);
    // If standard error is closed, nobody can be told.
    let _ = suspended(|| {
        if is_plain {
            std::io::stderr().lock().write_all(anstream::adapter::strip_str(&text).to_string().as_bytes())
        } else {
            anstream::stderr().lock().write_all(text.as_bytes())
        }
    });
}

/// Runs the command.
pub(crate) fn run(cli: Cli) -> Exit {
    let verbosity = Verbosity { quiet: cli.quiet, verbose: cli.verbose };
    match cli.command {
        Action::Transform(args) => crate::transform::run(&args, verbosity),
        Action::Lint(args) => crate::lint::run(&args, verbosity),
        Action::Generate(args) => crate::generate::run(&args, verbosity),
        Action::Fn => crate::function::run(verbosity),
        Action::Cidr(args) => crate::cidr::run(&args),
        Action::Inspect(args) => run_inspect(&args, verbosity),
        Action::Preflight(args) => crate::preflight::run(&args, verbosity),
        Action::Report(ReportAction::Merge { files }) => crate::fleet::merge(&files, verbosity),
        Action::Explain { rule } => explain(&rule),
        Action::Rules { output } => rules(output),
        Action::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "calico-ipv6", &mut script);
            print_file(&script)
        }
        Action::Man { subcommand } => match crate::man::page(Cli::command(), &subcommand) {
            Some(page) => print_file(&page),
            None => fail(format!(
                "no subcommand is called `{}`; `calico-ipv6 --help` lists them",
                subcommand.join(" ")
            )),
        },
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
    let text = as_called(text.as_str(), Cli::command);
    if anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never {
        print_file(anstream::adapter::strip_str(&text).to_string().as_bytes())
    } else {
        print_file(text.as_bytes())
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

/// An option that is missing. `effect` says what follows from it, if anything but an end.
pub(crate) fn missing_option(name: &Text, effect: &'static str, question: &MissingOption) -> Text {
    let MissingOption { flag, why, example } = question;
    let is_planned = flag.ends_with("-cidr") && Request::options().any(|option| option.flag == *flag);
    let choose = if is_planned { "; to choose one: calico-ipv6 cidr" } else { "" };
    let (why, indent) = (shown(why), Text::spaces(2));
    text!(
        "error: {}: {}--{} is missing\n{}  for example: --{} {}{}\n",
        name,
        effect,
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

/// The end of a command that has nothing else to say on standard error.
pub(crate) struct Ended {
    pub(crate) exit: Exit,
    /// What was said, if it is an error.
    pub(crate) error: Option<String>,
}

impl Ended {
    /// Reports an error.
    pub(crate) fn failed(error: impl std::fmt::Display) -> Ended {
        let error = error.to_string();
        Ended { exit: fail(&error), error: Some(error) }
    }
}

/// The clusters of inputs, for a subcommand that takes a target. With --print-config, prints that, and is done.
pub(crate) fn grouped(
    inputs: Vec<Input>,
    inputs_args: &Inputs,
    target: &TargetArgs,
    fleet: &FleetArgs,
    output: Option<&Path>,
    needs_stack: bool,
    verbosity: Verbosity,
) -> Result<Grouped, Ended> {
    let uses_configs = target.config.is_none() && !target.isolated;
    let mut grouped = Grouped::of(inputs, inputs_args, uses_configs).map_err(Ended::failed)?;
    grouped.read_config(target).map_err(Ended::failed)?;
    if let Some(replaced) = grouped.replaced_configs(target).filter(|_| !verbosity.quiet) {
        warn(&replaced);
    }
    if target.print_config {
        let document = grouped.print_config(target, needs_stack).map_err(Ended::failed)?;
        return Err(Ended { exit: print_text(&document), error: None });
    }
    // Two inputs of different shards may not have the same place either.
    if let Some(output) = output {
        places::check(&grouped.inputs, output).map_err(Ended::failed)?;
    }
    if let Some(shard) = fleet.shard {
        grouped.keep(shard);
    }
    Ok(grouped)
}

/// Reports what is wrong with a target.
pub(crate) fn bad_target(bad: &BadTarget, subcommand: &'static str) -> Exit {
    match bad {
        BadTarget::File(message) => fail(message),
        BadTarget::Options(wrong) if wrong.iter().any(Wrong::is_of_flags) => bad_usage(wrong, subcommand),
        BadTarget::Options(wrong) => {
            wrong.iter().for_each(|one| say!("error: {}\n", shown(&one.to_string())));
            Exit::Bad
        }
    }
}

/// Reports all invalid options.
pub(crate) fn bad_usage(errors: &[impl std::fmt::Display], subcommand: &'static str) -> Exit {
    for error in errors {
        say!("error: {}\n", shown(&error.to_string()));
    }
    say!("\nfor more information, try 'calico-ipv6 {} --help'\n", subcommand);
    Exit::Bad
}

/// The inputs. What is in their folders and is not read is reported. A named file that is not there is an error, or
/// `may_be_missing` until it is read.
pub(crate) fn collect(
    inputs: &Inputs,
    output: Option<&Path>,
    may_be_missing: bool,
    verbosity: Verbosity,
) -> Result<Vec<Input>, Ended> {
    let mut skipped = Vec::new();
    let found = search::collect(inputs, output, may_be_missing, &mut skipped);
    if !verbosity.quiet {
        for one in skipped {
            warn(&one);
        }
    }
    found.map_err(Ended::failed)
}

/// An error if standard input is one of several inputs.
pub(crate) fn alone_or_files(inputs: &[Input]) -> Result<(), &'static str> {
    if inputs.len() > 1 && inputs.iter().any(|input| input.path.is_none()) {
        return Err("standard input cannot be combined with files: pass one or the other");
    }
    Ok(())
}

/// What to do where a run was killed. With --primary-family, what is right for one file depends on the old texts of others.
const AFTER_A_KILLED_RUN: [&str; 2] = [
    "Some files may be converted and others not. A transform of all of them converts the rest, once it ends without an error; with --primary-family it may leave old values or refuse files, because it decides by the old texts of all files.",
    "To be sure, restore the files from version control or a backup and run the command again, or check every file with calico-ipv6 inspect.",
];

/// Warns that a run was killed where these temporary files were left.
pub(crate) fn tell_killed(removed: &[PathBuf]) {
    let Some(first) = removed.first() else { return };
    let folder = name(first.parent().unwrap_or(Path::new(".")));
    say!("warning: a run was killed in {}; its temporary files are removed\n", shown(&folder));
    let indent = Text::spaces(2);
    for line in AFTER_A_KILLED_RUN {
        say!("{}", prose(&line.into(), &indent, &indent));
    }
}

/// Reports that files could not be written, and which of them could not be restored.
pub(crate) fn fail_to_write(failure: &WriteFailure) -> Exit {
    let exit = fail(failure);
    for one in failure.not_restored() {
        fail(one);
    }
    exit
}

pub(crate) fn warn(message: &str) {
    say!("warning: {}\n", shown(message));
}

fn run_inspect(args: &Inspect, verbosity: Verbosity) -> Exit {
    let inputs = match collect(&args.inputs, None, false, verbosity) {
        Ok(inputs) => inputs,
        Err(ended) => return ended.exit,
    };
    let Grouped { inputs, clusters, .. } = match Grouped::of(inputs, &args.inputs, false) {
        Ok(grouped) => grouped,
        Err(message) => return fail(message),
    };
    let mut exit = Exit::Done;
    let mut files: Vec<(usize, Inspected)> = Vec::new();
    for cluster in clusters {
        let mut texts = Vec::with_capacity(cluster.files.len());
        for i in &cluster.files {
            let reading = match inputs[*i].read() {
                Ok(reading) => reading,
                Err(error) => return fail(error),
            };
            if let Err(message) = inputs[*i].fed(&reading.text, false) {
                return fail(message);
            }
            texts.push((inputs[*i].name(), reading.text));
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
        print_json(&Inspection::from(files))
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
            fail(unknown_rule(rule, &near.take(5).collect::<Vec<_>>()))
        }
    }
}

/// Says that a word names no rule; `near` are the ids that may be meant.
pub(crate) fn unknown_rule(word: &str, near: &[&str]) -> String {
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    format!("unknown rule `{word}`{hint} (calico-ipv6 rules lists all rules)")
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
