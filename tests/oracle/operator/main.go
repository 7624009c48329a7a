// Command oracle lets the Tigera operator answer a question: standard input holds an Installation and, where the operator
// is to read kubeadm's podSubnet, a ConfigMap kubeadm-config; one line of JSON on standard output is the answer.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	v3 "github.com/tigera/api/pkg/apis/projectcalico/v3"
	operatorv1 "github.com/tigera/operator/api/v1"
	"github.com/tigera/operator/pkg/apis"
	"github.com/tigera/operator/pkg/common"
	"github.com/tigera/operator/pkg/controller/certificatemanager"
	"github.com/tigera/operator/pkg/controller/installation"
	"github.com/tigera/operator/pkg/controller/ippool"
	"github.com/tigera/operator/pkg/render"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"
)

//go:linkname fillPoolDefaults github.com/tigera/operator/pkg/controller/ippool.fillDefaults
func fillPoolDefaults(ctx context.Context, c client.Client, i *operatorv1.Installation, pools *v3.IPPoolList) error

//go:linkname validateInstallation github.com/tigera/operator/pkg/controller/installation.validateCustomResource
func validateInstallation(i *operatorv1.Installation) error

func main() {
	text, err := io.ReadAll(os.Stdin)
	must(err)
	message, err := answer(string(text))
	if err != nil {
		message = err.Error()
	}
	info, _ := debug.ReadBuildInfo()
	at := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == "github.com/tigera/operator" })
	json.NewEncoder(os.Stdout).Encode(map[string]any{"version": info.Deps[at].Version, "accepted": err == nil, "message": message})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// answer does what the controllers do in turn in a new cluster: defaults, validation, pools, and defaults and validation again. It says which pools are made, and which
// addresses calico-node looks for.
func answer(text string) (string, error) {
	i := &operatorv1.Installation{}
	scheme := runtime.NewScheme()
	must(apis.AddToScheme(scheme, true))
	objects := fake.NewClientBuilder().WithScheme(scheme)
	for _, part := range strings.Split(text, "\n---\n") {
		if strings.Contains(part, "kind: Installation\n") {
			if err := yaml.UnmarshalStrict([]byte(part), i); err != nil {
				return "", err
			}
		} else {
			configMap := &corev1.ConfigMap{}
			must(yaml.UnmarshalStrict([]byte(part), configMap))
			objects.WithObjects(configMap)
		}
	}
	ctx, c, pools := context.Background(), objects.Build(), &v3.IPPoolList{}
	if err := installation.MergeAndFillDefaults(i, nil, pools); err != nil {
		return "", err
	}
	// The controller of pools waits for the first validation.
	if err := validateInstallation(i); err != nil {
		return "", err
	}
	if err := fillPoolDefaults(ctx, c, i, pools); err != nil {
		return "", err
	}
	if err := ippool.ValidatePools(i); err != nil {
		return "", err
	}
	var said []string
	for _, pool := range i.Spec.CalicoNetwork.IPPools {
		made, err := ippool.ToProjectCalico(pool)
		if err != nil {
			return "", err
		}
		pools.Items = append(pools.Items, *made)
		said = append(said, fmt.Sprintf("pool %s natOutgoing=%v", made.Spec.CIDR, made.Spec.NATOutgoing))
	}
	if err := installation.MergeAndFillDefaults(i, nil, pools); err != nil {
		return "", err
	}
	if err := validateInstallation(i); err != nil {
		return "", err
	}
	return strings.Join(append(said, nodeVariables(c, i)...), ", "), nil
}

// nodeVariables are the variables of calico-node that decide about addresses.
func nodeVariables(c client.Client, i *operatorv1.Installation) []string {
	certificates, err := certificatemanager.Create(c, nil, "cluster.local", common.OperatorNamespace(), certificatemanager.AllowCACreation())
	must(err)
	node, err := certificates.GetOrCreateKeyPair(c, render.NodeTLSSecretName, common.OperatorNamespace(), []string{render.FelixCommonName})
	must(err)
	typha, err := certificates.GetOrCreateKeyPair(c, render.TyphaTLSSecretName, common.OperatorNamespace(), []string{render.FelixCommonName})
	must(err)
	component := render.Node(&render.NodeConfiguration{
		Installation: &i.Spec, ClusterDomain: "cluster.local", FelixHealthPort: 9099, IPPools: i.Spec.CalicoNetwork.IPPools,
		TLS: &render.TyphaNodeTLS{
			TrustedBundle: certificates.CreateTrustedBundle(node, typha), NodeSecret: node, NodeCommonName: render.FelixCommonName,
			TyphaSecret: typha, TyphaSecretNonClusterHost: typha, TyphaCommonName: render.TyphaCommonName,
		},
	})
	must(component.ResolveImages(nil))
	var said []string
	made, _ := component.Objects()
	for _, object := range made {
		daemons, ok := object.(*appsv1.DaemonSet)
		if !ok {
			continue
		}
		for _, variable := range daemons.Spec.Template.Spec.Containers[0].Env {
			switch variable.Name {
			case "IP", "IP6", "CALICO_ROUTER_ID", "FELIX_IPV6SUPPORT":
				said = append(said, variable.Name+"="+variable.Value)
			}
		}
	}
	return said
}
