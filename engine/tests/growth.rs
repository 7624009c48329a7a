//! Large inputs: what is found in n equal parts grows with n. If any step took the square of it, these would not end soon.

#![allow(clippy::expect_used)] // a test that cannot go on should say so and stop

#[path = "common/growing.rs"]
mod growing;

use calico_ipv6_engine::diagnostic::selection::Selection;
use calico_ipv6_engine::lint::{Wanted, lint};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Plan, plan, plan_all};

fn target() -> Target {
    let options =
        [("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56"), ("ipv6ServiceCIDR", "fd00:10:96::/112")];
    Target::from_options(options).expect("a target")
}

fn planned(name: &str, text: &str) -> Plan {
    plan(Source { name, text }, &target(), Options::default()).expect("YAML")
}

#[test]
fn findings_and_edits_grow_with_the_input() {
    for (name, grow) in growing::GROWING {
        let counts = [100, 200, 400].map(|n| {
            let plan = planned(name, &grow(n));
            [plan.diagnostics.len(), plan.changes.len(), plan.edits.len(), plan.touched.len()]
        });
        for ([small, middle, large], what) in
            (0..4).map(|i| counts.map(|count| count[i])).zip(["findings", "changes", "edits", "documents"])
        {
            assert_eq!(large - middle, 2 * (middle - small), "{name}: {what} {small}, {middle}, {large}");
        }
    }
}

/// What the files of a cluster state is read once, and each file sees its own first.
#[test]
fn many_files_of_one_cluster_are_planned_like_one() {
    let (_, pools) = growing::GROWING[0];
    let (_, daemon_sets) = growing::GROWING[3];
    let findings = [500, 1000, 2000].map(|n| {
        let texts: Vec<String> = pools(n).split("---\n").skip(1).map(str::to_owned).collect();
        let names: Vec<String> = (0..n).map(|i| format!("p{i}.yaml")).collect();
        let mut sources: Vec<Source<'_>> =
            names.iter().zip(&texts).map(|(name, text)| Source { name, text }).collect();
        let node = daemon_sets(1);
        sources.push(Source { name: "node.yaml", text: &node });
        let plans = plan_all(&sources, &target(), Options::default());
        let plans: Vec<Plan> = plans.into_iter().map(|plan| plan.expect("YAML")).collect();
        assert_eq!(plans.len(), n + 1);
        plans.iter().map(|plan| plan.diagnostics.len()).sum::<usize>()
    });
    let [small, middle, large] = findings;
    assert_eq!(large - middle, 2 * (middle - small), "{findings:?}");
}

/// Each Node is compared with all others by its addresses.
#[test]
fn many_nodes_in_files_of_their_own_are_checked_like_one() {
    // Two Nodes each have one IPv4 address.
    let node = |i: usize| {
        let (low, high) = (i / 2 % 250, i / 500);
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: n{i}}}\nstatus:\n  addresses:\n  - {{type: InternalIP, address: 10.1.{high}.{low}}}\n  - {{type: InternalIP, address: 'fd00::{i:x}'}}\n"
        )
    };
    let counts = [500, 1000, 2000].map(|n| findings_in_files(&(0..n).map(node).collect::<Vec<_>>()));
    assert_eq!(counts, [250, 500, 1000]);
}

/// All files of a cluster with k3s state its CIDRs, and each the addresses of its node.
#[test]
fn many_files_that_agree_are_checked_like_one() {
    // Every second file names an address for kubelet that is not its node-ip.
    let config = |i: usize| {
        let of_kubelet = if i.is_multiple_of(2) { "kubelet-arg: [node-ip=x]\n" } else { "" };
        format!(
            "node-ip: 10.1.{}.{},fd00::{i:x}\ncluster-cidr: 10.42.0.0/16,fd00:10:42::/56\nservice-cidr: 10.43.0.0/16,fd00:10:43::/112\nflannel-backend: none\ndisable-network-policy: true\n{of_kubelet}",
            i / 250,
            i % 250
        )
    };
    let counts = [500, 1000, 2000].map(|n| findings_in_files(&(0..n).map(config).collect::<Vec<_>>()));
    let [small, middle, large] = counts;
    assert!(small > 0, "{counts:?}");
    assert_eq!(large - middle, 2 * (middle - small), "{counts:?}");
}

/// How much a lint for dual-stack finds in texts that are files of one cluster.
fn findings_in_files(texts: &[String]) -> usize {
    let names: Vec<String> = (0..texts.len()).map(|i| format!("{i}.yaml")).collect();
    let sources: Vec<Source<'_>> =
        names.iter().zip(texts).map(|(name, text)| Source { name, text }).collect();
    let linted = lint(&sources, Wanted::Target(&target()), &Selection::default());
    linted.files.iter().map(|file| file.as_ref().expect("YAML").findings.len()).sum()
}

/// Each text is a file of its own: what compares all pools must not do so for each of them.
#[test]
fn many_texts_with_a_pool_are_planned_like_one() {
    let counts = [1000, 2000, 4000].map(|n| {
        let pool = |i: usize| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\ndata:\n  p.yaml: |\n    apiVersion: projectcalico.org/v3\n    kind: IPPool\n    metadata: {{name: a{i}}}\n    spec: {{cidr: 10.{}.{}.0/24}}\n",
                i >> 8,
                i & 255
            )
        };
        planned("g.yaml", &(0..n).map(pool).collect::<String>()).diagnostics.len()
    });
    let [small, middle, large] = counts;
    assert_eq!(large - middle, 2 * (middle - small), "{counts:?}");
}

/// Each of n equal pools overlaps all before it: ten of these conflicts say what is wrong.
#[test]
fn of_many_overlaps_ten_are_reported_at_each_place() {
    let (_, grow) = growing::GROWING[4];
    let plan = planned("installations.yaml", &grow(50));
    let overlaps = plan.diagnostics.iter().filter(|found| found.rule.id == "NET-009").count();
    assert_eq!(overlaps, (0..50).map(|earlier| 10.min(earlier)).sum::<usize>());
}

/// Each comment covers the entry below all of them, and suppresses nothing there.
#[test]
fn many_comments_that_suppress_are_read_once() {
    let comments = "# calico-ipv6: ignore[POOL-006] routed\n".repeat(20_000);
    let text = format!("apiVersion: v1\nkind: Service\n{comments}metadata:\n  name: web\n");
    let sources = [Source { name: "service.yaml", text: &text }];
    let found =
        lint(&sources, Wanted::Target(&target()), &Selection::default()).files.remove(0).expect("YAML");
    let unused = found.findings.iter().filter(|found| found.diagnostic.rule.id == "LINT-002");
    assert_eq!(unused.count(), 20_000);
}

/// Braces of a Corefile may be nested without end: only two levels of them are read.
#[test]
fn nested_braces_of_a_corefile_need_no_stack() {
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: coredns, namespace: kube-system}\ndata:\n  Corefile: |\n";
    let text = format!("{head}    .:53 {{\n{}", "    forward {\n".repeat(100_000));
    assert!(planned("coredns.yaml", &text).diagnostics.iter().all(|found| found.rule.id != "DNS-AAAA-OFF"));
}
