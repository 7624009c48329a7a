//! `cargo xtask new-rule`: the file of a rule, its line in the list of rules, and two cases.

use crate::codegen::catalogue::{self, Fate};
use crate::shell::root;
use anyhow::{Context, Result, bail, ensure};
use calico_ipv6_engine::rules::find;
use std::path::{Path, PathBuf};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Each Calico installation.
    Installation,
    /// The objects of a file.
    Objects,
}

/// Where the parts of a rule belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    /// The folder below `engine/src/rules`.
    folder: &'static str,
    /// The folder below `tests/cases`.
    cases: &'static str,
    /// The template of the rule.
    rule: &'static str,
    /// The template of the cases.
    case: &'static str,
}

/// The rules of an installation, by the first part of the id.
const INSTALLATION: [(&str, &str); 6] = [
    ("CNI", "cni"),
    ("NODE", "node"),
    ("POOL", "pool"),
    ("ENC", "encapsulation"),
    ("OP", "operator"),
    ("VAR", "variant"),
];

/// The folders of cases for rules of objects, by the first part of the id. Others belong to `objects`.
const OBJECT_CASES: [(&str, &str); 9] = [
    ("K8S", "control-plane"),
    ("KADM", "kubeadm"),
    ("SVC", "services"),
    ("DNS", "node-agents"),
    ("OCP", "openshift"),
    ("K3S", "installers"),
    ("K0S", "installers"),
    ("KOPS", "installers"),
    ("KSPRAY", "installers"),
];

/// Creates the rule and says what comes next.
pub(crate) fn run(id: &str, name: &str, scope: Option<Scope>) -> Result<()> {
    check_names(id, name)?;
    let layout = Layout::of(id, scope)?;
    let root = root();
    let module = name.replace('-', "_");
    let rules = root.join("engine/src/rules");
    let rule = rules.join(layout.folder).join(format!("{module}.rs"));
    let case = root.join("tests/cases").join(layout.cases).join(format!("{name}.md"));
    for path in [&rule, &case] {
        ensure!(!path.exists(), "{} already exists", below(&root, path));
    }
    let group = rules.join(layout.folder).join("mod.rs");
    let list = rules.join("mod.rs");
    let group_text = with_module(&read(&group)?, &module).context("no list of modules")?;
    let list_text = with_rule(&read(&list)?, layout.folder, &module).context("RULES was not found")?;
    write(&rule, &filled(layout.rule, id, name))?;
    write(&case, layout.case)?;
    write(&group, &group_text)?;
    write(&list, &list_text)?;
    catalogue::forget(&[id])?;
    println!("Created {}", below(&root, &rule));
    println!("Created {}", below(&root, &case));
    println!("Added the rule to {} and {}", below(&root, &group), below(&root, &list));
    println!(
        "
1. Replace each TODO and the example in both new files.
2. Let the test write what the two cases report, and read it: the first must name {id}, the second must not.
       UPDATE_CASES=1 cargo test -p calico-ipv6-tests --test cases
3. Run the tests:
       cargo fmt --all && cargo test -p calico-ipv6-tests
4. Write the rule's page and the lists, and commit them too:
       cargo xtask codegen"
    );
    Ok(())
}

fn check_names(id: &str, name: &str) -> Result<()> {
    let is_id = id.split('-').count() > 1
        && id.starts_with(|c: char| c.is_ascii_uppercase())
        && id.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        });
    ensure!(is_id, "`{id}` is not a rule id: expected capitals and digits, such as FELIX-009");
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
    ensure!(is_name, "`{name}` is not a rule name: expected kebab-case, such as wireguard-only-for-ipv4");
    for text in [id, name] {
        if let Some(other) = find(text) {
            bail!("`{text}` is taken by {} ({})", other.id, other.name);
        }
    }
    match catalogue::entries()?.into_iter().find(|entry| entry.id == id).map(|entry| entry.fate) {
        None | Some(Fate::Planned(_)) => Ok(()),
        Some(Fate::Folded { into, .. }) => bail!("{id} is part of {into}: an id is never reused"),
        Some(Fate::Dropped(why)) => bail!("{id} was dropped, and an id is never reused: {why}"),
    }
}

