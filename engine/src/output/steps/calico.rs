//! Calico itself: calico-node by its manifest or by the operator, and Calico's own objects.

use super::shell::{code, word};
use super::source::Source;
use super::view::{File, View};
use super::{Command, Step};
use crate::model::ObjectRef;
use crate::model::facts::Variant;
use crate::model::keyless_kind::HELM_VALUES;
use crate::output::pools::Range;
use crate::rules::Effect;
use crate::target::Stack;
use crate::transform::AppliedChange;

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let applied = files(&view.with(is_of_calico));
    [operator(view), manifest(view), objects(view, &applied)].into_iter().flatten().collect()
}

pub(super) fn is_of_calico(effect: Effect) -> bool {
    matches!(effect, Effect::RollOutCalicoNode | Effect::RecreatePods)
}

fn is_installation(object: &ObjectRef) -> bool {
    object.kind == "Installation"
        || object.kind == HELM_VALUES
        || !matches!(object.kind.as_str(), "DaemonSet" | "ConfigMap")
}

/// The changes of Calico's installation: of the operator, or of the manifest.
fn changes<'v>(view: &View<'v>, of_operator: bool) -> Vec<(&'v File, &'v AppliedChange)> {
    let all = view.with(is_of_calico).into_iter();
    all.filter(|(_, change)| is_installation(&change.object) == of_operator).collect()
}

fn files<'v>(changes: &[(&'v File, &'v AppliedChange)]) -> Vec<&'v File> {
    let mut files: Vec<&File> = changes.iter().map(|(file, _)| *file).collect();
    files.dedup_by(|a, b| core::ptr::eq(*a, *b));
    files
}

fn is_one_of(files: &[&File], file: &File) -> bool {
    files.iter().any(|one| core::ptr::eq(*one, file))
}

/// Commands that show that each pool and each node has its addresses.
fn verify_addresses(view: &View<'_>, operator: bool) -> Vec<Command> {
    let cidrs = view.pool_cidrs();
    let pools = match view.target.to {
        Stack::Ipv4Only if operator => "the IPv4 pool only".to_owned(),
        Stack::Ipv4Only => "the IPv6 pool is still listed: a later step deletes it".to_owned(),
        _ if cidrs.is_empty() => "a pool for each family".to_owned(),
        _ => format!("pools with {}", cidrs.join(" and ")),
    };
    let mut all = vec![Command::here(view.list_pools()).expect(pools)];
    if view.is_addressed() && view.target.to.has_ipv6() {
        let nodes = if view.has_etcd_datastore() {
            "calicoctl get nodes -o custom-columns=NAME,IPV4,IPV6"
        } else {
            r"kubectl get nodes -o custom-columns='NAME:.metadata.name,IPV4:.metadata.annotations.projectcalico\.org/IPv4Address,IPV6:.metadata.annotations.projectcalico\.org/IPv6Address'"
        };
        all.push(Command::here(nodes).expect(match view.target.to {
            Stack::DualStack => "an address in both columns for every node, and `<none>` nowhere",
            _ => "an address in the column IPV6 for every node",
        }));
    }
    all
}

