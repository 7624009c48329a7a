//! `ServiceCIDR` objects (Kubernetes 1.33 and later).

use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::stated::About;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::RangeOf;
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "SVCCIDR",
    name: "service-cidr-object-invalid",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a ServiceCIDR has an invalid range",
        consequence: "the API server refuses a range that is not in canonical form, and two ranges of one IP family in one object. It accepts an IPv6 range larger than /64, but allocates no address from it",
        help: "use one range of each IP family in an object, in canonical form, such as 10.97.0.0/16 and fd00:10:97::/112",
        example: ("cidrs: [\"fd00:10:97::/48\"]", "cidrs: [\"fd00:10:97::/112\"]"),
        sources: &[
            upstream::KUBERNETES.file("pkg/apis/networking/validation/validation.go").line(863),
            upstream::KUBERNETES.file("pkg/registry/core/service/ipallocator/ipallocator.go").line(90),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::ServiceCidr) {
        let own = || {
            cx.config.fields.iter().filter(move |f| f.object == index && f.kind == FieldKind::ServiceRange)
        };
        let mut seen: Vec<Family> = Vec::new();
        for field in own() {
            let Ok(net) = field.text.parse::<IpNet>() else { continue };
            let at = || cx.at_field(&META, field);
            let of = family(net);
            // Another rule reports host bits.
            if net.addr() == net.network() && field.text != net.to_string() {
                let message = format!("{} must be in canonical form: {net}", field.text);
                diagnostics.push(at().message(message).consequence("the API server refuses the object"));
            }
            if seen.contains(&of) {
                let message = format!("spec.cidrs has more than one {of} range");
                diagnostics.push(
                    at().message(message)
                        .consequence("the API server refuses the object: `may specify no more than one IP for each IP family`")
                        .help("move each further range into its own ServiceCIDR"),
                );
            }
            if of == Family::Ipv6 && net.prefix_len() < 64 {
                let message = format!("{net} is larger than /64");
                diagnostics.push(
                    at().message(message)
                        .consequence("the API server accepts the object but allocates no address from it: `shortest allowed prefix length for service CIDR is 64`")
                        .help("use a /112"),
                );
            }
            if !cx.families().contains(&of) {
                let message = format!("{net} is an {of} service CIDR, but the target is {}", cx.target.to);
                diagnostics.push(
                    at().message(message)
                        .severity(Severity::Warning)
                        .consequence(format!("a Service that requests {of} gets an address that no pod and no node of this cluster can reach"))
                        .help("delete this ServiceCIDR when no Service has an address from it; its first range cannot be changed"),
                );
            }
            seen.push(of);
        }
        let stated = || cx.cluster.lists.stated.iter().filter(|value| value.about == About::Services);
        // A requested range goes into the flags and fields of other objects.
        let is_extra = object.resource.name != "kubernetes";
        let is_written = |wanted| {
            (is_extra || stated().any(|value| value.kind != ObjectKind::ServiceCidr))
                && cx.target.range(RangeOf::Services, wanted).is_some()
        };
        let has = |wanted| stated().any(|value| family(value.net) == wanted) || is_written(wanted);
        let missing = cx.families().into_iter().find(|wanted| !has(*wanted) && !seen.contains(wanted));
        if let (Some(missing), Some(first)) = (missing, own().next()) {
            let message = format!("no file has an {missing} service CIDR");
            diagnostics.push(
                cx.at_field(&META, first)
                    .message(message)
                    .severity(Severity::Warning)
                    .consequence(format!("Services get no {missing} cluster IP unless another ServiceCIDR of the cluster has an {missing} range"))
                    .help(format!("add an {missing} range to spec.cidrs; an object with one entry accepts a second one")),
            );
        }
    }
}
