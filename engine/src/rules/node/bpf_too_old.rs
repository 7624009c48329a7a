use crate::diagnostic::upstream;
use crate::model::facts::settings::bpf;
use crate::rules::change::{at_container, at_object, at_version};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
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

const DUAL: &str = "dual-stack with eBPF needs Calico 3.28 or later";

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
    if !cx.wants_ipv6() {
        return;
    }
    for install in cx.installs.iter().filter(|install| install.facts.is_bpf) {
        let (release, dataplane) = match (&install.node, &install.installation) {
            (Some(node), _) => (at_version(&META, node), at_container(&META, node)),
            (None, Some(installation)) => {
                let field = installation.network.and_then(|n| installation.tree().get(n, "linuxDataplane"));
                let diagnostic = installation.diagnostic(&META, field.unwrap_or(installation.root));
                (diagnostic.clone(), diagnostic)
            }
            (None, None) => continue,
        };
        if install.facts.has_etcd_datastore {
            let message = "the eBPF dataplane does not work with etcd as Calico's datastore";
            diagnostics.push(dataplane.message(message).help("use the Kubernetes datastore"));
        } else {
            judge(cx, release, install.facts.calico, diagnostics);
        }
    }
    // Without an object that installs Calico, what turns on the dataplane is all that is known.
    if cx.cluster.calico_settings.install.is_none() {
        for object in &cx.config.objects {
            if let Some(node) = bpf(object) {
                judge(cx, at_object(&META, object, node), cx.cluster.calico, diagnostics);
            }
        }
    }
}

fn judge(cx: &Context<'_>, at: Diagnostic, version: Option<Version>, diagnostics: &mut Diagnostics) {
    let is_dual = cx.wants_ipv4();
    let is_preview = ONE_FAMILY.holds(version);
    let (message, consequence) = match (NO_IPV6.holds(version), is_dual) {
        (true, _) => {
            let message = if is_dual { DUAL } else { "IPv6 with eBPF needs Calico 3.27 or later" };
            (message, "calico-node runs, but drops IPv6 traffic of pods")
        }
        (false, true) if is_preview => {
            (DUAL, "if IPv6 is on, Calico 3.27 carries IPv6 and drops IPv4 traffic of pods")
        }
        (false, false) if is_preview => (
            "IPv6 with eBPF is a tech preview in Calico 3.27",
            "the eBPF dataplane of this release supports one IP family at a time",
        ),
        _ => return,
    };
    let at = if is_preview && !is_dual { at.severity(Severity::Warning) } else { at };
    diagnostics.push(at.message(message).consequence(consequence));
}
