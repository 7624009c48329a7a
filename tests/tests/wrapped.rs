//! A manifest in the text of a ConfigMap becomes what the manifest itself becomes: the inputs of all cases are wrapped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use calico_ipv6_engine::model::clusters::{Survey, group};
use calico_ipv6_engine::output::inspect::inspect;
use calico_ipv6_engine::source::{Source, position};
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_all};
use calico_ipv6_tests::case;
use calico_ipv6_tests::run::{Made, run, target};

/// A ConfigMap with a text, as a literal block or in double quotes.
fn wrap(text: &str, is_quoted: bool) -> String {
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: addon\ndata:\n  addon.yaml: ";
    if is_quoted {
        return format!("{head}{}\n", serde_json::to_string(text).unwrap());
    }
    let indent = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    format!("{head}|\n{}", text.lines().map(indent).collect::<String>())
}

/// Whether a text can be a literal block without an indentation indicator, and is a file of objects.
fn is_plain(text: &str) -> bool {
    let is_yaml = text.contains("apiVersion") && text.ends_with('\n') && !text.ends_with("\n\n");
    is_yaml && !text.starts_with([' ', '\n', '\u{FEFF}']) && !text.contains(['\r', '\t', '\u{FEFF}'])
}

#[test]
fn a_wrapped_manifest_becomes_the_wrapped_result() {
    let mut compared = 0;
    for case in case::all().iter().filter(|case| is_plain(&case.input)) {
        let Made::Plan(plain) = run(&case.input, &case.options) else { continue };
        let Some(text) = plain.text.as_deref().filter(|text| is_plain(text)) else { continue };
        for is_quoted in [false, true] {
            let Made::Plan(wrapped) = run(&wrap(&case.input, is_quoted), &case.options) else {
                panic!("{}: wrapped, it cannot be read", case.name)
            };
            // A text with Services, network policies or kubeconfigs alone is not taken for a manifest.
            if wrapped.outcome == Outcome::PassedThrough {
                continue;
            }
            // What is itself in a text is one level too deep, and reported.
            let unread = |plan: &Plan| ids(plan).iter().filter(|id| **id == "WRAP-UNREAD").count();
            if unread(&wrapped) > unread(&plain) {
                continue;
            }
            compared += 1;
            let name = format!("{}, quoted: {is_quoted}", case.name);
            assert_eq!(wrapped.text.as_deref(), Some(&*wrap(text, is_quoted)), "{name}");
            assert_eq!(ids(&wrapped), ids(&plain), "{name}");
            if !is_quoted {
                assert_eq!(
                    lines(&wrap(&case.input, false), &wrapped, 0),
                    lines(&case.input, &plain, 6),
                    "{name}"
                );
            }
        }
    }
    println!("{compared} compared");
    assert!(compared > 300, "only {compared} cases were compared");
}

fn ids(plan: &Plan) -> Vec<&str> {
    let mut ids: Vec<&str> = plan.diagnostics.iter().map(|diagnostic| diagnostic.rule.id).collect();
    ids.sort_unstable();
    ids
}

/// The lines of all findings, moved by some.
fn lines(text: &str, plan: &Plan, by: usize) -> Vec<usize> {
    let line = |offset| position(text, offset).line + by;
    plan.diagnostics.iter().map(|diagnostic| line(diagnostic.range.start)).collect()
}

const KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16,fd00:10:244::/56\n  serviceSubnet: 10.96.0.0/16,fd00:10:96::/112\n";
const INSTALLATION: &str = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n      encapsulation: VXLAN\n";

#[test]
fn a_text_knows_the_facts_of_other_files() {
    let target = target(&["--to=dual-stack".to_owned()]).unwrap();
    let addon = wrap(INSTALLATION, false);
    let sources = [Source { name: "a.yaml", text: &addon }, Source { name: "b.yaml", text: KUBEADM }];
    let plans = plan_all(&sources, &target, Options::default());
    let text = plans[0].as_ref().unwrap().text.as_deref().unwrap();
    assert!(text.contains("    - cidr: fd00:10:244::/56\n"), "{text}");
    // The other way round.
    let (addon, sources) = (wrap(KUBEADM, true), INSTALLATION);
    let sources = [Source { name: "a.yaml", text: &addon }, Source { name: "b.yaml", text: sources }];
    let plans = plan_all(&sources, &target, Options::default());
    assert!(plans[1].as_ref().unwrap().text.as_deref().is_some_and(|text| text.contains("fd00:10:244::/56")));
}

#[test]
fn a_text_that_is_refused_refuses_its_file() {
    let target =
        target(&["--to=dual-stack".to_owned(), "--ipv6-pod-cidr=fd00:10:244::/56".to_owned()]).unwrap();
    let broken = INSTALLATION.replace("10.244.0.0/16", "10.244.0.0/99");
    let text = format!("{}---\n{INSTALLATION}", wrap(&broken, false));
    let plans = plan_all(&[Source { name: "a.yaml", text: &text }], &target, Options::default());
    let plan = plans[0].as_ref().unwrap();
    assert_eq!((plan.outcome, plan.text.as_deref()), (Outcome::Refused, None));
}

#[test]
fn two_clusters_in_texts_are_two_clusters() {
    let other = INSTALLATION.replace("10.244", "10.245");
    let (one, other) = (wrap(INSTALLATION, false), wrap(&other, false));
    let names = ["a/addon.yaml", "b/addon.yaml"];
    let surveys: Vec<Survey> =
        names.iter().zip([&one, &other]).map(|(name, text)| Survey::of(Source { name, text })).collect();
    assert_eq!(group(&surveys, &[]).len(), 2);
}

#[test]
fn inspect_names_the_lines_of_the_file() {
    let target = target(&["--to=dual-stack".to_owned()]).unwrap();
    let text = wrap(INSTALLATION, false);
    let found = inspect(&[Source { name: "a.yaml", text: &text }], &target).remove(0).unwrap();
    assert_eq!(found.installs[0].title, "ConfigMap addon, addon.yaml: Installation default");
    let pool = found.installs[0].rows.iter().find(|row| row.name == "IP pool").unwrap();
    assert_eq!(pool.line, Some(14));
    assert!(found.coverage.iter().any(|one| one.state == calico_ipv6_engine::State::Understood));
}
