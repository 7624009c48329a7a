use crate::diagnostic::upstream;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window, image_name};

const ONE_PROGRAM: Gate = Gate {
    component: Component::Calico,
    what: "the image calico/node has no /bin/calico-node",
    windows: &[Window { from: Version::new(3, 33, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "NODE-036",
    name: "probe-of-removed-program",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[ONE_PROGRAM],
    texts: Texts {
        finds: "a probe runs /bin/calico-node, which the image of this release does not have",
        consequence: "the probe fails on every node: kubelet restarts calico-node again and again, or never counts it as ready",
        help: "use the probes of this release's calico.yaml: `calico component node health` with flags that begin with two dashes (--felix-live, --bird-live, --bird6-live)",
        example: (
            "command: [/bin/calico-node, -felix-live]",
            "command: [calico, component, node, health, --felix-live]",
        ),
        sources: &[
            upstream::CALICO.file("node/Dockerfile").symbol("/usr/bin/calico").at("release-v3.33"),
            upstream::CALICO.file("node/pkg/node/command.go").line(273).at("release-v3.33"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        // A distribution builds an image of its own.
        let image = node.image.and_then(|image| node.tree.scalar(image));
        if !ONE_PROGRAM.holds(install.facts.calico) || image.map(image_name) != Some("calico/node") {
            continue;
        }
        for (word, _) in node.probe_words().filter(|(_, text)| *text == "/bin/calico-node") {
            diagnostics.push(Diagnostic::new(&META, node.tree, word));
        }
    }
}
