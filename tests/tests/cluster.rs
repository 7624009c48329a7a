//! What the real kubeadm rendered for one configuration in four stacks: each stack brought to each other one must be what
//! kubeadm wrote for it. Worked pairs, and samples of other people, where they are there.
//!
//! The corpus is a folder with `kubeadm/VERSION/STACK/` and `kubernetes/` at `$CALICO_IPV6_CORPUS`, or beside the repository,
//! the pairs a folder `examples/kubernetes` beside it. Where there is none, nothing is run, and that is said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use calico_ipv6_engine::output::diff::unified;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_all};
use calico_ipv6_tests::case::files;
use calico_ipv6_tests::invariants::{self, Subject};
use calico_ipv6_tests::run::{Made, fitting, run, target, told};
use calico_ipv6_tests::values::{documents, normal};
use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The ranges and addresses of the corpus and of the pairs.
const GIVEN: [&str; 14] = [
    "--ipv4-pod-cidr",
    "10.244.0.0/16",
    "--ipv6-pod-cidr",
    "fd00:10:244::/56",
    "--ipv4-service-cidr",
    "10.96.0.0/16",
    "--ipv6-service-cidr",
    "fd00:10:96::/112",
    "--address",
    "192.0.2.10=2001:db8:1::10",
    "--address",
    "192.0.2.11=2001:db8:1::11",
    "--address",
    "192.0.2.21=2001:db8:1::21",
];

/// The stacks of kubeadm's folders, and how each is asked for.
const STACKS: [(&str, &[&str]); 4] = [
    ("ipv4", &["--to", "ipv4-only"]),
    ("dual", &["--to", "dual-stack", "--primary-family", "ipv4"]),
    ("dual6", &["--to", "dual-stack", "--primary-family", "ipv6"]),
    ("ipv6", &["--to", "ipv6-only"]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let corpus = std::env::var_os("CALICO_IPV6_CORPUS").map_or(beside, PathBuf::from);
    let mut trials = rendered(&corpus.join("kubeadm"));
    trials.extend(pairs(&corpus.join("../examples/kubernetes")));
    trials.extend(samples(&corpus.join("kubernetes")));
    let is_empty = trials.is_empty();
    let conclusion: Conclusion = libtest_mimic::run(&arguments, trials);
    if is_empty {
        println!("cluster: skipped, no folder {} (CALICO_IPV6_CORPUS names another)", corpus.display());
    }
    conclusion.exit_code()
}

fn options(wanted: &[&str]) -> Vec<String> {
    // What is given later counts.
    let to = wanted.iter().find(|word| word.ends_with("-only")).copied().unwrap_or_default();
    let all: Vec<&str> = GIVEN.iter().chain(wanted).copied().collect();
    fitting(to, &all).into_iter().map(str::to_owned).collect()
}

/// The plans of files of one cluster.
fn plan_together(texts: &[(String, String)], options: &[String]) -> Result<Vec<Plan>, Failed> {
    let target = target(options).map_err(|flags| format!("bad options: {flags:?}"))?;
    let sources: Vec<Source<'_>> = texts.iter().map(|(name, text)| Source { name, text }).collect();
    let plans = plan_all(&sources, &target, Options::default()).into_iter();
    let named = plans
        .zip(texts)
        .map(|(plan, (name, _))| plan.map_err(|error| Failed::from(format!("{name}: {error:?}"))));
    named.collect()
}

/// Every stack of every version of kubeadm brought to every stack.
fn rendered(folder: &Path) -> Vec<Trial> {
    let Ok(versions) = fs::read_dir(folder) else { return Vec::new() };
    let mut trials = Vec::new();
    for version in versions.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for (from, _) in STACKS {
            for (to, wanted) in STACKS {
                let name = version.file_name().unwrap().to_string_lossy();
                let version = version.clone();
                trials.push(Trial::test(format!("kubeadm {name}: {from} to {to}"), move || {
                    check_rendered(&version.join(from), &version.join(to), from, to, &options(wanted))
                }));
            }
        }
    }
    trials
}

