use crate::diagnostic::upstream;
use crate::model::calico_config::get_folded;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "CNI-019",
    name: "tuning-turns-ipv6-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the plugin tuning turns IPv6 off in pods",
        consequence: "the plugin runs after Calico's and writes the setting in the network namespace of the pod: the kernel removes the IPv6 addresses that Calico added",
        help: "set the value to 0, or remove the key",
        example: (
            "\"type\": \"tuning\", \"sysctl\": {\"net.ipv6.conf.all.disable_ipv6\": \"1\"}",
            "\"type\": \"tuning\", \"sysctl\": {\"net.ipv6.conf.all.disable_ipv6\": \"0\"}",
        ),
        sources: &[
            upstream::CNI_PLUGINS.file("plugins/meta/tuning/tuning.go").symbol("cmdAdd").line(370),
            upstream::LINUX.file("Documentation/networking/ip-sysctl.rst").symbol("disable_ipv6"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The interfaces of a pod in names of settings. The plugin puts the name of the interface in the place of `IFNAME`.
const INTERFACES: [&str; 3] = ["all", "IFNAME", "eth0"];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.wants_ipv6() {
        return;
    }
    for install in cx.installs {
        let Some((config, cni)) = install.cni() else { continue };
        let Some((tree, root)) = cni.tree().and_then(|tree| Some((tree, tree.root()?))) else { continue };
        let plugins = get_folded(tree, root, "plugins").into_iter().flat_map(|list| tree.items(list));
        let settings = plugins.filter_map(|plugin| get_folded(tree, plugin, "sysctl"));
        for (key, value) in settings.flat_map(|settings| tree.entries(settings)) {
            let (Some(name), Some(from)) = (tree.scalar(key), tree.scalar(value)) else { continue };
            if from.trim() == "0" || !turns_ipv6_off(name) {
                continue;
            }
            let why = "with another value the kernel removes the IPv6 addresses of the pod";
            let description = ChangeDescription::new(cni_title(config), name, Some(from), Some("0"), why);
            let change = cni_change(config, cni, value, Op::Set(Value::string("0")), Some(description));
            let message = format!("{name} turns IPv6 off in pods");
            diagnostics
                .push(at_cni(&META, config, cni, Some(key)).message(message).fix(Fix::new(vec![change])));
        }
    }
}

/// Whether this is the switch of the pod's interface, with dots or slashes.
fn turns_ipv6_off(name: &str) -> bool {
    let name = name.replace('/', ".");
    let interface = name.strip_prefix("net.ipv6.conf.").and_then(|rest| rest.strip_suffix(".disable_ipv6"));
    interface.is_some_and(|interface| INTERFACES.contains(&interface))
}
