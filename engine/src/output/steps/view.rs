//! The plans of one cluster, as the steps see them.

use super::shell::{code, flags, word};
use super::{Command, Host};
use crate::address::Family;
use crate::model::facts::cluster::Ranges;
use crate::model::facts::{Facts, Ipam, Variant};
use crate::model::fields::{Component, Installer, ObjectKind};
use crate::output::excerpt::Excerpts;
use crate::output::pools::{PoolSummary, Range};
use crate::rules::Effect;
use crate::target::{Backend, Provisioner, Stack, Target};
use crate::transform::{AppliedChange, Contents, Install, Outcome, Plan};
use crate::version::Version;
use std::net::{Ipv4Addr, Ipv6Addr};

/// If there are more files than this, their folder is named.
const NAMED_FILES: usize = 8;

/// What the steps need of the plan of one file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    outcome: Outcome,
    changes: Vec<AppliedChange>,
    pub(super) contents: Contents,
    installs: Vec<Install>,
    pools: Vec<PoolSummary>,
    is_understood: bool,
}

impl File {
    /// Keeps what the steps need of a plan; no value that is kept shows a secret.
    #[must_use]
    pub fn of(name: &str, excerpts: &Excerpts<'_>, plan: &Plan) -> File {
        use crate::model::coverage::State;
        let is_skipped = |state: &State| matches!(state, State::Template | State::NotUnderstood(_));
        File {
            name: name.to_owned(),
            outcome: plan.outcome,
            changes: plan.changes.iter().map(|change| excerpts.change(change)).collect(),
            contents: plan.contents.clone(),
            installs: plan.installs.clone(),
            pools: plan.pools.clone(),
            is_understood: !plan.coverage.iter().any(|coverage| is_skipped(&coverage.state)),
        }
    }
}

impl File {
    pub(super) fn is_changed(&self) -> bool {
        self.outcome == Outcome::Changed
    }
}

/// Whether the cluster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not exist yet.
    New,
    /// It runs, as an option says.
    Running,
    /// It runs: an object of the files was read from it.
    Live,
    /// Nothing says so.
    Unknown,
}

/// The plans of one cluster.
pub(super) struct View<'v> {
    pub(super) target: &'v Target,
    files: &'v [File],
    cluster: &'v str,
    pub(super) state: State,
}

impl<'v> View<'v> {
    /// `None` if a file stops the transform.
    pub(super) fn of(files: &'v [File], cluster: &'v str, target: &'v Target) -> Option<View<'v>> {
        let stops = |file: &File| matches!(file.outcome, Outcome::Refused | Outcome::NeedsInput);
        if files.iter().any(stops) {
            return None;
        }
        let is_live = files.iter().any(|file| file.contents.is_live);
        let state = match (target.new_cluster, target.running, is_live) {
            (true, ..) => State::New,
            (_, true, _) => State::Running,
            (_, _, true) => State::Live,
            _ => State::Unknown,
        };
        let mut view = View { target, files, cluster, state };
        // Such files are read once, when the cluster is created.
        let once = view.has_kind(ObjectKind::InstallConfig) || view.has_kind(ObjectKind::KindCluster);
        if state == State::Unknown && once {
            view.state = State::New;
        }
        Some(view)
    }

    /// Whether the steps are those of a new cluster: nothing says that it runs, and a running one could not follow.
    pub(super) fn is_for_new_cluster(&self) -> bool {
        let only_new = self.target.to == Stack::Ipv6Only || (self.has_k3s() && self.target.to.has_ipv6());
        self.state == State::New || (self.state == State::Unknown && only_new && !self.drops_ipv4())
    }

    /// Whether a dual-stack cluster whose primary family is IPv6 loses IPv4.
    fn drops_ipv4(&self) -> bool {
        self.target.to == Stack::Ipv6Only && self.first().primary == Some(Family::Ipv6) && self.is_running()
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, State::Running | State::Live)
    }

