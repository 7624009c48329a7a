//! Flags that are rows of the engine's tables: the options of a target, and those of an address plan.

use calico_ipv6_engine::cidr::{COUNTS, Count, Request};
use calico_ipv6_engine::target::{OPTIONS, TargetError, TargetOption};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::path::PathBuf;

/// An option of a target as a flag.
fn argument(option: &TargetOption) -> Arg {
    let mut arg = Arg::new(option.flag)
        .long(option.flag)
        .value_name(option.value)
        .help(option.help)
        .help_heading("Target");
    if let Some(alias) = option.alias() {
        arg = arg.visible_alias(alias);
    }
    if !option.choices.is_empty() {
        arg = arg.value_parser(PossibleValuesParser::new(option.choices));
    }
    if option.is_switch() {
        arg = arg.num_args(0..=1).require_equals(true).default_missing_value("true");
    }
    if option.is_repeatable() {
        arg = arg.action(clap::ArgAction::Append);
    }
    arg
}

/// The options of a target as flags, and which configuration files are read (`crate::config`).
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    pub(crate) flags: Vec<(&'static str, String)>,
    pub(crate) config: Option<PathBuf>,
    /// Configuration files of folders are not read.
    pub(crate) isolated: bool,
    /// Print the target, and do nothing else.
    pub(crate) print_config: bool,
}

impl Args for TargetArgs {
    fn augment_args(command: Command) -> Command {
        let command = OPTIONS.iter().fold(command, |command, option| command.arg(argument(option)));
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("read the target from a Target document or a ConfigMap with the same keys, not from a calico-ipv6.yaml; flags win")
            .value_parser(clap::value_parser!(PathBuf))
            .help_heading("Configuration");
        let isolated = Arg::new("isolated")
            .long("isolated")
            .action(clap::ArgAction::SetTrue)
            .help("do not look for calico-ipv6.yaml in the folders of the inputs and above them")
            .help_heading("Configuration");
        let print_config = Arg::new("print-config")
            .long("print-config")
            .action(clap::ArgAction::SetTrue)
            .help("print the target, with where each value comes from, and do nothing else")
            .help_heading("Configuration");
        command.args([config, isolated, print_config])
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TargetArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = TargetArgs::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for option in OPTIONS {
            for value in matches.get_many::<String>(option.flag).into_iter().flatten() {
                self.flags.push((option.flag, value.clone()));
            }
        }
        self.config = matches.get_one::<PathBuf>("config").cloned();
        self.isolated = matches.get_flag("isolated");
        self.print_config = matches.get_flag("print-config");
        Ok(())
    }
}

/// The options of an address plan: numbers, and the ranges of a target.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestArgs {
    flags: Vec<(&'static str, String)>,
}

impl RequestArgs {
    pub(crate) fn resolve(&self) -> Result<Request, Vec<TargetError>> {
        Request::from_options(self.flags.iter().map(|(flag, value)| (*flag, value.as_str())))
    }
}

impl Args for RequestArgs {
    fn augment_args(command: Command) -> Command {
        let count = |count: &Count| Arg::new(count.flag).long(count.flag).value_name("N").help(count.help);
        let command =
            COUNTS.iter().fold(command, |command, one| command.arg(count(one).help_heading("Size")));
        Request::options().fold(command, |command, option| command.arg(argument(option)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RequestArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = RequestArgs::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let flags = COUNTS.iter().map(|count| count.flag).chain(Request::options().map(|option| option.flag));
        for flag in flags {
            if let Some(value) = matches.get_one::<String>(flag) {
                self.flags.push((flag, value.clone()));
            }
        }
        Ok(())
    }
}