/// calico-node and its ConfigMap.
fn manifest(view: &View<'_>) -> Option<Step> {
    let changes = changes(view, false);
    let own = files(&changes);
    if own.is_empty() {
        return None;
    }
    let daemon_set =
        changes.iter().map(|(_, change)| &change.object).find(|object| object.kind == "DaemonSet");
    let namespace = daemon_set.and_then(|object| object.namespace.as_deref()).unwrap_or("kube-system");
    let name = daemon_set.map_or("calico-node", |object| object.name.as_str());
    let (namespace, name) = (word(namespace), word(name));
    let mut apply = view.apply(&own);
    // install-cni writes the CNI configuration when calico-node starts; a ConfigMap alone starts nothing.
    let rolls_out = changes.iter().any(|(_, change)| change.effect == Effect::RollOutCalicoNode);
    if !rolls_out {
        apply = format!("{apply}\nkubectl -n {namespace} rollout restart daemonset/{name}");
    }
    let what = fields(&changes);
    let is_way_back = view.target.to == Stack::Ipv4Only;
    let mut verify = vec![
        Command::here(format!("kubectl -n {namespace} rollout status daemonset/{name} --timeout=15m"))
            .expect(format!("daemon set \"{name}\" successfully rolled out")),
    ];
    verify.extend(verify_addresses(view, false));
    let mut undo = View::apply_originals(&own);
    if !rolls_out {
        undo = format!("{undo}\nkubectl -n {namespace} rollout restart daemonset/{name}");
    }
    let note = if is_way_back {
        String::new()
    } else {
        undo.push_str(if view.has_etcd_datastore() {
            "\ncalicoctl patch ippool default-ipv6-ippool -p '{\"spec\":{\"disabled\":true}}'"
        } else {
            "\nkubectl patch ippools default-ipv6-ippool --type merge -p '{\"spec\":{\"disabled\":true}}'"
        });
        "The old manifest switches IPv6 off; the pool is disabled, and deleted only when no pod has an address of it.".to_owned()
    };
    Some(Step {
        title: format!("Apply Calico: {}", names(&own)),
        subject: "Calico",
        why: format!("It changes {what}.{}{}", beside(view, &own), view.source().map_or("", Source::note)),
        commands: vec![Command::here(apply)],
        restarts: format!(
            "{name}, one node after the other. Running pods keep their addresses and their traffic. If a node stays NotReady, its pods can lose IPv4 too: the rollout stops there, so go back."
        ),
        verify,
        undo_note: note,
        undo: vec![Command::here(undo)],
    })
}

/// The operator's Installation.
fn operator(view: &View<'_>) -> Option<Step> {
    let changes = changes(view, true);
    let own = files(&changes);
    if own.is_empty() {
        return None;
    }
    let (apply, undo) = match view.source() {
        Some(Source::Values) => {
            let upgrade = |place: &str| {
                format!(
                    "helm upgrade calico projectcalico/tigera-operator --namespace tigera-operator --version '<CHART_VERSION>' -f {place}"
                )
            };
            let file = own[0];
            (upgrade(&view.converted(file)), upgrade(&View::original(file)))
        }
        Some(Source::Folder) => view.replace(own[0]),
        Some(Source::Talos) => (
            "kubectl edit installation.operator.tigera.io default".to_owned(),
            "kubectl replace -f before/installation.yaml".to_owned(),
        ),
        // k0s applies its own file.
        Some(Source::K0s) => Default::default(),
        _ => (view.apply(&own), View::apply_originals(&own)),
    };
    let release =
        view.installs().find(|facts| facts.variant == Variant::Operator).and_then(|facts| facts.calico);
    let itself = match (view.target.to, release.map(|version| (version.major, version.minor) >= (3, 28))) {
        (Stack::Ipv4Only, _) => {
            "The operator switches IPv6 off in the CNI configuration and in Felix, restarts calico-node, and deletes the IPv6 pool."
        }
        (_, Some(true)) => {
            "The operator does the rest itself: it creates the IPv6 pool, switches IPv6 on in the CNI configuration and in Felix, and restarts calico-node."
        }
        (_, Some(false)) => {
            "The operator switches IPv6 on in the CNI configuration and in Felix, and restarts calico-node; before Calico 3.28, calico-node creates the IPv6 pool."
        }
        (_, None) => {
            "The operator switches IPv6 on in the CNI configuration and in Felix, and restarts calico-node. From Calico 3.28 on the operator creates the IPv6 pool, before that calico-node does."
        }
    };
    let command = |text: String| Some(Command::here(text)).filter(|command| !command.text.is_empty());
    let mut commands: Vec<Command> = command(apply).into_iter().collect();
    if release.is_none_or(|version| (version.major, version.minor) >= (3, 28)) {
        let expect = "AVAILABLE True. From Calico 3.28 on the operator changes pools through the Calico API server only, or through CRDs of projectcalico.org/v3";
        commands.insert(0, Command::here("kubectl get tigerastatus apiserver").expect(expect));
    }
    let mut verify = vec![
        Command::here("kubectl get tigerastatus").expect("every row has AVAILABLE True and DEGRADED False"),
        Command::here("kubectl -n calico-system rollout status daemonset/calico-node --timeout=15m")
            .expect("daemon set \"calico-node\" successfully rolled out"),
    ];
    verify.extend(verify_addresses(view, true));
    Some(Step {
        title: format!("{} the Installation: {}", if undo.is_empty() { "Wait for" } else { "Apply" }, names(&own)),
        subject: "Calico",
        why: format!(
            "It changes {}. {itself}{}{}",
            fields(&changes),
            beside(view, &own),
            view.source().map_or("", Source::note)
        ),
        commands,
        restarts: "calico-node, one node after the other. Running pods keep their addresses and their traffic. If a node stays NotReady, its pods can lose IPv4 too: go back.".to_owned(),
        verify,
        undo_note: String::new(),
        undo: command(undo).into_iter().collect(),
    })
}

