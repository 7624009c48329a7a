use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::calico_config::get_folded;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};
use std::net::Ipv6Addr;

const META: Metadata = Metadata {
    id: "CNI-012",
    name: "api-root-without-brackets",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "k8s_api_root of the CNI configuration gets an IPv6 address without brackets",
        consequence: "install-cni writes the address of the Service kubernetes there as it is. A CNI plugin that is built with Go 1.26 (Calico 3.33) refuses https://fd00:10:96::1:443: `host must be a URL or a host:port pair`, and every pod on the node fails. Earlier releases read it by chance",
        help: "the fix puts the host into brackets",
        example: (
            "\"k8s_api_root\": \"https://__KUBERNETES_SERVICE_HOST__:__KUBERNETES_SERVICE_PORT__\"",
            "\"k8s_api_root\": \"https://[__KUBERNETES_SERVICE_HOST__]:__KUBERNETES_SERVICE_PORT__\"",
        ),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/install/install.go").line(348),
            upstream::CALICO.file("cni-plugin/pkg/k8s/k8s.go").symbol("K8sAPIRoot").line(956),
            upstream::CALICO.file("manifests/canal-etcd.yaml").symbol("k8s_api_root").line(110),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const PLACEHOLDER: &str = "__KUBERNETES_SERVICE_HOST__";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (config, cni) in cx.installs.iter().filter_map(|install| install.cni()) {
        let (Some(tree), Some(plugin)) = (cni.tree(), cni.plugin) else { continue };
        // The plugin reads both, the second one last.
        for block in ["policy", "kubernetes"] {
            let root =
                get_folded(tree, plugin, block).and_then(|block| get_folded(tree, block, "k8s_api_root"));
            let Some((node, text)) = root.and_then(|node| Some((node, tree.scalar(node)?))) else { continue };
            let Some(right) = with_brackets(text, cx.primary() == Family::Ipv6) else { continue };
            let message = format!("k8s_api_root is {text}, with an IPv6 address without brackets");
            let why = "an IPv6 address in a URL needs brackets";
            let description =
                ChangeDescription::new(cni_title(config), "k8s_api_root", Some(text), Some(&right), why);
            let change = cni_change(config, cni, node, Op::Set(Value::string(&right)), Some(description));
            diagnostics
                .push(at_cni(&META, config, cni, Some(node)).message(message).fix(Fix::new(vec![change])));
        }
    }
}

/// The URL with brackets; `None` if it needs none. Around an IPv4 address they are wrong, so the placeholder gets them only
/// if the address of the Service is IPv6.
fn with_brackets(url: &str, is_ipv6: bool) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (server, path) = rest.split_at(end);
    let (host, port) = server.rsplit_once(':').unwrap_or((server, ""));
    let bare = if host == PLACEHOLDER {
        is_ipv6.then_some((host, port))
    } else if host.parse::<Ipv6Addr>().is_ok() {
        Some((host, port))
    } else {
        server.parse::<Ipv6Addr>().is_ok().then_some((server, ""))
    };
    let (host, port) = bare?;
    let port = if port.is_empty() { String::new() } else { format!(":{port}") };
    Some(format!("{scheme}://[{host}]{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::with_brackets;

    #[test]
    fn ipv6_addresses_get_brackets() {
        let right = |text| with_brackets(text, true);
        assert_eq!(right("https://fd00::1:443").as_deref(), Some("https://[fd00::1]:443"));
        assert_eq!(
            right("https://__KUBERNETES_SERVICE_HOST__:__KUBERNETES_SERVICE_PORT__/api/v1/").as_deref(),
            Some("https://[__KUBERNETES_SERVICE_HOST__]:__KUBERNETES_SERVICE_PORT__/api/v1/")
        );
    }

    #[test]
    fn other_hosts_do_not() {
        for text in ["https://192.0.2.1:6443", "https://[fd00::1]:443", "https://api.example.com", "kube"] {
            assert_eq!(with_brackets(text, true), None, "{text}");
        }
        assert_eq!(with_brackets("https://__KUBERNETES_SERVICE_HOST__:443", false), None);
    }
}
