use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::{IpAddr, Ipv6Addr};

const META: Metadata = Metadata {
    id: "K8S-PROXY-IPPORT",
    name: "kube-proxy-address-without-brackets",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "kube-proxy cannot read the address on which it serves health checks or metrics",
        consequence: "kube-proxy exits when it starts: `must be IP:port` for the configuration file, `is not in a valid format (ip or ip:port)` for a flag (v1.18 and later; before, the flag accepts an address only, without a port). A bare address, such as ::, is valid: kube-proxy adds the default port",
        help: "the fix writes brackets around the address, and the default port if there is none: 10256 for health checks, 10249 for metrics. For a flag before v1.18 it writes the address alone",
        example: ("metricsBindAddress: \"fd00:1::11:10249\"", "metricsBindAddress: \"[fd00:1::11]:10249\""),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/proxy/apis/config/validation/validation.go")
                .symbol("validateHostPort")
                .line(230),
            upstream::KUBERNETES.file("pkg/proxy/util/utils.go").symbol("AppendPortIfNeeded").line(160),
            upstream::KUBERNETES.file("pkg/util/flag/flags.go").symbol("IPPortVar").line(88),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::ProxyListen]) {
        let default = if field.name.contains("healthz") { "10256" } else { "10249" };
        let Some(mut text) = with_port(&field.text, default) else { continue };
        if field.name.starts_with("--") && cx.before(1, 18) {
            // The flag was an address, and its port another flag.
            let end = text.rfind(']').unwrap_or(text.len());
            text = text[1..end].to_owned();
        }
        let message = format!("`{}` is not an address, and not an address and a port", field.text);
        let fix = cx.set(field, &text, "kube-proxy needs brackets and a port");
        diagnostics.push(cx.at_field(&META, field).message(message).label(&field.name).fix(fix));
    }
}

/// The address and port that a text means, if kube-proxy cannot read it: an IPv6 address in brackets without a port, or with
/// a port and without brackets.
fn with_port(text: &str, default: &str) -> Option<String> {
    if text.parse::<IpAddr>().is_ok() {
        return None;
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().ok()?;
        return Some(format!("[{address}]:{default}"));
    }
    let (address, port) = text.rsplit_once(':')?;
    let address: Ipv6Addr = address.parse().ok()?;
    port.parse::<u16>().ok()?;
    Some(format!("[{address}]:{port}"))
}

#[cfg(test)]
mod tests {
    use super::with_port;

    #[test]
    fn what_kube_proxy_reads_stays() {
        for text in ["::", "0.0.0.0", "[::]:10249", "127.0.0.1:10249", "fd00::1:1024", "", "$(IP):10249"] {
            assert_eq!(with_port(text, "10249"), None, "{text}");
        }
        assert_eq!(with_port("fd00::1:10249", "10249").as_deref(), Some("[fd00::1]:10249"));
        assert_eq!(with_port("[::]", "10256").as_deref(), Some("[::]:10256"));
    }
}
