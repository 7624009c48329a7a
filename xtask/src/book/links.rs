//! Links between pages: written for the repository, rewritten for the book, and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Where a link leads that is not to a page.
const REPOSITORY: &str = "https://github.com/calico-ipv6/calico-ipv6/blob/main/";

/// The pages of the book, by their path in the repository.
pub(super) struct Pages(BTreeMap<PathBuf, Page>);

/// A page.
pub(super) struct Page {
    /// Its place in the book.
    pub(super) place: PathBuf,
    /// Its text in the repository.
    pub(super) text: String,
    /// What a link to a part of it can name.
    anchors: BTreeSet<String>,
}

impl Page {
    /// Its first heading.
    pub(super) fn title(&self) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
    }
}

impl Pages {
    pub(super) fn new(pages: BTreeMap<PathBuf, (PathBuf, String)>) -> Pages {
        let page = |(place, text): (PathBuf, String)| {
            let anchors = text.lines().filter_map(heading).map(anchor).collect();
            Page { place, text, anchors }
        };
        Pages(pages.into_iter().map(|(path, rest)| (path, page(rest))).collect())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&Path, &Page)> {
        self.0.iter().map(|(path, page)| (path.as_path(), page))
    }

    /// The text of a page with its links as the book has them. Links that lead nowhere are added to `broken`.
    pub(super) fn rewritten(&self, path: &Path, text: &str, root: &Path, broken: &mut Vec<String>) -> String {
        let mut out = String::new();
        let mut fence: Option<&str> = None;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let bare = line.trim();
            let ticks = &bare[..bare.len() - bare.trim_start_matches('`').len()];
            if let Some(open) = fence {
                if bare == ticks && ticks.len() >= open.len() {
                    fence = None;
                }
                out.push_str(line);
                continue;
            }
            if ticks.len() >= 3 {
                fence = Some(ticks);
                out.push_str(line);
                continue;
            }
            let mut rest = line;
            while let Some((before, after)) = rest.split_once("](") {
                let Some((target, after)) = after.split_once(')') else { break };
                out.extend([before, "]("]);
                match self.target(path, target, root) {
                    Some(target) => out.push_str(&target),
                    None => broken.push(format!("{}:{}: {target}", path.display(), index + 1)),
                }
                out.push(')');
                rest = after;
            }
            out.push_str(rest);
        }
        out
    }

    /// Where a link of a page leads in the book. `None` if it leads nowhere.
    fn target(&self, path: &Path, target: &str, root: &Path) -> Option<String> {
        if target.contains("://") || target.starts_with("mailto:") {
            return Some(target.to_owned());
        }
        let (name, part) = target.split_once('#').map_or((target, None), |(name, part)| (name, Some(part)));
        let file = if name.is_empty() { path.to_owned() } else { resolved(path, name) };
        let Some(page) = self.0.get(&file) else {
            let is_there = root.join(&file).exists();
            return is_there.then(|| format!("{REPOSITORY}{}", file.display()));
        };
        if part.is_some_and(|part| !page.anchors.contains(part)) {
            return None;
        }
        let from = self.0.get(path).and_then(|page| page.place.parent()).unwrap_or(Path::new(""));
        let up = "../".repeat(from.components().count());
        let part = part.map(|part| format!("#{part}")).unwrap_or_default();
        Some(if name.is_empty() { part } else { format!("{up}{}{part}", page.place.display()) })
    }
}

/// The path in the repository of what a page names.
pub(super) fn resolved(page: &Path, name: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(page).to_owned();
    for part in Path::new(name).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    path
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len()).then(|| text.strip_prefix(' ')).flatten()
}

/// What GitHub and mdBook make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::{Pages, anchor, resolved};
    use std::path::{Path, PathBuf};

    fn rewritten(text: &str) -> (String, Vec<String>) {
        let page =
            |path: &str, place: &str, text: &str| (PathBuf::from(path), (place.into(), text.to_owned()));
        let pages = Pages::new(
            [
                page("docs/book/src/how.md", "how.md", text),
                page("docs/rules/A-1.md", "rules/A-1.md", "# A-1\n\n## What it finds\n"),
            ]
            .into(),
        );
        let mut broken = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = pages.rewritten(Path::new("docs/book/src/how.md"), text, &root, &mut broken);
        (text, broken)
    }

    #[test]
    fn a_link_to_a_page_follows_it_to_its_place_in_the_book() {
        let (text, broken) =
            rewritten("See [it](../../rules/A-1.md#what-it-finds), [web](https://example.test).\n");
        assert_eq!(text, "See [it](rules/A-1.md#what-it-finds), [web](https://example.test).\n");
        assert!(broken.is_empty(), "{broken:?}");
    }

    #[test]
    fn a_link_to_another_file_leads_to_the_repository() {
        let (text, broken) = rewritten("[it](../../../LICENSE)\n");
        assert_eq!(text, "[it](https://github.com/calico-ipv6/calico-ipv6/blob/main/LICENSE)\n");
        assert!(broken.is_empty(), "{broken:?}");
    }

    #[test]
    fn links_that_lead_nowhere_are_named_with_their_line() {
        let (_, broken) = rewritten("[a](none.md)\n\n[b](../../rules/A-1.md#none) [c](#none)\n");
        let expected = ["1: none.md", "3: ../../rules/A-1.md#none", "3: #none"];
        assert_eq!(broken, expected.map(|rest| format!("docs/book/src/how.md:{rest}")));
    }

    #[test]
    fn code_is_not_rewritten() {
        let text = "```text\n[a](none.md)\n```\n";
        assert_eq!(rewritten(text), (text.to_owned(), Vec::new()));
    }

    #[test]
    fn headings_become_anchors_and_names_become_paths() {
        assert_eq!(anchor("1. Check each host"), "1-check-each-host");
        assert_eq!(
            resolved(Path::new("docs/book/src/a.md"), "../../rules/B.md"),
            Path::new("docs/rules/B.md")
        );
    }
}
