//! The fields of a form: the options that are relevant for these files and this target.

use crate::address::{Family, family};
use crate::model::facts::{Facts, Variant};
use crate::output::pools::{PoolSummary, Range};
use crate::rules::MissingOption;
use crate::target::{Backend, OPTIONS, Stack, Target, TargetOption};
use crate::transform::{Install, Plan};
use ipnet::IpNet;

/// The relevance of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Required: nothing is changed without a value.
    Missing,
    /// The value is likely to differ from the default.
    Usual,
    /// The default is usually correct.
    Rare,
}

/// An option in a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// The option.
    pub option: &'static TargetOption,
    /// Its relevance.
    pub weight: Weight,
    /// Why the option is needed, or the origin of its default; may be empty.
    pub note: String,
    /// The value that is used if the field is empty, if the files show it.
    pub used: Option<String>,
    /// An example value, if one is needed.
    pub example: Option<String>,
}

/// The results of plans that a form depends on.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// The installations.
    pub installs: Vec<Install>,
    /// The IP pools that will be created.
    pub pools: Vec<PoolSummary>,
    /// Options that are missing.
    pub missing_options: Vec<MissingOption>,
    /// Whether there are files of the Kubernetes layer.
    pub has_cluster: bool,
}

impl Basis {
    /// Adds the results of a plan.
    pub fn add(&mut self, plan: &Plan) {
        self.has_cluster |= !plan.components.is_empty();
        self.installs.extend(plan.installs.iter().cloned());
        self.pools.extend(plan.pools.iter().cloned());
        self.missing_options.extend(plan.missing_options.iter().cloned());
    }
}

/// Returns the relevant options in the order of [`OPTIONS`], without `to`, which is always relevant.
#[must_use]
pub fn fields(basis: &Basis, target: &Target) -> Vec<Field> {
    let facts: Vec<&Facts> = basis.installs.iter().map(|install| &install.facts).collect();
    OPTIONS
        .iter()
        .filter_map(|option| {
            let missing = basis.missing_options.iter().find(|q| q.flag == option.flag);
            let mut field = Field {
                option,
                weight: Weight::Rare,
                note: String::new(),
                used: used(option.key, &basis.pools, target),
                example: None,
            };
            if field.used.is_some() {
                "from the files".clone_into(&mut field.note);
            }
            match missing {
                Some(missing) => {
                    field.weight = Weight::Missing;
                    field.note.clone_from(&missing.why);
                    field.example = Some(missing.example.clone());
                }
                None => field.weight = weight(option.key, basis, &facts, target)?,
            }
            Some(field)
        })
        .collect()
}

/// The CIDR of the IP pool according to the files, if the target has none.
fn used(key: &str, pools: &[PoolSummary], target: &Target) -> Option<String> {
    let wanted = match key {
        "ipv6PodCIDR" if target.ipv6_pod_cidr.is_none() => Family::Ipv6,
        "ipv4PodCIDR" if target.ipv4_pod_cidr.is_none() => Family::Ipv4,
        _ => return None,
    };
    pools.iter().filter(|pool| pool.family == wanted).find_map(|pool| match &pool.range {
        Range::Cidr(text) => {
            text.parse::<IpNet>().ok().filter(|net| family(*net) == wanted).map(|n| n.to_string())
        }
        Range::Kubeadm | Range::Random => None,
    })
}

/// The relevance of an option that no rule requests; `None` if it is not relevant.
fn weight(key: &str, basis: &Basis, facts: &[&Facts], target: &Target) -> Option<Weight> {
    let any = |of: fn(&Facts) -> bool| facts.iter().any(|f| of(f));
    let ipv6 = target.to.has_ipv6();
    let ipv6_only = target.to == Stack::Ipv6Only;
    // Without files only the range is known to be relevant.
    let addressed = facts.is_empty() || any(|f| f.backend != Backend::None);
    let is_manifest = any(|f| f.variant != Variant::Operator);
    let when = |condition: bool, weight| condition.then_some(weight);
    match key {
        "ipv6PodCIDR" => when(ipv6, Weight::Usual),
        "ipv6ServiceCIDR" if basis.has_cluster => when(ipv6, Weight::Usual),
        "ipv4PodCIDR" => when(target.to.has_ipv4() && !facts.is_empty(), Weight::Rare),
        "provisioner" => when(ipv6 && is_manifest && addressed, Weight::Usual),
        "nodesHaveIPv4" => when(ipv6_only && is_manifest && addressed, Weight::Usual),
        "encapsulation" => when(ipv6 && addressed && !facts.is_empty(), Weight::Usual),
        "natOutgoing" | "ipv6BlockSize" => when(ipv6 && addressed && !facts.is_empty(), Weight::Rare),
        "ipv6AutodetectionMethod" => when(ipv6 && addressed && !facts.is_empty(), Weight::Rare),
        "routerID" => when(ipv6_only && is_manifest && any(|f| f.backend == Backend::Bird), Weight::Rare),
        "ipv6ServiceCIDR" => when(ipv6 && !facts.is_empty(), Weight::Rare),
        "ipv4ServiceCIDR" => when(target.to.has_ipv4() && !facts.is_empty(), Weight::Rare),
        "primaryFamily" => when(target.to == Stack::DualStack && basis.has_cluster, Weight::Rare),
        "addressMap" => when(ipv6 && basis.has_cluster, Weight::Usual),
        "kubernetesVersion" => when(target.kubernetes_version.is_some(), Weight::Rare),
        "calicoVersion" => {
            when(any(|f| f.calico.is_none()) || target.calico_version.is_some(), Weight::Usual)
        }
        "calicoBackend" => {
            when(any(|f| f.backend_is_assumed) || target.calico_backend.is_some(), Weight::Usual)
        }
        _ => None,
    }
}
