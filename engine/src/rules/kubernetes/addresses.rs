use super::LintContext;
use crate::address::{Family, family_of};
use crate::host::{Host, addresses, map};
use crate::model::fields::{Component, Field, FieldKind, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TWIN_META: Metadata = Metadata {
    id: "NET-012",
    name: "unmapped-address",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "nothing tells which address of the other family stands for this one",
    consequence: "the nodes of the result do not have this address: a component that is told it cannot listen on it or cannot reach it",
    help: "give the pair: --address IPV4=IPV6, once for each node and load balancer",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--advertise-address=192.0.2.11", "--address 192.0.2.11=2001:db8:1::11"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/config/common.go, VerifyAPIServerBindAddress"],
};

const BRACKETS_META: Metadata = Metadata {
    id: "KADM-ENDPOINT",
    name: "endpoint-without-brackets",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "an IPv6 address and a port without brackets are one longer address",
    consequence: "kubeadm takes it for one address and writes it into every kubeconfig as a whole: no component reaches the API server",
    help: "write '[2001:db8::10]:6443'",
    fixable: Fixable::Always,
    gates: &[],
    example: ("controlPlaneEndpoint: 2001:db8::10:6443", "controlPlaneEndpoint: '[2001:db8::10]:6443'"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/endpoint.go"],
};

const ADVERTISE_META: Metadata = Metadata {
    id: "K8S-ADV-FAMILY",
    name: "advertise-address-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the API server's own address is not of the family of its first service range",
    consequence: "`service IP family must match public address family`: the API server exits (v1.24 and later), or the Service kubernetes has no endpoints",
    help: "the twin of the address is written",
    fixable: Fixable::Always,
    gates: &[],
    example: ("--advertise-address=192.0.2.11", "--advertise-address=2001:db8:1::11"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-apiserver/app/options/validation.go, validatePublicIPServiceClusterIPRangeIPFamilies",
        "kubernetes/kubernetes: pull request 106721",
    ],
};

const ANNOTATION_META: Metadata = Metadata {
    id: "POD-ANNOTATION",
    name: "annotation-names-other-address",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "the annotation names an address that the component does not have",
    consequence: "kubeadm reads the endpoint of the API server from this annotation when a node joins or is upgraded",
    help: "the annotation gets the address and port of the component",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 192.0.2.11:6443",
        "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: '[2001:db8:1::11]:6443'",
    ),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go"],
};

