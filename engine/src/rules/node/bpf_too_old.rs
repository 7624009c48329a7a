use crate::diagnostic::upstream;
use crate::rules::change::{at_container, at_version};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const NO_IPV6: Gate = Gate {
    component: Component::Calico,
    what: "the eBPF dataplane does not support IPv6",
    windows: &[Window::before(3, 27, 0)],
};

const ONE_FAMILY: Gate = Gate {
    component: Component::Calico,
    what: "the eBPF dataplane supports one IP family at a time; IPv6 is a tech preview",
    windows: &[Window::between(Version::new(3, 27, 0), Version::new(3, 28, 0))],
};

const META: Metadata = Metadata {
    id: "NODE-019",
    name: "ebpf-before-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6, ONE_FAMILY],
    texts: Texts {
        finds: "this release's eBPF dataplane does not support the requested IP families",
        consequence: "calico-node runs, but drops packets of pods in the unsupported IP family; packets of hosts in that family pass without policy",
        help: "upgrade Calico to 3.28 or later, or use the iptables manifest (calico.yaml)",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(1588).at("v3.27.0"),
            upstream::CALICO.release("v3.28.0"),
            upstream::CALICO.file("felix/bpf-gpl/parsing.h").line(49).at("v3.26.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if !install.facts.is_bpf || !cx.wants_ipv6() {
            continue;
        }
        let (release, dataplane) = match (&install.node, &install.installation) {
            (Some(node), _) => (at_version(&META, node), at_container(&META, node)),
            (None, Some(installation)) => {
                let field = installation.network.and_then(|n| installation.tree().get(n, "linuxDataplane"));
                let diagnostic = installation.diagnostic(&META, field.unwrap_or(installation.root));
                (diagnostic.clone(), diagnostic)
            }
            (None, None) => continue,
        };
        let version = install.facts.calico;
        if install.facts.has_etcd_datastore {
            let message = "the eBPF dataplane does not work with etcd as Calico's datastore";
            diagnostics.push(dataplane.message(message).help("use the Kubernetes datastore"));
        } else if NO_IPV6.holds(version) {
            let message = if cx.wants_ipv4() {
                "dual-stack with eBPF needs Calico 3.28 or later"
            } else {
                "IPv6 with eBPF needs Calico 3.27 or later"
            };
            diagnostics.push(
                release.message(message).consequence("calico-node runs, but drops IPv6 traffic of pods"),
            );
        } else if ONE_FAMILY.holds(version) && cx.wants_ipv4() {
            let message = "dual-stack with eBPF needs Calico 3.28 or later";
            diagnostics.push(
                release
                    .message(message)
                    .consequence("if IPv6 is on, Calico 3.27 carries IPv6 and drops IPv4 traffic of pods"),
            );
        } else if ONE_FAMILY.holds(version) {
            diagnostics.push(
                release
                    .severity(Severity::Warning)
                    .message("IPv6 with eBPF is a tech preview in Calico 3.27")
                    .consequence("the eBPF dataplane of this release supports one IP family at a time"),
            );
        }
    }
}
