//! What files tell, each with its place: two that do not agree are both named.

use crate::address::family;
use crate::resource::cluster::{ClusterConfig, Field, Role, Says};
use crate::source::{Position, Source, position};
use core::fmt;
use ipnet::IpNet;

/// A place in one of the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// How messages name the file.
    pub file: String,
    /// Where in it.
    pub position: Position,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.position.line, self.position.column)
    }
}

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
    pub fn of(says: Says) -> Option<About> {
        match says {
            Says::ServiceRange => Some(About::Services),
            Says::PodRange | Says::ProxyRange => Some(About::Pods),
            Says::DnsService | Says::ClusterDns => Some(About::Dns),
            _ => None,
        }
    }
}

/// A range or address that a file tells, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is told.
    pub about: About,
    /// The range; of an address, that alone.
    pub net: IpNet,
    /// How people name the field: `Pod kube-apiserver, --service-cluster-ip-range`.
    pub by: String,
    /// Where it stands.
    pub place: Place,
    /// The object that tells it.
    pub role: Role,
}

impl Told {
    /// Everything that a source tells.
    #[must_use]
    pub fn read(config: &ClusterConfig<'_>, source: Source<'_>) -> Vec<Told> {
        config.fields.iter().flat_map(|field| Told::of(config, field, source)).collect()
    }

    /// What one field tells: a range, or an address, of each family.
    #[must_use]
    pub fn of(config: &ClusterConfig<'_>, field: &Field, source: Source<'_>) -> Vec<Told> {
        let Some(about) = About::of(field.says) else { return Vec::new() };
        let nets: Vec<IpNet> = field.text.split(',').filter_map(|text| net(text.trim())).collect();
        if nets.is_empty() {
            return Vec::new();
        }
        let body = &config.bodies[field.body];
        let position = position(source.text, body.range(field.node).start);
        let place = Place { file: source.name.to_owned(), position };
        let (by, role) = (format!("{}, {}", body.title(), field.name), body.role);
        nets.into_iter().map(|net| Told { about, net, by: by.clone(), place: place.clone(), role }).collect()
    }

    /// Whether another one tells something else of the same thing.
    #[must_use]
    pub fn differs(&self, other: &Told) -> bool {
        self.about == other.about && family(self.net) == family(other.net) && self.net != other.net
    }
}

/// A range, or an address as a range of one.
fn net(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}
