use super::advertise::annotation;
use super::proxy::BIND_SELECTS;
use crate::address::{Family, family_of};
use crate::diagnostic::upstream;
use crate::host::{Form, Host, addresses, map};
use crate::model::fields::{Component, Field, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::AddressMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) const UNMAPPED_META: Metadata = Metadata {
    id: "NET-012",
    name: "unmapped-address",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "no address of the other IP family is known for this address",
        consequence: "the converted nodes do not have this address, so the component cannot bind or reach it",
        help: "pass --map-address IPV4=IPV6, once for each node and load balancer",
        example: ("--advertise-address=192.0.2.11", "--advertise-address=2001:db8:1::11"),
        sources: &[upstream::KUBERNETES
            .file("staging/src/k8s.io/apiserver/pkg/server/options/serving.go")
            .line(266)],
    }
    .built_in(),
};

pub(super) const BRACKETS_META: Metadata = Metadata {
    id: "KADM-ENDPOINT",
    name: "endpoint-without-brackets",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "an IPv6 endpoint needs brackets: without them, the port is read as part of the address",
        consequence: "kubeadm reads the whole text as one address and writes it into admin.conf and into the kubeconfigs of kubelet and kube-proxy: kubeadm init and kubeadm join fail",
        help: "write the address in brackets: '[2001:db8::10]:6443'",
        example: ("controlPlaneEndpoint: 2001:db8::10:6443", "controlPlaneEndpoint: '[2001:db8::10]:6443'"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/endpoint.go").line(90),
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go")
                .symbol("getKubeConfigSpecsBase")
                .line(483),
        ],
    }
    .built_in(),
};

const ADVERTISE_META: Metadata = Metadata {
    id: "K8S-ADV-FAMILY",
    name: "advertise-address-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the advertise address and the first service CIDR have different IP families",
        consequence: "`must match public address family`: the API server exits (v1.24 and later, unless --endpoint-reconciler-type is none); before v1.24 the Service kubernetes does not work, because its cluster IP and its endpoint have different IP families",
        help: "the fix writes the counterpart of the address",
        example: ("--advertise-address=192.0.2.11", "--advertise-address=2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES
                .file("cmd/kube-apiserver/app/options/validation.go")
                .symbol("validatePublicIPServiceClusterIPRangeIPFamilies")
                .line(123),
            upstream::KUBERNETES.file("pkg/controlplane/controller.go").line(105).at("v1.24.0"),
            upstream::KUBERNETES.pull(106721),
            upstream::KUBERNETES.issue(88069),
        ],
    }
    .built_in(),
};

const ANNOTATION_META: Metadata = Metadata {
    id: "POD-ANNOTATION",
    name: "annotation-names-other-address",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the annotation contains an address that the component does not have",
        consequence: "kubeadm 1.18 and later reads the node's API endpoint from this annotation when it upgrades or resets the node or renews certificates",
        help: "the fix writes the address and port of the component into the annotation",
        example: (
            "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 192.0.2.11:6443",
            "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: '[2001:db8:1::11]:6443'",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/config/cluster.go").line(347),
        ],
    }
    .built_in(),
};

const ENDPOINT_META: Metadata = Metadata {
    id: "KADM-ENDPOINT-FAMILY",
    name: "endpoint-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the API endpoint is an address of another IP family",
        consequence: "nodes without that IP family cannot reach it, so they cannot join or register",
        help: "the fix writes the counterpart of the address, in brackets if a port follows",
        example: ("controlPlaneEndpoint: 192.0.2.10:6443", "controlPlaneEndpoint: '[2001:db8:1::10]:6443'"),
        sources: &[upstream::KUBERNETES.file("cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go").line(483)],
    }
    .built_in(),
};

const SERVER_META: Metadata = Metadata {
    id: "K8S-SERVER-FAMILY",
    name: "api-server-url-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "an API server URL contains an address of another IP family",
        consequence: "on a node without that IP family the component cannot reach the API server",
        help: "the fix writes the counterpart of the address into the URL, in brackets if it is IPv6",
        example: ("server: https://192.0.2.10:6443", "server: https://[2001:db8:1::10]:6443"),
        sources: &[upstream::KUBERNETES.file("cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go").line(483)],
    }
    .built_in(),
};

