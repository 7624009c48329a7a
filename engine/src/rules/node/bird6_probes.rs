use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::rules::change::node_change;
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind,
    Severity, Texts,
};
use crate::target::Backend;
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};

const NO_LIVE_FLAG: Gate = Gate {
    component: Component::Calico,
    what: "calico-node does not support -bird6-live",
    windows: &[
        Window::before(3, 8, 5),
        Window::between(Version::new(3, 9, 0), Version::new(3, 9, 4)),
        Window::between(Version::new(3, 10, 0), Version::new(3, 10, 2)),
    ],
};

const META: Metadata = Metadata {
    id: "NODE-014",
    name: "probes-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[NO_LIVE_FLAG],
    texts: Texts {
        finds: "the probes check BIRD for an IP family that pods do not use",
        consequence: "without an IPv4 peer, -bird-ready always succeeds: a node whose IPv6 BGP sessions are down still counts as ready",
        help: "for IPv6-only use -bird6-ready and -bird6-live; for IPv4-only use -bird-ready and -bird-live; for dual-stack keep the flags. From Calico 3.33 on, the flags have two dashes",
        example: ("- -bird-ready", "- -bird6-ready"),
        sources: &[
            upstream::CALICO.file("node/pkg/health/health.go").line(210),
            upstream::CALICO.file("node/pkg/node/command.go").line(273).at("release-v3.33"),
            upstream::KOPS
                .file("upup/models/cloudup/resources/addons/networking.projectcalico.org/k8s-1.25.yaml.template")
                .line(7417),
            upstream::CALICO.file("cmd/calico-node/main.go").symbol("bird6-live").line(48).at("v3.8.5-node"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if install.facts.backend != Backend::Bird {
            continue;
        }
        for (word, text) in node.probe_words() {
            // A probe may be a line for a shell, and a flag may have a value: `--bird-ready=true`.
            let words = text.split_inclusive(' ');
            let wanted: String =
                words.map(|word| wanted(cx, install, word).unwrap_or_else(|| word.to_owned())).collect();
            if wanted == text || text.contains('\n') {
                continue;
            }
            let why = "checks BIRD for the IP family that pods use";
            let description = ChangeDescription::new(node.title(), "probe", Some(text), Some(&wanted), why);
            let change = node_change(node, word, Op::Set(Value::string(&wanted)), Some(description));
            diagnostics.push(Diagnostic::new(&META, node.tree, word).fix(Fix::new(vec![change])));
        }
    }
}

/// The flag that asks the other BIRD.
fn wanted(cx: &Context<'_>, install: &CalicoInstall<'_>, word: &str) -> Option<String> {
    // Before 3.33 Go's flag package reads one dash or two; `calico component node health` takes two only.
    let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let end = flag.find(['=', ' ']).unwrap_or(flag.len());
    let (name, rest) = flag.split_at(end);
    let wanted = match (name, cx.is_ipv6_only(), cx.wants_ipv6()) {
        ("bird-ready", true, _) => "bird6-ready",
        ("bird-live", true, _) if !NO_LIVE_FLAG.holds(install.facts.calico) => "bird6-live",
        ("bird6-ready", _, false) => "bird-ready",
        ("bird6-live", _, false) => "bird-live",
        _ => return None,
    };
    let dashes = &word[..word.len() - flag.len()];
    Some(format!("{dashes}{wanted}{rest}"))
}
