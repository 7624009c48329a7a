//! The command line. The target's options come from the engine's table, so that flags, configuration keys and
//! JavaScript never differ.

mod options;

use crate::examples;
use crate::fleet::Shard;
use calico_ipv6_engine::generate::KINDS;
use calico_ipv6_engine::target::Stack;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use options::{RequestArgs, TargetArgs};
use std::path::PathBuf;

/// Convert the configuration of a Calico cluster to dual-stack or IPv6-only: changes only the lines that must change, and
/// explains every change.
#[derive(Debug, Parser)]
#[command(name = "calico-ipv6", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// When to color the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Only print errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print every change of every file, every location of a finding, and hints.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Action,
}

/// When output is colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// If the output is a terminal and NO_COLOR is not set.
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
    /// Convert configuration to dual-stack, IPv6-only or IPv4-only.
    Transform(Transform),
    /// Check configuration: report what is wrong, and correct it with --fix.
    Lint(Lint),
    /// Write new configuration for a target: operator resources, kubeadm, Helm values, overlays.
    Generate(Generate),
    /// Show what the files contain: release, variant, stack, pools and addresses.
    Inspect(Inspect),
    /// Run as a KRM function: for kustomize and kpt, a ResourceList on standard input and standard output.
    ///
    /// functionConfig is a Target document, or a ConfigMap with the same keys. With `mode: transform` (the default), the items
    /// are converted; with `mode: check`, they are not changed, and each change that is missing is an error. Findings and changes
    /// are the results.
    ///
    /// Exit code 0: done. 1: there are results with the severity error. 2: invalid input or functionConfig.
    #[command(after_help = examples::FUNCTION)]
    Fn,
    /// Plan CIDRs for a number of nodes, pods and Services, or show the capacity of given CIDRs.
    Cidr(Cidr),
    /// Check whether this host can run Calico with IPv6. Changes nothing.
    ///
    /// Reads files below /proc, /sys and /etc, without privileges, and names each one. What cannot be read is reported as
    /// not checked. With files of the cluster, shows the MTU that their encapsulation leaves for pods.
    ///
    /// Exit code 0: no check found an error. 1: at least one did. 2: invalid usage, or no host to read.
    Preflight(Preflight),
    /// Work with the reports of --report.
    #[command(subcommand, after_help = examples::REPORT)]
    Report(ReportAction),
    /// Explain a rule: what it finds, what happens in the cluster, what to do.
    #[command(after_help = examples::EXPLAIN)]
    Explain {
        /// ID or name of the rule, such as NODE-003.
        rule: String,
    },
    /// List the rules.
    #[command(after_help = examples::RULES)]
    Rules {
        /// Output format.
        #[arg(short, long, value_name = "FORMAT", default_value = "text")]
        output: TextFormat,
    },
    /// Print a completion script for a shell.
    #[command(after_help = examples::COMPLETION)]
    Completion {
        /// Name of the shell.
        shell: clap_complete::Shell,
    },
    /// Print a manual page.
    #[command(after_help = examples::MAN)]
    Man {
        /// Subcommand that the page is about; without it, the page is about calico-ipv6.
        subcommand: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportAction {
    /// Print the report of a single run, joined from those of all its shards.
    ///
    /// Each shard must be there once, and be of the same release, with the same options and the same list of files. It is not
    /// seen whether the content of a file changed between two shards.
    ///
    /// Exit code 0: done. 1: done, and a cluster was not completed. 2: the reports cannot be merged.
    #[command(after_help = examples::REPORT)]
    Merge {
        /// The reports of all shards, in any order.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = examples::TRANSFORM)]
pub(crate) struct Transform {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    pub(crate) output: Format,
    /// Write nothing, and exit with 1 if a file would change or cannot be converted. For CI.
    #[arg(long, conflicts_with_all = ["write", "output_dir"], help_heading = "Output")]
    pub(crate) check: bool,
    /// Write the changes to the files: all of them, or none.
    ///
    /// Each file is replaced by one rename and keeps its mode, owner, extended attributes and ACLs. If a file cannot be
    /// replaced, or changed since it was read, no file is changed: files that were replaced get their old text back, and
    /// a file that cannot be restored is named. If the process is killed (SIGKILL, power failure) between two renames,
    /// some files are new and some are old; each is complete. Run the command again: it converts the rest, removes the
    /// temporary files (.calico-ipv6-*), and says that a run was killed. With --primary-family the rest can differ from
    /// what one run would have written: restore the files from version control or a backup first.
    #[arg(short, long, conflicts_with_all = ["output_dir", "output"], help_heading = "Output")]
    pub(crate) write: bool,
    /// Write all files to this folder instead, with their own names: all of them, or none.
    ///
    /// Each file is written by one rename, and gets the mode of its source as far as the umask allows it. If a file cannot
    /// be written, none is: new files and folders are removed again. If the process is killed between two renames, some
    /// files are missing or old; each is complete. Run the command again. If the folder is inside a folder that is read,
    /// it is not read itself. A link out of the folder is not followed, and no other input is overwritten.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    pub(crate) output_dir: Option<PathBuf>,
    /// Go on if a cluster cannot be read, converted or written: all or none then holds for the files of each cluster.
    ///
    /// Exit code 0: every cluster is done. 1: some are not. 2: invalid usage, or none is.
    #[arg(long, help_heading = "Fleets")]
    pub(crate) keep_going: bool,
    #[command(flatten)]
    pub(crate) fleet: FleetArgs,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

/// Many clusters, on one machine or on several.
#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    /// Only the I-th of N parts of the clusters, from 1/N to N/N; 0/N is N/N. Which part a cluster is in depends on its path
    /// alone.
    #[arg(long, value_name = "I/N", help_heading = "Fleets")]
    pub(crate) shard: Option<Shard>,
    /// Also write the result of each cluster to this file, as JSON Lines. `report merge` joins those of all shards. An older
    /// report is replaced, or removed if the run ends without a report.
    #[arg(long, value_name = "FILE", help_heading = "Fleets")]
    pub(crate) report: Option<PathBuf>,
}

/// Without --to, files are checked for the IP families that they configure.
#[derive(Debug, Args)]
#[command(after_help = examples::LINT)]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Write the safe fixes to the files: all files, or none. Of standard input, the result is printed.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) fix: bool,
    /// Write the safe fixes, and those that are right for most clusters, but not for each; --fix is not needed.
    #[arg(long, help_heading = "Fixes")]
    pub(crate) unsafe_fixes: bool,
    /// Only these rules: ids, names, or what ids begin with (POOL).
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) select: Vec<String>,
    /// Not these rules; of --select and --ignore, the longer word decides.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) ignore: Vec<String>,
    /// Do not report the findings that this file lists.
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the findings to a file for --baseline, and report none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "fix", "unsafe_fixes"], help_heading = "Rules")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Exit with 1 if there is a finding of this severity or a higher one.
    #[arg(long, value_name = "SEVERITY", default_value = "error", help_heading = "Output")]
    pub(crate) fail_on: FailOn,
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) output: LintFormat,
    #[command(flatten)]
    pub(crate) fleet: FleetArgs,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

