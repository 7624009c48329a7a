use super::NEAR_IPV6;
use super::block_size::META as BLOCK_SIZE;
use super::unusual_range::META as RESERVED;
use crate::address::{self, Family, parse_cidr, unusable};
use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::model::install::CalicoInstall;
use crate::rules::change::at_env;
use crate::rules::kubernetes::ranges::UNREADABLE_META;
use crate::rules::wanted::{NO_KUBEADM_CIDR, NO_POOL_NONE, reads_kubeadm};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Provisioner;
use ipnet::Ipv6Net;

const META: Metadata = Metadata {
    id: "POOL-012",
    name: "ipv6-pool-range-missing",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_KUBEADM_CIDR],
    texts: Texts {
        finds: "the IPv6 pool has no CIDR, or not the requested one",
        consequence: "without CALICO_IPV6POOL_CIDR and without an IPv6 range in kubeadm's podSubnet, Calico picks a random unique-local /48; calico-node exits before it creates any pool if it cannot read the CIDR, and after it created the IPv4 pool if Calico refuses the CIDR (link-local, or smaller than a block)",
        help: "set CALICO_IPV6POOL_CIDR to --ipv6-pod-cidr, or to the pod CIDR of kubeadm or the controller manager, in canonical form",
        example: ("", "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\""),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").symbol("configureIPPools").line(1020),
            upstream::CALICO.file("libcalico-go/lib/clientv3/ippool.go").line(555),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_IPV6POOL_CIDR";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes_with_pools() {
        if !cx.wants_ipv6() {
            for name in [NAME, "CALICO_IPV6POOL_NAT_OUTGOING", "CALICO_IPV6POOL_BLOCK_SIZE"] {
                if let Some(fix) = install.remove_env(name, "the cluster no longer has an IPv6 pool") {
                    let diagnostic = at_env(&META, node, name).severity(Severity::Warning);
                    diagnostics.push(
                        diagnostic
                            .message("this variable configures an IPv6 pool, but the target is IPv4-only")
                            .fix(fix),
                    );
                }
            }
            continue;
        }
        let now = install.env_text(NAME);
        if let Some(cidr) = cx.target.ipv6_pod_cidr {
            let why = match now {
                Some(now) if now.parse() != Ok(cidr) => {
                    "as requested; has an effect only if no IPv6 pool exists yet"
                }
                _ => "otherwise Calico picks a random ULA range",
            };
            if let Some(fix) = install.set_env(NAME, &cidr.to_string(), &NEAR_IPV6, why) {
                diagnostics.push(at_env(&META, node, NAME).fix(fix));
            }
            continue;
        }
        match now {
            Some("none") if matches!(install.facts.variant, Variant::PolicyOnly | Variant::Canal) => {}
            Some(text) if !text.is_empty() => check_range(cx, install, text, diagnostics),
            _ if cx.target.provisioner == Some(Provisioner::Kubeadm) && !NO_KUBEADM_CIDR.holds(install.facts.calico) => {}
            // Who left the CIDR out relies on kubeadm's podSubnet.
            _ if install.has_ipv6_address() && reads_kubeadm(install, cx.cluster, cx.target) && install.facts.pods.of(Family::Ipv6).is_some() => {}
            _ if install.facts.variant == Variant::PolicyOnly && NO_POOL_NONE.applies(install.facts.calico) == Some(false) => {
                let why = "another CNI plugin assigns pod addresses; otherwise Calico creates a random ULA pool";
                if let Some(fix) = install.set_env(NAME, "none", &NEAR_IPV6, why) {
                    diagnostics.push(at_env(&META, node, NAME).severity(Severity::Warning).fix(fix));
                }
            }
            _ if install.facts.pods.of(Family::Ipv6).is_some() => {
                let why = "the cluster's pod CIDR; otherwise Calico picks a random ULA range";
                let cidr = install.facts.pods.of(Family::Ipv6).map(|net| net.to_string());
                if let Some(fix) = install.set_env(NAME, &cidr.unwrap_or_default(), &NEAR_IPV6, why) {
                    diagnostics.push(at_env(&META, node, NAME).fix(fix));
                }
            }
            _ => diagnostics.ask(
                "ipv6-pod-cidr",
                "fd00:10:244::/56",
                "the manifest has no IPv6 pod CIDR, so Calico would pick a random one; with --provisioner kubeadm, calico-node reads it from podSubnet",
                at_env(&META, node, NAME),
            ),
        }
    }
}

/// Checks the CIDR that the manifest already has.
fn check_range(cx: &Context<'_>, install: &CalicoInstall<'_>, text: &str, diagnostics: &mut Diagnostics) {
    let Some(node) = &install.node else { return };
    let block = cx
        .target
        .ipv6_block_size
        .or_else(|| install.env_text("CALICO_IPV6POOL_BLOCK_SIZE")?.parse().ok())
        .unwrap_or(address::IPV6_BLOCK);
    let masked = text.parse::<Ipv6Net>().ok().filter(|net| net.addr() != net.network());
    let wrong = match parse_cidr(text, Family::Ipv6) {
        // calico-node masks host bits silently: another rule reports them.
        Err(_) if masked.is_some() => None,
        Err(error) if text == "none" || address::net(text).is_some() => Some((&META, error.to_string())),
        Err(error) => Some((&UNREADABLE_META, error.to_string())),
        Ok(net) if net.prefix_len() > block => {
            Some((&BLOCK_SIZE, format!("`{text}` is smaller than one block (/{block})")))
        }
        Ok(net) => unusable(net).map(|why| (&RESERVED, format!("`{text}` contains {why}"))),
    };
    if let Some((meta, message)) = wrong {
        let diagnostic = at_env(meta, node, NAME).message(message);
        diagnostics.push(
            diagnostic
                .consequence("calico-node exits, or pods with these addresses are unreachable")
                .help("pass a valid CIDR with --ipv6-pod-cidr"),
        );
    }
}
