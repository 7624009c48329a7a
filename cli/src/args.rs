//! What people type. The target's options come from the engine's table, so that flags, configuration keys and
//! JavaScript never differ.

use calico_ipv6_engine::cidr::{COUNTS, Count, Request};
use calico_ipv6_engine::generate::KINDS;
use calico_ipv6_engine::target::{OPTIONS, Target, TargetError, TargetOption};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Turn the configuration of a Calico cluster into dual-stack or IPv6-only: your files, with exactly the right bytes
/// changed, and the reasons.
#[derive(Debug, Parser)]
#[command(name = "calico-ipv6", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: every change of every file, every hint.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Action,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// As NO_COLOR and the terminal say.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Bring configuration to another set of address families.
    Transform(Transform),
    /// Write new configuration for a target: the operator's, kubeadm's, charts, overlays.
    Generate(Generate),
    /// Show what is in the files: release, variant, stack, pools, and what is passed through.
    Inspect(Inspect),
    /// Plan addresses: ranges for so many nodes, pods and Services, and what given ranges hold.
    Cidr(Cidr),
    /// Explain a rule: what it finds, why it hurts, which releases.
    Explain {
        /// Its id or name, such as NODE-003.
        rule: String,
    },
    /// List the rules.
    Rules {
        /// How.
        #[arg(short, long, value_name = "FORMAT", default_value = "text")]
        output: TextFormat,
    },
    /// Print a completion script for a shell.
    Completion {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Transform {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// What is printed.
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    pub(crate) output: Format,
    /// Replace the files, all or none.
    #[arg(short, long, conflicts_with_all = ["output_dir", "output"], help_heading = "Output")]
    pub(crate) write: bool,
    /// Write all files below this folder instead, under their own names.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    pub(crate) output_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// What is written.
    #[arg(value_name = "KIND", required = true, value_parser = kinds())]
    pub(crate) kinds: Vec<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// What is printed.
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    pub(crate) output: YamlFormat,
    /// Write each file below this folder instead.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    pub(crate) output_dir: Option<PathBuf>,
}

/// The kinds of files, each with what it is.
fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.about)))
}

#[derive(Debug, Args)]
pub(crate) struct Cidr {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// What is printed.
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) output: TextFormat,
}

/// The options of an address plan: numbers, and those of a target that say ranges.
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

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// What is printed.
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: TextFormat,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files or folders; `-` or nothing is standard input.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// The same, as kubectl names it.
    #[arg(short, long = "filename", value_name = "FILE|DIR", help_heading = "Input")]
    pub(crate) filename: Vec<PathBuf>,
    /// Go into the folders of folders.
    #[arg(short = 'R', long, help_heading = "Input")]
    pub(crate) recursive: bool,
}

/// What `transform` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The files.
    Yaml,
    /// A unified diff.
    Diff,
    /// The plan as data.
    Json,
}

/// Files or data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YamlFormat {
    /// The files.
    Yaml,
    /// Data.
    Json,
}

/// Words or data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    /// Words.
    Text,
    /// Data.
    Json,
}

/// An option of a target as a flag.
fn argument(option: &TargetOption) -> Arg {
    let mut arg = Arg::new(option.flag)
        .long(option.flag)
        .value_name(option.value)
        .help(option.help)
        .help_heading("Target");
    if !option.choices.is_empty() {
        arg = arg.value_parser(PossibleValuesParser::new(option.choices));
    }
    if option.is_repeatable() {
        arg = arg.action(clap::ArgAction::Append);
    }
    arg
}

/// The options of a target, from flags and from a configuration file; flags win.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    flags: Vec<(&'static str, String)>,
    pub(crate) config: Option<PathBuf>,
}

impl TargetArgs {
    /// The target that flags and the configuration's keys describe. What may be repeated is added up.
    pub(crate) fn resolve(&self, config: &[(String, String)]) -> Result<Target, Vec<TargetError>> {
        let given = |key: &str| {
            let is_it = |o: &TargetOption, flag: &str| o.flag == flag && o.key == key && !o.is_repeatable();
            self.flags.iter().any(|(flag, _)| OPTIONS.iter().any(|o| is_it(o, flag)))
        };
        let from_file = config.iter().filter(|(key, _)| !given(key)).map(|(k, v)| (k.as_str(), v.as_str()));
        Target::from_options(from_file.chain(self.flags.iter().map(|(k, v)| (*k, v.as_str()))))
    }
}

impl Args for TargetArgs {
    fn augment_args(command: Command) -> Command {
        let command = OPTIONS.iter().fold(command, |command, option| command.arg(argument(option)));
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("read the target from a Target document or a ConfigMap with the same keys; flags win")
            .value_parser(clap::value_parser!(PathBuf))
            .help_heading("Target");
        command.arg(config)
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
        Ok(())
    }
}

/// The keys of a `Target` document, or of a ConfigMap, as texts.
pub(crate) fn read_config(path: &std::path::Path) -> Result<Vec<(String, String)>, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let document: serde_yaml::Value =
        serde_yaml::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
    let field = |key: &str| document.get(key).and_then(serde_yaml::Value::as_str).unwrap_or_default();
    let keys = match (field("apiVersion"), field("kind")) {
        ("calico-ipv6.io/v1alpha1", "Target") => document.get("spec"),
        ("v1", "ConfigMap") => document.get("data"),
        (api, kind) => {
            let found = if api.is_empty() && kind.is_empty() {
                "neither".to_owned()
            } else {
                format!("{kind} of {api}")
            };
            return Err(format!(
                "{name}: a Target of calico-ipv6.io/v1alpha1 or a ConfigMap is wanted, this is {found}"
            ));
        }
    };
    let Some(serde_yaml::Value::Mapping(keys)) = keys else {
        return Err(format!("{name}: says nothing: its `spec` (of a ConfigMap, `data`) is no mapping"));
    };
    let mut options = Vec::new();
    for (key, value) in keys {
        let key = key.as_str().unwrap_or_default().to_owned();
        let repeatable = OPTIONS.iter().any(|o| o.key == key && o.is_repeatable());
        let values = match value {
            serde_yaml::Value::Sequence(values) if repeatable => values.iter().collect(),
            value => vec![value],
        };
        for value in values {
            let value = match value {
                serde_yaml::Value::String(text) => text.clone(),
                serde_yaml::Value::Bool(value) => value.to_string(),
                serde_yaml::Value::Number(value) => value.to_string(),
                _ => return Err(format!("{name}: `{key}` is no text, number or boolean")),
            };
            options.push((key.clone(), value));
        }
    }
    Ok(options)
}
