//! Unrendered templates: ranges and addresses that another program fills in.

use crate::diagnostic::upstream;
use crate::model::Content;
use crate::model::calico_node::EnvVar;
use crate::model::fields::{ClusterConfig, ConfigObject, Field, FieldKind, ObjectKind, UnreadableValue};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
    change::at_env,
};
use crate::search::{find_iter, holds};
use crate::source::line_end;
use crate::yaml::{NodeId, Tree};

pub(in crate::rules) const META: Metadata = Metadata {
    id: "INPUT-TEMPLATE",
    name: "unrendered-template",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the file is a template that is not rendered",
        consequence: "the IP families of the cluster depend on a value that no file contains: cannot tell what must change",
        help: "render the template first and pass the output: helm template (Helm), ansible.builtin.template (Ansible, Jinja), clusterctl generate yaml (Cluster API), envsubst (${VAR}), kustomize build (variables of kustomize, $(VAR)), sops decrypt (ENC[...]), argocd-vault-plugin generate (<path:...>)",
        example: ("podSubnet: \"{{ pod_cidr }}\"", "podSubnet: 10.244.0.0/16"),
        sources: &[
            upstream::page("Helm: helm template", "https://helm.sh/docs/helm/helm_template/"),
            upstream::page(
                "Ansible: ansible.builtin.template",
                "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/template_module.html",
            ),
            upstream::page(
                "Cluster API: clusterctl generate yaml",
                "https://cluster-api.sigs.k8s.io/clusterctl/commands/generate-yaml",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    fields(cx, diagnostics);
    documents(cx, diagnostics);
    pools(cx, diagnostics);
}

/// The beginnings of template actions: Go templates and Jinja, Jinja statements, variables of envsubst and clusterctl, ERB, a
/// directive of Terraform; a value that SOPS encrypted, and one that the Vault plugin of Argo CD fetches.
const ACTIONS: [&str; 7] = ["{{", "{%", "${", "<%", "%{", "ENC[AES256_GCM,", "<path:"];

/// Whether a text contains a template action, or is a mark that a script replaces.
pub(in crate::rules) fn is_template(text: &str) -> bool {
    ACTIONS.iter().any(|action| text.contains(action)) || is_mark(unquoted(text))
}

/// Whether a value of an object is a template. An object is not run, so nothing expands `$POD_CIDR` or `$(POD_CIDR)` in it.
pub(in crate::rules) fn is_template_in_object(text: &str) -> bool {
    is_template(text) || text.contains('$')
}

/// Whether a value, or a part of a list with commas, is a mark that a script replaces: `__POD_CIDR__`, `<POD_CIDR>`,
/// `@POD_CIDR@`, `@@POD_CIDR@@`, `%POD_CIDR%`, `((pod-cidr))`, `#{podCidr}#`, `#{podCidr}`, `[[ .PodCidr ]]`.
fn is_mark(text: &str) -> bool {
    const ENDS: [(&str, &str); 9] = [
        ("__", "__"),
        ("<", ">"),
        ("@", "@"),
        ("@@", "@@"),
        ("%", "%"),
        ("((", "))"),
        ("#{", "}#"),
        ("#{", "}"),
        ("[[", "]]"),
    ];
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let is_one = |part: &str| {
        let inside = |(open, close): &(&str, &str)| part.strip_prefix(open)?.strip_suffix(close);
        ENDS.iter().filter_map(inside).any(|name| !name.is_empty() && name.chars().all(is_word))
    };
    text.split(',').any(|part| is_one(part.trim()))
}

/// Whether a field is a range, not an address or a keyword.
fn is_range(field: &Field) -> bool {
    field.form.is_none() && field.kind != FieldKind::IpFamilyPolicy
}

/// Whether a field contains a template that must be rendered before a component reads it.
pub(super) fn is_unrendered(object: &ConfigObject<'_>, field: &Field) -> bool {
    if is_mark(&field.text) {
        // Cluster DNS has marks of its own, and its own rules know them.
        return !matches!(object.kind, ObjectKind::DnsService | ObjectKind::NodeCache | ObjectKind::Corefile);
    }
    let jinja = ["{{", "{%", "<%", "%{"].iter().any(|action| field.text.contains(action));
    // systemd and shells expand `${VAR}`; kubelet expands `$(VAR)` in a container.
    let variable = field.text.contains("${") && !object.tree().is_flag_file();
    if is_range(field) {
        return jinja || variable || (field.text.contains('$') && !runs(object));
    }
    // cloud-init renders the files of Cluster API on the node.
    variable || (jinja && object.kind != ObjectKind::CapiKubeadm)
}

/// Whether variables are expanded when a process starts.
fn runs(object: &ConfigObject<'_>) -> bool {
    let kinds = [ObjectKind::ProxyDaemonSet, ObjectKind::NodeCache, ObjectKind::Variables];
    matches!(object.kind, ObjectKind::Process(_))
        || kinds.contains(&object.kind)
        || object.tree().is_flag_file()
}

/// Whether a template gives a value another YAML type: `podSubnet: {{ pod_cidr }}` is a mapping, and
/// `cidrBlocks: ${POD_CIDRS}` is not a list.
pub(super) fn is_of_another_shape(object: &ConfigObject<'_>, unreadable: &UnreadableValue) -> bool {
    unreadable.error.is_none() && is_template(text_of(object, unreadable.node))
}

/// The message for a template. The first line is enough to find it.
fn message(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    format!("`{line}` is a template that is not rendered")
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

fn fields(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for field in &cx.config.fields {
        let object = &cx.config.objects[field.object];
        if !is_unrendered(object, field) {
            continue;
        }
        let diagnostic = cx.at_field(&META, field).message(message(&field.text)).label(&field.name);
        diagnostics.push(match (is_range(field), object.kind) {
            // Ansible renders group variables when it reads them.
            (_, ObjectKind::Kubespray | ObjectKind::KubesprayCalico) => diagnostic
                .severity(Severity::Warning)
                .consequence("Ansible renders it when kubespray runs: cannot tell the resulting range from these files")
                .help("check that the template renders a range of the target IP family"),
            (true, _) => diagnostic,
            (false, _) => diagnostic
                .severity(Severity::Warning)
                .consequence("if the rendered address is in another IP family, the component exits or cannot be reached"),
        });
    }
    for unreadable in &cx.config.unreadable {
        let object = &cx.config.objects[unreadable.object];
        if is_of_another_shape(object, unreadable) {
            let text = text_of(object, unreadable.node);
            diagnostics
                .push(cx.at(&META, object, unreadable.node).message(message(text)).label(&unreadable.name));
        }
    }
    let reported = reported(cx.config);
    for (index, object) in cx.config.objects.iter().enumerate() {
        if !READ_LITERALLY.contains(&object.kind) || reported.binary_search(&index).is_ok() {
            continue;
        }
        if let Some(node) = elsewhere(object) {
            let diagnostic = cx.at(&META, object, node).message(message(text_of(object, node)));
            let consequence = "the component uses the text literally, or refuses the file";
            diagnostics.push(diagnostic.severity(Severity::Warning).consequence(consequence));
        }
    }
}

/// Files that their program reads without rendering them.
const READ_LITERALLY: [ObjectKind; 20] = [
    ObjectKind::ClusterConfiguration,
    ObjectKind::InitConfiguration,
    ObjectKind::JoinConfiguration,
    ObjectKind::KubeletConfiguration,
    ObjectKind::KubeProxyConfiguration,
    ObjectKind::KindCluster,
    ObjectKind::KubeOne,
    ObjectKind::K0s,
    ObjectKind::Rke,
    ObjectKind::CapiCluster,
    ObjectKind::IpPool,
    ObjectKind::FelixConfiguration,
    ObjectKind::BgpConfiguration,
    ObjectKind::HostEndpoint,
    ObjectKind::Service,
    ObjectKind::ServiceCidr,
    ObjectKind::Policy,
    ObjectKind::NetworkSet,
    ObjectKind::InstallConfig,
    ObjectKind::OpenShiftNetwork,
];

/// The objects with a template in a field that has addresses, in order.
fn reported(config: &ClusterConfig<'_>) -> Vec<usize> {
    let is_template = |field: &&Field| is_unrendered(&config.objects[field.object], field);
    let fields = config.fields.iter().filter(is_template).map(|field| field.object);
    let is_other = |one: &&UnreadableValue| is_of_another_shape(&config.objects[one.object], one);
    let others = config.unreadable.iter().filter(is_other).map(|one| one.object);
    let mut reported: Vec<usize> = fields.chain(others).collect();
    reported.sort_unstable();
    reported
}

/// The first template in a field without addresses: the file still must be rendered.
fn elsewhere(object: &ConfigObject<'_>) -> Option<NodeId> {
    let tree = object.tree();
    let annotations = tree.at(object.root, &["metadata", "annotations"]);
    let mut pending = vec![object.root];
    let mut found: Vec<NodeId> = Vec::new();
    while let Some(node) = pending.pop() {
        let text = tree.scalar(node).filter(|text| !text.contains('\n'));
        if text.is_some_and(is_template) || text_of(object, node).starts_with("{{") {
            found.push(node);
        } else {
            // Other programs render annotations.
            let is_annotation = |child: &NodeId| Some(*child) == annotations;
            pending.extend(tree.children(node).filter(|child| !is_annotation(child)));
        }
    }
    found.into_iter().min_by_key(|node| tree.range(*node).start)
}

/// The source text of a node.
fn text_of<'o>(object: &'o ConfigObject<'_>, node: NodeId) -> &'o str {
    let tree = object.tree();
    tree.text().get(tree.range(node)).unwrap_or_default().trim_start()
}

/// Reports templates in the pools that the operator or calico-node creates.
fn pools(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(installation) = &install.installation {
            let tree = installation.tree();
            let cidrs = installation.pools.iter().filter_map(|pool| tree.get(pool.node, "cidr"));
            // A list that is one template is read as a mapping.
            let list = installation.pool_list.filter(|list| tree.items(*list).next().is_none());
            for node in cidrs.chain(list) {
                let text = tree.text().get(tree.range(node)).unwrap_or_default();
                if is_template_in_object(text) {
                    diagnostics.push(installation.diagnostic(&META, node).message(message(unquoted(text))));
                }
            }
        }
        if let Some(node) = &install.node {
            for name in ["CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR"] {
                if let Some(text) = node.env.text(name).filter(|text| is_template(text)) {
                    diagnostics.push(at_env(&META, node, name).message(message(text)));
                }
            }
            // `value: {{ pod_cidr }}` is a mapping for YAML.
            for var in &node.env.vars {
                let Some(value) = mapping_value(node.tree, var) else { continue };
                let text = node.tree.text().get(node.tree.range(value)).unwrap_or_default();
                if is_template(text) {
                    let diagnostic = Diagnostic::new(&META, node.tree, value).message(message(text));
                    diagnostics.push(diagnostic.label(var.name));
                }
            }
        }
    }
}

/// The value of a variable if it is not a scalar.
pub(in crate::rules) fn mapping_value(tree: &Tree<'_>, var: &EnvVar<'_>) -> Option<NodeId> {
    tree.get(var.item, "value").filter(|value| tree.scalar(*value).is_none())
}

/// A document with pod or service CIDRs contains one of these texts.
const RANGE_TEXTS: [&str; 29] = [
    "podSubnet",
    "serviceSubnet",
    "podCIDR",
    "serviceCIDR",
    "clusterCIDR",
    "clusterNetwork",
    "serviceNetwork",
    "cidrBlocks",
    "clusterDNS",
    "cluster-cidr",
    "service-cidr",
    "pod-network-cidr",
    "service-cluster-ip-range",
    "cluster_cidr",
    "service_cluster_ip_range",
    "kube_pods_subnet",
    "kube_service_addresses",
    "calico_pool_cidr",
    "CLUSTER_CIDR",
    "SERVICE_CIDR",
    "POOL_CIDR",
    "nonMasqueradeCIDR",
    "ipPools",
    "kube-apiserver",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "kubeadm.k8s.io",
    "projectcalico.org/v3",
    "operator.tigera.io",
];

/// Reports documents that are not YAML before they are rendered, if they contain ranges.
fn documents(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for document in &cx.documents.documents {
        let (text, start) = (cx.documents.source.text, document.chunk.range.start);
        let chunk = text.get(document.chunk.range.clone()).unwrap_or_default();
        let action = match document.content {
            Content::Template => Some(first_action(chunk).unwrap_or_default()),
            // ytt writes its values as comments: YAML reads `cidr: #@ pods` as no value.
            Content::Parsed(_) => {
                [": #@ ", "- #@ "].iter().filter_map(|value| find_iter(chunk, value).next()).min()
            }
            _ => None,
        };
        let Some(action) = action.filter(|_| RANGE_TEXTS.iter().any(|word| holds(chunk, word))) else {
            continue;
        };
        let at = start + action;
        let message = "this document is a template that is not rendered, and it contains ranges or addresses";
        let diagnostic = Diagnostic::at_range(&META, at..line_end(text, at).max(at));
        diagnostics.push(diagnostic.message(message).label("not rendered"));
    }
}

/// The offset of the first template action outside comments.
pub(in crate::rules) fn first_action(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let action = ACTIONS.iter().filter_map(|action| line.find(action)).min();
        if let Some(at) =
            action.filter(|_| !line.trim_start_matches('\u{FEFF}').trim_start().starts_with('#'))
        {
            return Some(start + at);
        }
        start += line.len();
    }
    None
}
