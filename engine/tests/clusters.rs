//! Which files belong to one cluster.

#![allow(clippy::unwrap_used)]

use calico_ipv6_engine::model::clusters::{Survey, group};
use calico_ipv6_engine::{Outcome, Source, Target, transform};

const KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: 10.244.0.0/16}\n";
const OTHER_KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: 10.245.0.0/16}\n";
const INSTALLATION: &str =
    "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec: {}\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n";

/// `NAME: FILE FILE` for each cluster.
fn clusters(files: &[(&str, &str)], roots: &[Option<usize>]) -> Vec<String> {
    let surveys: Vec<Survey> = files.iter().map(|(name, text)| Survey::of(Source { name, text })).collect();
    let names = |indexes: &[usize]| indexes.iter().map(|i| files[*i].0).collect::<Vec<_>>().join(" ");
    group(&surveys, roots).iter().map(|c| format!("{}: {}", c.name, names(&c.files))).collect()
}

#[test]
fn files_that_are_passed_together_are_one_cluster() {
    let files = [("a/kubeadm.yaml", KUBEADM), ("b/installation.yaml", INSTALLATION), ("c/web.yaml", SERVICE)];
    assert_eq!(clusters(&files, &[]), ["./: a/kubeadm.yaml b/installation.yaml c/web.yaml"]);
}

#[test]
fn folders_separate_what_a_cluster_has_only_once() {
    let files = [
        ("x/a/kubeadm.yaml", KUBEADM),
        ("x/a/web.yaml", SERVICE),
        ("x/b/kubeadm.yaml", KUBEADM),
        ("x/b/deep/installation.yaml", INSTALLATION),
    ];
    assert_eq!(
        clusters(&files, &[]),
        ["x/a/: x/a/kubeadm.yaml x/a/web.yaml", "x/b/: x/b/kubeadm.yaml x/b/deep/installation.yaml"]
    );
}

#[test]
fn a_copy_in_the_same_folder_is_the_same_cluster_if_it_agrees() {
    let copies = [("kubeadm.yaml", KUBEADM), ("kubeadm-migrated.yaml", KUBEADM), ("web.yaml", SERVICE)];
    assert_eq!(clusters(&copies, &[]).len(), 1);
    let others = [("kubeadm.yaml", KUBEADM), ("other.yaml", OTHER_KUBEADM), ("web.yaml", SERVICE)];
    assert_eq!(
        clusters(&others, &[]),
        ["kubeadm.yaml: kubeadm.yaml", "other.yaml: other.yaml", "web.yaml: web.yaml"]
    );
}

/// Each file is compared with all others by what it contains, not with one after the other.
#[test]
fn thousands_of_copies_are_one_cluster_if_all_agree() {
    let names: Vec<String> = (0..8000).map(|i| format!("{i}.yaml")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), KUBEADM)).collect();
    assert_eq!(clusters(&files, &[]).len(), 1);
    files.push(("other.yaml", OTHER_KUBEADM));
    assert_eq!(clusters(&files, &[]).len(), 8001);
}

#[test]
fn a_root_joins_or_separates() {
    let files = [("x/a/kubeadm.yaml", KUBEADM), ("x/b/kubeadm.yaml", KUBEADM), ("x/b/web.yaml", SERVICE)];
    assert_eq!(clusters(&files, &[Some(0), Some(0), Some(0)]).len(), 1);
    let separate = ["x/a/kubeadm.yaml: x/a/kubeadm.yaml", "x/b/: x/b/kubeadm.yaml x/b/web.yaml"];
    assert_eq!(clusters(&files, &[Some(0), Some(1), Some(1)]), separate);
}

#[test]
fn many_clusters_of_which_one_cannot_be_read() {
    let names: Vec<String> = (0..300).map(|i| format!("fleet/{i}/kubeadm.yaml")).collect();
    let sources: Vec<Source<'_>> = names
        .iter()
        .enumerate()
        .map(|(i, name)| Source {
            name,
            text: if i == 7 { "kind: ClusterConfiguration\n\t- {" } else { KUBEADM },
        })
        .collect();
    let target = Target::from_options([
        ("to", "dual-stack"),
        ("ipv6-pod-cidr", "fd00:10:244::/56"),
        ("ipv6-service-cidr", "fd00:10:96::/112"),
    ]);
    let result = transform(&sources, &target.unwrap());
    assert_eq!(result.clusters.len(), 300);
    let changed = result.plans.iter().flatten().filter(|plan| plan.outcome == Outcome::Changed).count();
    assert_eq!((changed, result.plans.iter().filter(|plan| plan.is_err()).count()), (299, 1));
}
