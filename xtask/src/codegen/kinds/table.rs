//! The kinds of files, in the order in which people meet them.

use super::Kind;

pub(in crate::codegen) const KINDS: [Kind; 10] = [
    Kind {
        page: "calico-manifest",
        title: "Calico's manifest",
        found: "`calico.yaml`, `calico-typha.yaml`, `calico-etcd.yaml`, `calico-vxlan.yaml`, `calico-bpf.yaml`, `canal.yaml`, `calico-policy-only.yaml`, shipped or edited",
        says: "The CNI configuration inside the ConfigMap asks for addresses of the wanted families; the environment of calico-node gets the address, the pool and Felix's switch of IPv6, and where nodes have no IPv4 a BGP router id and probes without BIRD. The CRDs around are not even parsed.",
        cases: &["cni/", "node/", "pool/", "encapsulation/", "variant/"],
        examples: &["variant/bgp: dual-stack"],
    },
    Kind {
        page: "installation",
        title: "The operator's Installation",
        found: "`custom-resources.yaml`, `01-cr-installation.yaml` of OpenShift",
        says: "`calicoNetwork` gets a pool of each wanted family with an encapsulation that carries it, NAT where the range is unique-local, and a way to find the address of each node. Where the operator's defaults do the same, nothing is written.",
        cases: &["operator/"],
        examples: &["operator/recipe: dual-stack", "operator/recipe: IPv6-only"],
    },
    Kind {
        page: "kubeadm",
        title: "kubeadm's configuration",
        found: "the file of `kubeadm init --config`, v1beta1 to v1beta4, and the ConfigMap `kubeadm-config`",
        says: "`podSubnet` and `serviceSubnet` get the wanted ranges, the primary family first; addresses (`advertiseAddress`, `controlPlaneEndpoint`, `certSANs`, `node-ip`) get their twins from `--address`, a gate is written where the release needs it. Extra arguments are a mapping or a list as the version wants it. Nothing optional is added.",
        cases: &["kubeadm/"],
        examples: &["kubeadm/recipe: v1beta4 to dual-stack"],
    },
    Kind {
        page: "static-pods",
        title: "Static pods of the control plane",
        found: "`/etc/kubernetes/manifests/{kube-apiserver,kube-controller-manager,kube-scheduler,etcd}.yaml`, flags in `command` or `args`",
        says: "The ranges, and for IPv6-only or IPv6 first the addresses: `--advertise-address`, etcd's URLs, the annotations that kubeadm keeps, hosts of probes. The result is what kubeadm itself renders for the target, byte for byte.",
        cases: &["control-plane/"],
        examples: &["control-plane/recipe: dual-stack changes the ranges only"],
    },
    Kind {
        page: "kubelet",
        title: "kubelet",
        found: "`/var/lib/kubelet/config.yaml`, the ConfigMap `kubelet-config`",
        says: "`clusterDNS` moves to the same place of the range of the first family, an explicit `address` to the wildcard of the family that the node has. `healthzBindAddress` stays: kubeadm wants 127.0.0.1 on every stack.",
        cases: &["node-agents/kubelet"],
        examples: &["node-agents/kubelet: explicit addresses"],
    },
    Kind {
        page: "flags",
        title: "Flags in units and environment files",
        found: "`/var/lib/kubelet/kubeadm-flags.env`, `/etc/default/kubelet`, `*.service`, drop-ins, MicroK8s' files of arguments",
        says: "`KUBELET_EXTRA_ARGS` and its kin, `ExecStart=` and `Environment=` of units: the same flags as in static pods, one word changed and no other. What a shell would have to read (a script, quotes inside a word) is refused with its place.",
        cases: &["node-agents/flags"],
        examples: &["node-agents/flags: kubeadm's drop-in of kubelet, with an address in a variable"],
    },
    Kind {
        page: "kube-proxy",
        title: "kube-proxy",
        found: "the ConfigMap `kube-proxy`, a `KubeProxyConfiguration`, flags of its DaemonSet",
        says: "`clusterCIDR` gets both ranges, `bindAddress` the wildcard of the family that stands first: it decides which family kube-proxy serves where a node has both.",
        cases: &["node-agents/kube-proxy"],
        examples: &["node-agents/kube-proxy: dual-stack"],
    },
    Kind {
        page: "kubeconfig",
        title: "kubeconfigs",
        found: "`/etc/kubernetes/*.conf`, `kubeconfig.conf` of kube-proxy's ConfigMap",
        says: "`server` gets the twin of its address, in brackets. A name stays.",
        cases: &["node-agents/kubeconfig"],
        examples: &["node-agents/kubeconfig: IPv6-only"],
    },
    Kind {
        page: "cluster-dns",
        title: "Cluster DNS",
        found: "the Service `kube-dns`, the ConfigMap and Corefile of CoreDNS, the Deployment of kube-dns, NodeLocal DNSCache",
        says: "The Service moves to the same place of the other range where the first family changes: kubelet tells pods this address. A Corefile keeps its text but for addresses of `bind`, `forward` and `health`, and `ip6.arpa` where the usual zones lack it. Servers outside, and DNS64, are yours to decide.",
        cases: &["node-agents/dns", "node-agents/kube-dns", "node-agents/node-local-dns"],
        examples: &[
            "node-agents/dns: IPv6-only",
            "node-agents/node-local-dns: the address on every node has a twin",
        ],
    },
    Kind {
        page: "openshift",
        title: "OpenShift's installer and Network",
        found: "`install-config.yaml`, `AgentClusterInstall`, `manifests/cluster-network-02-config.yml`, `Infrastructure`",
        says: "`machineNetwork`, `clusterNetwork` with its `hostPrefix`, `serviceNetwork` and the addresses of API and ingress get both families, in one order everywhere. What the installer would refuse (a platform without IPv6, old names, networks that overlap, a pod network without a /64 for each node) is refused here, at its place. An Installation without pools reads its ranges from here.",
        cases: &["openshift/"],
        examples: &["openshift/install-config: dual-stack"],
    },
];