    /// Whether a file changes.
    pub(super) fn is_changed(&self) -> bool {
        self.files.iter().any(File::is_changed)
    }

    /// The changes, each with its file.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&'v File, &'v AppliedChange)> + '_ {
        self.files.iter().flat_map(|file| file.changes.iter().map(move |change| (file, change)))
    }

    /// The changes with such an effect.
    pub(super) fn with(&self, wanted: impl Fn(Effect) -> bool) -> Vec<(&'v File, &'v AppliedChange)> {
        self.changes().filter(|(_, change)| wanted(change.effect)).collect()
    }

    pub(super) fn restarts(&self, component: Component) -> Vec<(&'v File, &'v AppliedChange)> {
        self.with(|effect| effect == Effect::Restart(component))
    }

    /// The changed files that have a change with such an effect.
    pub(super) fn files_with(&self, wanted: impl Fn(Effect) -> bool) -> Vec<&'v File> {
        let has = |file: &&File| file.changes.iter().any(|change| wanted(change.effect));
        self.files.iter().filter(has).collect()
    }

    pub(super) fn has_kind(&self, kind: ObjectKind) -> bool {
        self.files.iter().any(|file| file.contents.kinds.contains(&kind))
    }

    /// The names of the files with an object of this kind.
    pub(super) fn files_of_kind(&self, kind: ObjectKind) -> Vec<&'v File> {
        self.files.iter().filter(|file| file.contents.kinds.contains(&kind)).collect()
    }

    pub(super) fn has_installer(&self, installer: Installer) -> bool {
        self.files
            .iter()
            .flat_map(|file| &file.contents.kinds)
            .any(|kind| kind.installer() == Some(installer))
    }

    pub(super) fn has_k3s(&self) -> bool {
        self.has_installer(Installer::K3s)
    }

    pub(super) fn is_rke2(&self) -> bool {
        self.files.iter().any(|file| file.contents.is_rke2 || file.name.contains("rke2"))
    }

    pub(super) fn is_openshift(&self) -> bool {
        self.has_installer(Installer::OpenShift) || self.has_kind(ObjectKind::InstallConfig)
    }

    /// The kind of file of an installer that is none of Kubernetes' own.
    pub(super) fn other_installer(&self) -> Option<Installer> {
        self.files.iter().flat_map(|file| &file.contents.kinds).find_map(|kind| kind.installer())
    }

    /// Whether kubeadm created the cluster, or nothing shows another installer.
    pub(super) fn is_kubeadm(&self) -> bool {
        self.shows_kubeadm()
            || (self.other_installer().is_none() && self.target.provisioner != Some(Provisioner::Other))
    }

    /// Whether the files show that kubeadm created the cluster.
    pub(super) fn shows_kubeadm(&self) -> bool {
        let kinds =
            [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration];
        let of_pool = self.files.iter().flat_map(|file| &file.pools).any(|pool| pool.range == Range::Kubeadm);
        kinds.into_iter().any(|kind| self.has_kind(kind))
            || of_pool
            || self.target.provisioner == Some(Provisioner::Kubeadm)
    }

    /// The facts of the Calico installations.
    pub(super) fn installs(&self) -> impl Iterator<Item = &'v Facts> + '_ {
        self.files.iter().flat_map(|file| &file.installs).map(|install| &install.facts)
    }

    /// The pools of the result.
    pub(super) fn pools(&self) -> impl Iterator<Item = &'v PoolSummary> + '_ {
        self.files.iter().flat_map(|file| &file.pools)
    }

    pub(super) fn has_operator(&self) -> bool {
        self.installs().any(|facts| facts.variant == Variant::Operator)
    }

    pub(super) fn has_manifest(&self) -> bool {
        self.installs().any(|facts| facts.variant != Variant::Operator)
    }

    pub(super) fn has_host_local(&self) -> bool {
        self.installs().any(|facts| facts.ipam == Ipam::HostLocal)
    }

    pub(super) fn has_etcd_datastore(&self) -> bool {
        self.installs().any(|facts| facts.has_etcd_datastore)
    }

    /// Whether Calico needs an address of each node.
    pub(super) fn is_addressed(&self) -> bool {
        self.installs().any(|facts| facts.backend != Backend::None)
    }

    pub(super) fn kubernetes(&self) -> Option<Version> {
        self.files.iter().find_map(|file| file.contents.kubernetes).or(self.target.kubernetes_version)
    }

    /// What the first file knows of the cluster: all files know the same.
    fn first(&self) -> &'v Contents {
        static NONE: Contents = Contents::EMPTY;
        self.files.first().map_or(&NONE, |file| &file.contents)
    }

    pub(super) fn services(&self) -> (&'v Ranges, &'v Ranges) {
        let changed =
            self.files.iter().map(|file| &file.contents).find(|c| c.before.services != c.after.services);
        let contents = changed.unwrap_or_else(|| self.first());
        (&contents.before.services, &contents.after.services)
    }

    pub(super) fn pods(&self) -> (&'v Ranges, &'v Ranges) {
        let changed = self.files.iter().map(|file| &file.contents).find(|c| c.before.pods != c.after.pods);
        let contents = changed.unwrap_or_else(|| self.first());
        (&contents.before.pods, &contents.after.pods)
    }

    /// The pairs of node addresses that the files show.
    pub(super) fn node_pairs(&self) -> impl Iterator<Item = (Ipv4Addr, Ipv6Addr)> + 'v {
        self.first().nodes.iter().flat_map(|nodes| nodes.pairs())
    }

    /// The families of the target, the primary family first.
    pub(super) fn families(&self) -> Vec<Family> {
        self.target.families(self.first().primary)
    }

    /// The family that the cluster gets, or loses on the way back.
    pub(super) fn other_family(&self) -> Family {
        match self.target.to {
            Stack::DualStack => self.target.primary(self.first().primary).other(),
            Stack::Ipv6Only => Family::Ipv4,
            Stack::Ipv4Only => Family::Ipv6,
        }
    }

    /// The stack before any change, as far as the files show it.
    pub(super) fn current(&self) -> Option<Stack> {
        let stacks: Vec<Stack> = self.installs().filter_map(|facts| facts.stack).collect();
        // Files with a key for each family have ranges of families that are off.
        if self.other_installer().is_some_and(|installer| installer != Installer::K3s) {
            return stacks.first().copied();
        }
        let services = &self.services().0;
        let of_services =
            || Stack::of(services.of(Family::Ipv4).is_some(), services.of(Family::Ipv6).is_some());
        stacks.first().copied().or_else(of_services)
    }

    /// Names the cluster: `a kubeadm cluster with calico.yaml`.
    pub(super) fn subject(&self) -> String {
        let cluster = match self.other_installer() {
            Some(Installer::K3s) if self.is_rke2() => "an RKE2 cluster",
            Some(Installer::K3s) => "a k3s cluster",
            Some(Installer::Kubespray) => "a kubespray cluster",
            Some(Installer::OpenShift) => "an OpenShift cluster",
            Some(Installer::K0s) => "a k0s cluster",
            Some(Installer::KubeOne) => "a KubeOne cluster",
            Some(Installer::Rke) => "an RKE cluster",
            Some(Installer::Talos) => "a Talos cluster",
            Some(Installer::MicroK8s) => "a MicroK8s cluster",
            Some(Installer::Kops) => "a kops cluster",
            None if self.is_openshift() => "an OpenShift cluster",
            None if self.shows_kubeadm() => "a kubeadm cluster",
            None => "a cluster",
        };
        let calico = match self.installs().next().map(|facts| facts.variant) {
            Some(Variant::Operator) => " with the Calico operator",
            Some(Variant::Canal | Variant::CanalEtcd) => " with canal",
            Some(_) => " with Calico from a manifest",
            None => "",
        };
        format!("{cluster}{calico}")
    }

    /// The names of all files, for the command that writes them.
    pub(super) fn inputs(&self) -> String {
        if self.uses_folder() {
            return format!("-R {}", word(self.cluster));
        }
        let names: Vec<String> = self.files.iter().map(|file| word(&file.name)).collect();
        names.join(" ")
    }

    fn uses_folder(&self) -> bool {
        let mut names: Vec<&str> = self.files.iter().map(|file| base(&file.name)).collect();
        names.sort_unstable();
        names.dedup();
        self.cluster.ends_with('/') && (names.len() < self.files.len() || self.files.len() > NAMED_FILES)
    }

    /// Whether a text was passed through a pipe: it has no name.
    pub(super) fn is_piped(&self) -> bool {
        self.files.iter().any(|file| is_pipe(&file.name))
    }

    /// The place of the converted file.
    pub(super) fn converted(&self, file: &File) -> String {
        let inside = self.uses_folder().then(|| file.name.strip_prefix(self.cluster)).flatten();
        let name =
            if is_pipe(&file.name) { "stdin.yaml" } else { inside.unwrap_or_else(|| base(&file.name)) };
        word(&format!("converted/{name}"))
    }

    /// The file as it is now.
    pub(super) fn original(file: &File) -> String {
        if is_pipe(&file.name) { "'<FILE>'".to_owned() } else { word(&file.name) }
    }

    /// `kubectl apply -f` of converted files.
    pub(super) fn apply(&self, files: &[&File]) -> String {
        let places: Vec<(&File, String)> = files.iter().map(|file| (*file, self.converted(file))).collect();
        apply_all(&places)
    }

    /// `kubectl apply -f` of the files as they are now.
    pub(super) fn apply_originals(files: &[&File]) -> String {
        let places: Vec<(&File, String)> = files.iter().map(|file| (*file, View::original(file))).collect();
        apply_all(&places)
    }

    /// The command that writes the converted files.
    pub(super) fn write_command(&self) -> Command {
        let flags = flags(self.target).join(" ");
        let text = if self.is_piped() {
            format!("calico-ipv6 transform {flags} --output-dir converted < '<FILE>'")
        } else {
            format!("calico-ipv6 transform {flags} --output-dir converted {}", self.inputs())
        };
        Command::new(Host::Here, text)
    }

    /// What stops the plan before its first step; empty if the steps need no sentence.
    pub(super) fn gate(&self) -> Vec<String> {
        vec!["Stop if the check of a step fails: go back with the commands of that step, or correct the cause, before you continue.".to_owned()]
    }

    /// Documents with addresses that nobody understood.
    pub(super) fn not_understood(&self) -> Vec<String> {
        self.files.iter().filter(|file| !file.is_understood).map(|file| code(&file.name)).collect()
    }
}

/// `kubectl apply` of files. An object that was read from the cluster has a resourceVersion, which the API server refuses once
/// it is old.
fn apply_all(places: &[(&File, String)]) -> String {
    let (live, others): (Vec<_>, Vec<_>) = places.iter().partition(|(file, _)| file.contents.is_live);
    let plain: Vec<String> = others.iter().map(|(_, place)| format!("-f {place}")).collect();
    let plain = (!plain.is_empty()).then(|| format!("kubectl apply {}", plain.join(" ")));
    let live =
        live.iter().map(|(_, place)| format!("sed '/^ *resourceVersion:/d' {place} | kubectl apply -f -"));
    plain.into_iter().chain(live).collect::<Vec<_>>().join("\n")
}

fn is_pipe(name: &str) -> bool {
    name.starts_with('<') || name == "-"
}

/// The name of a file without its folders.
pub(super) fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// CIDRs as a flag has them.
pub(super) fn joined(ranges: &Ranges) -> String {
    let all: Vec<String> = ranges.nets.iter().map(ToString::to_string).collect();
    all.join(",")
}