fn check_rendered(from: &Path, to: &Path, was: &str, is: &str, options: &[String]) -> Result<(), Failed> {
    let read = |path: &PathBuf| (path.to_string_lossy().into_owned(), fs::read_to_string(path).unwrap());
    let names = [files(from, "yaml"), files(from, "env")].concat();
    let texts: Vec<(String, String)> = names.iter().map(read).collect();
    let plans = plan_together(&texts, options)?;
    for ((path, (name, text)), plan) in names.iter().zip(&texts).zip(&plans) {
        if let Some(refusal) = plan.diagnostics.iter().find(|f| f.blocks()) {
            return Err(format!("{name}: {}: {}", refusal.rule.id, refusal.message).into());
        }
        if let Some(told) = plan.diagnostics.iter().find(|f| f.rule.id == "K8S-RANGE-MISMATCH") {
            return Err(format!("{name}: {}", told.message).into());
        }
        let wanted = fs::read_to_string(to.join(path.strip_prefix(from).unwrap()))?;
        let got = plan.text.as_deref().unwrap_or(text);
        // kubeadm makes up a token at every call.
        let without_token = |text: &str| -> String {
            text.split_inclusive('\n').filter(|line| !line.starts_with("  token: ")).collect()
        };
        let (got, wanted) = (without_token(got), without_token(&wanted));
        // Written by kubeadm for IPv4 first, an address needs no quotes; a value keeps those that it has. Names that are
        // added to a certificate stand at the end.
        let same = if ["ipv6", "dual6"].contains(&was) && is != was {
            same_values(&got, &wanted)
        } else {
            got == wanted
        };
        if !same {
            return Err(format!("{name} (- kubeadm, + ours)\n{}", unified(b"x", &wanted, &got)).into());
        }
    }
    Ok(())
}

/// Whether two texts say the same, but for the order of names in certificates.
fn same_values(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let documents = documents(text).unwrap();
        documents.into_iter().map(|document| sorted(normal(opened(document)))).collect::<Vec<_>>()
    };
    read(one) == read(other)
}

/// The same with the configurations in texts of a ConfigMap read.
fn opened(mut document: Value) -> Value {
    if let Some(data) = document.get_mut("data").and_then(Value::as_object_mut) {
        for value in data.values_mut() {
            let inner = value.as_str().filter(|text| text.contains("\nkind: ")).and_then(documents);
            if let Some(inner) = inner {
                *value = Value::Array(inner);
            }
        }
    }
    document
}

fn sorted(mut document: Value) -> Value {
    if let Some(names) = document.pointer_mut("/apiServer/certSANs").and_then(Value::as_array_mut) {
        names.sort_by_key(ToString::to_string);
    }
    document
}

