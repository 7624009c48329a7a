use super::templates::is_template_in_object;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "KADM-FIELD",
    name: "unknown-networking-field",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "networking of kubeadm's ClusterConfiguration has a field that kubeadm does not know",
        consequence: "kubeadm warns (`unknown field`) and ignores the field: without podSubnet nodes get no pod CIDR, and without serviceSubnet Services get 10.96.0.0/12. `kubeadm config validate` refuses the file",
        help: "networking has the fields podSubnet, serviceSubnet and dnsDomain",
        example: ("networking:\n  podSubnets: 10.244.0.0/16,fd00:10:244::/56", "networking:\n  podSubnet: 10.244.0.0/16,fd00:10:244::/56"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go").symbol("Networking"),
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/config/initconfiguration.go").symbol("VerifyUnmarshalStrict"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::ClusterConfiguration) {
        let tree = object.tree();
        for (key, _) in tree.get(object.root, "networking").into_iter().flat_map(|node| tree.entries(node)) {
            let Some(name) = tree.scalar(key) else { continue };
            let is_known = ["podSubnet", "serviceSubnet", "dnsDomain", "<<"].contains(&name);
            if !is_known && !is_template_in_object(name) {
                let message = format!("networking has no field {name}");
                diagnostics.push(cx.at(&META, object, key).message(message));
            }
        }
    }
}
