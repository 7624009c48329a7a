// Command oracle lets Calico answer a question: the argument names the component, standard input holds YAML documents, and
// one line of JSON on standard output is the answer.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	_ "unsafe" // for go:linkname

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	_ "github.com/projectcalico/calico/cni-plugin/pkg/plugin"
	cnitypes "github.com/projectcalico/calico/cni-plugin/pkg/types"
	felix "github.com/projectcalico/calico/felix/config"
	libapi "github.com/projectcalico/calico/libcalico-go/lib/apis/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/clientv3"
	cnet "github.com/projectcalico/calico/libcalico-go/lib/net"
	"github.com/projectcalico/calico/libcalico-go/lib/options"
	validator "github.com/projectcalico/calico/libcalico-go/lib/validator/v3"
	_ "github.com/projectcalico/calico/node/pkg/lifecycle/startup"
	"github.com/projectcalico/calico/node/pkg/lifecycle/startup/autodetection"
	"github.com/projectcalico/calico/node/pkg/lifecycle/utils"
	"github.com/sirupsen/logrus"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The release that go.mod names by its commit.
const release = "v3.31.0"

//go:linkname configureAddresses github.com/projectcalico/calico/node/pkg/lifecycle/startup.configureIPsAndSubnets
func configureAddresses(node *libapi.Node, k8sNode *corev1.Node, interfaces func(incl, excl []string, version ...int) ([]autodetection.Interface, error)) (bool, error)

//go:linkname configurePools github.com/projectcalico/calico/node/pkg/lifecycle/startup.configureIPPools
func configurePools(ctx context.Context, client clientv3.Interface, kubeadmConfig *corev1.ConfigMap)

//go:linkname resolvePools github.com/projectcalico/calico/cni-plugin/internal/pkg/utils.ResolvePools
func resolvePools(ctx context.Context, c clientv3.Interface, pools []string, isIPv4 bool) ([]cnet.IPNet, error)

func main() {
	text, err := io.ReadAll(os.Stdin)
	must(err)
	if (os.Args[1] == "calico-node" || os.Args[1] == "linux") && os.Getenv("ORACLE_IN_NAMESPACE") == "" {
		inNamespace(text)
		return
	}
	logrus.SetOutput(os.Stderr)
	documents := regexp.MustCompile(`(?m)^---\n`).Split(string(text), -1)
	answer := map[string]func([]string) (string, error){
		"calico-node": calicoNode, "felix": felixVariables, "validator": validate, "cni-plugin": cniPlugin, "linux": linux,
	}[os.Args[1]]
	message, err := answer(documents)
	version := release
	if os.Args[1] == "linux" {
		version = kernel()
	}
	if err != nil {
		message = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"version": version, "accepted": err == nil, "message": message})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// said collects what is logged as a warning or worse.
type said struct{ words []string }

func (s *said) Levels() []logrus.Level { return logrus.AllLevels[:logrus.WarnLevel+1] }

func (s *said) Fire(entry *logrus.Entry) error {
	if entry.Message != "Terminating" {
		s.words = append(s.words, entry.Message)
	}
	return nil
}

// pools is the part of the datastore that is asked for here.
type pools struct {
	clientv3.Interface
	clientv3.IPPoolInterface
	all []apiv3.IPPool
}

func (p *pools) IPPools() clientv3.IPPoolInterface { return p }

func (p *pools) List(context.Context, options.ListOptions) (*apiv3.IPPoolList, error) {
	return &apiv3.IPPoolList{Items: p.all}, nil
}

func (p *pools) Create(_ context.Context, pool *apiv3.IPPool, _ options.SetOptions) (*apiv3.IPPool, error) {
	p.all = append(p.all, *pool)
	return pool, validator.Validate(pool)
}

// env is the environment of calico-node: its literal values.
func env(document string) map[string]string {
	var daemons struct {
		Spec struct{ Template corev1.PodTemplateSpec }
	}
	must(yaml.Unmarshal([]byte(document), &daemons))
	values := map[string]string{}
	for _, variable := range daemons.Spec.Template.Spec.Containers[0].Env {
		values[variable.Name] = variable.Value
	}
	return values
}

// inNamespace asks again in a network of its own, so that the answer does not depend on this host.
func inNamespace(text []byte) {
	child := exec.Command("/proc/self/exe", os.Args[1])
	child.Stdin, child.Stdout, child.Stderr = bytes.NewReader(text), os.Stdout, os.Stderr
	child.Env = append(os.Environ(), "ORACLE_IN_NAMESPACE=1")
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	must(child.Run())
}

// addInterface adds the only interface that startup looks at.
func addInterface(addresses []string) {
	link := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: "cali0"}
	must(netlink.LinkAdd(link))
	must(netlink.LinkSetUp(link))
	for _, address := range addresses {
		parsed, err := netlink.ParseAddr(address)
		must(err)
		parsed.Flags = unix.IFA_F_NODAD
		must(netlink.AddrAdd(link, parsed))
	}
}

func kernel() string {
	var name unix.Utsname
	must(unix.Uname(&name))
	return strings.Join(strings.SplitN(unix.ByteSliceToString(name.Release[:]), ".", 3)[:2], ".")
}

