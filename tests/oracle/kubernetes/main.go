// Command oracle lets the components of Kubernetes answer a question: the argument names the component, standard input
// holds YAML documents, and one line of JSON on standard output is the answer.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"

	v1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	nodeutil "k8s.io/component-helpers/node/util"
	clientbuilder "k8s.io/controller-manager/pkg/clientbuilder"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	apiserveroptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	kcm "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kcmoptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	"k8s.io/kubernetes/cmd/kube-controller-manager/names"
	proxyapp "k8s.io/kubernetes/cmd/kube-proxy/app"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/controlplane"
	kubeadmconfig "k8s.io/kubernetes/cmd/kubeadm/app/util/config"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/pkiutil"
	kubeletoptions "k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletvalidation "k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/configfiles"
	"k8s.io/kubernetes/pkg/probe"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	proxyconfig "k8s.io/kubernetes/pkg/proxy/apis/config"
	proxyvalidation "k8s.io/kubernetes/pkg/proxy/apis/config/validation"
	utilfs "k8s.io/kubernetes/pkg/util/filesystem"
	"sigs.k8s.io/yaml"
)

// document is one YAML document of the question.
type document struct {
	text string
	kind string
	node v1.Node
	pod  v1.Pod
	data map[string]string
	args map[string]string // kubeletExtraArgs
}

func main() {
	answer := map[string]func([]document, string) (string, error){
		"kubeadm":                 kubeadm,
		"kubeadm-certs":           kubeadmCerts,
		"kube-apiserver":          kubeAPIServer,
		"kube-controller-manager": kubeControllerManager,
		"kube-proxy":              kubeProxy,
		"kubelet":                 kubelet,
		"kubelet-probe":           kubeletProbe,
	}[os.Args[1]]
	text, err := io.ReadAll(os.Stdin)
	must(err)
	dir, err := os.MkdirTemp("", "oracle")
	must(err)
	stdout := os.Stdout
	os.Stdout = os.Stderr // what the components print is no answer
	message, err := answer(split(string(text)), dir)
	os.RemoveAll(dir)
	if err != nil {
		message = err.Error()
	}
	json.NewEncoder(stdout).Encode(map[string]any{"version": version(), "accepted": err == nil, "message": message})
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "k8s.io/kubernetes" {
			return module.Version
		}
	}
	return ""
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func split(text string) []document {
	var all []document
	for _, part := range regexp.MustCompile(`(?m)^---\n`).Split(text, -1) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		var head struct {
			Kind             string            `json:"kind"`
			Data             map[string]string `json:"data"`
			NodeRegistration struct {
				KubeletExtraArgs []struct{ Name, Value string } `json:"kubeletExtraArgs"`
			} `json:"nodeRegistration"`
		}
		yaml.Unmarshal([]byte(part), &head)
		d := document{text: part, kind: head.Kind, data: head.Data, args: map[string]string{}}
		for _, arg := range head.NodeRegistration.KubeletExtraArgs {
			d.args[arg.Name] = arg.Value
		}
		switch d.kind {
		case "Pod":
			yaml.Unmarshal([]byte(part), &d.pod)
		case "Node":
			yaml.Unmarshal([]byte(part), &d.node)
		}
		all = append(all, d)
	}
	return all
}

func (d document) isKubeadm() bool { return strings.Contains(d.text, "apiVersion: kubeadm.k8s.io/") }

func kubeadmText(documents []document) []byte {
	var parts []string
	for _, d := range documents {
		if d.isKubeadm() {
			parts = append(parts, d.text)
		}
	}
	return []byte(strings.Join(parts, "---\n"))
}

// kubeadm config validate.
func kubeadm(documents []document, _ string) (string, error) {
	return "", kubeadmconfig.ValidateConfig(kubeadmText(documents), false, false)
}

// The names that kubeadm writes into the certificate of the API server.
func kubeadmCerts(documents []document, _ string) (string, error) {
	cfg, err := kubeadmconfig.BytesToInitConfiguration(kubeadmText(documents), true)
	if err != nil {
		return "", err
	}
	names, err := pkiutil.GetAPIServerAltNames(cfg)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("IP addresses of the certificate: %v", names.IPs), nil
}

