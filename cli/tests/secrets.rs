//! No message shows a secret: inputs with a secret beside, above or inside of what is reported, through every output.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{DUAL, Folder};

/// An input in which `HIDDEN` is a secret, and a line that messages show of it; empty if nothing is reported.
struct Case(&'static str, &'static str, &'static str);

const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\nclusters:\n- cluster: ";
const BROKEN: &str = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.34.0\n    command:";
const NODE: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\nspec:\n  template:\n    spec:\n      containers:\n      - name: calico-node\n        image: calico/node:v3.31.0\n        env:";

/// Findings beside a secret.
const BESIDE: [Case; 27] = [
    // An alias names what is written elsewhere: also `inspect` shows neither.
    Case(
        "a.yaml",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\ncontrolPlaneEndpoint: &t HIDDENHIDDEN\nnetworking: {podSubnet: 10.244.0.0/16}\napiServer: {extraArgs: [{name: service-account-token, value: *t}]}\n",
        "controlPlaneEndpoint  ***",
    ),
    Case(
        "a.yaml",
        "NODE\n        - {name: CALICO_ROUTER_ID, value: &p HIDDEN}\n        - {name: ETCD_PASSWORD, value: *p}\n",
        "***",
    ),
    // The contents of pull secrets by their names.
    Case(
        "a.yaml",
        "imagePullSecrets: {gcr: HIDDEN}\ninstallation:\n  calicoNetwork:\n    ipPools: [{cidr: 10.244.0.0/16}]\n",
        "1 | imagePullSecrets: ***\n",
    ),
    Case("a.yaml", "BROKENpassword: \"{{HIDDEN\"\n", "`***` is a template that is not rendered"),
    Case(
        "kubelet.env",
        "KUBELET_EXTRA_ARGS=--node-ip=192.0.2.1 --token=ab]}\"HIDDEN --cluster-dns=10.0.0.10\n",
        "--node-ip=192.0.2.1 --token=***",
    ),
    Case(
        "a.yaml",
        "KUBECONFIG{server: https://u:ab\"HIDDEN@192.0.2.1:6443}",
        "{server: https://***@192.0.2.1:6443}",
    ),
    Case(
        "a.yaml",
        "KUBECONFIG{server: https://u:ab'HIDDEN@192.0.2.1:6443}",
        "{server: https://***@192.0.2.1:6443}",
    ),
    Case(
        "a.yaml",
        "KUBECONFIG{server: 'https://192.0.2.1:6443/ghp_HIDDENHIDDENHIDDEN'}",
        "{server: 'https://192.0.2.1:6443/***'}",
    ),
    Case(
        "a.yaml",
        "POD [kube-apiserver, --advertise-address=192.0.2.1, '--etcd-password=a, HIDDEN', -u, 'a:HIDDEN']\n",
        "",
    ),
    Case(
        "a.yaml",
        "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: 'https://u:HIDDEN@h'}\nspec:\n  calicoNetwork:\n    ipPools: [{cidr: 10.244.0.0/16}]\n",
        "Installation https://***@h",
    ),
    Case(
        "a.json",
        r#"{"kind":"Config","apiVersion":"v1","clusters":[{"cluster":{"server":"https://192.0.2.1:6443"}}],"users":[{"user":{"token":"HIDDEN"}}]}"#,
        r#"1 | ... "server":"https://192.0.2.1:6443" ..."#,
    ),
    Case(
        "a.json",
        r#"{"kind":"Config","apiVersion":"v1","clusters":[{"cluster":{"unknown":"HIDDEN","server":"https://192.0.2.1:6443","t\u006fken":"HIDDEN"}}]}"#,
        r#"1 | ... "server":"https://192.0.2.1:6443" ..."#,
    ),
    Case(
        "a.yaml",
        "KUBECONFIG{server: 'https://u:HIDDEN@192.0.2.1:6443'}",
        "{server: 'https://***@192.0.2.1:6443'}",
    ),
    Case(
        "a.yaml",
        "KUBECONFIG{server: 'https://HIDDEN@192.0.2.1:6443'}",
        "{server: 'https://***@192.0.2.1:6443'}",
    ),
    Case("a.yaml", "KUBECONFIG{server: 'https://u:/HIDDEN,HIDDEN@192.0.2.1:6443'}", ""),
    Case(
        "a.yaml",
        "KUBECONFIG\n    server: https://192.0.2.1:6443 # password is HIDDEN",
        "6443 # password ***",
    ),
    Case(
        "a.yaml",
        "KUBECONFIG\n    server: https://192.0.2.1:6443\n    certificate-authority-data: HIDDEN\n    client-key-data: HIDDEN",
        "5 |     server: https://192.0.2.1:6443\n",
    ),
    Case(
        "a.yaml",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken: {token: HIDDEN, apiServerEndpoint: '192.0.2.1:6443'}\n",
        "bootstrapToken: ... apiServerEndpoint: '192.0.2.1:6443'}",
    ),
    Case(
        "a.yaml",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens: [{token: HIDDEN}]\ncertificateKey: HIDDEN\nlocalAPIEndpoint: {advertiseAddress: 192.0.2.1, bindPort: 6443}\n",
        "localAPIEndpoint: {advertiseAddress: 192.0.2.1 ...",
    ),
    Case(
        "kubelet.env",
        "DB_PASSWORD=HIDDEN\nKUBELET_EXTRA_ARGS=\"--node-ip=192.0.2.1 --token=HIDDEN --api-password HIDDEN\"\n",
        "\"--node-ip=192.0.2.1 --token=*** --api-password ***\"",
    ),
    Case(
        "kubelet.service",
        "[Service]\nEnvironment=\"DB_PASSWORD=HIDDEN\"\nExecStart=/usr/bin/kubelet --bootstrap-token HIDDEN --node-ip=192.0.2.1\n",
        "kubelet --bootstrap-token *** --node-ip=192.0.2.1",
    ),
    Case(
        "a.yaml",
        "POD [kube-apiserver, --advertise-address=192.0.2.1, --token, HIDDEN, '--etcd-servers=https://u:HIDDEN@192.0.2.1:2379']\n",
        "command: ... --advertise-address=192.0.2.1 ...",
    ),
    Case(
        "a.yaml",
        "POD\n    - kube-apiserver\n    - --advertise-address=192.0.2.1\n    - --etcd-password\n    - HIDDEN,192.0.2.9\n    - --etcd-servers=https://u:HIDDEN@192.0.2.1:2379\n",
        "- --advertise-address=192.0.2.1\n",
    ),
    Case(
        "a.yaml",
        "NODE [{name: DB_PASSWORD, value: HIDDEN}, {name: IP, value: bad}, {value: HIDDEN, name: ETCD_TOKEN}]\n",
        "",
    ),
    Case(
        "a.yaml",
        "NODE\n        - {name: IP, value: token=HIDDEN}\n        - name: CALICO_IPV4POOL_CIDR\n          value: 'https://u:HIDDEN@x'\n",
        "",
    ),
    Case(
        "a.yaml",
        "token: HIDDEN\ncluster-cidr: 10.42.0.0/16\nnode-ip: 192.0.2.1\ndatastore-endpoint: 'postgres://u:HIDDEN@192.0.2.1:5432/db'\n",
        "node-ip: 192.0.2.1",
    ),
    Case(
        "a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"Service\",\"spec\":{\"clusterIP\":\"10.96.0.10\",\"password\":\"HIDDEN\"}}\nspec:\n  clusterIP: 10.96.0.10\n  externalIPs: [192.0.2.1] # HIDDEN\n",
        "10 |   externalIPs: ...\n",
    ),
];

/// Files that are not YAML, with the error in or beside a secret.
const ERRORS: [Case; 30] = [
    Case("a.yaml", "BROKENpassword: *HIDDEN\n", "the alias names no anchor of this document"),
    Case("a.yaml", "BROKENpassword: |HIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENpassword: >HIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENpassword: {HIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENx: {password: a}HIDDEN, a: b}\n", "3 | x: ***\n"),
    Case("a.yaml", "BROKENpassword: \"\"\"HIDDEN\"\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENpassword: \"\"\\qHIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENx: \"Bearer HIDDEN\" x\n", "3 | x: ***\n"),
    Case("a.yaml", "BROKENx: \"<password>HIDDEN</password>\" x\n", "3 | x: ***\n"),
    Case("a.yaml", "BROKENx: \"mysql -uroot -pHIDDEN db\" x\n", "3 | x: \"mysql -uroot -p***\n"),
    Case("a.yaml", "BROKENtoken: HIDDEN: [\n", "3 | token: ***\n"),
    Case("a.yaml", "BROKENpassword: \"HIDDEN\" HIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENpassword: 'a''HIDDEN' HIDDEN\n", "3 | password: ***\n"),
    Case("a.yaml", "BROKENpassword: \"a\n  HIDDEN\n  HIDDEN\" b\n", "5 |   ***\n"),
    Case("a.yaml", "BROKEN? token\n: \"HIDDEN\" x\n", "4 | ***\n"),
    Case("a.yaml", "BROKENx: \"-----BEGIN RSA PRIVATE KEY-----\n  HIDDEN\n  HIDDEN\" x\n", "5 | ***\n"),
    Case("a.yaml", "BROKENsshKey: \"ssh-rsa HIDDEN\" HIDDEN\n", "3 | sshKey: ***\n"),
    Case("a.yaml", "BROKENx: [curl, \"Authorization: Bearer HIDDEN, HIDDEN\", b] x\n", "3 | x: ***\n"),
    Case(
        "a.yaml",
        "BROKENx: \"curl -u admin:HIDDEN https://192.0.2.1\" x\n",
        "curl -u admin:*** https://192.0.2.1",
    ),
    Case("a.yaml", "BROKENx: \"password = 'HIDDEN'\" x\n", "3 | x: ***\n"),
    Case("a.yaml", "BROKENx: \"root:HIDDEN@tcp(192.0.2.1)/x\" x\n", "***@tcp(192.0.2.1)/x"),
    Case("a.yaml", "BROKENx: \"eyJHIDDEN.HIDDEN.HIDDEN1234\" x\n", "3 | x: \"***\" x\n"),
    Case("a.yaml", "kind: Secret\nstringData:\n  greeting: HIDDEN: [\n# calicoNetwork\n", "3 |   ***\n"),
    Case("a.yaml", "data:\n  greeting: HIDDEN: [\nkind: Secret\n# calicoNetwork\n", "2 |   ***\n"),
    Case("a.yaml", "kind: Secret\nstringData:\n\tgreeting: HIDDEN\n# calicoNetwork\n", "3 |     ***\n"),
    Case("a.yaml", "kind: List\nitems:\n- kind: Secret\n  data:\n    greeting: HIDDEN: [\n", "5 |     ***\n"),
    Case("a.yaml", "kind: List\nitems:\n- data:\n    greeting: HIDDEN: [\n  kind: Secret\n", "4 |     ***\n"),
    // Only kubectl cannot read it.
    Case(
        "a.yaml",
        "POD\n    - kube-apiserver\n    - --service-cluster-ip-range=10.96.0.0/16\n    - --token\n: x: y    - 1[HIDDEN\n",
        "kubectl cannot parse this document",
    ),
    Case("a.json", r#"{"kind":"Secret","data":{"greeting":"HIDDEN" HIDDEN},"type":"Opaque"}"#, "1 | ***"),
    Case(
        "a.json",
        r#"{"kind":"List","items":[{"data":{"a":"HIDDEN","b":"HIDDEN" x},"kind":"Secret"}]}"#,
        "1 | ***",
    ),
];

/// Everything that is printed about a file, other than the file itself.
fn messages(case: &Case) -> String {
    let Case(name, text, _) = case;
    let text = [("KUBECONFIG", KUBECONFIG), ("BROKEN", BROKEN), ("POD", POD), ("NODE", NODE)]
        .into_iter()
        .fold((*text).to_owned(), |text, (word, start)| match text.strip_prefix(word) {
            Some(rest) => format!("{start}{rest}"),
            None => text,
        });
    let files = Folder::with(&[(*name, &text)]);
    let ipv6_only =
        [DUAL[0], DUAL[1], "ipv6-only", DUAL[3], DUAL[4], "--ipv6-service-cidr", "fd00:10:96::/112"];
    let mut printed = String::new();
    for target in [&DUAL[..], &ipv6_only] {
        for more in [&[][..], &["-v"], &["-o", "diff"], &["-q", "-o", "json"]] {
            let ran = files.run(&[target, more, &[*name]].concat());
            printed += &ran.err();
            if more.contains(&"json") {
                let mut plan: serde_json::Value = serde_json::from_str(&ran.out()).unwrap();
                for file in plan["files"].as_array_mut().unwrap() {
                    // These are the file itself.
                    file["text"].take();
                    file["hunks"].take();
                }
                printed += &plan.to_string();
            }
        }
    }
    for inspect in [&["inspect", *name][..], &["inspect", "-o", "json", *name]] {
        let ran = files.run(inspect);
        printed += &(ran.err() + &ran.out());
    }
    printed
}

#[track_caller]
fn shows_no_secret(cases: &[Case]) {
    for case in cases {
        let printed = messages(case);
        assert!(!printed.contains("HIDDEN"), "{}\n{printed}", case.1);
        assert!(printed.contains(case.2), "{} is not shown:\n{printed}", case.2);
    }
}

#[test]
fn a_finding_beside_a_secret_does_not_show_it() {
    shows_no_secret(&BESIDE);
}

#[test]
fn an_error_in_a_secret_does_not_show_it() {
    shows_no_secret(&ERRORS);
}

#[test]
fn of_a_manifest_in_a_secret_only_addresses_are_told() {
    let secret = |cidr: &str| {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: crs}\nstringData:\n  calico.yaml: |\n    apiVersion: operator.tigera.io/v1\n    kind: Installation\n    metadata: {name: default}\n    spec:\n      calicoNetwork:\n        ipPools: [{cidr: CIDR, encapsulation: IPIP}]\n";
        text.replace("CIDR", cidr)
    };
    let text: &'static str = secret("HIDDEN").leak();
    shows_no_secret(&[Case("a.yaml", text, "11 |         ***\n")]);
    // The file that is written is the user's own.
    let files = Folder::with(&[("a.yaml", &secret("10.244.0.0/16"))]);
    let ran = files.run(&[&DUAL[..], &["a.yaml"]].concat()).exit(0);
    assert!(ran.out().contains("{cidr: \"fd00:10:244::/56\""), "{}", ran.out());
}

#[test]
fn a_secret_far_above_its_end_is_still_one() {
    let lines = "    aGVsbG8gd29ybGQK\n".repeat(8000);
    let text = format!("kind: Secret\nstringData:\n  big: |\n{lines}  b: HIDDEN: [\n# calicoNetwork\n");
    shows_no_secret(&[Case("a.yaml", text.leak(), "|   ***\n")]);
}
