//! What the files of a cluster state one by one: kept once for the cluster, and seen by each file with its own first.

use core::hash::Hash;
use core::ops::Range;
use std::collections::HashSet;
use std::sync::Arc;

/// What the files of a cluster state, each item once. A copy shares the items: the facts of a cluster are copied for each file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed<T> {
    /// In the order of the files.
    all: Arc<[T]>,
    /// Where the items of each file are in it.
    files: Arc<[Range<usize>]>,
    /// Where the items are that come first.
    own: Range<usize>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Listed { all: Arc::new([]), files: Arc::new([]), own: 0..0 }
    }
}

impl<T: Eq + Hash> Listed<T> {
    /// Joins what the files state, in their order. An item that an earlier file states is kept there.
    #[must_use]
    pub(crate) fn of_files(files: Vec<Vec<T>>) -> Listed<T> {
        let mut known: HashSet<&T> = HashSet::new();
        let is_new: Vec<Vec<bool>> =
            files.iter().map(|items| items.iter().map(|item| known.insert(item)).collect()).collect();
        drop(known);
        let mut end = 0;
        let of_file = |is_new: &Vec<bool>| {
            let start = end;
            end += is_new.iter().filter(|is_new| **is_new).count();
            start..end
        };
        let ranges = is_new.iter().map(of_file).collect();
        let items = files.into_iter().flatten().zip(is_new.into_iter().flatten());
        let all = items.filter_map(|(item, is_new)| is_new.then_some(item)).collect();
        Listed { all, files: ranges, own: 0..0 }
    }
}

impl<T> Listed<T> {
    /// The same items, those of the file with this index first.
    #[must_use]
    pub(crate) fn seen_by(&self, file: usize) -> Listed<T> {
        let own = self.files.get(file).cloned().unwrap_or_default();
        Listed { all: Arc::clone(&self.all), files: Arc::clone(&self.files), own }
    }

    /// All items, in the order of the files.
    #[must_use]
    pub(crate) fn in_order(&self) -> &[T] {
        &self.all
    }

    /// All items, those of the own file first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let (before, after) = (&self.all[..self.own.start], &self.all[self.own.end..]);
        self.all[self.own.clone()].iter().chain(before).chain(after)
    }
}
