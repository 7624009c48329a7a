//! `fn`: a ResourceList in, a ResourceList out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{Folder, Ran};
use std::process::Stdio;

/// What kpt sends for a package with one file, and a comment in each unusual place.
const LIST: &str = r#"# above
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
  # of the item
  - apiVersion: v1
    kind: ConfigMap # behind
    metadata:
      name: calico-config
      namespace: kube-system
      annotations:
        config.kubernetes.io/path: 'calico.yaml'
        internal.config.kubernetes.io/path: 'calico.yaml'
        internal.config.kubernetes.io/index: '3'
    data:
      # inside
      cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam"}}'
  - {apiVersion: example.com/v1, kind: Gadget, metadata: {name: g}, spec: {a: 1,   b: "x"}} # not ours
  - apiVersion: example.com/v1
    kind: Router
    metadata: {name: r}
    spec: {peer: 192.0.2.1}
functionConfig:
  apiVersion: calico-ipv6.io/v1alpha1
  kind: Target
  metadata: {name: production}
  spec: {to: dual-stack, ipv6PodCIDR: fd00:10:244::/56}
"#;

fn run(input: &str) -> Ran {
    Folder::with(&[]).run_with(&["fn"], input, &[])
}

/// The list with another configuration.
fn with_config(config: &str) -> String {
    let start = LIST.find("functionConfig:").unwrap();
    format!("{}{config}", &LIST[..start])
}

#[test]
fn items_are_edited_in_place_and_results_are_added() {
    let out = run(LIST).exit(0).out();
    let edited = LIST.replace(
        r#"{"type": "calico-ipam"}"#,
        r#"{"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}"#,
    );
    let results = out.strip_prefix(&edited).unwrap_or_else(|| panic!("{out}"));
    assert_eq!(
        results,
        r#"results:
  - message: "contains only IPv4 addresses or ranges (192.0.2.1) that were not checked; impact: these values were not checked and not changed: the components that read them keep their IP families; help: check these values yourself, and add the missing IP family where the cluster needs it"
    severity: warning
    resourceRef:
      apiVersion: example.com/v1
      kind: Router
      name: r
    field:
      path: spec.peer
    tags:
      rule: INPUT-UNKNOWN
  - message: "add assign_ipv4: \"true\": keeps IPv4 assignment on, explicitly"
    severity: info
    resourceRef:
      apiVersion: v1
      kind: ConfigMap
      namespace: kube-system
      name: calico-config
    field:
      path: data.cni_network_config
    file:
      path: calico.yaml
      index: 3
    tags:
      rule: CNI-015
  - message: "add assign_ipv6: \"true\": Calico assigns IPv6 addresses only when assign_ipv6 is \"true\""
    severity: info
    resourceRef:
      apiVersion: v1
      kind: ConfigMap
      namespace: kube-system
      name: calico-config
    field:
      path: data.cni_network_config
    file:
      path: calico.yaml
      index: 3
    tags:
      rule: CNI-008
"#
    );
}

#[test]
fn a_second_run_changes_nothing_and_replaces_the_results() {
    let once = run(LIST).exit(0).out();
    let twice = run(&once).exit(0).out();
    let items = once.find("results:").unwrap();
    assert_eq!(&twice[..items], &once[..items]);
    assert_eq!(twice.matches("results:").count(), 1, "{twice}");
    assert!(!twice.contains("CNI-008"), "{twice}");
}

#[test]
fn a_config_map_has_the_same_keys_and_a_check_changes_nothing() {
    let list = with_config(
        "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {mode: check, to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}\n",
    );
    let ran = run(&list).exit(1);
    assert!(ran.out().starts_with(&list), "{}", ran.out());
    assert!(ran.out().contains("severity: error\n"), "{}", ran.out());
    assert!(ran.err().contains("error[CNI-008]: ConfigMap calico-config (calico.yaml), data.cni_network_config: would add assign_ipv6"), "{}", ran.err());
    // What is converted already passes.
    let dual = run(LIST).exit(0).out();
    let dual = &dual[..dual.find("functionConfig:").unwrap()];
    let config = &list[list.find("functionConfig:").unwrap()..];
    run(&format!("{dual}{config}")).exit(0);
}

