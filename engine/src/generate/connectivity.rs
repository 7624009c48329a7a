//! A test of the network between pods: two pods on two nodes, their Service, and a Job that asks both.

use super::writer::Writer;
use super::{Kind, Request};
use crate::address::Family;
use crate::target::Stack;

pub(super) const CONNECTIVITY_TEST: Kind = Kind {
    name: "connectivity-test",
    about: "two pods on two nodes, their Service, and a Job that checks pods, Service and DNS over each IP family",
    files: &["connectivity-test.yaml"],
    has_patches: false,
    make: |request| Some(vec![("connectivity-test.yaml".to_owned(), test(request))]),
};

/// The image of the tests of Kubernetes: it has curl and dig, and `netexec` answers on port 8080 (kubernetes
/// `test/utils/image/manifest.go` of v1.30, `test/images/agnhost`).
pub(crate) const IMAGE: &str = "registry.k8s.io/e2e-test-images/agnhost:2.47";

fn test(request: &mut Request<'_>) -> String {
    let families = request.families();
    let policy = if request.target.to == Stack::DualStack { "RequireDualStack" } else { "SingleStack" };
    let mut writer = Writer::default();
    let how = "The cluster needs two nodes that take pods. Apply it, then wait for the result and read it:";
    writer.comment(0, how);
    writer.lines("#   kubectl -n connectivity-test wait --for=condition=complete job/check --timeout=10m");
    writer.lines("#   kubectl -n connectivity-test logs job/check");
    writer.comment(
        0,
        "Each line begins with `ok` or `FAILED`. Afterwards: kubectl delete namespace connectivity-test",
    );
    writer.lines("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: connectivity-test\n---");
    writer.lines(PODS.trim_end()).lines(&format!("        image: {IMAGE}\n        args:\n        - netexec"));
    for (name, port, is_headless) in [("web", 80, false), ("web-pods", 8080, true)] {
        writer.lines("---\napiVersion: v1\nkind: Service\nmetadata:");
        writer.lines(&format!("  name: {name}\n  namespace: connectivity-test\nspec:"));
        if is_headless {
            writer
                .comment(2, "The records of this name are the addresses of the pods.")
                .lines("  clusterIP: None");
        }
        writer.lines(&format!("  ipFamilyPolicy: {policy}\n  ipFamilies:"));
        for family in &families {
            writer.lines(&format!("  - {family}"));
        }
        writer.lines("  selector:\n    app: web\n  ports:");
        writer.lines(&format!("  - port: {port}\n    targetPort: 8080"));
    }
    writer.lines(JOB.trim_end()).lines(&format!("        image: {IMAGE}"));
    writer.lines("        command:\n        - /bin/sh\n        - -c\n        - |");
    let records: Vec<&str> = families.iter().map(|family| record(*family)).collect();
    writer.lines(&indented(&SCRIPT.replace("RECORDS", &records.join(" "))));
    writer.done()
}

fn record(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "A",
        Family::Ipv6 => "AAAA",
    }
}

/// The script in the text of its container.
fn indented(script: &str) -> String {
    script.trim_end().lines().map(|line| format!("          {line}\n")).collect()
}

const PODS: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: connectivity-test
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels:
                app: web
      containers:
      - name: web
";

const JOB: &str = "---
apiVersion: batch/v1
kind: Job
metadata:
  name: check
  namespace: connectivity-test
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: check
";

/// Asks both pods, the Service by its addresses, and the Service by its name, over each IP family.
const SCRIPT: &str = r#"result=0
report() {
  if [ "$1" -eq 0 ]; then echo "ok: $2"; else echo "FAILED: $2"; result=1; fi
}
addresses() {
  dig +search +short "$2" "$1" | grep -v ';'
}
ask() {
  case $2 in *:*) host="[$2]" ;; *) host=$2 ;; esac
  curl -gsS -m 5 -o /dev/null "http://$host:$3/hostname"
  report $? "$1 $2"
}
for record in RECORDS; do
  for attempt in $(seq 60); do
    pods=$(addresses web-pods "$record")
    [ "$(echo "$pods" | wc -w)" -eq 2 ] && break
    sleep 5
  done
  [ "$(echo "$pods" | wc -w)" -eq 2 ]
  report $? "two $record records of the pods: $(echo $pods)"
  for address in $pods; do ask pod "$address" 8080; done
  service=$(addresses web "$record")
  [ -n "$service" ]
  report $? "$record record of the Service web"
  for address in $service; do ask Service "$address" 80; done
  if [ "$record" = A ]; then family=-4; else family=-6; fi
  curl "$family" -sS -m 5 -o /dev/null http://web/hostname
  report $? "http://web with the $record record"
done
exit $result
"#;
