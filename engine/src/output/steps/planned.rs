//! The plans of many clusters, gathered file by file.

use super::view::File;
use super::{Steps, brief, steps};
use crate::model::clusters::Cluster;
use crate::target::Target;

/// What the steps need of each file, by the index of the file.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    files: Vec<Option<(File, Target)>>,
}

impl Planned {
    /// Adds what is needed of the plan of a file; `index` is its place among the files that were given.
    pub fn add(&mut self, index: usize, file: File, target: &Target) {
        if self.files.len() <= index {
            self.files.resize(index + 1, None);
        }
        self.files[index] = Some((file, target.clone()));
    }

    /// The steps for each cluster whose files could all be read and planned, with the index of the cluster.
    #[must_use]
    pub fn steps(&self, clusters: &[Cluster]) -> Vec<(usize, Steps)> {
        let plan = |(i, cluster): (usize, &Cluster)| {
            let (files, target) = self.of(cluster)?;
            Some((i, steps(&files, &cluster.name, &target)?))
        };
        clusters.iter().enumerate().filter_map(plan).collect()
    }

    /// What becomes of the first cluster that changes, if it runs, in one line.
    #[must_use]
    pub fn brief(&self, clusters: &[Cluster]) -> Option<String> {
        clusters.iter().find_map(|cluster| {
            let (files, target) = self.of(cluster)?;
            brief(&files, &cluster.name, &target)
        })
    }

    /// The files of a cluster. `None` if one could not be read: the plan would not be complete.
    fn of(&self, cluster: &Cluster) -> Option<(Vec<File>, Target)> {
        let own: Option<Vec<&(File, Target)>> =
            cluster.files.iter().map(|index| self.files.get(*index)?.as_ref()).collect();
        let own = own?;
        let target = own.first()?.1.clone();
        Some((own.into_iter().map(|(file, _)| file.clone()).collect(), target))
    }
}
