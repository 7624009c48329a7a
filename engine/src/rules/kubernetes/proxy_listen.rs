use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

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
        help: "the fix writes brackets around the address, and the default port if there is none: 10256 for health checks, 10249 for metrics. For a flag before v1.18 it writes the address alone; set another port with --healthz-port or --metrics-port",
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
        let only_address = field.name.starts_with("--") && cx.before(1, 18);
        let with_port: Option<SocketAddr> = field.text.parse().ok().filter(|_| only_address);
        let (address, port, what) = match with_port {
            Some(both) => {
                (both.ip(), None, "is an address and a port: before v1.18 the flag accepts an address only")
            }
            None => {
                let Some((address, port)) = misread(&field.text) else { continue };
                (IpAddr::V6(address), port, "is not an address, and not an address and a port")
            }
        };
        let message = format!("`{}` {what}", field.text);
        let fix = if only_address {
            cx.set(field, &address.to_string(), "before v1.18 the flag is an address alone")
        } else {
            let text = format!("[{address}]:{}", port.unwrap_or(default));
            cx.set(field, &text, "kube-proxy needs brackets and a port")
        };
        diagnostics.push(cx.at_field(&META, field).message(message).label(&field.name).fix(fix));
    }
}

/// The address and the port that a text means, if kube-proxy cannot read it: an IPv6 address in brackets without a port, or
/// with a port and without brackets.
fn misread(text: &str) -> Option<(Ipv6Addr, Option<&str>)> {
    if text.parse::<IpAddr>().is_ok() {
        return None;
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((inner.parse().ok()?, None));
    }
    let (address, port) = text.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    Some((address.parse().ok()?, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::misread;

    #[test]
    fn what_kube_proxy_reads_stays() {
        for text in ["::", "0.0.0.0", "[::]:10249", "127.0.0.1:10249", "fd00::1:1024", "", "$(IP):10249"] {
            assert_eq!(misread(text), None, "{text}");
        }
        assert_eq!(misread("fd00::1:10249"), Some(("fd00::1".parse().unwrap(), Some("10249"))));
        assert_eq!(misread("[::]"), Some(("::".parse().unwrap(), None)));
    }
}
