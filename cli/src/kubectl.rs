//! The command as a plugin of kubectl: its name in messages, and the words that kubectl completes.
//!
//! kubectl finds plugins by the names of files in `PATH`. `kubectl-calico_ipv6` is the plugin, and
//! `kubectl_complete-calico_ipv6` gets the words behind `kubectl calico-ipv6`, the last one unfinished, and prints what it can
//! become (k8s.io/kubectl, pkg/cmd/plugin/plugin_completion.go).

use clap::{Arg, Command};
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::sync::LazyLock;

/// How users call the plugin.
pub(crate) const PLUGIN: &str = "kubectl calico-ipv6";

/// The name of the command in messages.
const COMMAND: &str = "calico-ipv6";

/// What cobra, which kubectl is built with, does after the words: complete names of files, or nothing.
const FILES: &str = ":0";
const NO_FILES: &str = ":4";

/// The name of the file that was started.
fn program() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let name = std::env::args_os().next().unwrap_or_default();
        Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned()
    });
    &NAME
}

pub(crate) fn is_plugin() -> bool {
    program().starts_with("kubectl-")
}

pub(crate) fn is_completion() -> bool {
    program().starts_with("kubectl_complete-")
}

/// A text in which the command has the name that users of the plugin type.
pub(crate) fn as_called(text: &str, command: impl FnOnce() -> Command) -> Cow<'_, str> {
    if is_plugin() { named(text, PLUGIN, &command()) } else { Cow::Borrowed(text) }
}

/// Writes `name` wherever a text calls a subcommand of `calico-ipv6`.
fn named<'t>(text: &'t str, name: &str, subcommands: &Command) -> Cow<'t, str> {
    let is_call = |(at, _): &(usize, &str)| {
        let (before, after) = (&text[..*at], &text[at + COMMAND.len()..]);
        let word: String = after.trim_start().chars().take_while(char::is_ascii_lowercase).collect();
        let starts = before.is_empty() || before.ends_with([' ', '\n', '\'', '`', '(', '|']);
        starts
            && !before.ends_with("kubectl ")
            && after.starts_with([' ', '\n'])
            && subcommands.find_subcommand(&word).is_some()
    };
    let calls: Vec<usize> = text.match_indices(COMMAND).filter(is_call).map(|(at, _)| at).collect();
    if calls.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + calls.len() * name.len());
    let mut from = 0;
    for at in calls {
        out.push_str(&text[from..at]);
        out.push_str(name);
        from = at + COMMAND.len();
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// What the last of these words can become, one line each, and whether names of files are completed.
pub(crate) fn completions(root: &Command, words: &[OsString]) -> String {
    let words: Vec<Cow<'_, str>> = words.iter().map(|word| word.to_string_lossy()).collect();
    let Some((current, before)) = words.split_last() else { return format!("{NO_FILES}\n") };
    let mut command = root;
    for word in before {
        command = command.find_subcommand(word.as_ref()).unwrap_or(command);
    }
    let flags = || command.get_arguments().chain(root.get_arguments().filter(|arg| arg.is_global_set()));
    let flag_of = |word: &str| {
        let long = word.strip_prefix("--");
        let short = word.strip_prefix('-').filter(|rest| rest.chars().count() == 1);
        let is_it = |arg: &&Arg| {
            (long.is_some() && arg.get_long() == long)
                || short.is_some_and(|short| arg.get_short() == short.chars().next())
        };
        flags().find(is_it)
    };
    let is_valued = |arg: &&Arg| arg.get_action().takes_values();
    let (mut found, mut files) = (Vec::new(), NO_FILES);
    if let Some((flag, start)) = current.split_once('=').filter(|(flag, _)| flag.starts_with("--")) {
        let values = flag_of(flag).map(values).unwrap_or_default();
        found.extend(
            values.into_iter().filter(|value| value.starts_with(start)).map(|v| format!("{flag}={v}")),
        );
    } else if let Some(arg) = before.last().and_then(|word| flag_of(word)).filter(is_valued) {
        found = values(arg);
        files = if found.is_empty() { FILES } else { NO_FILES };
    } else if current.starts_with('-') {
        let visible = flags().filter(|arg| !arg.is_hide_set());
        found.extend(visible.filter_map(|arg| Some(format!("--{}", arg.get_long()?))));
    } else if command.has_subcommands() {
        found.extend(command.get_subcommands().map(|one| one.get_name().to_owned()));
    } else if let Some(argument) = command.get_positionals().next() {
        found = values(argument);
        files = if found.is_empty() { FILES } else { NO_FILES };
    }
    found.retain(|word| word.starts_with(current.as_ref()));
    found.push(files.to_owned());
    found.join("\n") + "\n"
}

/// The values that an option or argument may have; none if it is free text.
fn values(arg: &Arg) -> Vec<String> {
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{completions, named};
    use crate::args::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn only_calls_of_subcommands_get_the_name_of_the_plugin() {
        for (text, expected) in [
            ("try 'calico-ipv6 lint --help'", "try 'kubectl calico-ipv6 lint --help'"),
            ("  calico-ipv6 cidr --nodes 5\n", "  kubectl calico-ipv6 cidr --nodes 5\n"),
            ("a defect of calico-ipv6 0.1.0", "a defect of calico-ipv6 0.1.0"),
            ("kubectl calico-ipv6 lint", "kubectl calico-ipv6 lint"),
            ("github.com/calico-ipv6 lint", "github.com/calico-ipv6 lint"),
        ] {
            assert_eq!(named(text, "kubectl calico-ipv6", &Cli::command()), expected);
        }
    }

    #[test]
    fn the_last_word_is_completed() {
        for (words, expected) in [
            (&["tr"][..], "transform\n:4\n"),
            (&["transform", "--to", ""], "dual-stack\nipv6-only\nipv4-only\n:4\n"),
            (&["transform", "--to=ipv"], "--to=ipv6-only\n--to=ipv4-only\n:4\n"),
            (&["transform", "-o", "d"], "diff\n:4\n"),
            (&["transform", "--ipv6-p"], "--ipv6-pod-cidr\n:4\n"),
            (&["transform", "--config", ""], ":0\n"),
            (&["lint", ""], ":0\n"),
            (&["generate", "kubea"], "kubeadm\n:4\n"),
        ] {
            let words: Vec<_> = words.iter().map(Into::into).collect();
            assert_eq!(completions(&Cli::command(), &words), expected, "{words:?}");
        }
    }
}