/// What makes `lint` exit with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Every finding.
    Info,
    /// Nothing.
    Never,
}

/// What `lint` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// Each finding with its line, what happens, and what to do.
    Text,
    /// One line for each finding.
    Concise,
    /// JSON.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// JUnit XML: a file is a test suite, a finding is a failed test.
    Junit,
}

#[derive(Debug, Args)]
#[command(after_help = examples::GENERATE)]
pub(crate) struct Generate {
    /// Kinds of files to write.
    #[arg(value_name = "KIND", required = true, value_parser = kinds())]
    pub(crate) kinds: Vec<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml", help_heading = "Output")]
    pub(crate) output: YamlFormat,
    /// Write each file to this folder instead.
    #[arg(long, value_name = "DIR", conflicts_with = "output", help_heading = "Output")]
    pub(crate) output_dir: Option<PathBuf>,
}

/// The kinds of files, each with its description.
fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.about)))
}

#[derive(Debug, Args)]
#[command(after_help = examples::CIDR)]
pub(crate) struct Cidr {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) output: TextFormat,
}

#[derive(Debug, Args)]
#[command(after_help = examples::INSPECT)]
pub(crate) struct Inspect {
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: TextFormat,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

#[derive(Debug, Args)]
#[command(after_help = examples::PREFLIGHT)]
pub(crate) struct Preflight {
    /// IP families that pods get.
    #[arg(long, value_name = "STACK", default_value = "dual-stack", value_parser = stacks(), help_heading = "Target")]
    pub(crate) to: String,
    /// What creates the node; with kubeadm, what kubeadm itself refuses is an error [default: kubeadm if the files hold
    /// its configuration].
    #[arg(long, value_name = "NAME", value_parser = ["kubeadm", "other"], help_heading = "Target")]
    pub(crate) provisioner: Option<String>,
    /// Read the copy of a host below this folder: proc/net, proc/sys, sys/class/net, etc and so on.
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) root: Option<PathBuf>,
    /// Files of the cluster, or folders with them: what they say about encapsulation; `-` is standard input.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Same as FILE (kubectl's spelling).
    #[arg(short, long = "filename", value_name = "FILE|DIR", help_heading = "Input")]
    pub(crate) filename: Vec<PathBuf>,
    /// Read subfolders of folders.
    #[arg(short = 'R', long, help_heading = "Input")]
    pub(crate) recursive: bool,
    /// Print the kernel parameters that are missing, or that no file sets at boot, as a file for /etc/sysctl.d. Exit code
    /// 0 if they could be printed.
    #[arg(long, conflicts_with = "output", help_heading = "Output")]
    pub(crate) print_sysctl: bool,
    /// Output format.
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) output: TextFormat,
}