const ENDPOINT_META: Metadata = Metadata {
    id: "KADM-ENDPOINT-FAMILY",
    name: "endpoint-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the API server is reached by an address of another family",
    consequence: "nodes of the wanted family alone have no way to it: they neither join nor register",
    help: "the twin of the address is written, in brackets where a port follows",
    fixable: Fixable::Always,
    gates: &[],
    example: ("controlPlaneEndpoint: 192.0.2.10:6443", "controlPlaneEndpoint: '[2001:db8:1::10]:6443'"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/endpoint.go"],
};

const SERVER_META: Metadata = Metadata {
    id: "K8S-SERVER-FAMILY",
    name: "api-server-url-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "a component reaches the API server by an address of another family",
    consequence: "the component has no way to the API server from a node of the wanted family alone",
    help: "the twin of the address is written into the URL, in brackets",
    fixable: Fixable::Always,
    gates: &[],
    example: ("server: https://192.0.2.10:6443", "server: https://[2001:db8:1::10]:6443"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go"],
};

const ETCD_SERVERS_META: Metadata = Metadata {
    id: "K8S-ETCD-REACH",
    name: "etcd-reached-by-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the API server reaches etcd by an address of another family",
    consequence: "etcd of the result does not listen there: the API server does not start",
    help: "the twin of the address is written, ::1 for 127.0.0.1 where etcd is one of these files",
    fixable: Fixable::Always,
    gates: &[],
    example: ("--etcd-servers=https://127.0.0.1:2379", "--etcd-servers=https://[::1]:2379"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go"],
};

const ETCD_META: Metadata = Metadata {
    id: "K8S-ETCD-FAMILY",
    name: "etcd-urls-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "etcd listens on, or is known by, addresses of another family",
    consequence: "etcd exits where its node has no such address, and no other member reaches it",
    help: "the counterparts of the addresses are written, in brackets",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "--listen-client-urls=https://127.0.0.1:2379,https://192.0.2.11:2379",
        "--listen-client-urls=https://[::1]:2379,https://[2001:db8:1::11]:2379",
    ),
    sources: &[
        "kubernetes/kubernetes: cmd/kubeadm/app/phases/etcd/local.go",
        "etcd-io/etcd: server/embed/config.go, checkBindURLs",
    ],
};

const BIND_META: Metadata = Metadata {
    id: "K8S-BIND-SPECIFIC4",
    name: "listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "a component listens on an address of a family that its node does not have",
    consequence: "on a node without that family it cannot listen and exits; loopback addresses stay, every node has them",
    help: "the twin of the address is written, :: for 0.0.0.0",
    fixable: Fixable::Always,
    gates: &[],
    example: ("--bind-address=0.0.0.0", "'--bind-address=::'"),
    sources: &["kubernetes/kubernetes: staging/src/k8s.io/apiserver/pkg/server/options/serving.go"],
};

const KUBELET_META: Metadata = Metadata {
    id: "K8S-KUBELET-ADDR",
    name: "kubelet-listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kubelet listens on an address of a family that its node does not have",
    consequence: "the API server reaches kubelet on the node's address: logs, exec and metrics fail; kubelet takes one address, no list and no brackets",
    help: "the twin of the address is written, :: for 0.0.0.0",
    fixable: Fixable::Always,
    gates: &[],
    example: ("address: 0.0.0.0", "address: '::'"),
    sources: &[
        "kubernetes/kubernetes: cmd/kubelet/app/options/options.go",
        "kubernetes/kubernetes: issue 108248",
    ],
};

macro_rules! rules {
    ($($name:ident: $meta:ident, $kind:expr, $why:literal;)+) => {
        $(pub(in crate::rules) const $name: Rule = Rule {
            meta: &$meta,
            check: Check::Objects(|cx, diagnostics| bring(cx, &$meta, $kind, $why, diagnostics)),
        };)+
    };
}

rules! {
    ADVERTISE: ADVERTISE_META, FieldKind::Advertise, "of the family of the first service range";
    ANNOTATION: ANNOTATION_META, FieldKind::AdvertiseEndpoint, "the API server's own address";
    ENDPOINT: ENDPOINT_META, FieldKind::Endpoint, "where nodes of the wanted family reach the API server";
    SERVER: SERVER_META, FieldKind::Server, "where nodes of the wanted family reach the API server";
    ETCD_SERVERS: ETCD_SERVERS_META, FieldKind::EtcdServers, "where etcd listens";
    ETCD: ETCD_META, FieldKind::EtcdUrl, "addresses of the family that stands first";
    BIND: BIND_META, FieldKind::Bind, "an address that the node has";
    KUBELET_ADDRESS: KUBELET_META, FieldKind::KubeletAddress, "an address that the node has";
}

pub(in crate::rules) const WITHOUT_TWIN: Rule =
    Rule { meta: &TWIN_META, check: Check::Objects(without_twin) };
pub(in crate::rules) const WITHOUT_BRACKETS: Rule =
    Rule { meta: &BRACKETS_META, check: Check::Objects(without_brackets) };

/// What the addresses of a field shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// As they are.
    Same,
    /// This text.
    Text(String),
    /// Some have no twin that is known.
    Without(Vec<IpAddr>),
}

/// Which special addresses of a field move to the other family.
#[derive(Clone, Copy)]
struct Moves {
    loopback: bool,
    wildcard: bool,
}

impl LintContext<'_> {
    /// What the addresses of a field that follows the primary family shall be.
    pub(super) fn wanted_addresses(&self, field: &Field) -> Wanted {
        let Some(form) = field.form else { return Wanted::Same };
        let family = self.primary();
        let moves = self.moves(field);
        let found = addresses(&field.text, form);
        let plain = |a: &IpAddr| !a.is_loopback() && !a.is_unspecified();
        // With both families, one address of the first is enough: the others were wanted beside it.
        if self.is_dual() && found.iter().any(|a| plain(a) && family_of(*a) == family) {
            return Wanted::Same;
        }
        let mut without = Vec::new();
        let text = map(&field.text, form, |address| match address {
            own if family_of(own) == family => own,
            loopback if loopback.is_loopback() => {
                if moves.loopback {
                    self::loopback(family)
                } else {
                    loopback
                }
            }
            wildcard if wildcard.is_unspecified() => {
                if moves.wildcard {
                    self::wildcard(family)
                } else {
                    wildcard
                }
            }
            other => self.address_map.of(other).unwrap_or_else(|| {
                without.push(other);
                other
            }),
        });
        if !without.is_empty() {
            Wanted::Without(without)
        } else if text == field.text {
            Wanted::Same
        } else {
            Wanted::Text(text)
        }
    }

    fn moves(&self, field: &Field) -> Moves {
        let single = !self.is_dual();
        let of_etcd = self.config.objects[field.object].kind == ObjectKind::Process(Component::Etcd);
        let loopback = match field.kind {
            FieldKind::EtcdUrl => single || self.flips(),
            FieldKind::EtcdServers => (single || self.flips()) && self.renders_etcd(field),
            FieldKind::ProbeHost => of_etcd && (single || self.flips()),
            FieldKind::ProxyListen => single,
            _ => false,
        };
        let wildcard = match field.kind {
            FieldKind::ProxyBind => true,
            FieldKind::Bind | FieldKind::KubeletAddress | FieldKind::EtcdUrl | FieldKind::ProxyListen => {
                single
            }
            _ => false,
        };
        Moves { loopback, wildcard }
    }

    /// Whether the etcd that this API server reaches on loopback moves with it: it is one of the files, or kubeadm's.
    fn renders_etcd(&self, field: &Field) -> bool {
        let by_kubeadm = |f: &Field| f.object == field.object && f.kind == FieldKind::AdvertiseEndpoint;
        self.facts.has_etcd || self.config.fields.iter().any(by_kubeadm)
    }
}

