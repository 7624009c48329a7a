//! What shows that the conversion worked: two pods on two nodes, and a Service.

use super::view::View;
use super::{Command, Step};
use crate::generate::connectivity::IMAGE;
use crate::target::Stack;

/// Two pods on two nodes and a Service of both families. agnhost has ping, curl and dig, and answers on port 8080.
const PODS: &str = r#"kubectl create namespace connectivity-test
kubectl -n connectivity-test apply -f - <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "IMAGE", args: [netexec]}]
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
EOF
kubectl -n connectivity-test rollout status deployment/web --timeout=5m"#;

/// The first pod asks the second one, the Service, each node and cluster DNS, over each family.
const TESTS: &str = r#"web() { kubectl -n connectivity-test exec "$pod" -- "$@"; }
pod=$(kubectl -n connectivity-test get pods -l app=web -o jsonpath='{.items[0].metadata.name}')
port=$(kubectl -n connectivity-test get service web -o jsonpath='{.spec.ports[0].nodePort}')
for ip in $(kubectl -n connectivity-test get pods -l app=web -o jsonpath='{.items[1].status.podIPs[*].ip}'); do
  web ping -c 1 "$ip"
  case $ip in *:*) ip="[$ip]" ;; esac
  web curl -gsS -m 5 "http://$ip:8080/hostname"
  web sh -c "head -c 200000 /dev/zero | curl -gsS -m 10 -F file=@- http://$ip:8080/upload"
done
for ip in $(kubectl -n connectivity-test get service web -o jsonpath='{.spec.clusterIPs[*]}'); do
  case $ip in *:*) ip="[$ip]" ;; esac
  web curl -gsS -m 5 "http://$ip/hostname"
done
for ip in $(kubectl get nodes -o jsonpath='{.items[*].status.addresses[?(@.type=="InternalIP")].address}'); do
  case $ip in *:*) ip="[$ip]" ;; esac
  web curl -gsS -m 5 "http://$ip:$port/hostname"
done
web dig +search +short web A web AAAA"#;

/// The first pod asks an address outside the cluster.
const OUTSIDE: &str = "kubectl -n connectivity-test exec deployment/web -- ping -c 1 '<OUTSIDE_IPV6>'";

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let (pods, families, records) = match view.target.to {
        Stack::DualStack => ("an IPv4 and an IPv6 address each", "both families", "an A and an AAAA record"),
        Stack::Ipv6Only => ("an IPv6 address each", "IPv6", "an AAAA record"),
        Stack::Ipv4Only => ("an IPv4 address each", "IPv4", "an A record"),
    };
    let create = Step {
        title: "Create two pods and a Service".to_owned(),
        why: "The cluster needs two nodes that take pods. If your nodes cannot pull this image, use your copy of it.".to_owned(),
        commands: vec![Command::here(PODS.replace("IMAGE", IMAGE)).expect("deployment \"web\" successfully rolled out")],
        verify: vec![
            Command::here("kubectl -n connectivity-test get pods -o custom-columns='NAME:.metadata.name,NODE:.spec.nodeName,IPS:.status.podIPs[*].ip'")
                .expect(format!("two pods on two nodes, with {pods}")),
        ],
        ..Step::default()
    };
    let mut test = Step {
        title: "Test each family".to_owned(),
        why: format!(
            "Over {families}: between the nodes, with full packets (a wrong MTU stops the upload), by the Service, by its name, and by the node port. The last command removes the pods and the Service."
        ),
        commands: vec![Command::here(TESTS).expect(format!(
            "for each pod address one reply to ping, a pod's name and the name of an uploaded file; a pod's name for each cluster IP and each node address; {records}"
        ))],
        ..Step::default()
    };
    if view.target.to.has_ipv6() {
        let expect = "one reply";
        test.commands.push(Command::here(OUTSIDE).expect(expect));
    }
    test.commands.push(Command::here("kubectl delete namespace connectivity-test"));
    vec![create, test]
}
