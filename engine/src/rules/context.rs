//! What a rule reads: one context for all rules.

use super::{Change, ClusterRanges};
use crate::address::{Family, family};
use crate::model::Documents;
use crate::model::calico_node::CalicoNode;
use crate::model::coverage::Coverage;
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::{ClusterConfig, ConfigObject, ObjectKind};
use crate::model::install::CalicoInstall;
use crate::model::installation::Installation;
use crate::target::{AddressMap, RangeOf, Stack, Target};
use crate::version::{Gate, Version};
use crate::yaml::NodeId;
use ipnet::IpNet;

/// One file of a cluster, as the rules see it: what is requested, what is known of the cluster, and the views of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'c> {
    /// The requested result.
    pub(crate) target: &'c Target,
    /// The facts that all files of the cluster state, those of this file first; the requested releases come before both.
    pub(crate) cluster: &'c ClusterFacts,
    /// The ranges of all files of the cluster after the transform.
    pub(crate) ranges: &'c ClusterRanges<'c>,
    /// The text of the file and its documents, including those that cannot be parsed.
    pub(crate) documents: &'c Documents<'c>,
    /// How much of each document, and of each object of a list, is understood. Empty after the first round.
    pub(crate) coverage: &'c [Coverage],
    /// The Kubernetes layer, and the Calico objects that are not part of an installation.
    pub(crate) config: &'c ClusterConfig<'c>,
    /// The installations of Calico.
    pub(crate) installs: &'c [CalicoInstall<'c>],
    /// The primary family before any change.
    pub(crate) first: Option<Family>,
    /// The service CIDRs before any change.
    pub(crate) services: &'c Ranges,
    /// The address pairs of nodes and load balancers: given as options, otherwise found in the input.
    pub(crate) address_map: &'c AddressMap,
    /// The accepted changes of the file; none while its text is checked.
    pub(crate) changes: &'c [&'c Change],
}

impl<'c> Context<'c> {
    /// The calico-node DaemonSets, each with its installation.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&'c CalicoInstall<'c>, &'c CalicoNode<'c, 'c>)> {
        self.installs.iter().filter_map(|install| Some((install, install.node.as_ref()?)))
    }

    /// The calico-node DaemonSets that create the default pools from their environment.
    pub(super) fn nodes_with_pools(
        &self,
    ) -> impl Iterator<Item = (&'c CalicoInstall<'c>, &'c CalicoNode<'c, 'c>)> {
        self.nodes().filter(|(install, _)| install.makes_pools())
    }

    /// The operator's Installations, each with its facts.
    pub(super) fn installations(
        &self,
    ) -> impl Iterator<Item = (&'c CalicoInstall<'c>, &'c Installation<'c>)> {
        self.installs.iter().filter_map(|install| Some((install, install.installation.as_ref()?)))
    }

    /// The settings of Felix: `spec` of each FelixConfiguration, and its values in a chart.
    pub(super) fn felix_settings(&self) -> Vec<(&'c ConfigObject<'c>, NodeId)> {
        let objects = self.config.objects_of(ObjectKind::FelixConfiguration);
        let objects =
            objects.filter_map(|(_, object)| Some((object, object.tree().get(object.root, "spec")?)));
        let values = self.installations().filter_map(|(_, one)| Some((&one.object, one.felix()?)));
        objects.chain(values).collect()
    }

    pub(super) fn wants_ipv6(&self) -> bool {
        self.target.to.has_ipv6()
    }

    pub(super) fn wants_ipv4(&self) -> bool {
        self.target.to.has_ipv4()
    }

    pub(super) fn is_dual(&self) -> bool {
        self.target.to == Stack::DualStack
    }

    pub(super) fn is_ipv6_only(&self) -> bool {
        self.target.to == Stack::Ipv6Only
    }

    /// Whether nodes are assumed to have no IPv4 address: the target is IPv6-only, and no option says that nodes have one.
    pub(super) fn nodes_lack_ipv4(&self) -> bool {
        self.is_ipv6_only() && self.target.nodes_have_ipv4 != Some(true)
    }

    /// Whether the files configure a running cluster, as far as an option or one of its objects shows.
    pub(super) fn is_running(&self) -> bool {
        !self.target.new_cluster && (self.target.running || self.cluster.is_live)
    }

    /// Returns the target families, the primary family first.
    pub(super) fn families(&self) -> Vec<Family> {
        self.target.families(self.first)
    }

    /// Returns the first target family that none of these CIDRs has.
    pub(super) fn missing(&self, nets: &[IpNet]) -> Option<Family> {
        self.families().into_iter().find(|target| nets.iter().all(|net| family(*net) != *target))
    }

    /// Returns the first target family that none of these has, unless there are none.
    pub(super) fn missing_of(&self, limits: &[(Family, String)]) -> Option<Family> {
        let is_missing = |target: &Family| !limits.is_empty() && limits.iter().all(|(one, _)| one != target);
        self.families().into_iter().find(is_missing)
    }

    /// Returns the primary family of the target: the family of the API server's address, of cluster DNS, of a node's first
    /// address.
    pub(super) fn primary(&self) -> Family {
        self.target.primary(self.first)
    }

    /// Returns whether the primary family changes.
    pub(super) fn flips(&self) -> bool {
        self.first.is_some_and(|first| first != self.primary())
    }

    /// Returns the service CIDR of a family: the requested one, otherwise one in `own`, otherwise that of the other files.
    pub(super) fn service_range(&self, family: Family, own: &Ranges) -> Option<IpNet> {
        let requested = self.target.range(RangeOf::Services, family);
        requested.or_else(|| own.of(family)).or_else(|| self.cluster.services.of(family))
    }

    /// Returns the pod CIDR of a family: the requested one, otherwise one in `own`, otherwise that of the other files.
    pub(super) fn pod_range(&self, family: Family, own: &Ranges) -> Option<IpNet> {
        let requested = self.target.range(RangeOf::Pods, family);
        requested.or_else(|| own.of(family)).or_else(|| self.cluster.pods.of(family))
    }

    /// Returns whether the Kubernetes release is known and in a window of the gate.
    pub(super) fn holds(&self, gate: &Gate) -> bool {
        gate.holds(self.cluster.kubernetes)
    }

    /// Returns whether the Kubernetes release is known and older.
    pub(super) fn before(&self, major: u16, minor: u16) -> bool {
        self.cluster.kubernetes.is_some_and(|v| v < Version::new(major, minor, 0))
    }
}