const ETCD_SERVERS_META: Metadata = Metadata {
    id: "K8S-ETCD-REACH",
    name: "etcd-reached-by-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the API server connects to etcd at an address of another IP family",
        consequence: "after the change etcd does not listen there, so the API server does not start",
        help: "the fix writes the counterpart of the address; 127.0.0.1 becomes ::1 if etcd is in these files",
        example: ("--etcd-servers=https://127.0.0.1:2379", "--etcd-servers=https://[::1]:2379"),
        sources: &[upstream::KUBERNETES.file("cmd/kubeadm/app/phases/controlplane/manifests.go").line(231)],
    }
    .built_in(),
};

const ETCD_META: Metadata = Metadata {
    id: "K8S-ETCD-FAMILY",
    name: "etcd-urls-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "etcd listens on or advertises addresses of another IP family",
        consequence: "on a node without such an address etcd exits, and the other members cannot reach it",
        help: "the fix writes the counterparts of the addresses, in brackets if they are IPv6",
        example: (
            "--listen-client-urls=https://127.0.0.1:2379,https://192.0.2.11:2379",
            "--listen-client-urls=https://[::1]:2379,https://[2001:db8:1::11]:2379",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/phases/etcd/local.go").line(250),
            upstream::ETCD.file("server/embed/config.go").symbol("checkBindURLs").line(1319),
            upstream::ETCD.file("client/pkg/transport/listener.go").line(109),
        ],
    }
    .built_in(),
};

const BIND_META: Metadata = Metadata {
    id: "K8S-BIND-SPECIFIC4",
    name: "listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the listen address of a component is not of the primary IP family",
        consequence: "on a node without that address the component cannot listen and exits. 0.0.0.0 listens on both IP families, and loopback addresses exist on every node; but an API server without --advertise-address prefers an address of the IP family of its bind address",
        help: "the fix writes the counterpart of the address; 0.0.0.0 becomes ::",
        example: ("--bind-address=192.0.2.11", "--bind-address=2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("staging/src/k8s.io/apiserver/pkg/server/options/serving.go").line(266),
            upstream::KUBERNETES.file("staging/src/k8s.io/apimachinery/pkg/util/net/interface.go").line(481),
        ],
    }
    .built_in(),
};

const KUBELET_META: Metadata = Metadata {
    id: "K8S-KUBELET-ADDR",
    name: "kubelet-listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the listen address of kubelet is not of the primary IP family",
        consequence: "kubelet exits if its node does not have this address; 0.0.0.0 works, because it listens on both IP families",
        help: "the fix writes the counterpart of the address; 0.0.0.0 becomes :: only for clarity; kubelet accepts one address, without brackets",
        example: ("address: 192.0.2.11", "address: 2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubelet/app/options/options.go").line(373),
            upstream::KUBERNETES.file("pkg/kubelet/server/server.go").line(201),
            upstream::KUBERNETES.issue(108248),
        ],
    }
    .built_in(),
};

macro_rules! rules {
    ($($name:ident: $meta:ident, $kind:expr, $why:literal;)+) => {
        $(pub(in crate::rules) const $name: Rule = Rule {
            meta: &$meta,
            check: Check::Text(|cx, diagnostics| bring(cx, &$meta, $kind, $why, diagnostics)),
        };)+
    };
}

rules! {
    ADVERTISE: ADVERTISE_META, FieldKind::Advertise, "the IP family of the first service CIDR";
    ENDPOINT: ENDPOINT_META, FieldKind::Endpoint, "nodes of the primary IP family reach the API server at this address";
    SERVER: SERVER_META, FieldKind::Server, "nodes of the primary IP family reach the API server at this address";
    ETCD_SERVERS: ETCD_SERVERS_META, FieldKind::EtcdServers, "etcd listens on this address";
    ETCD: ETCD_META, FieldKind::EtcdUrl, "addresses of the primary IP family";
    BIND: BIND_META, FieldKind::Bind, "an address that the node has";
    KUBELET_ADDRESS: KUBELET_META, FieldKind::KubeletAddress, "an address that the node has";
}

