//! The plans of all files, gathered into one transformation.

use crate::VERSION;
use crate::convert::sources;
use crate::input::{SourceFile, TargetProblem};
use crate::steps::Steps;
use crate::transformation::{Check, Cluster, Field, Outcome, Transformation, Transformed};
use calico_ipv6_engine::model::{InputError, clusters};
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::{form_fields, steps};
use calico_ipv6_engine::target::{Stack, Target};
use calico_ipv6_engine::transform::{self, Options, Plan, plan_clusters};

/// Plans of one cluster, gathered file by file.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    files: Vec<(usize, Transformed)>,
    clusters: Vec<Cluster>,
    basis: form_fields::Basis,
    changed: Vec<transform::Install>,
    has_cluster: bool,
    is_changed: bool,
    planned: steps::Planned,
    steps: Vec<Steps>,
}

impl Gathered {
    /// Adds the result for one file; `index` is its place among the files that were given.
    pub fn add(
        &mut self,
        index: usize,
        name: &str,
        excerpts: &Excerpts<'_>,
        plan: Result<Plan, InputError>,
        target: &Target,
    ) {
        let file = match plan {
            Ok(plan) => {
                self.basis.add(&plan);
                self.planned.add(index, steps::File::of(name, excerpts, &plan), target);
                if plan.outcome == transform::Outcome::Changed {
                    self.is_changed = true;
                    self.has_cluster |= !plan.components.is_empty();
                    self.changed.extend(plan.installs.iter().cloned());
                }
                Transformed::of(name, excerpts, plan, target)
            }
            Err(error) => Transformed::unreadable(name, excerpts, &error),
        };
        self.files.push((index, file));
    }

    /// Names the clusters that the files belong to, by the indexes of their files, once all files are in.
    pub fn clusters(&mut self, clusters: &[clusters::Cluster]) {
        let cluster = |c: &clusters::Cluster| Cluster { name: c.name.clone(), files: c.files.clone() };
        self.clusters = clusters.iter().map(cluster).collect();
        let steps = self.planned.steps(clusters).into_iter();
        self.steps = steps.map(|(i, steps)| Steps::of(i, steps)).collect();
    }

    /// Whether a file is changed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// The whole, once all files are in.
    #[must_use]
    pub fn finish(mut self, target: &Target) -> Transformation {
        self.files.sort_unstable_by_key(|(index, _)| *index);
        let checks =
            if self.is_changed { steps::checks(&self.changed, self.has_cluster, target) } else { Vec::new() };
        let files: Vec<Transformed> = self.files.into_iter().map(|(_, file)| file).collect();
        let is_usable = |file: &Transformed| {
            matches!(file.outcome, Outcome::Changed | Outcome::Unchanged | Outcome::PassedThrough)
        };
        Transformation {
            version: VERSION,
            ok: files.iter().all(is_usable),
            problems: Vec::new(),
            clusters: self.clusters,
            files,
            checks: checks
                .into_iter()
                .map(|check| Check { text: check.text, command: check.command })
                .collect(),
            running_cluster: needs_a_new_cluster(self.is_changed, target),
            steps: self.steps,
            fields: form_fields::fields(&self.basis, target).into_iter().map(Field::from).collect(),
        }
    }
}

/// What becomes of a running cluster that cannot follow.
fn needs_a_new_cluster(is_changed: bool, target: &Target) -> Option<String> {
    let is_refused = is_changed && target.to == Stack::Ipv6Only && !target.new_cluster;
    is_refused.then(|| steps::NEEDS_A_NEW_CLUSTER.to_owned())
}

impl Transformation {
    /// Transforms all files of one cluster together.
    #[must_use]
    pub fn of(files: &[SourceFile], target: &Target) -> Transformation {
        let (clusters, plans) = plan_clusters(&sources(files), target, Options::default());
        let mut gathered = Gathered::default();
        for (i, (file, plan)) in files.iter().zip(plans).enumerate() {
            gathered.add(i, &file.name, &Excerpts::new(&file.text), plan, target);
        }
        gathered.clusters(&clusters);
        gathered.finish(target)
    }

    /// What a target that cannot be leads to.
    #[must_use]
    pub fn refused(problems: Vec<TargetProblem>) -> Transformation {
        Transformation { ok: false, problems, ..Gathered::default().finish(&Target::default()) }
    }
}
