//! Which inputs belong to one cluster, and what is requested of each cluster.

use crate::args::{Inputs, TargetArgs, parse_config, read_config};
use crate::input::Input;
use crate::people::name;
use calico_ipv6_engine::model::clusters::{Cluster, Survey, group};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::{Stack, Target, TargetError};
use rayon::prelude::*;
use std::path::PathBuf;

/// The clusters of all inputs.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// The clusters, by the indexes of their inputs.
    pub(crate) clusters: Vec<Cluster>,
    /// The `Target` documents among the inputs, with their texts.
    targets: Vec<(PathBuf, String)>,
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
    pub(crate) fn of(inputs: &[Input], args: &Inputs) -> Grouped {
        if let [one] = inputs {
            let clusters = vec![Cluster { name: one.name(), files: vec![0] }];
            return Grouped { clusters, targets: Vec::new() };
        }
        let survey = |input: &Input| {
            let name = input.name();
            input.look(|text| {
                let target = is_target(text).then(|| text.to_owned());
                (Survey::of(Source { name: &name, text }), target)
            })
        };
        let surveyed: Vec<(Survey, Option<String>)> = inputs.par_iter().map(survey).collect();
        let (surveys, targets): (Vec<Survey>, Vec<Option<String>>) = surveyed.into_iter().unzip();
        let targets: Vec<(PathBuf, String)> = inputs
            .iter()
            .zip(targets)
            .filter_map(|(input, text)| Some((input.path.clone()?, text?)))
            .collect();
        let explicit = args.cluster_root.iter().cloned();
        // A Target above all files says what is requested of every cluster, and separates none.
        let folders = targets.iter().filter_map(|(path, _)| path.parent().map(PathBuf::from));
        let separates = |folder: &PathBuf| {
            let outside = |input: &Input| input.path.as_ref().is_some_and(|path| !path.starts_with(folder));
            inputs.iter().any(outside)
        };
        let roots = explicit.chain(folders.filter(separates));
        let roots: Vec<String> = roots.map(|root| root.to_string_lossy().into_owned()).collect();
        Grouped { clusters: group(&surveys, &roots), targets }
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
        let one = |cluster: &Cluster| match self.nearest(inputs, cluster) {
            None => resolve(&config),
            Some((path, text)) => resolve(&parse_config(&name(path), text).map_err(BadTarget::File)?),
        };
        self.clusters.iter().map(one).collect()
    }

    /// The `Target` document in the nearest folder that holds all files of a cluster.
    fn nearest(&self, inputs: &[Input], cluster: &Cluster) -> Option<&(PathBuf, String)> {
        let holds = |(target, _): &&(PathBuf, String)| {
            let folder = target.parent();
            let is_below =
                |i: &usize| inputs[*i].path.as_ref().zip(folder).is_some_and(|(p, f)| p.starts_with(f));
            cluster.files.iter().all(is_below)
        };
        self.targets.iter().filter(holds).max_by_key(|(path, _)| path.components().count())
    }
}

/// Whether a file is a `Target` document of this tool.
fn is_target(text: &str) -> bool {
    let line = |wanted: &str| text.lines().any(|line| line.trim_end() == wanted);
    line("apiVersion: calico-ipv6.io/v1alpha1") && line("kind: Target")
}