pub(in crate::rules) const ANNOTATION: Rule = Rule {
    meta: &ANNOTATION_META,
    check: Check::Text(|cx, diagnostics| annotation(cx, &ANNOTATION_META, diagnostics)),
};
pub(in crate::rules) const WITHOUT_TWIN: Rule = Rule { meta: &UNMAPPED_META, check: Check::Text(unmapped) };
pub(in crate::rules) const WITHOUT_BRACKETS: Rule =
    Rule { meta: &BRACKETS_META, check: Check::Text(without_brackets) };

/// The value that a field with addresses must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The value stays as it is.
    Same,
    /// The field gets this text.
    Text(String),
    /// These addresses have no known counterpart.
    Without(Vec<IpAddr>),
}

/// Which special addresses of a field change to the other family.
#[derive(Clone, Copy)]
struct Moves {
    loopback: bool,
    wildcard: bool,
}

impl Context<'_> {
    /// Returns the value of a field whose addresses follow the primary family.
    pub(super) fn wanted_addresses(&self, field: &Field) -> Wanted {
        let Some(form) = field.form else { return Wanted::Same };
        let family = self.primary();
        let moves = self.moves(field);
        let found = addresses(&field.text, form);
        let plain = |a: &IpAddr| !a.is_loopback() && !a.is_unspecified();
        // In dual-stack, one address of the primary family is enough; the others were added on purpose.
        if self.is_dual() && found.iter().any(|a| plain(a) && family_of(*a) == family) {
            return Wanted::Same;
        }
        // Every node of a dual-stack cluster has both: it reaches either endpoint, and kube-proxy listens on either address.
        let is_either =
            matches!(field.kind, FieldKind::Endpoint | FieldKind::Server | FieldKind::ProxyListen)
                || (field.kind == FieldKind::EtcdServers && !self.renders_etcd(field));
        if self.is_dual() && is_either && self.target.primary_family.is_none() {
            return Wanted::Same;
        }
        let mut unmapped = Vec::new();
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
                unmapped.push(other);
                other
            }),
        });
        if !unmapped.is_empty() {
            Wanted::Without(unmapped)
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
            FieldKind::ProxyBind => single || self.flips() || self.holds(&BIND_SELECTS),
            FieldKind::Bind | FieldKind::KubeletAddress | FieldKind::EtcdUrl | FieldKind::ProxyListen => {
                single
            }
            _ => false,
        };
        Moves { loopback, wildcard }
    }

    /// Returns whether the etcd that this API server reaches on loopback changes with it: it is in these files, or
    /// managed by kubeadm.
    fn renders_etcd(&self, field: &Field) -> bool {
        let by_kubeadm = |f: &Field| f.object == field.object && f.kind == FieldKind::AdvertiseEndpoint;
        self.cluster.has_etcd || self.config.fields.iter().any(by_kubeadm)
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

/// Changes fields of one kind to the primary family.
pub(super) fn bring(
    cx: &Context<'_>,
    meta: &'static Metadata,
    kind: FieldKind,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    for (_, field) in cx.config.fields_of(&[kind]) {
        if let Wanted::Text(text) = cx.wanted_addresses(field) {
            let diagnostic = cx.at_field(meta, field).fix(cx.set(field, &text, why));
            diagnostics.push(if only_wildcards(cx, field) {
                wildcards(cx, field, diagnostic)
            } else {
                diagnostic
            });
        }
    }
}

/// Whether 0.0.0.0 or :: is the only address of the other family in a field.
fn only_wildcards(cx: &Context<'_>, field: &Field) -> bool {
    let form = field.form.unwrap_or(Form::Addresses);
    let others = addresses(&field.text, form).into_iter().filter(|a| family_of(*a) != cx.primary());
    let mut others = others.filter(|address| !address.is_loopback()).peekable();
    others.peek().is_some() && others.all(|address| address.is_unspecified())
}

/// A diagnostic about 0.0.0.0 or ::: Go opens one socket for both IP families (net/ipsock_posix.go, favoriteAddrFamily), so the
/// change is for the reader. Only bindAddress of kube-proxy once decided about the IP family.
fn wildcards(cx: &Context<'_>, field: &Field, diagnostic: Diagnostic) -> Diagnostic {
    let selects = (field.kind == FieldKind::ProxyBind).then(|| BIND_SELECTS.applies(cx.cluster.kubernetes));
    let family = cx.primary().other();
    let any = wildcard(family);
    match selects {
        Some(Some(true)) => diagnostic.message(format!("{any} selects {family} for kube-proxy")),
        Some(None) => diagnostic
            .severity(Severity::Warning)
            .message(format!("{any} selects {family} for kube-proxy before v1.19; later releases ignore it")),
        Some(Some(false)) => diagnostic.severity(Severity::Info).message(format!(
            "{any} does not select an IP family in this release; the fix only makes the family visible"
        )),
        None => diagnostic
            .severity(Severity::Info)
            .message(format!("{any} listens on both IP families; the fix only makes this visible")),
    }
}

/// The fields whose addresses follow the primary family.
const FOLLOWERS: [FieldKind; 11] = [
    FieldKind::Advertise,
    FieldKind::AdvertiseEndpoint,
    FieldKind::Endpoint,
    FieldKind::Server,
    FieldKind::EtcdServers,
    FieldKind::EtcdUrl,
    FieldKind::Bind,
    FieldKind::KubeletAddress,
    FieldKind::ProxyBind,
    FieldKind::ProxyListen,
    FieldKind::ProbeHost,
];

/// The rule about the addresses of a field.
fn rule_of(kind: FieldKind) -> &'static Metadata {
    match kind {
        FieldKind::Advertise | FieldKind::AdvertiseEndpoint => &ADVERTISE_META,
        FieldKind::Endpoint => &ENDPOINT_META,
        FieldKind::Server => &SERVER_META,
        FieldKind::EtcdServers => &ETCD_SERVERS_META,
        FieldKind::EtcdUrl => &ETCD_META,
        FieldKind::Bind => &BIND_META,
        FieldKind::KubeletAddress => &KUBELET_META,
        FieldKind::ProxyBind => &super::proxy::BIND_META,
        FieldKind::ProxyListen => &super::proxy::LISTEN_META,
        FieldKind::ProbeHost => &super::probes::HOST_META,
        FieldKind::NodeIp => &super::node_ip::FAMILY_META,
        _ => &UNMAPPED_META,
    }
}

