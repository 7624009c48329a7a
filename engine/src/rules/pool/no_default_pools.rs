use crate::diagnostic::upstream;
use crate::model::facts::{Ipam, is_true};
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "POOL-008",
    name: "no-default-pools",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "NO_DEFAULT_POOLS is on, so calico-node creates no pools from this manifest",
        consequence: "calico-node creates no pool, and exits if CALICO_IPV4POOL_CIDR or CALICO_IPV6POOL_CIDR is set too, even to `none`",
        help: "apply an IPPool for each IP family yourself, and remove CALICO_IPV4POOL_CIDR and CALICO_IPV6POOL_CIDR; or remove NO_DEFAULT_POOLS",
        example: ("", ""),
        sources: &[upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(910)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if !cx.wants_ipv6() || !install.env_text("NO_DEFAULT_POOLS").is_some_and(is_true) {
            continue;
        }
        let set = ["CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR"]
            .into_iter()
            .find(|name| install.env_text(name).is_some_and(|text| !text.is_empty()));
        match set {
            Some(name) => diagnostics.push(
                at_env(&META, node, name)
                    .message(format!("{name} is set although NO_DEFAULT_POOLS is on"))
                    .consequence(
                        "calico-node exits on every node: `Invalid configuration with NO_DEFAULT_POOLS`",
                    )
                    .help(format!("remove {name} or NO_DEFAULT_POOLS")),
            ),
            // host-local assigns from the node's pod CIDRs, and another plugin from its own ranges: neither needs a pool. With
            // the backend `none`, another plugin creates the network of pods.
            None if install.facts.ipam != Ipam::Calico
                && (install.facts.has_cni_config || install.facts.backend == Backend::None) => {}
            None if install.env_text("FELIX_INTERFACEPREFIX").is_some_and(is_of_another_plugin) => {}
            None => diagnostics.push(
                at_env(&META, node, "NO_DEFAULT_POOLS")
                    .severity(Severity::Warning)
                    .consequence(
                        "without an enabled IPv6 pool every pod fails: `cannot find a qualified ippool`",
                    )
                    .help("apply an IPv6 IPPool, with all fields set, before the DaemonSet"),
            ),
        }
    }
}

/// Whether another CNI plugin creates the interfaces of pods: those of Calico's begin with `cali`, those of the VPC CNI with `eni`.
fn is_of_another_plugin(prefixes: &str) -> bool {
    !prefixes.split(',').any(|prefix| prefix.trim() == "cali")
}
