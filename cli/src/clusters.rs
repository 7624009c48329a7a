//! Which inputs belong to one cluster, and what is requested of each cluster.

use crate::args::{Inputs, TargetArgs};
use crate::config::{Config, FILE, Found, Printed, Search, Value, Wrong, document, is_target};
use crate::fleet::{Shard, fingerprint};
use crate::input::Input;
use crate::people::{Text, name, shown, text};
use crate::summary::count;
use crate::threads::on_all_cores;
use calico_ipv6_engine::model::clusters::{Cluster, Survey, group};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::{Stack, Target};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// How many clusters `--print-config` names.
const NAMED: usize = 8;

/// The clusters of all inputs.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// The inputs without configuration files.
    pub(crate) inputs: Vec<Input>,
    /// The clusters, by the indexes of their inputs.
    pub(crate) clusters: Vec<Cluster>,
    /// The place of each cluster among all clusters, those of other shards included.
    pub(crate) positions: Vec<usize>,
    /// All clusters, those of other shards included.
    pub(crate) fleet: Everything,
    /// The configuration of --config, which is read once: it may be a pipe.
    given: Option<Config>,
    configs: Vec<Found>,
    /// The configuration file of each cluster: the one in the nearest folder that holds all its files.
    config_of: Vec<Option<usize>>,
}

/// What all clusters are, whichever of them a shard has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Everything {
    pub(crate) clusters: usize,
    /// Of the names of all clusters and their files.
    pub(crate) fingerprint: u64,
}

/// What is requested of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct Requested {
    pub(crate) target: Target,
    /// Whether a stack is requested.
    pub(crate) has_stack: bool,
}

/// What is wrong with what is requested.
#[derive(Clone, Debug)]
pub(crate) enum BadTarget {
    /// A file that cannot be read as a target.
    File(String),
    /// Invalid options.
    Options(Vec<Wrong>),
}