fn unmapped<'d>(cx: &'d Context<'_>, diagnostics: &mut Diagnostics) {
    // Report each address once, at its first place.
    let mut missing: Vec<(IpAddr, &Field, usize)> = Vec::new();
    let mut found = Vec::new();
    let mut collect = |field: &'d Field, addresses: Vec<IpAddr>| {
        // A transform asks for the address once; a lint names the rule of each place.
        let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let meta = rule_of(field.kind);
        let message = format!("{}: {}", meta.texts().finds, texts.join(", "));
        found.push(cx.at_field(meta, field).label(&field.name).message(message).help(format!(
            "write the {} address of the same host or load balancer; with --map-address the fix writes it",
            cx.primary()
        )));
        for address in addresses {
            match missing.iter_mut().find(|(known, ..)| *known == address) {
                Some((.., places)) => *places += 1,
                None => missing.push((address, field, 1)),
            }
        }
    };
    for (_, field) in cx.config.fields_of(&FOLLOWERS) {
        if let Wanted::Without(addresses) = cx.wanted_addresses(field) {
            collect(field, addresses);
        }
    }
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        if let Wanted::Without(addresses) = cx.wanted_node_ip(field)
            && !cx.is_dual()
        {
            collect(field, addresses);
        }
    }
    diagnostics.unanswered.extend(found);
    for (address, field, places) in missing {
        let pair = AddressMap::placeholder(Some(address));
        let more = if places > 1 { format!(" (used in {places} places)") } else { String::new() };
        diagnostics.push(
            cx.at_item(&UNMAPPED_META, field, &address.to_string())
                .label(&field.name)
                .message(format!("no {} address given for {address}{more}", cx.primary()))
                .help(format!("pass --map-address {pair}")),
        );
    }
}

fn without_brackets(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Endpoint]) {
        let Some((host, port)) = field.text.rsplit_once(':') else { continue };
        let is_port = matches!(port, "443" | "6443" | "8443" | "16443");
        let Some(address) = host.parse::<Ipv6Addr>().ok().filter(|_| is_port) else { continue };
        if Host::read(&field.text).and_then(|whole| whole.address()).is_none() {
            continue;
        }
        let text = format!("[{address}]:{port}");
        let fix = cx.set(field, &text, "brackets separate the address from the port");
        diagnostics.push(cx.at_field(&BRACKETS_META, field).fix(fix));
    }
}
