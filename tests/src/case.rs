//! Literate cases: Markdown with an input, options and what is expected.
//!
//! A case is a `##` section of a file below `cases/`. What stands above the first of them (prose aside) holds for all.
//!
//! - ```` ```yaml input ````, ```` ```json input ````, ```` ```text input ```` for what is neither: the text; ```` ```escaped input ````: with `\t`, `\r`, `\n`, `\u{...}`.
//! - `base: NAME` takes `bases/NAME.yaml` instead.
//! - ``replace: `OLD` by `NEW` ``, or a ```` ```replace ```` block of `-` and `+` lines: every occurrence, at least one. An
//!   empty `+` side takes the lines out.
//! - `options: --to dual-stack ...`: the flags of `transform`.
//! - `skip: json crlf bom end`: variants that make no sense here; `command`: the command answers otherwise. `loses: TEXT`: a comment line that may go.
//! - ```` ```expected ````: the outcome where it is not a change, and the diagnostics as `SEVERITY RULE LINE:COLUMN`.
//! - ```` ```diff ````: the change, without file names.
//!
//! `UPDATE_CASES=1` rewrites the last two.

use calico_ipv6_engine::target::TargetOption;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// One case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The file, relative to `cases/`, without its ending, and the heading: `node/felix: FELIX_IPV6SUPPORT twice`.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// The ending that the input has as a file: `yaml` or `json`.
    pub format: &'static str,
    /// The input.
    pub input: String,
    /// The flags.
    pub options: Vec<String>,
    /// Variants that make no sense here.
    pub skip: Vec<String>,
    /// Comment lines that may go, trimmed.
    pub loses: Vec<String>,
    /// The `expected` block, without its fence.
    pub expected: String,
    /// The `diff` block, without its fence.
    pub diff: String,
    /// The lines of the file that hold the expectation: what an update replaces.
    expectation: (usize, usize),
}

/// The folder of this crate.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All cases, in the order of their files.
///
/// # Panics
/// Where a file is not written as a case is.
#[must_use]
pub fn all() -> Vec<Case> {
    files(&root().join("cases"), "md").iter().flat_map(|file| read(file)).collect()
}

/// The files below a folder with this ending, in a stable order.
///
/// # Panics
/// Where the folder cannot be read.
#[must_use]
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a section says, before it is a case.
#[derive(Clone, Debug, Default)]
struct Section {
    case: Case,
    has_input: bool,
}

fn read(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap();
    let stem = file.strip_prefix(root().join("cases")).unwrap().with_extension("");
    let stem = stem.to_string_lossy().replace('\\', "/");
    let lines: Vec<&str> = text.lines().collect();
    let mut shared = Section::default();
    let mut cases: Vec<Section> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if let Some(heading) = line.strip_prefix("## ") {
            let mut section = shared.clone();
            section.case.name = format!("{stem}: {heading}");
            section.case.file = file.to_owned();
            section.case.expectation = (at + 1, at + 1);
            cases.push(section);
            at += 1;
            continue;
        }
        let section = cases.last_mut().unwrap_or(&mut shared);
        let start = at;
        let is_expectation =
            section.line(&lines, &mut at).unwrap_or_else(|what| panic!("{stem}, line {}: {what}", at + 1));
        if is_expectation && section.case.expectation.0 == section.case.expectation.1 {
            section.case.expectation.0 = start;
        }
        let blank = lines[at - 1].trim().is_empty();
        match (is_expectation, blank) {
            (true, _) => section.case.expectation.1 = at,
            (false, true) => {}
            (false, false) => {
                assert!(
                    section.case.diff.is_empty() && section.case.expected.is_empty(),
                    "{stem}, line {at}: the expectation ends a case"
                );
                section.case.expectation = (at, at);
            }
        }
    }
    for section in &cases {
        assert!(section.has_input, "{}: no input", section.case.name);
    }
    cases.into_iter().map(|section| section.case).collect()
}

