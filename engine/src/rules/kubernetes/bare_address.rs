use super::change::{ChangeText, change};
use super::invalid_items::REFUSES;
use super::strict_addresses::without_zeros;
use super::templates::is_template_in_object;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "NET-007",
    name: "not-a-bare-address",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a field that needs a bare address has brackets, a prefix length, a zone, or no valid address",
        consequence: "kubeadm, the API server and kube-proxy reject the address; kubelet ignores it in --node-ip and clusterDNS, and exits if it is its listen address",
        help: "the fix removes the brackets and the prefix length: use brackets only if a port or a path follows",
        example: ("certSANs: ['[2001:db8:1::10]']", "certSANs: ['2001:db8:1::10']"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/validation/validation.go").line(376),
            upstream::KUBERNETES.file("pkg/kubelet/server/server.go").line(193),
            upstream::KUBERNETES.file("pkg/kubelet/kubelet.go").symbol("Invalid clusterDNS IP").line(607),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").symbol("validateIPPort").line(848),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The fields that need bare addresses. Probe hosts have their own rule, and a cluster DNS server may have a port.
const BARE: [FieldKind; 10] = [
    FieldKind::Advertise,
    FieldKind::NodeIp,
    FieldKind::Bind,
    FieldKind::KubeletAddress,
    FieldKind::ProxyBind,
    FieldKind::ClusterDns,
    FieldKind::DnsService,
    FieldKind::Vip,
    FieldKind::CertSan,
    // With a port it needs them.
    FieldKind::Peer,
];

/// Other places that need bare addresses: scalars, or lists of scalars.
const PATHS: [&[&str]; 9] = [
    &["healthzBindAddress"],
    &["spec", "dnsConfig", "nameservers"],
    &["spec", "template", "spec", "dnsConfig", "nameservers"],
    &["spec", "clusterIP"],
    &["spec", "clusterIPs"],
    &["spec", "externalIPs"],
    &["spec", "loadBalancerIP"],
    &["spec", "expectedIPs"],
    &["spec", "peerAddress"],
];

/// Returns the address of a text that is one but for brackets, a prefix length or a zone; `Some(None)` if it has a zone.
fn inside(text: &str) -> Option<Option<IpAddr>> {
    let text = text.trim();
    let (host, prefix) = text.split_once('/').unwrap_or((text, "0"));
    prefix.parse::<u8>().ok()?;
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let (bare, zone) = inner.unwrap_or(host).split_once('%').unzip();
    let bare = bare.or(inner).unwrap_or(host);
    let address: IpAddr = bare.parse().ok()?;
    let is_ours = bare != text && (address.is_ipv6() || inner.is_none());
    is_ours.then_some(zone.is_none().then_some(address))
}

/// Returns whether a text is an address with brackets, a prefix length or a zone.
pub(super) fn is_more_than_an_address(text: &str) -> bool {
    inside(text).is_some()
}

/// Returns a list of bare addresses; `None` if it is one.
fn bare(text: &str) -> Option<Option<String>> {
    text.split(',').any(is_more_than_an_address).then(|| {
        let part = |part: &str| match inside(part) {
            Some(address) => address.map(|address| address.to_string()),
            None => Some(part.to_owned()),
        };
        text.split(',').map(part).collect::<Option<Vec<_>>>().map(|parts| parts.join(","))
    })
}

/// An address in brackets without the port behind it.
fn without_port(text: &str) -> &str {
    let host = text.rsplit_once("]:").filter(|(_, port)| port.parse::<u16>().is_ok());
    host.map_or(text, |(host, _)| &text[..=host.len()])
}

/// What this text has beside the address.
fn message(text: &str) -> String {
    let what = match text {
        _ if text.contains('[') => "brackets",
        _ if text.contains('%') => "a zone",
        _ => "a prefix length",
    };
    format!("an address has {what} in a field that needs a bare address")
}

/// Whether a text looks like an address and is none: `2001:db8:1:::1`, `192.0.2.300`. Names of hosts have no colons; another
/// rule removes leading zeros.
fn is_no_address(text: &str) -> bool {
    let is_ipv6 = text.matches(':').count() > 1
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.'));
    let is_ipv4 = text.matches('.').count() == 3 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    (is_ipv6 || is_ipv4) && text.parse::<IpAddr>().is_err() && without_zeros(text).is_none()
}

/// Whether brackets are not closed, or something other than a port follows them: `[2001:db8::1`, `[2001:db8::1]:abc`. A
/// template in brackets may become an address.
fn has_broken_brackets(text: &str) -> bool {
    text.starts_with('[')
        && !is_template_in_object(text)
        && !is_more_than_an_address(text)
        && without_port(text) == text
}

const WHY: &str = "this field needs a bare address";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, field) in cx.config.fields_of(&BARE) {
        let text = if field.kind == FieldKind::CertSan { without_port(&field.text) } else { &field.text };
        let is_wrong = |text: &str| match field.kind {
            // Another rule reports these.
            FieldKind::NodeIp => false,
            // A name of a certificate may look like an IPv4 address.
            FieldKind::CertSan => text.contains(':') && is_no_address(text),
            FieldKind::Peer => is_no_address(text) || has_broken_brackets(text),
            _ => is_no_address(text),
        };
        let is_one = matches!(field.kind, FieldKind::Bind | FieldKind::KubeletAddress | FieldKind::ProxyBind);
        let list = (is_one && text.contains(',')).then_some(text);
        if let Some(part) = list.or_else(|| text.split(',').map(str::trim).find(|text| is_wrong(text))) {
            let found = cx.at_field(&META, field).label(&field.name).help("correct the address");
            diagnostics.push(of(object, found).message(format!("`{part}` is not an IP address")));
            continue;
        }
        let Some(bare) = bare(text) else { continue };
        let diagnostic = cx.at_field(&META, field).message(message(&field.text)).label(&field.name);
        let mut diagnostic = of(object, diagnostic);
        // k3s (pkg/daemons/control/deps), Talos (pkg/machinery/resources/secrets), k0s and RKE take it for a name.
        if matches!(
            object.kind,
            ObjectKind::K3s | ObjectKind::K3sMachines | ObjectKind::Talos | ObjectKind::K0s | ObjectKind::Rke
        ) && field.kind == FieldKind::CertSan
        {
            diagnostic = diagnostic
                .consequence("the certificate gets the text as a DNS name, and is not valid for the address");
        }
        diagnostics.push(match bare {
            Some(text) => diagnostic.fix(cx.set(field, &text, WHY)),
            None => diagnostic.help("write the address without a zone"),
        });
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Corefile) {
        let tree = object.tree();
        let lines = tree.entries(object.root).filter(|(key, _)| tree.scalar(*key) == Some("forward"));
        // The first word is a zone.
        for node in lines.flat_map(|(_, words)| tree.items(words).skip(1)) {
            let text = tree.scalar(node).unwrap_or_default();
            if is_no_address(text) || has_broken_brackets(text) {
                let found = cx.at(&META, object, node).message(format!("`{text}` is not an IP address"));
                let consequence = "CoreDNS exits: `not an IP address or file`";
                diagnostics.push(found.consequence(consequence).help("correct the address").stops(false));
            }
        }
    }
    for (index, object) in cx.config.objects.iter().enumerate() {
        // The ConfigMap around a document, and files that are not objects, have none of these fields.
        if object.kind == ObjectKind::ConfigMap || object.tree().is_flag_file() {
            continue;
        }
        for path in PATHS {
            for node in scalars(object, path) {
                if cx.config.is_field(index, node) {
                    continue;
                }
                let text = object.tree().scalar(node).unwrap_or_default();
                let found = of(object, cx.at(&META, object, node));
                if is_no_address(text) {
                    let message = format!("`{text}` is not an IP address");
                    diagnostics.push(found.message(message).help("correct the address"));
                    continue;
                }
                let Some(Some(address)) = inside(text) else { continue };
                let (name, to) = (path.join("."), address.to_string());
                let description = ChangeText { field: &name, from: Some(text), to: Some(&to), why: WHY };
                let fix = Fix::new(vec![change(object, node, Op::Set(Value::string(&to)), description)]);
                diagnostics.push(found.message(message(text)).fix(fix));
            }
        }
    }
}

/// A diagnostic with what happens to an object of Calico.
fn of(object: &ConfigObject<'_>, diagnostic: Diagnostic) -> Diagnostic {
    let is_calico = matches!(object.kind, ObjectKind::BgpPeer | ObjectKind::HostEndpoint);
    if is_calico { diagnostic.consequence(REFUSES) } else { diagnostic }
}

fn scalars(object: &ConfigObject<'_>, path: &[&str]) -> Vec<NodeId> {
    let tree = object.tree();
    let Some(node) = tree.at(object.root, path) else { return Vec::new() };
    if tree.kind(node) == Kind::Sequence { tree.items(node).collect() } else { vec![node] }
}
