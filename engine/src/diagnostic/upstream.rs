//! The repositories that rules name as sources, each with the release in which its files were last read. A rule names another
//! release where its fact needs one. If no release was read, the link names a branch or a commit.

use super::reference::Repository;

pub(crate) use super::reference::page;

pub(crate) const ASSISTED_SERVICE: Repository =
    Repository::new("openshift/assisted-service", "6baccaeebffe07d6fd6f4fbbf295f83a1194a9d7");
pub(crate) const CALICO: Repository = Repository::new("projectcalico/calico", "v3.32.1");
pub(crate) const OPERATOR: Repository = Repository::new("tigera/operator", "v1.42.3");
pub(crate) const KUBERNETES: Repository = Repository::new("kubernetes/kubernetes", "v1.37.2");

pub(crate) const CNI: Repository = Repository::new("containernetworking/cni", "v1.2.3");
pub(crate) const CNI_PLUGINS: Repository = Repository::new("containernetworking/plugins", "v1.9.1");
pub(crate) const COREDNS: Repository = Repository::new("coredns/coredns", "v1.14.7");
pub(crate) const ENHANCEMENTS: Repository = Repository::new("kubernetes/enhancements", "master");
pub(crate) const ETCD: Repository = Repository::new("etcd-io/etcd", "v3.7.0");
pub(crate) const FIREWALLD: Repository = Repository::new("firewalld/firewalld", "");
pub(crate) const FLANNEL: Repository = Repository::new("flannel-io/flannel", "v0.28.9");
pub(crate) const HELM_CONTROLLER: Repository = Repository::new("k3s-io/helm-controller", "v0.17.7");
pub(crate) const INGRESS_NGINX: Repository =
    Repository::new("kubernetes/ingress-nginx", "controller-v1.15.1");
pub(crate) const K0S: Repository = Repository::new("k0sproject/k0s", "v1.36.3+k0s.2");
pub(crate) const K0SCTL: Repository = Repository::new("k0sproject/k0sctl", "v0.32.2");
pub(crate) const K3S: Repository = Repository::new("k3s-io/k3s", "master");
pub(crate) const KIND: Repository = Repository::new("kubernetes-sigs/kind", "v0.32.0");
pub(crate) const KOPS: Repository = Repository::new("kubernetes/kops", "v1.36.2");
pub(crate) const KUBE_DNS: Repository = Repository::new("kubernetes/dns", "1.26.7");
pub(crate) const KUBEONE: Repository = Repository::new("kubermatic/kubeone", "v1.14.2");
pub(crate) const KUBESPRAY: Repository = Repository::new("kubernetes-sigs/kubespray", "v2.31.0");
pub(crate) const LINUX: Repository =
    Repository::new("gregkh/linux", "8550b50e49b01b572e653e572f24ddd73949aa74");
pub(crate) const METALLB: Repository = Repository::new("metallb/metallb", "v0.16.1");
pub(crate) const OPENSHIFT_API: Repository =
    Repository::new("openshift/api", "2a3d73913b5a7caec4c57d5c3d04f51106ec4da3");
pub(crate) const OPENSHIFT_DOCS: Repository =
    Repository::new("openshift/openshift-docs", "15f059a21d2c2e59ed117c7b13428a0da782a077");
pub(crate) const OPENSHIFT_INSTALLER: Repository = Repository::new("openshift/installer", "v1.5.0-alpha.2");
pub(crate) const OPENSHIFT_NETWORK_OPERATOR: Repository =
    Repository::new("openshift/cluster-network-operator", "2a6a57fef3ac1c8fde00e85b603e9f73ef29b75c");
pub(crate) const PFLAG: Repository = Repository::new("spf13/pflag", "v1.0.10");
pub(crate) const RKE: Repository = Repository::new("rancher/rke", "00ecd611d007ae7d0e8ad7870ae11e8d41708805");
pub(crate) const TALOS: Repository = Repository::new("siderolabs/talos", "v1.13.9");

// Only issues and pull requests of these are named.
pub(crate) const AGENT_BAKER: Repository = Repository::new("Azure/AgentBaker", "");
pub(crate) const CALICO_CNI_PLUGIN: Repository = Repository::new("projectcalico/cni-plugin", "");
pub(crate) const CALICO_CONFD: Repository = Repository::new("projectcalico/confd", "");
pub(crate) const CALICO_NODE: Repository = Repository::new("projectcalico/node", "");
pub(crate) const CRI_DOCKERD: Repository = Repository::new("Mirantis/cri-dockerd", "");
pub(crate) const GARDENER: Repository = Repository::new("gardener/gardener", "");
pub(crate) const KUBEADM: Repository = Repository::new("kubernetes/kubeadm", "");
pub(crate) const OPENSTACK_CLOUD_PROVIDER: Repository =
    Repository::new("kubernetes/cloud-provider-openstack", "");
pub(crate) const RKE2: Repository = Repository::new("rancher/rke2", "");
pub(crate) const RKE2_DOCS: Repository = Repository::new("rancher/rke2-docs", "");