#[test]
fn a_value_that_is_set_is_shown_with_the_one_that_it_gets() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: crd.projectcalico.org/v1\n  kind: FelixConfiguration\n  metadata: {name: default}\n  spec:\n    ipv6Support: false\nfunctionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data: {to: dual-stack}\n";
    let out = run(list).exit(0).out();
    let field = "  field:\n      path: spec.ipv6Support\n      currentValue: \"false\"\n      proposedValue: \"true\"\n";
    assert!(out.contains(field), "{out}");
}

/// New lines at the end of an object follow all of its fields.
#[test]
fn the_field_of_something_new_is_what_holds_it() {
    let of_object = |lines: &str| {
        let start = LIST.find("  # of the item").unwrap();
        let end = LIST.find("functionConfig:").unwrap();
        run(&format!("{}{lines}{}", &LIST[..start], &LIST[end..])).exit(0).out()
    };
    let installation = |rest: &str| {
        of_object(&format!(
            "  - apiVersion: operator.tigera.io/v1\n    kind: Installation\n    metadata: {{name: default}}\n    spec:\n      \
             calicoNetwork:\n        ipPools:\n        - cidr: 10.244.0.0/16 # the first\n{rest}"
        ))
    };
    for rest in ["", "        bgp: Enabled\n", "      variant: Calico\n"] {
        let out = installation(rest);
        assert!(out.contains("    field:\n      path: spec.calicoNetwork.ipPools\n"), "{out}");
    }
    let out = of_object(
        "  - apiVersion: apps/v1\n    kind: DaemonSet\n    metadata: {name: calico-node, namespace: kube-system}\n    spec:\n      \
         template:\n        spec:\n          containers:\n          - name: calico-node\n            env:\n            - name: IP\n              \
         value: autodetect\n",
    );
    assert!(out.contains("      path: \"spec.template.spec.containers[0].env\"\n"), "{out}");
}

#[test]
fn json_stays_json() {
    let list = r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"apiVersion":"crd.projectcalico.org/v1","kind":"FelixConfiguration","metadata":{"name":"default"},"spec":{"ipv6Support":false}}],"functionConfig":{"apiVersion":"v1","kind":"ConfigMap","data":{"to":"dual-stack"}}}"#;
    let out: serde_json::Value = serde_json::from_str(&run(list).exit(0).out()).unwrap();
    assert_eq!(out["items"][0]["spec"]["ipv6Support"], true);
    assert_eq!(out["results"][0]["tags"]["rule"], "FELIX-001");
}

#[test]
fn what_cannot_be_converted_is_an_error_and_stays_as_it_is() {
    let item: String = folder::REFUSED.lines().map(|line| format!("  {line}\n")).collect();
    let list = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {}functionConfig:\n  apiVersion: calico-ipv6.io/v1alpha1\n  kind: Target\n  spec: {{to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}}\n",
        &item[2..]
    );
    let ran = run(&list).exit(1);
    assert!(ran.out().starts_with(&list), "{}", ran.out());
    assert!(ran.err().contains("error[ENC-006]: DaemonSet calico-node, spec.template"), "{}", ran.err());
    // An option that is missing is named as the key that it is here.
    let ran =
        run(&list.replace(", ipv6PodCIDR: 'fd00:10:244::/56'", "").replace("v3.22.5", "v3.31.4")).exit(2);
    assert!(ran.err().contains("error: functionConfig has no ipv6PodCIDR: "), "{}", ran.err());
    // A check has its answer without it.
    let check = list.replace(", ipv6PodCIDR: 'fd00:10:244::/56'", ", mode: check");
    let ran = run(&check.replace("v3.22.5", "v3.31.4")).exit(1);
    assert!(ran.err().contains("error: functionConfig has no ipv6PodCIDR: "), "{}", ran.err());
}

