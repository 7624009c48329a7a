//! The address on which Felix answers the probes of calico-node, and the one that they ask.

use crate::address::is_ipv6_address;
use crate::diagnostic::upstream;
use crate::model::calico_node::{CalicoNode, EnvValue};
use crate::model::install::CalicoInstall;
use crate::rules::change::{Near, at_env};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};
use std::net::IpAddr;

const HOST: &str = "FELIX_HEALTHHOST";

const PROBES_READ_IT: Gate = Gate {
    component: Component::Calico,
    what: "the commands of the probes read FELIX_HEALTHHOST",
    windows: &[Window { from: Version::new(3, 15, 0), until: None }],
};

/// calico commit f4174903ef, first released in v3.32.0.
const PROBES_WRITE_NO_BRACKETS: Gate = Gate {
    component: Component::Calico,
    what: "the commands of the probes write no brackets around FELIX_HEALTHHOST, so it cannot be an IPv6 address",
    windows: &[Window::before(3, 32, 0)],
};

const META: Metadata = Metadata {
    id: "NODE-012",
    name: "felix-health-host-mismatch",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[PROBES_READ_IT, PROBES_WRITE_NO_BRACKETS],
    texts: Texts {
        finds: "the probes of calico-node ask for Felix's health at another address than the one on which it listens",
        consequence: "the probes fail although Felix is healthy: kubelet restarts calico-node again and again, or never marks it ready",
        help: "write the host without brackets, and the same one for Felix and for the probes. Before 3.32 the probes cannot ask an IPv6 address: use localhost",
        example: (
            "- name: FELIX_HEALTHHOST\n  value: \"[::1]\"",
            "- name: FELIX_HEALTHHOST\n  value: \"::1\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/health/health.go").symbol("FELIX_HEALTHHOST").line(49),
            upstream::CALICO.file("felix/config/config_params.go").symbol("HealthHost").line(410),
            upstream::CALICO.file("felix/config/config_params.go").symbol("HostAddressRegexp").line(59),
            upstream::CALICO.issue(10972),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let Some(text) = install.env_text(HOST).filter(|text| !text.is_empty()) else { continue };
        diagnostics.extend(ipv6_address(install, node, text));
        diagnostics.extend(http_probes(cx, node, text));
    }
}

/// Felix refuses brackets, and listens on localhost. The command of a probe adds brackets itself, but not in every release.
fn ipv6_address(install: &CalicoInstall<'_>, node: &CalicoNode<'_, '_>, text: &str) -> Option<Diagnostic> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = inner.unwrap_or(text);
    if !is_ipv6_address(address) {
        return None;
    }
    let is_old = PROBES_WRITE_NO_BRACKETS.applies(install.facts.calico);
    let by_command = asks_by_command(node);
    let diagnostic = at_env(&META, node, HOST);
    let diagnostic = match inner {
        Some(_) => diagnostic
            .message(format!("{HOST} has brackets: {text}"))
            .consequence("Felix logs `Replacing invalid value with default` and listens on localhost; the probes ask another address, and kubelet restarts calico-node again and again"),
        None if by_command && is_old == Some(true) => diagnostic
            .message(format!("the probes of this release cannot ask an IPv6 address: {text}"))
            .consequence("`http://::1:9099` is not a URL: kubelet restarts calico-node again and again"),
        None => return None,
    };
    // localhost works in every release: it is right if the release is not known.
    let (host, why) = if !by_command || is_old == Some(false) {
        (address, "Felix and the probes read a bare address")
    } else {
        ("localhost", "before 3.32 the probes cannot ask an IPv6 address")
    };
    install.set_env(HOST, host, &Near(&[]), why).map(|fix| diagnostic.fix(fix))
}

const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Whether a probe runs `calico-node -felix-live`, or another command that asks Felix.
fn asks_by_command(node: &CalicoNode<'_, '_>) -> bool {
    PROBES.iter().any(|probe| {
        let command = node.tree.at(node.container, &[probe, "exec", "command"]);
        let mut words = command.into_iter().flat_map(|list| node.tree.items(list));
        words.any(|word| node.tree.scalar(word).is_some_and(|word| word.contains("felix")))
    })
}

/// Whether Felix answers at `asked` if it listens on `own`. Go listens on 127.0.0.1 for `localhost`; a name cannot be judged.
fn answers(own: &str, asked: &str) -> bool {
    let address = |text: &str| match text {
        "localhost" => "127.0.0.1".parse().ok(),
        text => text.parse::<IpAddr>().ok(),
    };
    let (Some(own_address), Some(asked_address)) = (address(own), address(asked)) else { return true };
    let by_name = asked == "localhost" && own_address.is_loopback();
    own_address.is_unspecified() || own_address == asked_address || by_name
}

fn http_probes(cx: &Context<'_>, node: &CalicoNode<'_, '_>, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for probe in PROBES {
        let get = |key| node.tree.at(node.container, &[probe, "httpGet", key]);
        let path = get("path").and_then(|path| node.tree.scalar(path));
        let Some(host) = get("host").filter(|_| matches!(path, Some("/liveness" | "/readiness"))) else {
            continue;
        };
        let Some(asked) = node.tree.scalar(host).filter(|asked| !answers(text, asked)) else { continue };
        let mut diagnostic = Diagnostic::new(&META, node.tree, host)
            .message(format!("the {probe} of calico-node asks {asked}, and Felix listens on {text}"))
            .help(format!("set the host of the probe to {text}, or {HOST} to {asked}"))
            .stops(false);
        if let Some(EnvValue::Literal { node: own, .. }) = node.env.get(HOST).map(|var| &var.value) {
            let place = cx.documents.place(node.tree.range(*own).start);
            diagnostic = diagnostic.related(place, format!("{HOST} is set here"));
        }
        found.push(diagnostic);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn loopback_wildcards_and_names_answer() {
        for (own, asked) in
            [("localhost", "localhost"), ("::1", "localhost"), ("::", "::1"), ("0.0.0.0", "127.0.0.1")]
        {
            assert!(answers(own, asked), "{own} {asked}");
        }
        assert!(answers("node.example.com", "localhost"), "a name cannot be judged");
    }

    #[test]
    fn another_address_does_not() {
        for (own, asked) in [("192.0.2.11", "localhost"), ("localhost", "::1"), ("::1", "127.0.0.1")] {
            assert!(!answers(own, asked), "{own} {asked}");
        }
    }
}