// flags of a component: from its static Pod, or from the one that kubeadm renders. Whether there are any. Flags that name
// files are left out, since no file is there.
func flags(documents []document, component string) ([]string, bool, error) {
	var container *v1.Container
	for _, d := range documents {
		for i := range d.pod.Spec.Containers {
			if d.pod.Spec.Containers[i].Name == component {
				container = &d.pod.Spec.Containers[i]
			}
		}
	}
	if text := kubeadmText(documents); container == nil && len(text) > 0 {
		cfg, err := kubeadmconfig.BytesToInitConfiguration(text, true)
		if err != nil {
			return nil, false, err
		}
		pod := controlplane.GetStaticPodSpecs(&cfg.ClusterConfiguration, &cfg.LocalAPIEndpoint, nil)[component]
		container = &pod.Spec.Containers[0]
	}
	if container == nil {
		return nil, false, nil
	}
	var args []string
	for _, arg := range append(container.Command, container.Args...)[1:] {
		name, _, _ := strings.Cut(arg, "=")
		if !strings.HasSuffix(name, "file") && !strings.HasSuffix(name, "kubeconfig") && !strings.HasSuffix(name, "certificate") && !strings.HasSuffix(name, "client-key") {
			args = append(args, arg)
		}
	}
	return args, true, nil
}

// repeated says what counts of the flags that are given more than once.
func repeated(fs *pflag.FlagSet, args []string) string {
	seen, said := map[string]int{}, []string{}
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		if seen[name]++; seen[name] == 2 {
			said = append(said, name+" is "+fs.Lookup(strings.TrimLeft(name, "-")).Value.String())
		}
	}
	return strings.Join(said, "; ")
}

// The API server: its flags and, where the question has other objects, what it says when they are created.
func kubeAPIServer(documents []document, dir string) (string, error) {
	args, given, err := flags(documents, "kube-apiserver")
	if err != nil {
		return "", err
	}
	if !given {
		args = []string{"--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112", "--advertise-address=192.0.2.11"}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	keyFile := filepath.Join(dir, "sa.key")
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	must(os.WriteFile(keyFile, pem.EncodeToMemory(block), 0o600))
	own := []string{"--cert-dir=" + dir, "--service-account-issuer=https://kubernetes.example", "--service-account-key-file=" + keyFile, "--service-account-signing-key-file=" + keyFile}
	if !strings.Contains(strings.Join(args, " "), "--etcd-servers=") {
		own = append(own, "--etcd-servers=http://127.0.0.1:2379")
	}
	s := apiserveroptions.NewServerRunOptions()
	fs := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, f := range s.Flags().FlagSets {
		fs.AddFlagSet(f)
	}
	if err := fs.Parse(append(own, args...)); err != nil {
		return "", err
	}
	var objects []document
	for _, d := range documents {
		if !d.isKubeadm() && !strings.Contains(d.text, "- name: kube-apiserver\n") {
			objects = append(objects, d)
		}
	}
	if len(objects) > 0 {
		return create(objects, append(own, args...), dir)
	}
	if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return "", err
	}
	completed, err := s.Complete(context.Background())
	if err != nil {
		return "", err
	}
	return repeated(fs, args), utilerrors.NewAggregate(completed.Validate())
}

// create starts the API server with its etcd, and creates the objects.
func create(objects []document, args []string, dir string) (string, error) {
	cfg := embed.NewConfig()
	cfg.Dir, cfg.LogLevel, cfg.UnsafeNoFsync = filepath.Join(dir, "etcd"), "error", true
	client, peer := url.URL{Scheme: "unix", Path: filepath.Join(dir, "c")}, url.URL{Scheme: "unix", Path: filepath.Join(dir, "p")}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	cfg.InitialCluster = cfg.Name + "=" + peer.String()
	etcd, err := embed.StartEtcd(cfg)
	must(err)
	<-etcd.Server.ReadyNotify()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	tokens := filepath.Join(dir, "tokens.csv")
	must(os.WriteFile(tokens, []byte(`token,admin,1,"system:masters"`), 0o600))
	kept := args[:0]
	for _, arg := range args {
		if !strings.HasPrefix(arg, "--etcd-servers=") {
			kept = append(kept, arg)
		}
	}
	command := apiserver.NewAPIServerCommand()
	command.SetArgs(append(kept, "--etcd-servers="+client.String(), "--bind-address=127.0.0.1", "--secure-port="+port, "--token-auth-file="+tokens,
		"--endpoint-reconciler-type=none", "--allow-privileged=true", "--disable-admission-plugins=ServiceAccount"))
	ended := make(chan error, 1)
	go func() { ended <- command.Execute() }()
	for status := 0; status != http.StatusOK; time.Sleep(200 * time.Millisecond) {
		select {
		case err := <-ended:
			return "", fmt.Errorf("the API server ended: %w", err)
		default:
			if status, _ = request(address, http.MethodGet, "/readyz", ""); status == http.StatusOK {
				status, _ = request(address, http.MethodGet, "/api/v1/namespaces/kube-system", "")
			}
		}
	}
	var said []string
	for _, object := range objects {
		status, answer := request(address, http.MethodPost, path(object), object.text)
		var it struct {
			Message string `json:"message"`
			Spec    struct {
				IPFamilyPolicy string   `json:"ipFamilyPolicy"`
				IPFamilies     []string `json:"ipFamilies"`
			} `json:"spec"`
		}
		must(json.Unmarshal([]byte(answer), &it))
		if status >= 300 {
			return "", fmt.Errorf("%s", it.Message)
		}
		if it.Spec.IPFamilyPolicy != "" {
			said = append(said, fmt.Sprintf("ipFamilyPolicy: %s, ipFamilies: %v", it.Spec.IPFamilyPolicy, it.Spec.IPFamilies))
		}
	}
	return strings.Join(said, "; "), nil
}

