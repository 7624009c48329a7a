//! `cargo xtask book`: the book of `docs/book`, with the pages of `docs` as its reference.
//!
//! The pages of `docs` and of the book are one folder for mdBook: the book's own at its root, and the others where they are
//! below `docs`. Links are written for the repository, so each is rewritten on the way. A link to a file that is not a page
//! leads to the repository; a link to nothing is an error.

mod links;

use crate::shell::{heading, root, target_folder};
use crate::tools;
use anyhow::{Context, Result, bail};
use links::Pages;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The book's own pages.
const OWN: &str = "docs/book/src";

/// The pages whose folder is listed below them.
const LISTS: [&str; 2] = ["files/README.md", "rules/README.md"];

/// Pages outside of the book whose links are checked.
const OTHERS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// Builds the book.
pub(crate) fn build() -> Result<()> {
    heading("book");
    let root = root();
    let pages = Pages::new(read(&root)?);
    let folder = target_folder()?.join("book");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let mut broken = Vec::new();
    for other in OTHERS {
        let text = fs::read_to_string(root.join(other)).with_context(|| other.to_owned())?;
        pages.rewritten(Path::new(other), &text, &root, &mut broken);
    }
    for (path, page) in pages.all() {
        let text = pages.rewritten(path, &included(path, &page.text, &root)?, &root, &mut broken);
        let text = if page.place == Path::new("SUMMARY.md") { with_lists(&text, &pages) } else { text };
        let file = folder.join("src").join(&page.place);
        fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    if !broken.is_empty() {
        bail!("links that lead nowhere:\n{}", broken.join("\n"));
    }
    fs::copy(root.join("docs/book/book.toml"), folder.join("book.toml"))?;
    tools::build_book(&folder)?;
    println!("{} pages: {}", pages.all().count(), folder.join("book/index.html").display());
    Ok(())
}

/// All pages, by their path in the repository: the place in the book, and the text.
fn read(root: &Path) -> Result<BTreeMap<PathBuf, (PathBuf, String)>> {
    let mut pages = BTreeMap::new();
    for (folder, place) in [("docs", ""), ("docs/files", "files"), ("docs/rules", "rules"), (OWN, "")] {
        for entry in fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())? {
            let name = entry?.file_name();
            let path = Path::new(folder).join(&name);
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(root.join(&path)).with_context(|| path.display().to_string())?;
            let place = Path::new(place).join(name);
            if pages.values().any(|(other, _)| *other == place) {
                bail!("two pages would be {}", place.display());
            }
            pages.insert(path, (place, text));
        }
    }
    Ok(pages)
}

/// A page with the files that it includes. mdBook reads them relative to the page, and the page moves.
fn included(path: &Path, text: &str, root: &Path) -> Result<String> {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim().strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}"));
        let Some(name) = name else {
            out.push_str(line);
            continue;
        };
        let file = root.join(links::resolved(path, name));
        out.push_str(&fs::read_to_string(&file).with_context(|| file.display().to_string())?);
    }
    Ok(out)
}

/// The summary, with the pages of a folder below the page that lists them.
fn with_lists(summary: &str, pages: &Pages) -> String {
    let mut out = String::new();
    for line in summary.lines() {
        out.extend([line, "\n"]);
        for list in LISTS.iter().filter(|list| line.contains(&format!("]({list})"))) {
            let folder = Path::new(list).parent();
            let below = |place: &Path| place.parent() == folder && place != Path::new(list);
            for (_, page) in pages.all().filter(|(_, page)| below(&page.place)) {
                out.push_str(&format!("  - [{}]({})\n", page.title(), page.place.display()));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Pages, with_lists};
    use std::path::PathBuf;

    #[test]
    fn pages_of_a_folder_are_listed_below_the_page_that_lists_them() {
        let page =
            |path: &str, place: &str, text: &str| (PathBuf::from(path), (place.into(), text.to_owned()));
        let pages = Pages::new(
            [
                page("docs/rules/README.md", "rules/README.md", "# Rules\n"),
                page("docs/rules/A-1.md", "rules/A-1.md", "# A-1: a-name\n"),
                page("docs/lint.md", "lint.md", "# lint\n"),
            ]
            .into(),
        );
        let summary = "- [lint](lint.md)\n- [Rules](rules/README.md)\n";
        assert_eq!(with_lists(summary, &pages), format!("{summary}  - [A-1: a-name](rules/A-1.md)\n"));
    }
}
