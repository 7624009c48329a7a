//! kube-dns, the predecessor of CoreDNS: a Deployment with three containers.

use super::change::{ChangeText, change};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind, name_of_image};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::version::{Version, image_version};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};

/// Older releases are reported. The sidecar has the SRV probe from 1.14.6 on (kubernetes/dns b468a57d); IPv6 name servers
/// work from 1.14.7 on (a038db94).
const FIRST: Version = Version::new(1, 14, 7);
/// The repository of the images, and the release that a fix writes.
const IMAGES: &str = "registry.k8s.io/dns";
const RELEASE: &str = "1.26.7";
/// Registries of Kubernetes: the older ones get no updates.
const OFFICIAL: [&str; 4] =
    ["gcr.io/google_containers/", "gcr.io/google-containers/", "k8s.gcr.io/", "registry.k8s.io/"];

const IMAGE_META: Metadata = Metadata {
    id: "DNS-KD-IMAGE",
    name: "kube-dns-too-old",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "this release of kube-dns is too old for IPv6",
        consequence: "before 1.14.7 the dnsmasq container exits if resolv.conf contains an IPv6 name server; before 1.14.6 the sidecar has no SRV probe; before 1.22.8 there are no IPv6 reverse names",
        help: "the fix writes release 1.26.7, which Kubernetes 1.36 uses, if the image comes from a Kubernetes registry; for another registry, choose 1.14.7 or later yourself",
        example: ("image: k8s.gcr.io/k8s-dns-kube-dns-amd64:1.14.5", "image: registry.k8s.io/dns/k8s-dns-kube-dns:1.26.7"),
        sources: &[
            upstream::KUBE_DNS.commit("a038db946ea2aeefe848116325c96644915f503d"),
            upstream::KUBE_DNS.commit("b468a57de557336de2a8d07ea3c263849f169af6"),
            upstream::KUBE_DNS.commit("e804a65f4bc228258c66058fa9363c8330728c9e"),
            upstream::KUBE_DNS.issue(147),
            upstream::KUBERNETES.pull(54639),
            upstream::KUBERNETES.file("cluster/addons/dns/kube-dns/kube-dns.yaml.base").line(117).at("v1.36.0"),
        ],
    }
    .built_in(),
};

const BIND_META: Metadata = Metadata {
    id: "DNS-KD-BIND",
    name: "kube-dns-bind-address",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the --dns-bind-address of kube-dns does not match the target",
        consequence: "the default 0.0.0.0 listens on both IP families, so nothing breaks; [::] only makes this visible, in brackets because kube-dns appends the port to the text",
        help: "the fix adds --dns-bind-address=[::], and removes it for IPv4-only",
        example: ("- --dns-port=10053", "- --dns-port=10053\n- --dns-bind-address=[::]"),
        sources: &[
            upstream::KUBE_DNS.file("cmd/kube-dns/app/server.go").symbol("startSkyDNSServer").line(185),
            upstream::KUBE_DNS.file("vendor/github.com/miekg/dns/server.go").line(328).at("1.14.8"),
        ],
    }
    .built_in(),
};

const NEGCACHE_META: Metadata = Metadata {
    id: "DNS-KD-NEGCACHE",
    name: "dnsmasq-keeps-negative-answers",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "dnsmasq caches the answer that a name does not exist",
        consequence: "a name that a pod queries before its Service exists (for a headless Service: before it has endpoints) stays unknown until the cached answer expires",
        help: "the fix adds --no-negcache to the dnsmasq arguments after `--`",
        example: ("- --cache-size=1000", "- --cache-size=1000\n- --no-negcache"),
        sources: &[upstream::KUBERNETES.pull(53604), upstream::KUBE_DNS.issue(121)],
    }
    .built_in(),
};

const PROBE_META: Metadata = Metadata {
    id: "DNS-KD-PROBE",
    name: "kube-dns-probed-for-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the sidecar of kube-dns queries an A record of the Service kubernetes",
        consequence: "an IPv6-only cluster has no such record: the probe fails, and kubelet restarts the containers kubedns and dnsmasq repeatedly",
        help: "the fix makes the probe query SRV, which every cluster has; the sidecar must be 1.14.6 or later, because older ones exit",
        example: (
            "--probe=kubedns,127.0.0.1:10053,kubernetes.default.svc.cluster.local,5,A",
            "--probe=kubedns,127.0.0.1:10053,kubernetes.default.svc.cluster.local,5,SRV",
        ),
        sources: &[
            upstream::KUBE_DNS.commit("b468a57de557336de2a8d07ea3c263849f169af6"),
            upstream::KUBE_DNS.file("cmd/sidecar/main.go").line(110).at("1.14.5"),
        ],
    }
    .built_in(),
};

