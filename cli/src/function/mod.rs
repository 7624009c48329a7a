//! `fn`: a KRM function. The host passes a ResourceList and gets it back, converted or checked, with results.
//!
//! The list is edited as any other file: only the bytes of a change differ, so comments stay wherever the host sends them.

mod resource_list;
mod results;

use crate::Exit;
use crate::command::{Verbosity, fail, print_file, say};
use crate::config::{mode, settings};
use crate::input::Input;
use crate::people::{Text, shown, text};
use calico_ipv6_engine::output::problem::problem;
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::{Target, TargetError, TargetOption};
use calico_ipv6_engine::transform::{Options, Outcome, plan};
use calico_ipv6_engine::yaml::Kind;
use resource_list::ResourceList;
use results::FnResult;
use std::io::IsTerminal as _;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Converts the items.
    Transform,
    /// Changes nothing: each change that is missing is an error.
    Check,
}

pub(crate) fn run(verbosity: Verbosity) -> Exit {
    if std::io::stdin().is_terminal() {
        return fail("fn reads a ResourceList from standard input: kustomize and kpt start it");
    }
    let reading = match Input::stdin().read() {
        Ok(reading) => reading,
        Err(error) => return fail(error),
    };
    let list = match ResourceList::read(&reading.text) {
        Ok(list) => list,
        Err(what) => return fail(format!("<stdin>: {what}")),
    };
    let done = match configuration(&list) {
        Err(results) => Done { exit: Exit::Bad, text: None, results },
        Ok((target, mode)) => convert(&list, &reading.text, &target, mode, verbosity.verbose),
    };
    finish(&list, &done, verbosity)
}

/// What became of a list.
struct Done {
    exit: Exit,
    /// The text with converted items; `None` if they stay as they are.
    text: Option<String>,
    results: Vec<FnResult>,
}

/// The target and the mode of functionConfig, or what is wrong with them.
fn configuration(list: &ResourceList<'_>) -> Result<(Target, Mode), Vec<FnResult>> {
    let error = |message: Text| FnResult::general(Severity::Error, message);
    let Some(config) = list.function_config() else {
        return Err(vec![error(
            "functionConfig is missing: pass a Target of calico-ipv6.io/v1alpha1 (kustomize: its file under transformers; kpt: configPath, --fn-config, or key=value after --)"
                .into(),
        )]);
    };
    let tree = list.tree();
    if tree.kind(config) != Kind::Mapping {
        let message = "functionConfig must be an object: a Target of calico-ipv6.io/v1alpha1, or a ConfigMap with the same keys";
        return Err(vec![error(message.into())]);
    }
    let settings = settings(tree, config)
        .map_err(|what| vec![error(text!("functionConfig: {}", shown(&what.message)))])?;
    let mode = match mode(tree, config).as_deref() {
        None | Some("transform") => Ok(Mode::Transform),
        Some("check") => Ok(Mode::Check),
        Some(other) => Err(error(text!("functionConfig: mode `{}` is not transform or check", shown(other)))),
    };
    let target = Target::from_options(settings.iter().map(|one| (one.option.key, one.value.as_str())));
    match (target, mode) {
        (Ok(target), Ok(mode)) => Ok((target, mode)),
        (target, mode) => {
            let of_target = target.err().into_iter().flatten();
            let of_target = of_target.map(|wrong| error(text!("functionConfig: {}", wrong_option(&wrong))));
            Err(of_target.chain(mode.err()).collect())
        }
    }
}

/// What is wrong with an option, which here is a key.
fn wrong_option(wrong: &TargetError) -> Text {
    let message = shown(&wrong.message);
    match wrong.option.and_then(TargetOption::named) {
        Some(option) if wrong.message.starts_with("is ") => text!("{} {}", option.key, message),
        Some(option) => text!("{}: {}", option.key, message),
        None => message,
    }
}

/// Plans the list as one file of one cluster: a function has one target.
fn convert(list: &ResourceList<'_>, text: &str, target: &Target, mode: Mode, with_infos: bool) -> Done {
    if list.is_empty() {
        // A pipeline may select nothing, and must not fail then.
        let message = "items is empty: there is nothing to convert".into();
        return Done {
            exit: Exit::Done,
            text: None,
            results: vec![FnResult::general(Severity::Warning, message)],
        };
    }
    let planned = match plan(Source { name: "<stdin>", text }, target, Options::default()) {
        Ok(planned) => planned,
        Err(error) => {
            let problem = problem(text, &error);
            let message = text!("{}; help: {}", shown(&problem.message), problem.help);
            return Done {
                exit: Exit::Bad,
                text: None,
                results: vec![FnResult::general(Severity::Error, message)],
            };
        }
    };
    let results = FnResult::of_plan(list, &planned, mode == Mode::Check, with_infos);
    let exit = match planned.outcome {
        Outcome::NeedsInput if mode == Mode::Transform => Exit::Bad,
        _ if results.iter().any(|one| one.severity == Severity::Error) => Exit::Incomplete,
        _ => Exit::Done,
    };
    let text = planned.text.filter(|_| mode == Mode::Transform && exit == Exit::Done);
    Done { exit, text, results }
}

/// Writes the list with its results, and for people those that need attention.
fn finish(list: &ResourceList<'_>, done: &Done, verbosity: Verbosity) -> Exit {
    let least = if verbosity.quiet { Severity::Error } else { Severity::Warning };
    for one in done.results.iter().filter(|one| one.severity >= least) {
        say!("{}", one.line());
    }
    let values: Vec<_> = done.results.iter().map(FnResult::value).collect();
    let written = match &done.text {
        None => list.with_results(&values),
        Some(text) => ResourceList::read(text).and_then(|list| list.with_results(&values)),
    };
    match written {
        Ok(text) => match print_file(crate::render::for_output(text).as_bytes()) {
            Exit::Done => done.exit,
            failed => failed,
        },
        Err(what) => fail(format!("<stdin>: results cannot be written: {what}")),
    }
}