#[test]
fn what_is_wrong_with_the_configuration_is_a_result() {
    let target = |spec: &str| {
        with_config(&format!(
            "functionConfig:\n  apiVersion: calico-ipv6.io/v1alpha1\n  kind: Target\n  spec: {spec}\n"
        ))
    };
    for (list, message) in [
        (with_config(""), "functionConfig is missing: "),
        (with_config("functionConfig: null\n"), "functionConfig is missing: "),
        (with_config("functionConfig: [x]\n"), "functionConfig must be an object: a Target of "),
        (with_config("functionConfig: x\n"), "functionConfig must be an object: a Target of "),
        (with_config("functionConfig: {kind: ConfigMap}\n"), "found ConfigMap without an apiVersion"),
        (
            with_config("functionConfig: {apiVersion: apps/v1, kind: Deployment}\n"),
            "expected a Target of calico-ipv6.io/v1alpha1 or a ConfigMap, found Deployment of apps/v1",
        ),
        (target("{}"), "functionConfig: to is required: dual-stack, ipv6-only or ipv4-only"),
        (target("[]"), "functionConfig: `spec` must be a mapping"),
        (
            with_config("functionConfig: {apiVersion: v1, kind: ConfigMap}\n"),
            "functionConfig: `data` must be a mapping",
        ),
        (target("{to: dual-stack, mode: fix}"), "functionConfig: mode `fix` is not transform or check"),
        (
            target("{to: dual-stack, ipv6PodCidr: 'fd00::/56'}"),
            "unknown key `ipv6PodCidr`; did you mean `ipv6PodCIDR`?",
        ),
        (target("{to: dual-stack, ipv6PodCIDR: '10.0.0.0/8'}"), "functionConfig: ipv6PodCIDR: "),
    ] {
        let ran = run(&list).exit(2);
        assert!(ran.err().starts_with("error: ") && ran.err().contains(message), "{}", ran.err());
        assert!(ran.out().starts_with(&list) && ran.out().contains("  severity: error\n"), "{}", ran.out());
    }
}

#[test]
fn what_is_no_resource_list_is_refused_and_nothing_is_printed() {
    for (input, message) in [
        ("", "is empty: a KRM function reads a ResourceList"),
        ("# nothing\n---\n", "is empty: a KRM function reads a ResourceList"),
        ("a: [", "not YAML: "),
        (
            "kind: List\n",
            "found List without an apiVersion: to convert plain manifests, use calico-ipv6 transform",
        ),
        ("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n", "`items` must be a list"),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nitems: []\n",
            "`items` is given twice",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [1]\n",
            "`items[0]` must be an object",
        ),
        ("apiVersion: v1\n---\napiVersion: v1\n", "found 2 documents"),
    ] {
        let ran = run(input).exit(2);
        assert!(ran.err().starts_with("error: <stdin>: ") && ran.err().contains(message), "{}", ran.err());
        assert_eq!(ran.out(), "");
    }
}

#[test]
fn a_pipeline_that_selects_nothing_goes_on() {
    for items in ["items: []", "items:", "metadata: {}"] {
        let list = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n{items}\nfunctionConfig: {{apiVersion: v1, kind: ConfigMap, data: {{to: dual-stack}}}}\n"
        );
        let ran = run(&list).exit(0);
        assert_eq!(ran.err(), "warning: items is empty: there is nothing to convert\n");
        assert!(ran.out().starts_with(&list), "{}", ran.out());
    }
}

#[test]
fn a_secret_is_in_no_result() {
    let secret = "apiVersion: v1\n    kind: Secret\n    metadata: {name: calico-config}\n    stringData:\n      cni_network_config: '{\"type\": \"calico\", \"password\": \"hunter22\", \"ipam\": {\"type\": \"calico-ipam\"}}'";
    let list = LIST.replace(
        "apiVersion: example.com/v1\n    kind: Router\n    metadata: {name: r}\n    spec: {peer: 192.0.2.1}",
        secret,
    );
    let ran = run(&list).exit(0);
    let (out, err) = (ran.out(), ran.err());
    assert!(!out[out.find("\nresults:").unwrap()..].contains("hunter22"), "{out}");
    assert!(!err.contains("hunter22"), "{err}");
}

#[test]
fn a_host_that_closes_the_pipe_is_no_error() {
    let folder = Folder::with(&[]);
    let mut child = folder
        .command(&["fn"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), LIST.as_bytes()).unwrap();
    let ran = Ran(child.wait_with_output().unwrap()).exit(0);
    assert!(!ran.err().contains("error") && !ran.err().contains("panic"), "{}", ran.err());
}

#[test]
fn the_mode_of_a_function_means_nothing_to_other_commands() {
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, mode: check}\n";
    let folder = Folder::with(&[("target.yaml", target), ("a.yaml", folder::CONFIG)]);
    let out = folder.run(&["transform", "-q", "--config", "target.yaml", "a.yaml"]).exit(0).out();
    assert_eq!(out, folder::CONFIG_DUAL);
}
