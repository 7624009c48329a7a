//! A part of the clusters. Which one a cluster is in follows from its path alone, so other clusters never move when one is
//! added.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// One of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 1 to `count`.
    pub(crate) index: usize,
    pub(crate) count: usize,
}

/// More parts than any fleet has clusters are a mistake, or a damaged report.
const MOST: usize = 100_000;

impl Default for Shard {
    fn default() -> Shard {
        Shard { index: 1, count: 1 }
    }
}

impl FromStr for Shard {
    type Err = String;

    /// `0/N` is the same as `N/N`: some programs count their machines from 0.
    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || "expected I/N, the I-th of N parts, such as 2/4".to_owned();
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| wrong());
        match (number(index)?, number(count)?) {
            (_, 0) => Err(wrong()),
            (_, count) if count > MOST => Err(format!("{count} parts are too many: at most {MOST}")),
            (index, count) if index > count => Err(format!("there is no part {index} of {count}")),
            (0, count) => Ok(Shard { index: count, count }),
            (index, count) => Ok(Shard { index, count }),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Shard {
    /// Whether a cluster is in this part.
    pub(crate) fn has(self, cluster: &str) -> bool {
        // A cluster has the same path however its folder was written.
        let parts = cluster.split(['/', '\\']).filter(|part| !matches!(*part, "" | "."));
        let hash = fingerprint(parts.flat_map(|part| part.bytes().chain([b'/'])));
        hash % self.count as u64 == self.index as u64 - 1
    }
}

/// FNV-1a with a finisher (that of MurmurHash 3): the same on every machine and in every release, unlike the hashes of
/// libraries that are made for tables in memory.
pub(crate) fn fingerprint(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step);
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::Shard;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    #[test]
    fn every_cluster_is_in_one_part_and_parts_are_of_one_size() {
        for count in [1, 2, 3, 4, 7] {
            let mut sizes = vec![0; count];
            for cluster in (0..1000).map(|i| format!("clusters/c{i:04}/")) {
                let of = |i: &usize| Shard { index: *i, count }.has(&cluster);
                let parts: Vec<usize> = (1..=count).filter(of).collect();
                assert_eq!(parts.len(), 1, "{cluster}");
                sizes[parts[0] - 1] += 1;
            }
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(most - least <= 1000 / count / 3, "{sizes:?}");
        }
    }

    #[test]
    fn a_part_depends_on_the_path_only() {
        let index = |cluster: &str| (1..=64).find(|i| Shard { index: *i, count: 64 }.has(cluster)).unwrap();
        assert_eq!(index("./clusters//a/"), index("clusters/a"));
        assert_eq!(index(r"clusters\a"), index("clusters/a"));
        // Other releases must agree: a shard may be repeated later.
        assert_eq!((index("clusters/a"), index("clusters/b")), (17, 41));
    }

    #[test]
    fn parts_are_counted_from_1_or_0() {
        assert_eq!(shard("0/4"), shard("4/4"));
        assert_eq!(shard("1/4"), Shard { index: 1, count: 4 });
        for wrong in ["", "1", "5/4", "1/0", "0/0", "-1/4", "a/b", "1/4/2", "1/100001"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