/// The stacks, as `--to` names them.
fn stacks() -> PossibleValuesParser {
    PossibleValuesParser::new(Stack::ALL.map(Stack::word))
}

#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// Files or folders; `-` or no argument is standard input.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Same as FILE (kubectl's spelling).
    #[arg(short, long = "filename", value_name = "FILE|DIR", help_heading = "Input")]
    pub(crate) filename: Vec<PathBuf>,
    /// Read subfolders of folders.
    #[arg(short = 'R', long, help_heading = "Input")]
    pub(crate) recursive: bool,
    /// Follow links: read linked folders, and let `transform -w` replace files outside the folder or with several hard
    /// links.
    ///
    /// In a folder, `transform -w` refuses to replace a file that a link outside this folder leads to, and a file with
    /// several names (hard links): its other names would keep the old text. A file that you name yourself is replaced
    /// without this flag.
    #[arg(long, help_heading = "Input")]
    pub(crate) follow_links: bool,
    /// The inputs below this folder are one cluster; repeatable.
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) cluster_root: Vec<PathBuf>,
}

/// What `transform` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The files; on a terminal, their control characters are escaped.
    Yaml,
    /// Unified diff for patch and git apply; on a terminal, control characters in its lines are escaped.
    Diff,
    /// The plan as JSON.
    Json,
    /// The plan as Markdown for the person who converts the cluster: numbered steps, each with its commands, what
    /// restarts, how to see that it worked, and how to go back.
    Steps,
    /// A patch of each object that changes, for kubectl patch or a kustomization: strategic merge, or JSON 6902 where a
    /// merge would replace a list.
    Patch,
    /// The patches as a Component of kustomize.
    Kustomize,
    /// The patches as Flux takes them: for a HelmRelease, and for a Kustomization.
    Flux,
}

/// Files or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YamlFormat {
    /// The files.
    Yaml,
    /// JSON.
    Json,
}

/// Text or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    /// Text.
    Text,
    /// JSON.
    Json,
}
