//! kube-dns, the predecessor of CoreDNS: three containers in a Deployment.

use super::LintContext;
use super::context::{ChangeText, change};
use crate::address::Family;
use crate::model::fields::{ConfigObject, ObjectKind, name_of_image};
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::Stack;
use crate::version::{Version, image_version};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};

/// The first release that answers for IPv6 in all its parts (kubernetes/dns b468a57d, e1c0f9ba, a038db94).
const FIRST: Version = Version::new(1, 14, 8);
/// Where its images are kept today, and the release that stands there.
const IMAGES: &str = "registry.k8s.io/dns";
const RELEASE: &str = "1.26.7";
/// Registries of Kubernetes: the older ones are frozen, and what they hold stays as it is.
const OFFICIAL: [&str; 4] =
    ["gcr.io/google_containers/", "gcr.io/google-containers/", "k8s.gcr.io/", "registry.k8s.io/"];

const IMAGE_META: Metadata = Metadata {
    id: "DNS-KD-IMAGE",
    name: "kube-dns-too-old",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "this release of kube-dns does not serve IPv6",
    consequence: "before 1.14.8 it asks no IPv6 servers, its probes ask for A records only, and it has no SOA of the IPv6 zone: pods resolve nothing, or the Pod is restarted",
    help: "the image of today is written where it comes from Kubernetes' own registry; of another registry only you know what it holds",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "image: k8s.gcr.io/k8s-dns-kube-dns-amd64:1.14.4",
        "image: registry.k8s.io/dns/k8s-dns-kube-dns:1.26.7",
    ),
    sources: &["kubernetes/dns: CHANGELOG, 1.14.6 to 1.14.8"],
};

const BIND_META: Metadata = Metadata {
    id: "DNS-KD-BIND",
    name: "kube-dns-listens-on-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kube-dns listens on IPv4 only",
    consequence: "its default is 0.0.0.0: where its Pod has no IPv4, nothing answers; the address needs brackets, since the port is appended as it is",
    help: "--dns-bind-address=[::] is added, and taken away again for IPv4-only",
    fixable: Fixable::Always,
    gates: &[],
    example: ("- --dns-port=10053", "- --dns-port=10053\n- --dns-bind-address=[::]"),
    sources: &["kubernetes/dns: cmd/kube-dns/app/server.go"],
};

const NEGCACHE_META: Metadata = Metadata {
    id: "DNS-KD-NEGCACHE",
    name: "dnsmasq-keeps-negative-answers",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "dnsmasq keeps answers that a name does not exist",
    consequence: "a name that is asked for before its Service has endpoints stays unknown until the answer expires",
    help: "--no-negcache is added behind the `--`",
    fixable: Fixable::Always,
    gates: &[],
    example: ("- --cache-size=1000", "- --cache-size=1000\n- --no-negcache"),
    sources: &["kubernetes/kubernetes: cluster/addons/dns/kube-dns/kube-dns.yaml.base"],
};

const PROBE_META: Metadata = Metadata {
    id: "DNS-KD-PROBE",
    name: "kube-dns-probed-for-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the sidecar of kube-dns probes for an IPv4 address of the Service kubernetes",
    consequence: "an IPv6-only cluster has no such record: the probe fails, and kubelet restarts the container again and again",
    help: "the probe asks for SRV, which exists in every cluster",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "--probe=kubedns,127.0.0.1:10053,kubernetes.default.svc.cluster.local,5,A",
        "--probe=kubedns,127.0.0.1:10053,kubernetes.default.svc.cluster.local,5,SRV",
    ),
    sources: &["kubernetes/dns: b468a57d"],
};

const API_META: Metadata = Metadata {
    id: "DNS-KD-API",
    name: "deployment-of-removed-api",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the Deployment of kube-dns is of an API version that is gone",
    consequence: "Kubernetes 1.16 and later refuse extensions/v1beta1: cluster DNS is not installed",
    help: "apps/v1 is written; it wants spec.selector",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("apiVersion: extensions/v1beta1", "apiVersion: apps/v1"),
    sources: &["kubernetes/kubernetes: CHANGELOG-1.16"],
};

pub(in crate::rules) const IMAGE: Rule = Rule { meta: &IMAGE_META, check: Check::Objects(image) };
pub(in crate::rules) const BIND: Rule = Rule { meta: &BIND_META, check: Check::Objects(bind) };
pub(in crate::rules) const NEGCACHE: Rule = Rule { meta: &NEGCACHE_META, check: Check::Objects(negcache) };
pub(in crate::rules) const PROBE: Rule = Rule { meta: &PROBE_META, check: Check::Objects(probe) };
pub(in crate::rules) const API: Rule = Rule { meta: &API_META, check: Check::Objects(api) };

/// The Deployments, where cluster DNS must answer by IPv6.
fn serving_ipv6<'a, 'd>(cx: &'a LintContext<'d>) -> impl Iterator<Item = &'a ConfigObject<'d>> {
    let wanted = cx.primary() == Family::Ipv6;
    cx.config.objects_of(ObjectKind::KubeDns).map(|(_, object)| object).filter(move |_| wanted)
}