// linux is what the kernel says when the CNI plugin gives an IPv6 address to the interface of a pod.
func linux(documents []string) (string, error) {
	var configMap corev1.ConfigMap
	must(yaml.Unmarshal([]byte(documents[0]), &configMap))
	mtu, err := strconv.Atoi(configMap.Data["veth_mtu"])
	must(err)
	link := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0", MTU: mtu}, PeerName: "cali0"}
	must(netlink.LinkAdd(link))
	must(netlink.LinkSetUp(link))
	address, err := netlink.ParseAddr("fd00:10:244::11/128")
	must(err)
	return "", netlink.AddrAdd(link, address)
}

// calicoNode runs the two parts of the startup of calico-node that decide about addresses and pools. A Node tells which
// addresses the interface of the node has; without one, both families.
func calicoNode(documents []string) (message string, err error) {
	k8sNode, addresses := &corev1.Node{}, []string{"192.0.2.11/24", "2001:db8:1::11/64"}
	for _, document := range documents {
		if strings.Contains(document, "kind: Node\n") {
			must(yaml.Unmarshal([]byte(document), k8sNode))
			addresses = nil
			for _, address := range k8sNode.Status.Addresses {
				length := map[bool]string{true: "/64", false: "/24"}[strings.Contains(address.Address, ":")]
				addresses = append(addresses, address.Address+length)
			}
		}
	}
	for name, value := range env(documents[0]) {
		os.Setenv(name, value)
	}
	log := &said{}
	logrus.AddHook(log)
	utils.SetExitFunction(func(int) { panic("exit") })
	defer func() {
		if recover() != nil {
			message, err = "", errors.New(strings.Join(log.words, "; "))
		}
	}()
	addInterface(addresses)
	interfaces := func(incl, excl []string, versions ...int) ([]autodetection.Interface, error) {
		return autodetection.GetInterfaces(net.Interfaces, incl, excl, versions...)
	}
	node := libapi.NewNode()
	if _, err := configureAddresses(node, k8sNode, interfaces); err != nil {
		utils.Terminate()
	}
	if node.Spec.BGP.IPv4Address == "" && node.Spec.BGP.IPv6Address == "" {
		return "", errors.New("the node has no address")
	}
	made := &pools{}
	configurePools(context.Background(), made, nil)
	message = fmt.Sprintf("IPv4 address %q, IPv6 address %q", node.Spec.BGP.IPv4Address, node.Spec.BGP.IPv6Address)
	for _, pool := range made.all {
		cidr := pool.Spec.CIDR
		if strings.Contains(cidr, ":") && env(documents[0])["CALICO_IPV6POOL_CIDR"] == "" {
			cidr = "(a random /48)"
		}
		message += fmt.Sprintf(", pool %s ipipMode=%s vxlanMode=%s natOutgoing=%v", cidr, pool.Spec.IPIPMode, pool.Spec.VXLANMode, pool.Spec.NATOutgoing)
	}
	return message, nil
}

// felixVariables is what Felix makes of its variables.
func felixVariables(documents []string) (string, error) {
	raw := map[string]string{}
	for name, value := range env(documents[0]) {
		if key, ok := strings.CutPrefix(name, "FELIX_"); ok {
			raw[strings.ToLower(key)] = value
		}
	}
	config := felix.New()
	if _, err := config.UpdateFrom(raw, felix.EnvironmentVariable); err != nil {
		return "", err
	}
	return fmt.Sprintf("Ipv6Support=%v", config.Ipv6Support), config.Validate()
}

// validate is what the Calico API server and calicoctl check of an object before they store it.
func validate(documents []string) (string, error) {
	for _, document := range documents {
		var head struct{ Kind string }
		must(yaml.Unmarshal([]byte(document), &head))
		object := map[string]any{
			"BGPConfiguration": apiv3.NewBGPConfiguration(), "BGPPeer": apiv3.NewBGPPeer(), "FelixConfiguration": apiv3.NewFelixConfiguration(),
			"GlobalNetworkPolicy": apiv3.NewGlobalNetworkPolicy(), "IPPool": apiv3.NewIPPool(), "NetworkPolicy": apiv3.NewNetworkPolicy(),
			"KubeControllersConfiguration": apiv3.NewKubeControllersConfiguration(),
		}[head.Kind]
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			return "", err
		}
		if err := validator.Validate(object); err != nil {
			return "", err
		}
	}
	return "", nil
}

// cniPlugin is how the CNI plugin reads its configuration, and resolves the pools that it names.
func cniPlugin(documents []string) (string, error) {
	store := &pools{}
	var configMap corev1.ConfigMap
	for _, document := range documents {
		if strings.Contains(document, "kind: IPPool\n") {
			pool := apiv3.NewIPPool()
			must(yaml.Unmarshal([]byte(document), pool))
			store.all = append(store.all, *pool)
		} else {
			must(yaml.Unmarshal([]byte(document), &configMap))
		}
	}
	var list struct{ Plugins []cnitypes.NetConf }
	if err := json.Unmarshal([]byte(configMap.Data["cni_network_config"]), &list); err != nil {
		return "", err
	}
	ipam := list.Plugins[0].IPAM
	for isIPv4, names := range map[bool][]string{true: ipam.IPv4Pools, false: ipam.IPv6Pools} {
		if _, err := resolvePools(context.Background(), store, names, isIPv4); err != nil {
			return "", err
		}
	}
	return "", nil
}
