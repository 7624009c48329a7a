//! What files tell, each with its place: two that do not agree are both named.

use crate::address::family;
use crate::model::Documents;
use crate::model::fields::{ClusterConfig, Field, FieldKind, ObjectKind};
use crate::source::Place;
use ipnet::IpNet;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A range of cluster IPs.
    Services,
    /// A range of pods.
    Pods,
    /// The address of cluster DNS.
    Dns,
}

impl About {
    /// What a field of this kind tells.
    #[must_use]
    pub fn of(kind: FieldKind) -> Option<About> {
        match kind {
            FieldKind::ServiceRange => Some(About::Services),
            FieldKind::PodRange | FieldKind::ProxyRange => Some(About::Pods),
            FieldKind::DnsService | FieldKind::ClusterDns => Some(About::Dns),
            _ => None,
        }
    }
}

/// A range or address that a file tells, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedValue {
    /// What is told.
    pub about: About,
    /// The range; of an address, that alone.
    pub net: IpNet,
    /// How people name the field: `Pod kube-apiserver, --service-cluster-ip-range`.
    pub by: String,
    /// Where it stands.
    pub place: Place,
    /// The object that tells it.
    pub kind: ObjectKind,
    /// Whether kube-proxy reads it.
    pub is_proxy: bool,
}

impl StatedValue {
    /// Everything that a source tells.
    #[must_use]
    pub fn read(config: &ClusterConfig<'_>, documents: &Documents<'_>) -> Vec<StatedValue> {
        config.fields.iter().flat_map(|field| StatedValue::of(config, field, documents)).collect()
    }

    /// What one field tells: a range, or an address, of each family.
    #[must_use]
    pub fn of(config: &ClusterConfig<'_>, field: &Field, documents: &Documents<'_>) -> Vec<StatedValue> {
        let Some(about) = About::of(field.kind) else { return Vec::new() };
        let nets: Vec<IpNet> = field.text.split(',').filter_map(|text| net(text.trim())).collect();
        if nets.is_empty() {
            return Vec::new();
        }
        let object = &config.objects[field.object];
        let place = documents.place(object.range(field.node).start);
        let (by, kind) = (format!("{}, {}", object.title(), field.name), object.kind);
        let is_proxy = field.kind == FieldKind::ProxyRange;
        nets.into_iter()
            .map(|net| StatedValue { about, net, by: by.clone(), place: place.clone(), kind, is_proxy })
            .collect()
    }

    /// Whether another one tells something else of the same thing.
    #[must_use]
    pub fn differs(&self, other: &StatedValue) -> bool {
        self.about == other.about && family(self.net) == family(other.net) && self.net != other.net
    }
}

/// A range, or an address as a range of one.
fn net(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}