/// The containers whose image has `name` in its own, each with the image.
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

fn image(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for object in serving_ipv6(cx) {
        for (_, node, text) in containers(object, "dns") {
            let name = name_of_image(text);
            let version = image_version(text);
            let diagnostic = cx.at(&IMAGE_META, object, node);
            if !name.starts_with("k8s-dns-") {
                diagnostics.push(
                    diagnostic.help("take the whole Deployment of a release of today: registry.k8s.io/dns"),
                );
            } else if version.is_none() {
                let message = format!("the release of {name} is not told");
                let diagnostic = diagnostic.severity(Severity::Warning).message(message);
                diagnostics.push(diagnostic.help("see that it is 1.14.8 or later"));
            } else if version.is_some_and(|version| version < FIRST) {
                if OFFICIAL.iter().any(|registry| text.starts_with(registry)) {
                    let to = format!("{IMAGES}/{name}:{RELEASE}");
                    let why = "the release of today; the older registries are frozen";
                    let told = ChangeText { field: "image", from: Some(text), to: Some(&to), why };
                    let changes = vec![change(object, node, Op::Set(Value::string(&to)), told)];
                    diagnostics.push(diagnostic.fix(Fix::new(changes)));
                } else {
                    diagnostics
                        .push(diagnostic.label(text).help("write 1.14.8 or later, if the registry has it"));
                }
            }
        }
    }
}

/// A new argument of a container behind the one that begins with `beside`, or as the last one.
fn argument(
    object: &ConfigObject<'_>,
    container: NodeId,
    beside: &str,
    word: &str,
    why: &str,
) -> Option<Change> {
    let args = object.tree().get(container, "args")?;
    let after = found(object, container, beside).map(|(item, _)| item);
    let told = ChangeText { field: "args", from: None, to: Some(word), why };
    Some(change(object, args, Op::InsertItem(Placement { after, below: None }, Value::string(word)), told))
}

/// The argument of a container that begins so.
fn found<'a>(object: &'a ConfigObject<'_>, container: NodeId, start: &str) -> Option<(NodeId, &'a str)> {
    let tree = object.tree();
    let mut items = tree.items(tree.get(container, "args")?);
    items.find_map(|item| Some((item, tree.scalar(item)?)).filter(|(_, text)| text.starts_with(start)))
}

fn bind(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    const FLAG: &str = "--dns-bind-address=";
    for (_, object) in cx.config.objects_of(ObjectKind::KubeDns) {
        for (container, node, _) in containers(object, "k8s-dns-kube-dns") {
            let change = match found(object, container, FLAG) {
                Some((flag, text)) if cx.target.to == Stack::Ipv4Only && text.ends_with("=[::]") => {
                    let told = ChangeText {
                        field: "args",
                        from: Some(text),
                        to: None,
                        why: "0.0.0.0 is the default",
                    };
                    Some(change(object, flag, Op::Remove, told))
                }
                None if cx.primary() == Family::Ipv6 => argument(
                    object,
                    container,
                    "--dns-port",
                    &format!("{FLAG}[::]"),
                    "the Pod of kube-dns has IPv6",
                ),
                _ => None,
            };
            if let Some(change) = change {
                diagnostics.push(cx.at(&BIND_META, object, node).fix(Fix::new(vec![change])));
            }
        }
    }
}

fn negcache(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for object in serving_ipv6(cx) {
        for (container, node, _) in containers(object, "k8s-dns-dnsmasq") {
            // What stands behind `--` is dnsmasq's own.
            let is_told = ["--no-negcache", "-N"].iter().any(|flag| found(object, container, flag).is_some());
            if is_told || found(object, container, "--cache-size").is_none() {
                continue;
            }
            let why = "names appear after they were asked for";
            if let Some(change) = argument(object, container, "--cache-size", "--no-negcache", why) {
                diagnostics.push(cx.at(&NEGCACHE_META, object, node).fix(Fix::new(vec![change])));
            }
        }
    }
}

fn probe(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
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
                let why = "there is no A record in an IPv6-only cluster";
                let told = ChangeText { field: "args", from: Some(text), to: Some(&to), why };
                let changes = vec![change(object, item, Op::Set(Value::string(&to)), told)];
                diagnostics.push(cx.at(&PROBE_META, object, item).fix(Fix::new(changes)));
            }
        }
    }
}

fn api(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
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
        diagnostics.push(if object.tree().at(object.root, &["spec", "selector"]).is_some() {
            let told = ChangeText {
                field: "apiVersion",
                from: Some(text),
                to: Some("apps/v1"),
                why: "the others are gone",
            };
            diagnostic.fix(Fix::new(vec![change(object, node, Op::Set(Value::string("apps/v1")), told)]))
        } else {
            diagnostic.help("write spec.selector with the labels of the template, and apps/v1")
        });
    }
}
