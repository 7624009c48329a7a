use crate::diagnostic::upstream;
use crate::model::fields::{Component, FieldKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-ADV-SCOPE",
    name: "advertise-address-of-unusable-scope",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the API server advertises a loopback, link-local or link-local multicast address",
        consequence: "the Service kubernetes cannot have such an endpoint. From 1.37 on kube-apiserver exits when it starts: `cannot use public IP ::1 with endpoint reconciler`; before, it logs `unable to sync kubernetes service`, and pods do not reach the API server through the Service. kubeadm init and join refuse link-local and multicast addresses; for ::1 they take a global address of the interface lo",
        help: "write a global or unique-local address of the node",
        example: ("advertiseAddress: \"fe80::11\"", "advertiseAddress: \"fd00:1::11\""),
        sources: &[
            upstream::KUBERNETES.file("pkg/controlplane/instance.go").line(355),
            upstream::KUBERNETES
                .file("pkg/apis/core/validation/validation.go")
                .symbol("ValidateEndpointIP")
                .line(8757),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Advertise]) {
        // A zone does not make a link-local address usable: kubeadm and kube-apiserver refuse it.
        let text = field.text.trim().split('%').next().unwrap_or_default();
        let Ok(address) = text.parse::<IpAddr>() else { continue };
        // Without the reconciler the Service kubernetes gets no endpoints.
        let has_reconciler = !cx.config.flags_of(Component::ApiServer).any(|(_, flags)| {
            flags.object == field.object && flags.value("endpoint-reconciler-type") == Some("none")
        });
        // The wildcards mean that the address is detected when the component starts.
        if let Some((what, error)) = refused(address).filter(|_| has_reconciler) {
            diagnostics.push(
                cx.at_field(&META, field)
                    .label(&field.name)
                    .message(format!("the API server cannot advertise {address}: it is a {what} address"))
                    .consequence(format!(
                        "from Kubernetes 1.37 on kube-apiserver exits when it starts: `cannot use public IP {address} with endpoint reconciler: <nil>: Invalid value: \"{address}\": {error}`; before, it logs `unable to sync kubernetes service`, and the Service kubernetes gets no such endpoint"
                    ))
                    .stops(false),
            );
        }
    }
}

/// The kind of an address that no endpoint can have, and what the API server says.
pub(super) fn refused(address: IpAddr) -> Option<(&'static str, &'static str)> {
    let (is_link_local, is_link_local_multicast) = match address {
        IpAddr::V4(ipv4) => (ipv4.is_link_local(), ipv4.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(ipv6) => (ipv6.is_unicast_link_local(), ipv6.segments()[0] & 0xff0f == 0xff02),
    };
    if address.is_loopback() {
        return Some(("loopback", "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
    }
    if is_link_local {
        return Some(("link-local", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
    }
    if is_link_local_multicast {
        let error = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
        return Some(("link-local multicast", error));
    }
    None
}