impl BadTarget {
    pub(crate) fn messages(&self) -> Vec<String> {
        match self {
            BadTarget::File(message) => vec![message.clone()],
            BadTarget::Options(wrong) => wrong.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What one look at an input shows.
enum Look {
    Manifest(Survey),
    /// A `Target` document, with its text.
    Target(String),
}

impl Grouped {
    /// Groups inputs. Each is read for this; one that cannot be read is reported when it is planned. `uses_configs` says
    /// whether configuration files among them, or above them, decide about the target: only then they can contradict.
    pub(crate) fn of(inputs: Vec<Input>, args: &Inputs, uses_configs: bool) -> Result<Grouped, String> {
        let explicit = explicit_roots(args)?;
        let mut folders = Folders::default();
        let mut search = Search::new();
        let mut kept: Vec<(Input, Option<PathBuf>)> = Vec::with_capacity(inputs.len());
        for input in inputs {
            let folder = folders.of(&input);
            let looked = match &folder {
                Some(folder) => search.look_from(folder, input.found_in.as_deref()),
                None => search.look_here(),
            };
            looked.map_err(|error| error.to_string())?;
            kept.push((input, folder));
        }
        let mut configs = search.found;
        let mut config_in: HashMap<PathBuf, usize> =
            configs.iter().enumerate().map(|(i, config)| (config.folder.clone(), i)).collect();
        kept.retain(|(input, folder)| !is_config(input, folder.as_deref(), &config_in));
        if kept.is_empty() {
            return Err(format!(
                "only configuration of this command ({FILE}), and nothing to convert: pass the manifests, too"
            ));
        }
        let (mut inputs, mut folders): (Vec<Input>, Vec<Option<PathBuf>>) = kept.into_iter().unzip();
        let is_empty = |root: &&PathBuf| !folders.iter().flatten().any(|folder| folder.starts_with(root));
        if let Some(root) = explicit.iter().position(|root| is_empty(&root)) {
            let given = args.cluster_root.get(root).map(|given| name(given)).unwrap_or_default();
            return Err(format!("--cluster-root {given}: no input is in this folder"));
        }
        if let [one] = &inputs[..] {
            let clusters = vec![Cluster { name: one.name(), files: vec![0] }];
            return Ok(Grouped::with(inputs, clusters, configs, &folders));
        }
        let mut surveys = Vec::with_capacity(inputs.len());
        let (mut manifests, mut of_manifests) = (Vec::with_capacity(inputs.len()), Vec::new());
        let roots = roots_of(&explicit, &configs, &folders);
        let looks: Vec<Look> =
            on_all_cores(|| inputs.par_iter().zip(&roots).map(|(input, root)| look(input, *root)).collect());
        for ((input, folder), look) in inputs.drain(..).zip(folders.drain(..)).zip(looks) {
            match (look, folder) {
                (Look::Target(text), Some(folder)) => {
                    if let Some(other) = config_in.get(&folder).and_then(|i| configs.get_mut(*i)) {
                        // Which of the two counts is not known; what they are for cannot be converted.
                        let other_name = std::mem::replace(&mut other.name, input.name());
                        other.text = Err(format!(
                            "is a Target, and {other_name} is one for the same folder: keep one of the two"
                        ));
                        continue;
                    }
                    let path = input.path.clone().unwrap_or_default();
                    config_in.insert(folder.clone(), configs.len());
                    configs.push(Found { name: input.name(), path, folder, text: Ok(text) });
                }
                (Look::Target(_), None) => {}
                (Look::Manifest(survey), folder) => {
                    surveys.push(survey);
                    manifests.push(input);
                    of_manifests.push(folder);
                }
            }
        }
        if uses_configs {
            no_part_of_a_root(args, &explicit, &configs, &of_manifests)?;
        }
        let roots = roots_of(&explicit, &configs, &of_manifests);
        let clusters = group(&surveys, &roots);
        Ok(Grouped::with(manifests, clusters, configs, &of_manifests))
    }

    fn with(
        inputs: Vec<Input>,
        clusters: Vec<Cluster>,
        configs: Vec<Found>,
        folders: &[Option<PathBuf>],
    ) -> Grouped {
        let by_folder: HashMap<&Path, usize> =
            configs.iter().enumerate().map(|(i, config)| (config.folder.as_path(), i)).collect();
        let working = std::env::current_dir().and_then(std::fs::canonicalize).ok();
        let folder = |i: &usize| folders[*i].as_deref().or(working.as_deref());
        let config_of = |cluster: &Cluster| {
            let first = cluster.files.first().and_then(folder)?;
            let holds = |root: &Path| {
                cluster.files.iter().all(|i| folder(i).is_some_and(|folder| folder.starts_with(root)))
            };
            first.ancestors().find_map(|above| by_folder.get(above).copied().filter(|_| holds(above)))
        };
        let config_of = clusters.iter().map(config_of).collect();
        let name = |i: &usize| inputs[*i].name().into_bytes();
        let names = clusters.iter().flat_map(|cluster| {
            cluster.name.bytes().chain([0]).chain(cluster.files.iter().flat_map(name).chain([0]))
        });
        let fleet = Everything { clusters: clusters.len(), fingerprint: fingerprint(names) };
        let positions = (0..clusters.len()).collect();
        Grouped { inputs, clusters, positions, fleet, given: None, configs, config_of }
    }

    /// Reads --config.
    pub(crate) fn read_config(&mut self, args: &TargetArgs) -> Result<(), String> {
        self.given = args.config.as_deref().map(Config::read).transpose()?;
        Ok(())
    }

    /// What decides about the target, in words: the same on each machine that is asked for the same.
    pub(crate) fn words(&self, args: &TargetArgs) -> Vec<String> {
        let of_values = |value: Value<'_>| format!("{}={}", value.option.key, value.value);
        let values = args.values(self.given.as_ref()).into_iter().map(of_values);
        values.chain([format!("isolated={}", args.isolated)]).collect()
    }

    /// Keeps the clusters of a shard, with their inputs.
    pub(crate) fn keep(&mut self, shard: Shard) {
        let of_shard: Vec<bool> = self.clusters.iter().map(|cluster| shard.has(&cluster.name)).collect();
        let mut inputs: Vec<Option<Input>> = std::mem::take(&mut self.inputs).into_iter().map(Some).collect();
        let mut wanted: Vec<usize> = Vec::new();
        for (cluster, _) in self.clusters.iter().zip(&of_shard).filter(|(_, is_kept)| **is_kept) {
            wanted.extend(&cluster.files);
        }
        wanted.sort_unstable();
        let mut places = vec![0; inputs.len()];
        for (place, index) in wanted.iter().enumerate() {
            places[*index] = place;
        }
        self.inputs = wanted.iter().filter_map(|index| inputs[*index].take()).collect();
        retain(&mut self.clusters, &of_shard);
        retain(&mut self.positions, &of_shard);
        retain(&mut self.config_of, &of_shard);
        for cluster in &mut self.clusters {
            cluster.files.iter_mut().for_each(|index| *index = places[*index]);
        }
    }

    /// What is requested of each cluster: flags first, then --config or the configuration file of the cluster. Without
    /// `needs_stack`, a lint takes the stack of the files.
    pub(crate) fn requests(&self, args: &TargetArgs, needs_stack: bool) -> Vec<Result<Requested, BadTarget>> {
        let mut known: HashMap<Option<usize>, Result<Requested, BadTarget>> = HashMap::new();
        let requests = self.own_configs(args).map(|index| {
            let request = || {
                let own = self.parse(index).map_err(BadTarget::File)?;
                let config = self.given.as_ref().or(own.as_ref());
                let default = (!needs_stack).then(Stack::default);
                let target = args.resolve(config, default).map_err(BadTarget::Options)?;
                Ok(Requested { target, has_stack: args.has_stack(config) })
            };
            known.entry(index).or_insert_with(request).clone()
        });
        requests.collect()
    }

    /// The configuration file that counts for each cluster.
    fn own_configs(&self, args: &TargetArgs) -> impl Iterator<Item = Option<usize>> {
        let are_used = self.given.is_none() && !args.isolated;
        self.config_of.iter().map(move |index| index.filter(|_| are_used))
    }

    fn parse(&self, config: Option<usize>) -> Result<Option<Config>, String> {
        config.and_then(|i| self.configs.get(i)).map(Found::parse).transpose()
    }

    /// The configuration files that --config replaces, as a sentence.
    pub(crate) fn replaced_configs(&self, args: &TargetArgs) -> Option<String> {
        let config = args.config.as_deref().filter(|_| !args.isolated)?;
        let real = config.canonicalize().ok();
        let is_other = |found: &Found| found.path.canonicalize().ok() != real;
        let mut used: Vec<usize> = self.config_of.iter().flatten().copied().collect();
        used.sort_unstable();
        used.dedup();
        let mut others = used.into_iter().filter_map(|i| self.configs.get(i)).filter(|found| is_other(found));
        let first = others.next()?;
        let more = match others.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let config = name(config);
        Some(format!("{}{more}: not used, because --config {config} is given", first.name))
    }

    /// What `--print-config` prints: a document for each configuration.
    pub(crate) fn print_config(&self, args: &TargetArgs, needs_stack: bool) -> Result<Text, String> {
        let mut clusters: BTreeMap<Option<usize>, Vec<&Cluster>> = BTreeMap::new();
        for (cluster, index) in self.clusters.iter().zip(self.own_configs(args)) {
            clusters.entry(index).or_default().push(cluster);
        }
        let own: Vec<Option<Config>> =
            clusters.keys().map(|index| self.parse(*index)).collect::<Result<_, _>>()?;
        let names = |clusters: &Vec<&Cluster>| {
            if self.clusters.len() < 2 {
                return Text::default();
            }
            let named: Vec<Text> = clusters.iter().take(NAMED).map(|cluster| shown(&cluster.name)).collect();
            let more = clusters.len().saturating_sub(NAMED);
            let more = if more > 0 { text!(" and {} more", more) } else { Text::default() };
            text!("{}: {}{}", count(clusters.len(), "cluster"), Text::join(&named, ", "), more)
        };
        let all: Vec<Printed<'_>> = clusters
            .values()
            .zip(&own)
            .map(|(clusters, own)| Printed {
                clusters: names(clusters),
                config: self.given.as_ref().or(own.as_ref()),
                takes_stack_of_files: !needs_stack,
            })
            .collect();
        Ok(document(args, &all))
    }
}

fn retain<T>(all: &mut Vec<T>, is_kept: &[bool]) {
    let mut is_kept = is_kept.iter();
    all.retain(|_| is_kept.next().copied().unwrap_or(false));
}

/// The configuration without inputs: --config, or the one of the working directory.
pub(crate) fn config_here(args: &TargetArgs) -> Result<Option<Config>, String> {
    if let Some(path) = &args.config {
        return Config::read(path).map(Some);
    }
    if args.isolated {
        return Ok(None);
    }
    let mut search = Search::new();
    search.look_here().map_err(|error| error.to_string())?;
    search.found.first().map(Found::parse).transpose()
}

/// Looks at an input. If its folder says which cluster it is in, what it contains does not matter.
fn look(input: &Input, root: Option<usize>) -> Look {
    let name = input.name();
    input.look(|text| {
        if is_target(text) {
            return Look::Target(text.to_owned());
        }
        Look::Manifest(match root {
            Some(_) => Survey::of(Source { name: &name, text: "" }),
            None => Survey::of(Source { name: &name, text }),
        })
    })
}

/// Whether an input is a configuration file that was found.
fn is_config(input: &Input, folder: Option<&Path>, configs: &HashMap<PathBuf, usize>) -> bool {
    let is_named_so = input.path.as_deref().and_then(Path::file_name).is_some_and(|name| name == FILE);
    is_named_so && folder.is_some_and(|folder| configs.contains_key(folder))
}

/// Below which folder each file is: those of --cluster-root, else those with a configuration file. One above all files says
/// what is requested of every cluster, and separates none.
fn roots_of(explicit: &[PathBuf], configs: &[Found], folders: &[Option<PathBuf>]) -> Vec<Option<usize>> {
    let separates = |root: &&Path| folders.iter().flatten().any(|folder| !folder.starts_with(root));
    let of_configs = configs.iter().map(|config| config.folder.as_path()).filter(separates);
    let of_configs: HashMap<&Path, usize> = of_configs.zip(explicit.len()..).collect();
    let explicit: HashMap<&Path, usize> = explicit.iter().map(PathBuf::as_path).zip(0..).collect();
    let nearest = |folder: &Path| {
        let of =
            |roots: &HashMap<&Path, usize>| folder.ancestors().find_map(|above| roots.get(above).copied());
        of(&explicit).or_else(|| of(&of_configs))
    };
    folders.iter().map(|folder| nearest(folder.as_deref()?)).collect()
}

/// Fails if a configuration file is for a part of a folder that --cluster-root says is one cluster.
fn no_part_of_a_root(
    args: &Inputs,
    explicit: &[PathBuf],
    configs: &[Found],
    folders: &[Option<PathBuf>],
) -> Result<(), String> {
    let root_of = |folder: &Path| {
        folder.ancestors().find_map(|above| explicit.iter().position(|root| root.as_path() == above))
    };
    for config in configs {
        let Some(root) = root_of(&config.folder).filter(|root| explicit[*root] != config.folder) else {
            continue;
        };
        let mut of_root = folders.iter().flatten().filter(|folder| root_of(folder) == Some(root));
        let is_below = |folder: &&PathBuf| folder.starts_with(&config.folder);
        if of_root.clone().any(|folder| is_below(&folder)) && !of_root.all(|folder| is_below(&folder)) {
            let given = args.cluster_root.get(root).map(|given| name(given)).unwrap_or_default();
            return Err(format!(
                "{}: is for a part of the cluster of --cluster-root {given}: move the file to {given}, or omit --cluster-root",
                config.name
            ));
        }
    }
    Ok(())
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

/// The folders of inputs, without links: each is asked for once.
#[derive(Debug, Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    fn of(&mut self, input: &Input) -> Option<PathBuf> {
        let folder = input.path.as_ref()?.parent()?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if let Some(known) = self.0.get(folder) {
            return known.clone();
        }
        let real = folder.canonicalize().ok();
        self.0.insert(folder.to_owned(), real.clone());
        real
    }
}
