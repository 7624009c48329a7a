//! Every file of a corpus of real manifests, brought to every target: the outcome that its recipe demands, the values of
//! the new text decoded by other parsers than ours, and all invariants.
//!
//! The corpus is a folder of `vX.Y.Z/**` at `$CALICO_IPV6_CORPUS`, or beside the repository. Where there is none, nothing
//! is run, and that is said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod recipe;

use calico_ipv6_engine::transform::{Outcome, Plan};
use calico_ipv6_tests::invariants::{self, Subject};
use calico_ipv6_tests::run::{Made, diff, exit_code, run, told};
use calico_ipv6_tests::values::{documents, embedded};
use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use recipe::{Recipe, Release, Target, Wanted, recipe, release, wanted};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

const IPV6: &str = "fd00:10:244::/56";
const IPV4: &str = "10.244.0.0/16";

type Counts = Arc<Mutex<BTreeMap<(Target, &'static str), usize>>>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let corpus = std::env::var_os("CALICO_IPV6_CORPUS").map_or(beside, PathBuf::from).join("calico");
    let counts = Counts::default();
    let files = if corpus.is_dir() { files(&corpus) } else { Vec::new() };
    let trials = files
        .iter()
        .flat_map(|file| {
            [Target::Dual, Target::Ipv6Only, Target::Ipv4Only].map(|target| (file.clone(), target))
        })
        .map(|(file, target)| {
            let (corpus, counts) = (corpus.clone(), counts.clone());
            let name = format!("{} to {}", file.display(), target.flag());
            Trial::test(name, move || check(&corpus, &file, target, &counts))
        })
        .collect();
    let conclusion: Conclusion = libtest_mimic::run(&arguments, trials);
    if files.is_empty() {
        println!("corpus: skipped, no folder {} (CALICO_IPV6_CORPUS names another)", corpus.display());
    }
    for ((target, outcome), count) in counts.lock().unwrap().iter() {
        println!("corpus: {:<11} {outcome:<15} {count:>4}", target.flag());
    }
    conclusion.exit_code()
}