/// Worked pairs: the file before, the file after, what is asked for, and what the pair changes that no transform does.
const PAIRS: [(&str, &str, &[&str]); 44] = [
    ("kubeadm/v1beta1-before-ipv4", "kubeadm/v1beta1-after-ipv6only", &["--to", "ipv6-only"]),
    ("kubeadm/v1beta2-before-ipv4", "kubeadm/v1beta2-after-ipv6only", &["--to", "ipv6-only"]),
    ("kubeadm/v1beta2-before-ipv4", "kubeadm/v1beta2-after-dual-ipv4primary", &["--to", "dual-stack"]),
    ("kubeadm/v1beta2-before-ipv4", "kubeadm/v1beta2-after-dual-ipv6primary", DUAL6),
    ("kubeadm/v1beta3-before-ipv4", "kubeadm/v1beta3-after-ipv6only", &["--to", "ipv6-only"]),
    ("kubeadm/v1beta3-before-ipv4", "kubeadm/v1beta3-after-dual-ipv4primary", &["--to", "dual-stack"]),
    ("kubeadm/v1beta3-before-ipv4", "kubeadm/v1beta3-after-dual-ipv6primary", DUAL6),
    ("kubeadm/v1beta3-after-dual-ipv4primary", "kubeadm/v1beta3-before-ipv4", &["--to", "ipv4-only"]),
    ("kubeadm/v1beta4-before-ipv4", "kubeadm/v1beta4-after-ipv6only", &["--to", "ipv6-only"]),
    ("kubeadm/v1beta4-before-ipv4", "kubeadm/v1beta4-after-dual-ipv4primary", &["--to", "dual-stack"]),
    ("kubeadm/v1beta4-before-ipv4", "kubeadm/v1beta4-after-dual-ipv6primary", DUAL6),
    ("kubeadm/v1beta4-after-dual-ipv4primary", "kubeadm/v1beta4-before-ipv4", &["--to", "ipv4-only"]),
    ("static-pods/before-kube-apiserver", "static-pods/after-dual-kube-apiserver", &["--to", "dual-stack"]),
    (
        "static-pods/before-kube-apiserver",
        "static-pods/after-ipv6only-kube-apiserver",
        &["--to", "ipv6-only"],
    ),
    ("static-pods/after-dual-kube-apiserver", "static-pods/before-kube-apiserver", &["--to", "ipv4-only"]),
    (
        "static-pods/before-kube-controller-manager",
        "static-pods/after-dual-kube-controller-manager",
        &["--to", "dual-stack"],
    ),
    (
        "static-pods/before-kube-controller-manager",
        "static-pods/after-ipv6only-kube-controller-manager",
        &["--to", "ipv6-only"],
    ),
    (
        "static-pods/after-dual-kube-controller-manager",
        "static-pods/before-kube-controller-manager",
        &["--to", "ipv4-only"],
    ),
    ("static-pods/before-kube-scheduler", "static-pods/after-dual-kube-scheduler", &["--to", "dual-stack"]),
    (
        "static-pods/before-kube-scheduler",
        "static-pods/after-ipv6only-kube-scheduler",
        &["--to", "ipv6-only"],
    ),
    ("static-pods/before-etcd", "static-pods/after-dual-etcd", &["--to", "dual-stack"]),
    ("static-pods/before-etcd", "static-pods/after-ipv6only-etcd", &["--to", "ipv6-only"]),
    ("static-pods/after-ipv6only-etcd", "static-pods/before-etcd", &["--to", "ipv4-only"]),
    ("kubelet/before-config", "kubelet/after-dual-config", &["--to", "dual-stack"]),
    ("kubelet/before-config", "kubelet/after-ipv6only-config", &["--to", "ipv6-only"]),
    ("kubelet/before-kubeadm-flags.env", "kubelet/after-dual-kubeadm-flags.env", &["--to", "dual-stack"]),
    ("kubelet/before-kubeadm-flags.env", "kubelet/after-ipv6only-kubeadm-flags.env", &["--to", "ipv6-only"]),
    (
        "kubelet/before-kubeadm-flags-1.37.env",
        "kubelet/after-dual-kubeadm-flags-1.37.env",
        &["--to", "dual-stack"],
    ),
    (
        "kubelet/after-dual-kubeadm-flags-1.37.env",
        "kubelet/after-ipv6only-kubeadm-flags-1.37.env",
        &["--to", "ipv6-only"],
    ),
    ("kubelet/after-dual-kubeadm-flags-1.37.env", "kubelet/before-kubeadm-flags-1.37.env", IPV4),
    ("kubelet/before-kubelet.service", "kubelet/after-ipv6only-kubelet.service", &["--to", "ipv6-only"]),
    ("kube-proxy/before-configmap", "kube-proxy/after-dual-configmap", &["--to", "dual-stack"]),
    ("kube-proxy/before-configmap", "kube-proxy/after-ipv6only-configmap", &["--to", "ipv6-only"]),
    ("dns/before-kube-dns", "dns/after-ipv6only-kube-dns", &["--to", "ipv6-only"]),
    ("openshift/before-install-config", "openshift/after-dual-install-config", OPENSHIFT_DUAL),
    ("openshift/before-install-config", "openshift/after-ipv6only-install-config", OPENSHIFT_IPV6),
    ("openshift/after-dual-install-config", "openshift/before-install-config", OPENSHIFT_IPV4),
    ("openshift/after-dual-install-config", "openshift/after-ipv6only-install-config", OPENSHIFT_IPV6),
    // The worked pairs add a second family beside a list of IPv4 clients, and remove that list: both open the Service. The
    // first stays single-stack, the second is refused.
    ("services/before", "services/before", &["--to", "dual-stack"]),
    ("services/before", "services/before", &["--to", "ipv6-only"]),
    ("services/after-dual", "services/before", IPV4),
    ("dns/before-coredns", "dns/after-dual-coredns", &["--to", "dual-stack"]),
    ("dns/before-coredns", "dns/after-ipv6only-coredns", &["--to", "ipv6-only"]),
    ("dns/after-ipv6only-coredns", "dns/before-coredns", &["--to", "ipv4-only"]),
];