impl Section {
    /// Reads a line, or a fenced block, and moves behind it. Whether it was an expectation.
    fn line(&mut self, lines: &[&str], at: &mut usize) -> Result<bool, String> {
        let line = lines[*at];
        *at += 1;
        if let Some(info) = line.strip_prefix("```") {
            let start = *at;
            let length =
                lines[start..].iter().position(|l| *l == "```").ok_or("a block that is not closed")?;
            *at = start + length + 1;
            let mut block = lines[start..start + length].join("\n");
            if length > 0 {
                block.push('\n');
            }
            return self.block(info, &block);
        }
        let Some((key, value)) = line.split_once(": ") else { return Ok(false) };
        let value = value.trim();
        let case = &mut self.case;
        match key {
            "base" => {
                let path = root().join("bases").join(format!("{value}.yaml"));
                case.input =
                    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                case.format = "yaml";
                self.has_input = true;
            }
            "options" => {
                for word in value.split_whitespace() {
                    // A flag replaces the one of the same name above the cases; pairs of addresses are added.
                    let earlier = case.options.iter().position(|one| one == word && word.starts_with("--"));
                    let option = TargetOption::named(word.trim_start_matches("--"));
                    let replaces = !option.is_some_and(TargetOption::is_repeatable);
                    if let Some(at) = earlier.filter(|_| replaces) {
                        case.options.drain(at..(at + 2).min(case.options.len()));
                    }
                    case.options.push(word.to_owned());
                }
            }
            "skip" => case.skip.extend(value.split_whitespace().map(str::to_owned)),
            "loses" => case.loses.push(value.to_owned()),
            "replace" => {
                let parts: Vec<&str> = value.split('`').collect();
                let [_, old, " by ", new, _] = parts[..] else {
                    return Err("replace: `OLD` by `NEW`".to_owned());
                };
                self.replace(old, new)?;
            }
            _ => {}
        }
        Ok(false)
    }

    fn block(&mut self, info: &str, block: &str) -> Result<bool, String> {
        let case = &mut self.case;
        match info {
            "yaml input" | "json input" | "text input" | "escaped input" => {
                let (text, format) = match info {
                    "json input" => (block.to_owned(), "json"),
                    "text input" => (block.to_owned(), "txt"),
                    "escaped input" => (unescape(block), "yaml"),
                    _ => (block.to_owned(), "yaml"),
                };
                (case.input, case.format, self.has_input) = (text, format, true);
            }
            "replace" => {
                let side = |sign| -> String {
                    block.lines().filter_map(|l| l.strip_prefix(sign)).map(|l| format!("{l}\n")).collect()
                };
                self.replace(&side('-'), &side('+'))?;
            }
            "expected" => {
                block.clone_into(&mut case.expected);
                return Ok(true);
            }
            "diff" => {
                block.clone_into(&mut case.diff);
                return Ok(true);
            }
            other => return Err(format!("no block is called `{other}`")),
        }
        Ok(false)
    }

    fn replace(&mut self, old: &str, new: &str) -> Result<(), String> {
        if !self.case.input.contains(old) {
            return Err(format!("the input has no {old:?}"));
        }
        self.case.input = self.case.input.replace(old, new);
        Ok(())
    }
}

/// `\t`, `\r`, `\n`, `\\` and `\u{FEFF}`; a `\` at the end of the block takes its line break away.
fn unescape(block: &str) -> String {
    let mut out = String::new();
    let mut chars = block.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some('0') => out.push('\0'),
            Some('\n') => {}
            Some('u') => {
                let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
            }
            other => out.extend(other),
        }
    }
    out
}

/// Rewrites the expectations of cases of one file: the `expected` and `diff` blocks of each.
///
/// # Panics
/// Where the file cannot be written.
pub fn update(file: &Path, expectations: &[(&Case, String, String)]) {
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    let mut from = 0;
    for (case, expected, diff) in expectations {
        let (start, end) = case.expectation;
        for line in &lines[from..start] {
            out.push_str(line);
            out.push('\n');
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        for (info, block) in [("expected", expected), ("diff", diff)] {
            if !block.is_empty() {
                let _ = write!(out, "\n```{info}\n{block}```\n");
            }
        }
        from = end;
    }
    for line in &lines[from..] {
        out.push_str(line);
        out.push('\n');
    }
    if out != text {
        fs::write(file, out).unwrap();
    }
}