impl Layout {
    fn of(id: &str, scope: Option<Scope>) -> Result<Layout> {
        let prefix = id.split('-').next().unwrap_or(id);
        let of_prefix =
            |table: &[(&str, &'static str)]| table.iter().find(|row| row.0 == prefix).map(|row| row.1);
        let folder = of_prefix(&INSTALLATION);
        let is_installation = scope.map_or(folder.is_some(), |scope| scope == Scope::Installation);
        if !is_installation {
            return Ok(Layout {
                folder: "kubernetes",
                cases: of_prefix(&OBJECT_CASES).unwrap_or("objects"),
                rule: include_str!("new_rule/objects.rs.txt"),
                case: include_str!("new_rule/objects.md"),
            });
        }
        // Felix is configured by the environment of calico-node.
        let folder = folder.or((prefix == "FELIX").then_some("node"));
        let known = INSTALLATION.map(|row| row.0).join(", ");
        let folder =
            folder.with_context(|| format!("rules of an installation begin with {known} or FELIX"))?;
        let (rule, case) = if folder == "operator" {
            (include_str!("new_rule/operator.rs.txt"), include_str!("new_rule/operator.md"))
        } else {
            (include_str!("new_rule/manifest.rs.txt"), include_str!("new_rule/manifest.md"))
        };
        Ok(Layout { folder, cases: folder, rule, case })
    }
}

fn filled(template: &str, id: &str, name: &str) -> String {
    template.replace("RULE-ID", id).replace("rule-name", name)
}

/// The text of a `mod.rs` with one more module, in the order of the alphabet.
fn with_module(text: &str, module: &str) -> Option<String> {
    let name = |line: &str| {
        let rest = line.strip_prefix("pub(super) ").unwrap_or(line).strip_prefix("mod ")?;
        rest.strip_suffix(';').map(str::to_owned)
    };
    let lines: Vec<&str> = text.lines().collect();
    let modules: Vec<usize> = (0..lines.len()).filter(|at| name(lines[*at]).is_some()).collect();
    let later = modules.iter().find(|at| name(lines[**at]).is_some_and(|other| other.as_str() > module));
    let at = later.copied().or_else(|| modules.last().map(|last| last + 1))?;
    Some(with_line(&lines, at, &format!("pub(super) mod {module};")))
}

/// The text of the list of rules with one more, behind the others of its folder.
fn with_rule(text: &str, folder: &str, module: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with("pub const RULES"))?;
    let end = start + lines[start..].iter().position(|line| *line == "];")?;
    let path = format!("    {folder}::");
    let last = (start..end).rev().find(|at| lines[*at].starts_with(&path));
    Some(with_line(&lines, last.map_or(end, |last| last + 1), &format!("{path}{module}::RULE,")))
}

fn with_line(lines: &[&str], at: usize, line: &str) -> String {
    let mut out = Vec::from(lines);
    out.insert(at, line);
    out.join("\n") + "\n"
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

fn below(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).map_or_else(|_| PathBuf::from(path), Path::to_owned).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::{Layout, Scope, check_names, filled, with_module, with_rule};

    #[test]
    fn a_module_comes_in_the_order_of_the_alphabet() {
        let text = "//! Rules.\n\nmod a;\npub(super) mod c;\n\nuse a::X;\n";
        let expected = |lines: &str| Some(format!("//! Rules.\n\n{lines}\n\nuse a::X;\n"));
        assert_eq!(with_module(text, "b"), expected("mod a;\npub(super) mod b;\npub(super) mod c;"));
        assert_eq!(with_module(text, "d"), expected("mod a;\npub(super) mod c;\npub(super) mod d;"));
        assert_eq!(with_module("//! Nothing.\n", "d"), None);
    }

    #[test]
    fn a_rule_comes_behind_its_group() {
        let text = "use x;\npub const RULES: &[Rule] = &[\n    cni::A,\n    node::B,\n];\n";
        let expected = |lines: &str| Some(format!("use x;\npub const RULES: &[Rule] = &[\n{lines}\n];\n"));
        assert_eq!(with_rule(text, "cni", "n"), expected("    cni::A,\n    cni::n::RULE,\n    node::B,"));
        assert_eq!(with_rule(text, "pool", "n"), expected("    cni::A,\n    node::B,\n    pool::n::RULE,"));
    }

    #[test]
    fn the_id_decides_where_a_rule_belongs() {
        let place = |id, scope| Layout::of(id, scope).map(|layout| (layout.folder, layout.cases)).ok();
        assert_eq!(place("OP-900", None), Some(("operator", "operator")));
        assert_eq!(place("FELIX-900", None), Some(("kubernetes", "objects")));
        assert_eq!(place("FELIX-900", Some(Scope::Installation)), Some(("node", "node")));
        assert_eq!(place("KADM-NEW", None), Some(("kubernetes", "kubeadm")));
        assert_eq!(place("SVC-NEW", Some(Scope::Installation)), None);
    }

    #[test]
    fn ids_and_names_are_checked() {
        assert!(check_names("FELIX-900", "a-new-pattern").is_ok());
        assert!(check_names("felix-900", "a-new-pattern").is_err());
        assert!(check_names("FELIX", "a-new-pattern").is_err());
        assert!(check_names("FELIX-900", "ANewPattern").is_err());
        assert!(check_names("NODE-018", "a-new-pattern").is_err(), "the id is taken");
        assert!(check_names("FELIX-900", "mtu-below-ipv6-minimum").is_err(), "the name is taken");
        assert!(check_names("POOL-007", "a-new-pattern").is_err(), "the id was dropped");
    }

    #[test]
    fn a_template_gets_the_id_and_the_name() {
        let layout = Layout::of("OP-900", None).unwrap();
        let text = filled(layout.rule, "OP-900", "a-new-pattern");
        assert!(text.contains("id: \"OP-900\",\n    name: \"a-new-pattern\","));
    }
}