const OPENSHIFT_DUAL: &[&str] = &openshift("dual-stack");
const OPENSHIFT_IPV4: &[&str] = &openshift("ipv4-only");
const OPENSHIFT_IPV6: &[&str] = &openshift("ipv6-only");

const fn openshift(to: &'static str) -> [&'static str; 16] {
    [
        "--to",
        to,
        "--ipv4-pod-cidr",
        "10.128.0.0/14",
        "--ipv4-service-cidr",
        "172.30.0.0/16",
        "--ipv6-pod-cidr",
        "fd01::/48",
        "--ipv6-service-cidr",
        "fd02::/112",
        "--ipv6-machine-cidr",
        "2001:db8:1::/64",
        "--address",
        "192.0.2.5=2001:db8:1::5",
        "--address",
        "192.0.2.6=2001:db8:1::6",
    ]
}

const IPV4: &[&str] = &["--to", "ipv4-only"];
const DUAL6: &[&str] = &["--to", "dual-stack", "--primary-family", "ipv6"];

fn pairs(folder: &Path) -> Vec<Trial> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let one = |(before, after, wanted): (&'static str, &'static str, &'static [&'static str])| {
        let folder = folder.to_owned();
        Trial::test(format!("pair: {before} to {after}"), move || {
            // Without an ending: YAML.
            let read = |name: &str| {
                let ending =
                    if Path::new(name).extension().is_none_or(|e| e.len() > 7) { ".yaml" } else { "" };
                fs::read_to_string(folder.join(format!("{name}{ending}")))
            };
            let (input, wanted_text) = (read(before)?, read(after)?);
            let options = options(wanted);
            let made = run(&input, &options);
            let Made::Plan(plan) = &made else { return Err(told(&input, &made).into()) };
            let got = plan.text.as_deref().unwrap_or(&input);
            if got != wanted_text {
                let diff = unified(b"x", &wanted_text, got);
                return Err(format!("{}(- the pair, + ours)\n{diff}", told(&input, &made)).into());
            }
            let subject = Subject { input: &input, options: &options, made: &made, skip: &[], loses: &[] };
            invariants::all(subject).map_err(Failed::from)
        })
    };
    PAIRS.into_iter().map(one).collect()
}

/// Other people's files: whatever becomes of them, the invariants hold, and nothing is asked that was told.
fn samples(folder: &Path) -> Vec<Trial> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let mut trials = Vec::new();
    for file in ["yaml", "yml", "service"].into_iter().flat_map(|ending| files(folder, ending)) {
        for (_, wanted) in STACKS {
            let name = file.strip_prefix(folder).unwrap().display().to_string();
            let file = file.clone();
            trials.push(Trial::test(format!("sample: {name} to {}", wanted.join(" ")), move || {
                let Ok(input) = fs::read_to_string(&file) else { return Ok(()) };
                let options = options(wanted);
                let made = run(&input, &options);
                let Made::Plan(plan) = &made else { return Ok(()) };
                if plan.outcome == Outcome::NeedsInput {
                    return Err(told(&input, &made).into());
                }
                // A refusal and what is passed through are the same in any clothes; that is checked by the cases.
                let clothes = ["crlf", "end", "bom", "json"].map(str::to_owned);
                let skip = if plan.text.is_none() { &clothes[..] } else { &clothes[3..] };
                let subject = Subject { input: &input, options: &options, made: &made, skip, loses: &[] };
                invariants::all(subject).map_err(Failed::from)
            }));
        }
    }
    trials
}