// path is where an object is created.
func path(object document) string {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Metadata   struct {
			Namespace string `json:"namespace"`
		} `json:"metadata"`
	}
	must(yaml.Unmarshal([]byte(object.text), &head))
	path := "/apis/" + head.APIVersion
	if head.APIVersion == "v1" {
		path = "/api/v1"
	}
	if head.Metadata.Namespace != "" {
		path += "/namespaces/" + head.Metadata.Namespace
	}
	return path + "/" + strings.ToLower(object.kind) + "s?fieldValidation=Strict"
}

// The certificate of this API server was made a moment ago.
var insecure = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func request(address, method, path, body string) (int, string) {
	r, err := http.NewRequest(method, "https://"+address+path, strings.NewReader(body))
	must(err)
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Content-Type", "application/yaml")
	r.Header.Set("Accept", "application/json")
	answer, err := insecure.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	text.ReadFrom(answer.Body)
	if !json.Valid(text.Bytes()) {
		said, _ := json.Marshal(map[string]string{"message": strings.TrimSpace(text.String())})
		return answer.StatusCode, string(said)
	}
	return answer.StatusCode, text.String()
}

// The controller manager: its flags, and the start of the controller that gives ranges to nodes.
func kubeControllerManager(documents []document, _ string) (string, error) {
	args, _, err := flags(documents, "kube-controller-manager")
	if err != nil {
		return "", err
	}
	s, err := kcmoptions.NewKubeControllerManagerOptions()
	must(err)
	known, off, aliases := kcm.KnownControllers(), kcm.ControllersDisabledByDefault(), kcm.ControllerAliases()
	fs := pflag.NewFlagSet("kube-controller-manager", pflag.ContinueOnError)
	for _, f := range s.Flags(known, off, aliases).FlagSets {
		fs.AddFlagSet(f)
	}
	if err := fs.Parse(args); err != nil {
		return "", err
	}
	if err := s.ComponentGlobalsRegistry.Set(); err != nil {
		return "", err
	}
	if err := s.Validate(known, off, aliases); err != nil {
		return "", err
	}
	cfg, err := kcmoptions.NewDefaultComponentConfig()
	must(err)
	if err := s.KubeCloudShared.ApplyTo(&cfg.KubeCloudShared); err != nil {
		return "", err
	}
	if err := s.NodeIPAMController.ApplyTo(&cfg.NodeIPAMController); err != nil {
		return "", err
	}
	client := fake.NewSimpleClientset()
	for _, d := range documents {
		if d.kind == "Node" {
			client.Tracker().Add(&d.node)
		}
	}
	_, err = kcm.NewControllerDescriptors()[names.NodeIpamController].BuildController(context.Background(), kcm.ControllerContext{
		ClientBuilder:   builder{client: client},
		InformerFactory: informers.NewSharedInformerFactory(client, 0),
		ComponentConfig: cfg,
	})
	return repeated(fs, args), err
}

type builder struct {
	clientbuilder.ControllerClientBuilder
	client clientset.Interface
}

func (b builder) Client(string) (clientset.Interface, error) { return b.client, nil }

//go:linkname loadProxyConfig k8s.io/kubernetes/cmd/kube-proxy/app.(*Options).loadConfigFromFile
func loadProxyConfig(o *proxyapp.Options, file string) (*proxyconfig.KubeProxyConfiguration, error)

//go:linkname applyProxyDefaults k8s.io/kubernetes/cmd/kube-proxy/app.(*Options).platformApplyDefaults
func applyProxyDefaults(o *proxyapp.Options, config *proxyconfig.KubeProxyConfiguration)

//go:linkname expandNodePortAddresses k8s.io/kubernetes/cmd/kube-proxy/app.expandNodePortAddressKeywords
func expandNodePortAddresses(addresses []string, nodeIPs map[v1.IPFamily]net.IP) []string

//go:linkname detectNodeIPs k8s.io/kubernetes/cmd/kube-proxy/app.detectNodeIPs
func detectNodeIPs(ctx context.Context, addresses []net.IP, bindAddress string) (v1.IPFamily, map[v1.IPFamily]net.IP)