const API_META: Metadata = Metadata {
    id: "DNS-KD-API",
    name: "deployment-of-removed-api",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the API version of the kube-dns Deployment was removed",
        consequence: "Kubernetes 1.16 and later reject the Deployment, so cluster DNS is not installed",
        help: "the fix writes apps/v1, which requires spec.selector",
        example: ("apiVersion: extensions/v1beta1", "apiVersion: apps/v1"),
        sources: &[upstream::KUBERNETES.file("CHANGELOG/CHANGELOG-1.16.md").line(1519).at("v1.16.15")],
    }
    .built_in(),
};

pub(in crate::rules) const IMAGE: Rule = Rule { meta: &IMAGE_META, check: Check::Text(image) };
pub(in crate::rules) const BIND: Rule = Rule { meta: &BIND_META, check: Check::Text(bind) };
pub(in crate::rules) const NEGCACHE: Rule = Rule { meta: &NEGCACHE_META, check: Check::Text(negcache) };
pub(in crate::rules) const PROBE: Rule = Rule { meta: &PROBE_META, check: Check::Text(probe) };
pub(in crate::rules) const API: Rule = Rule { meta: &API_META, check: Check::Text(api) };

/// Returns the Deployments if IPv6 is the primary family of the target.
fn serving_ipv6<'a, 'd>(cx: &'a Context<'d>) -> impl Iterator<Item = &'a ConfigObject<'d>> {
    let wanted = cx.primary() == Family::Ipv6;
    cx.config.objects_of(ObjectKind::KubeDns).map(|(_, object)| object).filter(move |_| wanted)
}

/// Returns the containers whose image name contains `name`, each with the image.
fn containers<'a>(
    object: &'a ConfigObject<'_>,
    name: &'a str,
) -> impl Iterator<Item = (NodeId, NodeId, &'a str)> + 'a {
    let tree = object.tree();
    let list = tree.at(object.root, &["spec", "template", "spec", "containers"]);
    list.into_iter().flat_map(|list| tree.items(list)).filter_map(move |container| {
        let image = tree.get(container, "image")?;
        let text = tree.scalar(image)?;
        name_of_image(text).contains(name).then_some((container, image, text))
    })
}

fn image(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for object in serving_ipv6(cx) {
        for (_, node, text) in containers(object, "dns") {
            let name = name_of_image(text);
            let version = image_version(text);
            let diagnostic = cx.at(&IMAGE_META, object, node);
            if !name.starts_with("k8s-dns-") {
                diagnostics.push(diagnostic.help(
                    "replace the whole Deployment with one that uses the images of registry.k8s.io/dns",
                ));
            } else if version.is_none() {
                let message = format!("the release of {name} is not known");
                let diagnostic = diagnostic.severity(Severity::Warning).message(message);
                diagnostics.push(diagnostic.help("check that it is 1.14.7 or later"));
            } else if version.is_some_and(|version| version < FIRST) {
                if OFFICIAL.iter().any(|registry| text.starts_with(registry)) {
                    let to = format!("{IMAGES}/{name}:{RELEASE}");
                    let why = "release 1.26.7; the old registries get no updates";
                    let description = ChangeText { field: "image", from: Some(text), to: Some(&to), why };
                    let changes = vec![change(object, node, Op::Set(Value::string(&to)), description)];
                    diagnostics.push(diagnostic.fix(Fix::new(changes)));
                } else {
                    diagnostics
                        .push(diagnostic.label(text).help("use 1.14.7 or later, if your registry has it"));
                }
            }
        }
    }
}

/// Returns the change that adds an argument to a container, after the one that begins with `sibling`, or at the end.
fn argument(
    object: &ConfigObject<'_>,
    container: NodeId,
    sibling: &str,
    word: &str,
    why: &str,
) -> Option<Change> {
    let args = object.tree().get(container, "args")?;
    let after = found(object, container, sibling).map(|(item, _)| item);
    let description = ChangeText { field: "args", from: None, to: Some(word), why };
    Some(change(
        object,
        args,
        Op::InsertItem(Placement { after, below: None }, Value::string(word)),
        description,
    ))
}

/// Returns the argument of a container that begins with `start`.
fn found<'a>(object: &'a ConfigObject<'_>, container: NodeId, start: &str) -> Option<(NodeId, &'a str)> {
    let tree = object.tree();
    let mut items = tree.items(tree.get(container, "args")?);
    items.find_map(|item| Some((item, tree.scalar(item)?)).filter(|(_, text)| text.starts_with(start)))
}

