use super::addresses::BRACKETS_META;
use crate::diagnostic::upstream;
use crate::host::Host;
use crate::model::calico_config::get_folded;
use crate::model::fields::FieldKind;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::endpoints::etcd_servers;
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};
use std::net::Ipv6Addr;

const META: Metadata = Metadata {
    id: "K8S-ETCD-URL",
    name: "invalid-etcd-url",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "etcd cannot use a URL: its IPv6 address has no brackets, or it listens on a host name",
        consequence: "etcd exits when it starts. Without brackets the end of the address is read as a port; since etcd 3.2 a URL to listen on needs an address, except for localhost",
        help: "the fix adds brackets; write the address of the node to listen on. The URLs that etcd advertises may have names",
        example: ("--listen-client-urls=https://[::1]:2379,https://fd00:1::11:2379", "--listen-client-urls=https://[::1]:2379,https://[fd00:1::11]:2379"),
        sources: &[
            upstream::ETCD.file("server/embed/config.go").symbol("checkBindURLs").line(1334),
            upstream::ETCD.file("client/pkg/types/urls.go").symbol("NewURLs").line(35),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The first URL of a list whose IPv6 address has no brackets, and the list in which each has them.
fn bracketed(text: &str) -> Option<(&str, String)> {
    let parts: Vec<String> = text.split(',').map(with_brackets).collect();
    let (first, _) = text.split(',').zip(&parts).find(|(old, new)| *old != new.as_str())?;
    Some((first, parts.join(",")))
}

const WHY: &str = "an IPv6 address in a URL needs brackets";

fn no_brackets(url: &str) -> String {
    format!("the IPv6 address in {url} has no brackets")
}

/// Reports the endpoints with which Calico finds its datastore.
fn of_calico(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let unreached = "Calico does not reach etcd, its datastore: the end of the address is read as a port";
    for endpoint in etcd_servers(cx) {
        if let Some((url, text)) = bracketed(endpoint.text) {
            let found = endpoint.at(&META).message(no_brackets(url)).consequence(unreached);
            diagnostics.push(found.fix(endpoint.set(&text, WHY)));
        }
    }
    for (config, cni) in cx.installs.iter().filter_map(|install| install.cni()) {
        let node = cni.tree().and_then(|tree| Some((tree, get_folded(tree, cni.plugin?, "etcd_endpoints")?)));
        let Some((tree, node)) = node else { continue };
        if let Some((url, text)) = tree.scalar(node).and_then(bracketed) {
            let found = at_cni(&META, config, cni, Some(node)).message(no_brackets(url));
            let from = tree.scalar(node);
            let told = ChangeDescription::new(cni_title(config), "etcd_endpoints", from, Some(&text), WHY);
            let change = cni_change(config, cni, node, Op::Set(Value::string(&text)), Some(told));
            diagnostics.push(found.consequence(unreached).fix(Fix::new(vec![change])));
        }
    }
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    of_calico(cx, diagnostics);
    for (_, field) in cx.config.fields_of(&[FieldKind::EtcdUrl, FieldKind::EtcdServers, FieldKind::Server]) {
        if let Some((url, text)) = bracketed(&field.text) {
            let fix = cx.set(field, &text, WHY);
            let is_server = field.kind == FieldKind::Server;
            let meta = if is_server { &BRACKETS_META } else { &META };
            let diagnostic = cx.at_field(meta, field).message(no_brackets(url)).label(&field.name).fix(fix);
            diagnostics.push(match field.kind {
                FieldKind::EtcdUrl => diagnostic,
                FieldKind::EtcdServers => diagnostic.consequence(
                    "the API server does not reach etcd and exits: the end of the address is read as a port",
                ),
                _ => diagnostic.consequence(
                    "the component does not reach the API server: the end of the address is read as a port",
                ),
            });
            continue;
        }
        if !field.name.contains("listen-") {
            continue;
        }
        if let Some(url) = field.text.split(',').find(|url| has_name(url)) {
            let message = format!("etcd cannot listen on a host name: {url}");
            diagnostics.push(
                cx.at_field(&META, field)
                    .message(message)
                    .label(&field.name)
                    .consequence(format!(
                        "etcd exits when it starts (3.2 and later): `expected IP in URL for binding ({url})`"
                    ))
                    .help("write the address of the node, in brackets if it is IPv6")
                    .stops(false),
            );
        }
    }
}

/// A URL with brackets around its IPv6 address, if it has an address and a port without them: `https://fd00::11:2379`.
fn with_brackets(url: &str) -> String {
    let bracketed = || {
        let start = url.find("://")? + 3;
        let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |i| start + i);
        let (address, port) = url[start..end].rsplit_once(':')?;
        let is_port = !port.is_empty() && port.parse::<u16>().is_ok();
        let address = address.parse::<Ipv6Addr>().ok().filter(|_| is_port)?;
        Some(format!("{}[{address}]:{port}{}", &url[..start], &url[end..]))
    };
    bracketed().unwrap_or_else(|| url.to_owned())
}

/// Whether the host of a URL is a name that etcd does not listen on. What a variable or a template fills in is not known.
fn has_name(url: &str) -> bool {
    let is_name = |host: &str| {
        host.starts_with(|c: char| c.is_ascii_alphabetic())
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    };
    url.starts_with("http")
        && Host::of_url(url)
            .is_some_and(|host| host.address().is_none() && host.host != "localhost" && is_name(host.host))
}

#[cfg(test)]
mod tests {
    use super::{has_name, with_brackets};

    #[test]
    fn only_an_address_without_brackets_gets_them() {
        for (url, expected) in [
            ("https://fd00::11:2379", "https://[fd00::11]:2379"),
            ("http://::1:2381", "http://[::1]:2381"),
            ("https://[fd00::11]:2379", "https://[fd00::11]:2379"),
            ("https://192.0.2.11:2379", "https://192.0.2.11:2379"),
            ("m1=https://fd00::11:2380", "m1=https://[fd00::11]:2380"),
            ("unix:///run/etcd.sock", "unix:///run/etcd.sock"),
        ] {
            assert_eq!(with_brackets(url), expected);
        }
    }

    #[test]
    fn a_name_is_neither_an_address_nor_localhost_nor_a_variable() {
        assert!(has_name("https://etcd-0.example.org:2380"));
        for url in [
            "https://localhost:2379",
            "https://192.0.2.11:2380",
            "https://[::1]:2380",
            "unix:///run/etcd.sock",
            "https://$(POD_IP):2380",
            "https://{{ ip }}:2380",
        ] {
            assert!(!has_name(url), "{url}");
        }
    }
}