/// The files of the corpus that are text, relative to it.
fn files(corpus: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).is_ok() {
                found.push(path.strip_prefix(corpus).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn check(corpus: &Path, file: &Path, target: Target, counts: &Counts) -> Result<(), Failed> {
    let input = std::fs::read_to_string(corpus.join(file))?;
    let Some(release) = release(file) else { return Ok(()) }; // an index, not a manifest
    let recipe = recipe(file);
    let mut options: Vec<String> = ["--to", target.flag()].map(str::to_owned).into();
    if target != Target::Ipv4Only {
        options.extend(["--ipv6-pod-cidr", IPV6].map(str::to_owned));
    }
    if recipe == Recipe::Operator {
        options
            .extend(["--calico-version".to_owned(), format!("v{}.{}.{}", release.0, release.1, release.2)]);
    }
    let mut made = run(&input, &options);
    if let Made::Plan(plan) = &made
        && plan.outcome == Outcome::NeedsInput
    {
        let asked: Vec<&str> = plan.missing_options.iter().map(|q| q.flag).collect();
        if asked != ["ipv4-pod-cidr"] {
            return Err(format!("asks for {asked:?}").into());
        }
        options.extend(["--ipv4-pod-cidr", IPV4].map(str::to_owned));
        made = run(&input, &options);
    }
    let Made::Plan(plan) = &made else {
        return Err(format!("cannot be read: {}", told(&input, &made)).into());
    };
    *counts.lock().unwrap().entry((target, name(plan.outcome))).or_default() += 1;
    as_wanted(&wanted(recipe, release, target, &input), plan, || told(&input, &made))?;
    if let Some(text) = &plan.text {
        let subject = Decoded { recipe, release, target, old: read(&input)?, new: read(text)? };
        subject.check()?;
        if file.ends_with("calico.yaml") && target == Target::Dual && (release.1 == 27 || release.1 == 28) {
            let removed = diff(&input, &made).lines().filter(|line| line.starts_with('-')).count();
            if removed > 3 {
                return Err(format!("{removed} lines go, 3 have to").into());
            }
        }
    }
    let skip = if plan.text.is_none() {
        vec!["end".to_owned(), "bom".to_owned(), "json".to_owned()]
    } else {
        Vec::new()
    };
    let subject = Subject { input: &input, options: &options, made: &made, skip: &skip, loses: &[] };
    assert_eq!(exit_code(&made) == 0, plan.outcome != Outcome::Refused);
    invariants::all(subject).map_err(Failed::from)
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
        Outcome::PassedThrough => "passed through",
        Outcome::Refused => "refused",
        Outcome::NeedsInput => "asks",
    }
}

fn as_wanted(wanted: &Wanted, plan: &Plan, told: impl Fn() -> String) -> Result<(), Failed> {
    // Several rules may refuse a file; the expected one is among them.
    let mut refusals = plan.diagnostics.iter().filter(|f| f.blocks()).map(|f| f.rule.id);
    let refusal = match wanted {
        Wanted::Refused(rule) if refusals.clone().any(|id| id == *rule) => Some(*rule),
        _ => refusals.next(),
    };
    let got = match plan.outcome {
        Outcome::Changed => Wanted::Changed,
        Outcome::Unchanged => Wanted::Unchanged,
        Outcome::PassedThrough => Wanted::PassedThrough,
        Outcome::Refused => Wanted::Refused(refusal.unwrap_or("no rule")),
        Outcome::NeedsInput => return Err(format!("asks: {}", told()).into()),
    };
    if got == *wanted { Ok(()) } else { Err(format!("wanted {wanted:?}, got {got:?}:\n{}", told()).into()) }
}

/// The parts of a file that decide about IPv6, decoded.
#[derive(Debug, Default)]
struct Parts {
    /// `ipam` of the calico plugin.
    ipam: Value,
    /// `net-conf.json`.
    flannel: Value,
    /// The variables of calico-node with a literal value.
    env: BTreeMap<String, String>,
    /// The words of the probes' commands.
    probes: Vec<String>,
    /// `spec.calicoNetwork` of the Installation, `installation.calicoNetwork` of Helm values.
    network: Value,
}

fn read(text: &str) -> Result<Parts, String> {
    let mut parts = Parts::default();
    for document in documents(text).ok_or("serde_yaml does not read it")? {
        match document["kind"].as_str().unwrap_or_default() {
            "ConfigMap" => {
                if let Some(cni) = document.pointer("/data/cni_network_config").and_then(Value::as_str) {
                    let cni = embedded(cni).ok_or("the CNI configuration is not JSON")?;
                    let plugin = cni["plugins"]
                        .as_array()
                        .and_then(|p| p.iter().find(|p| p["type"] == "calico"))
                        .cloned();
                    parts.ipam = plugin.unwrap_or_default()["ipam"].clone();
                }
                if let Some(flannel) = document.pointer("/data/net-conf.json").and_then(Value::as_str) {
                    parts.flannel =
                        serde_json::from_str(flannel).map_err(|e| format!("net-conf.json: {e}"))?;
                }
            }
            "DaemonSet" => {
                let containers = document.pointer("/spec/template/spec/containers").and_then(Value::as_array);
                for container in containers.into_iter().flatten().filter(|c| c["name"] == "calico-node") {
                    parts.read_container(container)?;
                }
            }
            "Installation" => {
                parts.network = document.pointer("/spec/calicoNetwork").cloned().unwrap_or_default();
            }
            // Helm values have no kind.
            "" if document["installation"].is_object() => {
                parts.network = document["installation"]["calicoNetwork"].clone();
            }
            _ => {}
        }
    }
    Ok(parts)
}

impl Parts {
    fn read_container(&mut self, container: &Value) -> Result<(), String> {
        for item in container["env"].as_array().into_iter().flatten() {
            let name = item["name"].as_str().unwrap_or_default().to_owned();
            match &item["value"] {
                Value::String(text) => {
                    if self.env.insert(name.clone(), text.clone()).is_some() {
                        return Err(format!("{name} stands twice"));
                    }
                }
                Value::Null => {}
                other => return Err(format!("{name} is {other}, and no string")),
            }
        }
        for probe in ["livenessProbe", "readinessProbe"] {
            let words = container[probe]["exec"]["command"].as_array();
            self.probes.extend(words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
        Ok(())
    }

    fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }
}

/// A file before and after.
struct Decoded {
    recipe: Recipe,
    release: Release,
    target: Target,
    old: Parts,
    new: Parts,
}

impl Decoded {
    fn check(&self) -> Result<(), String> {
        if self.recipe == Recipe::Operator {
            return self.check_installation();
        }
        self.check_ipam()?;
        for (name, wanted) in self.variables() {
            let got = self.new.env(name);
            if got != wanted.as_deref() {
                return Err(format!("{name} is {got:?}, and {wanted:?} is right"));
            }
        }
        let probes: Vec<String> = self.old.probes.iter().map(|word| self.probe(word)).collect();
        if self.new.probes != probes {
            return Err(format!("probes are {:?}, and {probes:?} is right", self.new.probes));
        }
        if self.recipe == Recipe::Canal {
            let mut flannel =
                json!({ "Backend": self.old.flannel["Backend"], "EnableIPv6": true, "IPv6Network": IPV6 });
            if self.is_dual() {
                flannel["Network"] = self.old.flannel["Network"].clone();
            } else {
                flannel["EnableIPv4"] = json!(false);
            }
            equal("net-conf.json", &self.new.flannel, &flannel)?;
        }
        Ok(())
    }

    fn is_dual(&self) -> bool {
        self.target == Target::Dual
    }

    fn since(&self, minor: u32, patch: u32) -> bool {
        self.release >= (3, minor, patch)
    }

    fn is_host_local(&self) -> bool {
        matches!(self.recipe, Recipe::PolicyOnly | Recipe::Canal)
    }

    /// Whether BIRD makes the routes.
    fn has_bird(&self) -> bool {
        matches!(self.recipe, Recipe::Bgp | Recipe::Bpf)
            || (self.recipe == Recipe::Vxlan && !self.since(16, 0))
    }

    fn check_ipam(&self) -> Result<(), String> {
        let mut wanted = self.old.ipam.clone();
        if self.is_host_local() {
            if self.since(22, 0) && self.is_dual() {
                wanted = json!({"type": "host-local", "ranges": [[{"subnet": "usePodCidr"}], [{"subnet": "usePodCidrIPv6"}]]});
            } else if self.since(22, 0) {
                wanted["subnet"] = json!("usePodCidrIPv6");
            }
        } else {
            wanted["assign_ipv4"] = json!(if self.is_dual() { "true" } else { "false" });
            wanted["assign_ipv6"] = json!("true");
        }
        equal("ipam", &self.new.ipam, &wanted)
    }

    /// What the variables must be; those that are not named must be as they were.
    fn variables(&self) -> BTreeMap<&str, Option<String>> {
        let owned = |text: &str| Some(text.to_owned());
        let mut env: BTreeMap<&str, Option<String>> = self
            .old
            .env
            .iter()
            .chain(&self.new.env)
            .map(|(name, _)| (name.as_str(), self.old.env.get(name).cloned()))
            .collect();
        env.insert("FELIX_IPV6SUPPORT", owned("true"));
        if !self.is_host_local() {
            env.insert("IP6", owned("autodetect"));
            env.insert("IP", owned(if self.is_dual() { "autodetect" } else { "none" }));
        }
        if self.recipe == Recipe::FlannelMigration {
            return env; // the migration controller makes the pools
        }
        env.insert("CALICO_IPV6POOL_CIDR", owned(IPV6));
        if self.recipe != Recipe::Canal {
            env.insert("CALICO_IPV6POOL_NAT_OUTGOING", owned("true"));
        }
        if self.is_dual() {
            return env;
        }
        if self.has_bird() {
            env.insert("CALICO_ROUTER_ID", owned("hash"));
        }
        let cross_subnet_is_broken = !self.since(28, 3) || self.release == (3, 29, 0);
        if self.old.env("CALICO_IPV6POOL_VXLAN") == Some("CrossSubnet") && cross_subnet_is_broken {
            env.insert("CALICO_IPV6POOL_VXLAN", owned("Always"));
        }
        let has_vxlan = self.recipe == Recipe::Vxlan && self.since(23, 0);
        let is_mended = self.since(31, 7) && !self.since(32, 0);
        let none_hides_vxlan = self.since(29, 0) && !is_mended;
        if self.since(29, 0) && !(has_vxlan && none_hides_vxlan) {
            env.insert("CALICO_IPV4POOL_CIDR", owned("none"));
        }
        for name in ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN"] {
            if self.old.env(name).is_some() {
                env.insert(name, owned("Never"));
            }
        }
        env
    }

    fn probe(&self, word: &str) -> String {
        match word {
            "-bird-ready" if !self.is_dual() => "-bird6-ready".to_owned(),
            "-bird-live" if !self.is_dual() => "-bird6-live".to_owned(),
            _ => word.to_owned(),
        }
    }

    fn check_installation(&self) -> Result<(), String> {
        let pools = |parts: &Parts| parts.network["ipPools"].as_array().cloned().unwrap_or_default();
        let is_ipv6 = |pool: &Value| pool["cidr"].as_str().is_some_and(|cidr| cidr.contains(':'));
        let (ipv6, ipv4): (Vec<Value>, Vec<Value>) = pools(&self.new).into_iter().partition(is_ipv6);
        let [pool] = &ipv6[..] else { return Err(format!("IPv6 pools: {ipv6:?}")) };
        let old = pools(&self.old);
        match (self.is_dual(), old.is_empty()) {
            (true, false) => equal("IPv4 pools", &json!(ipv4), &json!(old))?,
            (true, true) => equal(
                "IPv4 range",
                &json!(ipv4.iter().map(|p| &p["cidr"]).collect::<Vec<_>>()),
                &json!([IPV4]),
            )?,
            (false, _) => equal("IPv4 pools", &json!(ipv4), &json!([]))?,
        }
        equal("cidr", &pool["cidr"], &json!(IPV6))?;
        equal("natOutgoing", &pool["natOutgoing"], &json!("Enabled"))?;
        // The operator takes encapsulation of IPv6 from 3.23 on; CrossSubnet has no IPv6-only routes before 3.28.3, in 3.29.0.
        let broken = !self.is_dual() && (!self.since(28, 3) || self.release == (3, 29, 0));
        // eBPF ships without a list of pools and without IPIP: both families get VXLAN then.
        let is_bpf = self.old.network["linuxDataplane"] == "BPF";
        let wanted = match (self.since(23, 0), broken || (is_bpf && old.is_empty())) {
            (false, _) => "None",
            (true, true) => "VXLAN",
            (true, false) => "VXLANCrossSubnet",
        };
        equal("encapsulation", &pool["encapsulation"], &json!(wanted))?;
        if old.iter().any(|p| p.get("blockSize").is_some()) {
            equal("blockSize", &pool["blockSize"], &json!(122))?;
        }
        let method = &self.new.network["nodeAddressAutodetectionV4"];
        match (self.is_dual(), is_bpf) {
            (false, true) => equal("nodeAddressAutodetectionV4", method, &json!({})),
            _ => equal("nodeAddressAutodetectionV4", method, &self.old.network["nodeAddressAutodetectionV4"]),
        }
    }
}

fn equal(what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("{what} is {got}, and {wanted} is right")) }
}