pub(super) fn loopback(family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}

fn wildcard(family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// Brings fields of one kind to the primary family.
pub(super) fn bring(
    cx: &LintContext<'_>,
    meta: &'static Metadata,
    kind: FieldKind,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    for (_, field) in cx.config.fields_of(&[kind]) {
        if let Wanted::Text(text) = cx.wanted_addresses(field) {
            diagnostics.push(cx.at_field(meta, field).fix(cx.set(field, &text, why)));
        }
    }
}

/// The fields whose addresses follow the primary family.
const FOLLOWERS: [FieldKind; 10] = [
    FieldKind::Advertise,
    FieldKind::AdvertiseEndpoint,
    FieldKind::Endpoint,
    FieldKind::Server,
    FieldKind::EtcdServers,
    FieldKind::EtcdUrl,
    FieldKind::Bind,
    FieldKind::KubeletAddress,
    FieldKind::ProxyBind,
    FieldKind::ProbeHost,
];

fn without_twin(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    // Each address once, where it stands first.
    let mut missing: Vec<(IpAddr, &Field, usize)> = Vec::new();
    let mut tell = |field, addresses: Vec<IpAddr>| {
        for address in addresses {
            match missing.iter_mut().find(|(known, ..)| *known == address) {
                Some((.., places)) => *places += 1,
                None => missing.push((address, field, 1)),
            }
        }
    };
    for (_, field) in cx.config.fields_of(&FOLLOWERS) {
        if let Wanted::Without(addresses) = cx.wanted_addresses(field) {
            tell(field, addresses);
        }
    }
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        if let Wanted::Without(addresses) = cx.wanted_node_ip(field)
            && !cx.is_dual()
        {
            tell(field, addresses);
        }
    }
    for (address, field, places) in missing {
        let pair = match address {
            IpAddr::V4(ipv4) => format!("{ipv4}=IPV6"),
            IpAddr::V6(ipv6) => format!("IPV4={ipv6}"),
        };
        let more = if places > 1 { format!(", which stands in {places} places") } else { String::new() };
        diagnostics.push(
            cx.at_field(&TWIN_META, field)
                .label(&field.name)
                .message(format!("nothing tells which {} address stands for {address}{more}", cx.primary()))
                .help(format!("give it: --address {pair}")),
        );
    }
}

fn without_brackets(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Endpoint]) {
        let Some((host, port)) = field.text.rsplit_once(':') else { continue };
        let is_port = matches!(port, "443" | "6443" | "8443" | "16443");
        let Some(address) = host.parse::<Ipv6Addr>().ok().filter(|_| is_port) else { continue };
        if Host::read(&field.text).and_then(|whole| whole.address()).is_none() {
            continue;
        }
        let text = format!("[{address}]:{port}");
        let fix = cx.set(field, &text, "brackets part the address from its port");
        diagnostics.push(cx.at_field(&BRACKETS_META, field).fix(fix));
    }
}