/// Objects that are only applied: pools, policies, settings of Felix and BGP. kubectl has `applied` these files.
pub(super) fn objects(view: &View<'_>, applied: &[&File]) -> Option<Step> {
    let mut changes = view.with(|effect| effect == Effect::Apply);
    changes.retain(|(file, change)| !is_one_of(applied, file) || needs_calicoctl(view, change));
    let mut lines = Vec::new();
    let mut undo = Vec::new();
    for file in files(&changes) {
        let mut own = changes.iter().filter(|(of, _)| core::ptr::eq(*of, file));
        let apply = if own.any(|(_, change)| needs_calicoctl(view, change)) {
            "calicoctl apply"
        } else {
            "kubectl apply"
        };
        lines.push(format!("{apply} -f {}", view.converted(file)));
        undo.push(format!("{apply} -f {}", View::original(file)));
    }
    if lines.is_empty() {
        return None;
    }
    let titles = titles(&changes);
    Some(Step {
        title: "Apply the other objects".to_owned(),
        subject: "other objects",
        why: format!("{titles} must know the other family."),
        commands: vec![Command::here(lines.join("\n"))],
        restarts: "nothing.".to_owned(),
        verify: Vec::new(),
        undo_note: String::new(),
        undo: vec![Command::here(undo.join("\n"))],
    })
}

/// What else is in the files of Calico.
fn beside(view: &View<'_>, own: &[&File]) -> &'static str {
    let others = view.with(|effect| effect == Effect::Apply);
    match others.iter().any(|(file, _)| is_one_of(own, file)) {
        true => " Other objects in the same file must know the other family, too.",
        false => "",
    }
}

/// Whether kubectl does not know the object: without the operator nothing serves projectcalico.org/v3 before Calico 3.32.
fn needs_calicoctl(view: &View<'_>, change: &AppliedChange) -> bool {
    change.object.api_version.starts_with("projectcalico.org/") && !view.has_operator()
}

/// The objects of changes, each once.
fn titles(changes: &[(&File, &AppliedChange)]) -> String {
    let mut titles: Vec<String> = Vec::new();
    for (_, change) in changes {
        let title = code(format!("{} {}", change.object.kind, change.object.name).trim_end());
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles.join(", ")
}

/// The fields that change, each once.
pub(super) fn fields(changes: &[(&File, &AppliedChange)]) -> String {
    let mut fields: Vec<String> = Vec::new();
    for (_, change) in changes {
        let field = code(&change.description.field);
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields.join(", ")
}

/// The names of files.
pub(super) fn names(files: &[&File]) -> String {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    code(&names.join(", "))
}

impl View<'_> {
    /// The CIDRs of the pools of the result.
    pub(super) fn pool_cidrs(&self) -> Vec<String> {
        let mut cidrs: Vec<String> = Vec::new();
        for pool in self.pools() {
            match &pool.range {
                Range::Cidr(text) if !cidrs.contains(text) => cidrs.push(text.clone()),
                Range::Kubeadm => {
                    let net = self.pods().1.of(pool.family).map(|net| net.to_string());
                    cidrs.extend(net.filter(|net| !cidrs.contains(net)));
                }
                Range::Cidr(_) | Range::Random => {}
            }
        }
        cidrs
    }
}