fn bind(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    const FLAG: &str = "--dns-bind-address=";
    for (_, object) in cx.config.objects_of(ObjectKind::KubeDns) {
        for (container, node, _) in containers(object, "k8s-dns-kube-dns") {
            let change = match found(object, container, FLAG) {
                Some((flag, text)) if cx.target.to == Stack::Ipv4Only && text.ends_with("=[::]") => {
                    let description = ChangeText {
                        field: "args",
                        from: Some(text),
                        to: None,
                        why: "0.0.0.0 is the default",
                    };
                    Some(change(object, flag, Op::Remove, description))
                }
                None if cx.primary() == Family::Ipv6 => argument(
                    object,
                    container,
                    "--dns-port",
                    &format!("{FLAG}[::]"),
                    "shows that kube-dns listens on IPv6",
                ),
                _ => None,
            };
            if let Some(change) = change {
                // 0.0.0.0 listens on IPv6 too; [::] needs a host that has IPv6.
                let is_removed = matches!(change.planned.op, Op::Remove);
                let severity = if is_removed { Severity::Warning } else { Severity::Info };
                let diagnostic = cx.at(&BIND_META, object, node).severity(severity);
                diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
            }
        }
    }
}

fn negcache(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for object in serving_ipv6(cx) {
        for (container, node, _) in containers(object, "k8s-dns-dnsmasq") {
            // Arguments after `--` belong to dnsmasq.
            let is_set = ["--no-negcache", "-N"].iter().any(|flag| found(object, container, flag).is_some());
            if is_set || found(object, container, "--cache-size").is_none() {
                continue;
            }
            let why = "otherwise dnsmasq caches \"no such name\"";
            if let Some(change) = argument(object, container, "--cache-size", "--no-negcache", why) {
                diagnostics.push(cx.at(&NEGCACHE_META, object, node).fix(Fix::new(vec![change])));
            }
        }
    }
}

fn probe(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    for object in serving_ipv6(cx) {
        let tree = object.tree();
        for (container, ..) in containers(object, "k8s-dns-sidecar") {
            let args = tree.get(container, "args").filter(|a| tree.kind(*a) == Kind::Sequence);
            for item in args.into_iter().flat_map(|args| tree.items(args)) {
                let Some(text) = tree.scalar(item).filter(|text| text.starts_with("--probe=")) else {
                    continue;
                };
                let Some(start) = text.strip_suffix(",A") else { continue };
                let to = format!("{start},SRV");
                let why = "an IPv6-only cluster has no A record";
                let description = ChangeText { field: "args", from: Some(text), to: Some(&to), why };
                let changes = vec![change(object, item, Op::Set(Value::string(&to)), description)];
                diagnostics.push(cx.at(&PROBE_META, object, item).fix(Fix::new(changes)));
            }
        }
    }
}

fn api(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.before(1, 9) {
        return;
    }
    for object in serving_ipv6(cx) {
        let Some(node) = object.tree().get(object.root, "apiVersion") else { continue };
        let text = object.tree().scalar(node).unwrap_or_default();
        if !matches!(text, "extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2") {
            continue;
        }
        let diagnostic = cx.at(&API_META, object, node);
        let diagnostic = if cx.before(1, 16) {
            diagnostic
                .severity(Severity::Warning)
                .message("Kubernetes 1.16 removes this API version of the kube-dns Deployment")
                .consequence("this release accepts it; Kubernetes 1.16 and later reject it")
        } else {
            diagnostic
        };
        diagnostics.push(if object.tree().at(object.root, &["spec", "selector"]).is_some() {
            let description = ChangeText {
                field: "apiVersion",
                from: Some(text),
                to: Some("apps/v1"),
                why: "older API versions were removed",
            };
            diagnostic.fix(Fix::new(vec![change(
                object,
                node,
                Op::Set(Value::string("apps/v1")),
                description,
            )]))
        } else {
            diagnostic
                .help("add spec.selector with the labels of the template, and change apiVersion to apps/v1")
        });
    }
}