//go:linkname checkBadConfig k8s.io/kubernetes/cmd/kube-proxy/app.checkBadConfig
func checkBadConfig(s *proxyapp.ProxyServer) error

//go:linkname checkBadIPConfig k8s.io/kubernetes/cmd/kube-proxy/app.checkBadIPConfig
func checkBadIPConfig(s *proxyapp.ProxyServer, dualStackSupported bool) (error, bool)

// kube-proxy: its configuration and, where the question has a Node, what it complains about on that node.
func kubeProxy(documents []document, dir string) (string, error) {
	file := filepath.Join(dir, "config.conf")
	var addresses []net.IP
	for _, d := range documents {
		switch d.kind {
		case "KubeProxyConfiguration":
			must(os.WriteFile(file, []byte(d.text), 0o600))
		case "ConfigMap":
			must(os.WriteFile(file, []byte(d.data["config.conf"]), 0o600))
		case "Node":
			for _, address := range d.node.Status.Addresses {
				addresses = append(addresses, net.ParseIP(address.Address))
			}
		}
	}
	options := proxyapp.NewOptions()
	config, err := loadProxyConfig(options, file)
	if err != nil {
		return "", err
	}
	applyProxyDefaults(options, config)
	if errs := proxyvalidation.Validate(config); len(errs) > 0 {
		return "", errs.ToAggregate()
	}
	if addresses == nil {
		return "", nil
	}
	server := &proxyapp.ProxyServer{Config: config}
	server.PrimaryIPFamily, server.NodeIPs = detectNodeIPs(context.Background(), addresses, config.BindAddress)
	config.NodePortAddresses = expandNodePortAddresses(config.NodePortAddresses, server.NodeIPs)
	if len(config.NodePortAddresses) > 0 {
		if err := checkBadConfig(server); err != nil {
			return "", err
		}
	}
	err, _ = checkBadIPConfig(server, true)
	return fmt.Sprintf("primary IP family: %s", server.PrimaryIPFamily), err
}

// Kubelet: its configuration, and the flags that kubeadm gives it.
func kubelet(documents []document, dir string) (string, error) {
	s, err := kubeletoptions.NewKubeletServer()
	must(err)
	fs := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	s.AddFlags(fs)
	var args []string
	for _, d := range documents {
		for name, value := range d.args {
			args = append(args, "--"+name+"="+value)
		}
	}
	if err := fs.Parse(args); err != nil {
		return "", err
	}
	if err := kubeletoptions.ValidateKubeletFlags(&s.KubeletFlags); err != nil {
		return "", err
	}
	for _, d := range documents {
		if d.kind != "KubeletConfiguration" {
			continue
		}
		file := filepath.Join(dir, "config.yaml")
		must(os.WriteFile(file, []byte(d.text), 0o600))
		loader, err := configfiles.NewFsLoader(&utilfs.DefaultFs{}, file)
		must(err)
		config, err := loader.Load(context.Background())
		if err != nil {
			return "", err
		}
		s.KubeletConfiguration = *config
	}
	s.KubeletConfiguration.FailCgroupV1 = false // this host is no part of the question
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(s.KubeletConfiguration.FeatureGates); err != nil {
		return "", err
	}
	if err := kubeletvalidation.ValidateKubeletConfiguration(&s.KubeletConfiguration, utilfeature.DefaultFeatureGate); err != nil {
		return "", err
	}
	ips, ignored, err := nodeutil.ParseNodeIPArgument(s.NodeIP, s.CloudProvider)
	if err != nil {
		return "", err
	}
	if len(ignored) > 0 {
		return "", fmt.Errorf("--node-ip: taken %v, ignored %q", ips, ignored)
	}
	return fmt.Sprintf("--node-ip: taken %v", ips), nil
}

// Kubelet's liveness probe of a Pod whose container listens where its --bind-address says.
func kubeletProbe(documents []document, _ string) (string, error) {
	container := documents[0].pod.Spec.Containers[0]
	get := container.LivenessProbe.HTTPGet
	host := ""
	for _, arg := range container.Command {
		if value, ok := strings.CutPrefix(arg, "--bind-address="); ok {
			host = value
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, get.Port.String()))
	must(err)
	go http.Serve(listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	request, err := httpprobe.NewRequestForHTTPGetAction(get, &container, "127.0.0.1", "probe")
	if err != nil {
		return "", err
	}
	result, output, err := httpprobe.New(false).Probe(request, time.Second)
	if err == nil && result != probe.Success && !strings.Contains(output, "connection refused") {
		output = "no answer" // how it fails depends on this host
	}
	if err == nil && result != probe.Success {
		err = fmt.Errorf("%s", output)
	}
	return string(result), err
}
