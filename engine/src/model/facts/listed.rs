//! What the files of a cluster state one by one: kept once for the cluster, and seen by each file with its own first.

use core::hash::{Hash, Hasher};
use core::ops::Range;
use std::hash::DefaultHasher;
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
        let lengths: Vec<usize> = files.iter().map(Vec::len).collect();
        let mut all: Vec<T> = files.into_iter().flatten().collect();
        let hashes: Vec<u64> = all.iter().map(hash).collect();
        let is_new = new_ones(&hashes, &|one, other| all[one] == all[other]);
        let mut kept = is_new.iter();
        all.retain(|_| kept.next() == Some(&true));
        Listed { all: all.into(), files: parts(&lengths, &is_new), own: 0..0 }
    }
}

impl<T: Clone> Listed<T> {
    /// The items that are `kept`, in a list of their own.
    pub(crate) fn only(&self, kept: &[bool]) -> Listed<T> {
        let all = self.all.iter().zip(kept).filter(|(_, kept)| **kept);
        let lengths: Vec<usize> = self.files.iter().map(Range::len).collect();
        Listed { all: all.map(|(item, _)| item.clone()).collect(), files: parts(&lengths, kept), own: 0..0 }
    }
}

/// A number for a value.
pub(crate) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Finds items by the hash of what they have. A copy shares the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index(Arc<[(u64, usize)]>);

impl Index {
    /// An index of hashes, each with the position of its item.
    pub(crate) fn of(mut hashes: Vec<(u64, usize)>) -> Index {
        hashes.sort_unstable();
        Index(hashes.into())
    }

    /// The positions of the items that may have what has this hash, in their order.
    pub(crate) fn find(&self, hash: u64) -> impl Iterator<Item = usize> + '_ {
        let first = self.0.partition_point(|(own, _)| *own < hash);
        self.0[first..].iter().take_while(move |(own, _)| *own == hash).map(|(_, position)| *position)
    }
}

/// For each item whether no earlier one equals it.
pub(crate) fn new_ones(hashes: &[u64], are_equal: &dyn Fn(usize, usize) -> bool) -> Vec<bool> {
    first_ones(hashes, are_equal).into_iter().enumerate().map(|(own, first)| first == own).collect()
}

/// For each item the first one that equals it, by its index. Not generic, as there are many kinds of items.
pub(crate) fn first_ones(hashes: &[u64], are_equal: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut by_hash: Vec<(u64, usize)> = hashes.iter().copied().zip(0..).collect();
    by_hash.sort_unstable();
    let mut first: Vec<usize> = (0..hashes.len()).collect();
    for same in by_hash.chunk_by(|one, other| one.0 == other.0) {
        for (i, (_, own)) in same.iter().enumerate() {
            let equal = same[..i].iter().find(|(_, earlier)| are_equal(*earlier, *own));
            first[*own] = equal.map_or(*own, |(_, earlier)| *earlier);
        }
    }
    first
}

/// Where the new items of each file are, given how many items it has.
fn parts(lengths: &[usize], is_new: &[bool]) -> Arc<[Range<usize>]> {
    let (mut read, mut end) = (0, 0);
    let part = |length: &usize| {
        let start = end;
        end += is_new[read..read + length].iter().filter(|is_new| **is_new).count();
        read += length;
        start..end
    };
    lengths.iter().map(part).collect()
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

    /// Those of the own file.
    pub(crate) fn own(&self) -> &[T] {
        &self.all[self.own.clone()]
    }

    /// All items, those of the own file first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let (before, after) = (&self.all[..self.own.start], &self.all[self.own.end..]);
        self.all[self.own.clone()].iter().chain(before).chain(after)
    }
}
