//! The edit that every tool makes: a manifest install becomes dual-stack.

use anyhow::{Context, Result, bail};
use calico_ipv6_engine::model::Documents;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, plan};

/// The range of the IPv6 pool.
pub(super) const CIDR: &str = "fd00:10:244::/56";

/// What the result of the edit holds, however it is laid out.
const TRACES: [&str; 5] =
    ["assign_ipv4", "assign_ipv6", "IP6", "CALICO_IPV6POOL_CIDR", "CALICO_IPV6POOL_NAT_OUTGOING"];

/// Whether a tool made the edit at all.
pub(super) fn check(after: &str) -> Result<()> {
    match TRACES.iter().find(|trace| !after.contains(**trace)) {
        Some(trace) => bail!("did not make the edit: no {trace} in its output"),
        None => Ok(()),
    }
}

/// A kustomize patch with this edit. A patch can only say a text as a whole, so it repeats the CNI configuration.
pub(super) fn kustomize_patch(before: &str) -> Result<String> {
    let source = Source { name: "calico.yaml", text: before };
    let options = [("to", "dual-stack"), ("ipv6PodCIDR", CIDR)];
    let Ok(target) = Target::from_options(options) else { bail!("the target of the benchmark is none") };
    let plan = plan(source, &target, Options::default());
    let text = plan.ok().and_then(|plan| plan.text).context("the file is not edited by a transform")?;
    let Ok(documents) = Documents::read(Source { name: "calico.yaml", text: &text }) else {
        bail!("the result is not YAML")
    };
    let cni = documents
        .of_kind("ConfigMap")
        .find_map(|(resource, tree)| tree.scalar(tree.at(resource.root, &["data", "cni_network_config"])?));
    let cni = cni.context("there is no cni_network_config")?;
    let cni: String = cni.lines().map(|line| format!("    {line}\n")).collect();
    Ok(include_str!("patch.yaml").replace("    CNI\n", &cni).replace("CIDR_HERE", CIDR))
}
