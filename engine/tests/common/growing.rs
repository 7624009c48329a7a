//! Inputs of many equal parts: what the engine does with them must grow with their number, and not with its square.

/// Writes an input of this many parts.
pub(crate) type Grow = fn(usize) -> String;

/// Each input with its name, which is that of a file.
pub(crate) const GROWING: [(&str, Grow); 10] = [
    ("pools.yaml", pools),
    ("services.yaml", services),
    ("policies.yaml", policies),
    ("daemon-sets.yaml", daemon_sets),
    ("installations.yaml", installations),
    ("list.yaml", list),
    ("one-line.json", one_line),
    ("repeated-variable.yaml", repeated_variable),
    ("kubelet.service", flags),
    ("blank-lines.yaml", blank_lines),
];

fn stream(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(|i| format!("---\n{}", part(i))).collect()
}

fn pools(n: usize) -> String {
    stream(n, |i| {
        let (a, b) = (i / 256 % 256, i % 256);
        format!(
            "apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata: {{name: p{i}}}\nspec:\n  cidr: 10.{a}.{b}.0/24\n  natOutgoing: true\n"
        )
    })
}

fn services(n: usize) -> String {
    stream(n, |i| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s{i}}}\nspec:\n  clusterIP: 10.96.0.9\n  clusterIPs: [10.96.0.9]\n  ipFamilies: [IPv4]\n  ipFamilyPolicy: SingleStack\n"
        )
    })
}

fn policies(n: usize) -> String {
    stream(n, |i| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{i}}}\nspec: {{ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8}}}}]}}]}}\n"
        )
    })
}

fn daemon_set(i: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: calico-node{i}, namespace: kube-system}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: calico-node\n        image: calico/node:v3.31.0\n        env:\n        - name: IP\n          value: autodetect\n        - name: FELIX_IPV6SUPPORT\n          value: \"false\"\n"
    )
}

fn daemon_sets(n: usize) -> String {
    stream(n, daemon_set)
}

fn installation(i: usize) -> String {
    format!(
        "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {{name: i{i}}}\nspec:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.1.0.0/16\n"
    )
}

fn installations(n: usize) -> String {
    stream(n, installation)
}

fn list(n: usize) -> String {
    let item = |i| format!("- {}\n", installation(i).trim_end().replace('\n', "\n  "));
    format!("apiVersion: v1\nkind: List\nitems:\n{}", (0..n).map(item).collect::<String>())
}

fn one_line(n: usize) -> String {
    let item = |i| {
        format!(
            r#"{{"apiVersion":"projectcalico.org/v3","kind":"BGPPeer","metadata":{{"name":"p{i}"}},"spec":{{"peerIP":"10.0.0.1","asNumber":64512}}}}"#
        )
    };
    let items: Vec<String> = (0..n).map(item).collect();
    format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, items.join(","))
}

fn repeated_variable(n: usize) -> String {
    let variables = (0..n).map(|i| format!("        - name: IP6\n          value: \"{i}\"\n"));
    daemon_set(0) + &variables.collect::<String>()
}

fn flags(n: usize) -> String {
    format!("[Service]\nExecStart=/usr/bin/kubelet {}\n", "--node-ip=10.0.0.1 ".repeat(n))
}

fn blank_lines(n: usize) -> String {
    daemon_set(0) + &"\n".repeat(100 * n)
}
