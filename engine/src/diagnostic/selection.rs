//! Which rules are wanted.

use super::Metadata;

/// The rules that a lint reports: some of them, or all, without those that are ignored.
///
/// A word is an id, a name, or what ids begin with up to a hyphen (`POOL`, `K8S-SVC`). The longer word decides, and an ignored
/// one if both are equally long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Words for rules that are reported; empty for all.
    pub select: Vec<String>,
    /// Words for rules that are not reported.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Whether findings of a rule are reported.
    #[must_use]
    pub fn has(&self, rule: &Metadata) -> bool {
        let longest = |words: &[String]| {
            words.iter().filter(|word| names(word, rule)).map(|word| rank(word, rule)).max()
        };
        let selected = if self.select.is_empty() { Some(0) } else { longest(&self.select) };
        selected.is_some_and(|selected| longest(&self.ignore).is_none_or(|ignored| ignored < selected))
    }

    /// The words that name no rule of a list.
    pub fn unknown<'s>(&'s self, rules: &[&Metadata]) -> impl Iterator<Item = &'s str> {
        let words = self.select.iter().chain(&self.ignore).map(String::as_str);
        words.filter(|word| !rules.iter().any(|rule| names(word, rule)))
    }
}

/// Whether a word names a rule: by its id, its name, or the beginning of its id.
#[must_use]
pub fn names(word: &str, rule: &Metadata) -> bool {
    let begins = |id: &str| {
        id.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && id[word.len()..].starts_with('-')
    };
    rule.is_called(word) || (!word.is_empty() && begins(rule.id))
}

fn rank(word: &str, rule: &Metadata) -> usize {
    if rule.is_called(word) { usize::MAX } else { word.len() }
}

/// In how many characters a wrong id may differ from the right one.
const FARTHEST: usize = 2;

/// The ids of a list that a wrong id is most likely meant to be, at most three: those that begin like it, or differ in up to
/// two characters.
#[must_use]
pub fn near(word: &str, rules: &[&'static Metadata]) -> Vec<&'static str> {
    let (id, name) = (word.to_ascii_uppercase(), word.to_ascii_lowercase());
    // Texts whose lengths differ by more are not that near: this saves most of the work.
    let distance = |one: &str, other: &str| {
        let may_be_near = one.len().abs_diff(other.len()) <= FARTHEST;
        if may_be_near { strsim::damerau_levenshtein(one, other) } else { usize::MAX }
    };
    let mut found: Vec<(usize, &'static str)> = rules
        .iter()
        .map(|rule| (distance(&id, rule.id).min(distance(&name, rule.name)), rule.id))
        .filter(|(distance, known)| *distance <= FARTHEST || (id.len() > 2 && known.starts_with(&id)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).take(3).collect()
}
