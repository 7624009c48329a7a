//! Which inputs belong to one cluster, and what is requested of each cluster.

use crate::args::{Inputs, TargetArgs};
use crate::config::{parse_config, read_config};
use crate::input::Input;
use crate::people::name;
use crate::threads::on_all_cores;
use calico_ipv6_engine::model::clusters::{Cluster, Survey, group};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::{Stack, Target, TargetError};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// The clusters of all inputs.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// The clusters, by the indexes of their inputs.
    pub(crate) clusters: Vec<Cluster>,
    /// The `Target` documents among the inputs: the index of the input, and its text.
    targets: Vec<(usize, String)>,
    /// The folder of each input, if it matters.
    folders: Vec<Option<PathBuf>>,
}

/// What is wrong with what is requested.
pub(crate) enum BadTarget {
    /// A file that cannot be read as a target.
    File(String),
    /// Invalid options.
    Options(Vec<TargetError>),
}

impl Grouped {
    /// Groups inputs. Each is read for this; one that cannot be read is reported when it is planned.
    pub(crate) fn of(inputs: &[Input], args: &Inputs) -> Result<Grouped, String> {
        let mut folders = Vec::new();
        let mut roots = explicit_roots(args)?;
        if !roots.is_empty() {
            folders = inputs.iter().map(folder).collect();
        }
        if let Some((_, given)) =
            roots.iter().zip(&args.cluster_root).find(|(root, _)| !holds_any(root, &folders))
        {
            return Err(format!("--cluster-root {}: no input is in this folder", name(given)));
        }
        if let [one] = inputs {
            let clusters = vec![Cluster { name: one.name(), files: vec![0] }];
            return Ok(Grouped { clusters, ..Grouped::default() });
        }
        let survey = |input: &Input| {
            let name = input.name();
            input.look(|text| {
                let target = is_target(text).then(|| text.to_owned());
                (Survey::of(Source { name: &name, text }), target)
            })
        };
        let surveyed: Vec<(Survey, Option<String>)> =
            on_all_cores(|| inputs.par_iter().map(survey).collect());
        let (surveys, targets): (Vec<Survey>, Vec<Option<String>>) = surveyed.into_iter().unzip();
        let targets: Vec<(usize, String)> =
            targets.into_iter().enumerate().filter_map(|(i, text)| Some((i, text?))).collect();
        if !targets.is_empty() && folders.is_empty() {
            folders = inputs.iter().map(folder).collect();
        }
        // A Target above all files says what is requested of every cluster, and separates none.
        let of_targets = targets.iter().filter_map(|(i, _)| folders[*i].clone());
        let separates = |root: &PathBuf| folders.iter().flatten().any(|folder| !folder.starts_with(root));
        roots.extend(of_targets.filter(separates));
        let roots: Vec<Option<usize>> =
            folders.iter().map(|folder| nearest(&roots, folder.as_deref()?)).collect();
        Ok(Grouped { clusters: group(&surveys, &roots), targets, folders })
    }

    /// What is requested of each cluster: flags first, then the nearest `Target` document in a folder above its files,
    /// then `--config`.
    pub(crate) fn targets(&self, inputs: &[Input], args: &TargetArgs) -> Result<Vec<Target>, BadTarget> {
        Ok(self.requests(inputs, args, true)?.into_iter().map(|(target, _)| target).collect())
    }

    /// The same, each with whether it names a stack.
    pub(crate) fn requests(
        &self,
        inputs: &[Input],
        args: &TargetArgs,
        needs_stack: bool,
    ) -> Result<Vec<(Target, bool)>, BadTarget> {
        let config = args.config.as_deref().map(read_config).transpose().map_err(BadTarget::File)?;
        let config = config.unwrap_or_default();
        let resolve = |options: &[(String, String)]| {
            let has_stack = args.has_stack(options);
            // A lint without a stack takes that of the files.
            let default =
                (!has_stack && !needs_stack).then(|| ("to".to_owned(), Stack::default().word().to_owned()));
            let options: Vec<(String, String)> = default.into_iter().chain(options.iter().cloned()).collect();
            let target = args.resolve(&options).map_err(BadTarget::Options)?;
            Ok((target, has_stack))
        };
        if self.targets.is_empty() {
            let target = resolve(&config)?;
            return Ok(self.clusters.iter().map(|_| target.clone()).collect());
        }
        let one = |cluster: &Cluster| match self.nearest_target(cluster) {
            None => resolve(&config),
            Some((i, text)) => resolve(&parse_config(&inputs[*i].name(), text).map_err(BadTarget::File)?),
        };
        self.clusters.iter().map(one).collect()
    }

    /// The `Target` document in the nearest folder that holds all files of a cluster.
    fn nearest_target(&self, cluster: &Cluster) -> Option<&(usize, String)> {
        let depth =
            |(target, _): &&(usize, String)| self.folders[*target].as_ref().map(|f| f.components().count());
        let holds = |(target, _): &&(usize, String)| {
            let is_below = |i: &usize| {
                self.folders[*i]
                    .as_ref()
                    .zip(self.folders[*target].as_ref())
                    .is_some_and(|(f, t)| f.starts_with(t))
            };
            cluster.files.iter().all(is_below)
        };
        self.targets.iter().filter(holds).max_by_key(depth)
    }
}

/// The folders of --cluster-root, without links.
fn explicit_roots(args: &Inputs) -> Result<Vec<PathBuf>, String> {
    let real = |root: &PathBuf| match root.canonicalize() {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(_) => Err(format!("--cluster-root {}: is not a folder", name(root))),
        Err(error) => Err(format!("--cluster-root {}: {error}", name(root))),
    };
    args.cluster_root.iter().map(real).collect()
}

/// The folder of an input, without links.
fn folder(input: &Input) -> Option<PathBuf> {
    let folder = input.path.as_ref()?.parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().ok()
}

fn holds_any(root: &Path, folders: &[Option<PathBuf>]) -> bool {
    folders.iter().flatten().any(|folder| folder.starts_with(root))
}

/// The deepest root that holds a folder.
fn nearest(roots: &[PathBuf], folder: &Path) -> Option<usize> {
    let found = roots.iter().enumerate().filter(|(_, root)| folder.starts_with(root));
    found.max_by_key(|(_, root)| root.components().count()).map(|(i, _)| i)
}

/// Whether a file is a `Target` document of this tool.
fn is_target(text: &str) -> bool {
    let line = |wanted: &str| text.lines().any(|line| line.trim_end() == wanted);
    line("apiVersion: calico-ipv6.io/v1alpha1") && line("kind: Target")
}
