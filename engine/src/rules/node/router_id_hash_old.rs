use crate::diagnostic::upstream;
use crate::rules::change::at_version;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Backend;
use crate::version::{Component, Gate, Window};

const INVALID_IDS: Gate = Gate {
    component: Component::Calico,
    what: "the hash of a node name may be an invalid router ID (224.0.0.0 and above)",
    windows: &[Window::before(3, 25, 0)],
};

const HASH_IS_BROKEN: Gate = Gate {
    component: Component::Calico,
    what: "the word `hash` is written unchanged into BIRD's configuration",
    windows: &[Window::before(3, 6, 2)],
};

const META: Metadata = Metadata {
    id: "NODE-006",
    name: "router-id-hash-before-fix",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[HASH_IS_BROKEN, INVALID_IDS],
    texts: Texts {
        finds: "on this release the hash of some node names is not a valid router ID",
        consequence: "before 3.25, about one node name in eight gives a router ID of 224.0.0.0 or above: some routers outside Calico (Juniper, older FRR) refuse the session (`Bad BGP Identifier`); BIRD itself accepts it",
        help: "upgrade to Calico 3.25 or later; in clusters with more than 500 nodes set a router ID for each node, because hashes can collide",
        example: ("", ""),
        sources: &[
            upstream::CALICO.release("v3.25.0"),
            upstream::CALICO.pull(6674),
            upstream::CALICO.issue(5146),
            upstream::CALICO.file("confd/pkg/resource/template/template_funcs.go").line(61).at("v3.25.0"),
            upstream::CALICO_NODE.issue(194),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let will_be_hash =
            install.facts.backend == Backend::Bird && (cx.nodes_lack_ipv4() || cx.target.hash_router_id);
        if will_be_hash && INVALID_IDS.holds(install.facts.calico) {
            let diagnostic = at_version(&META, node).severity(Severity::Warning);
            diagnostics.push(if HASH_IS_BROKEN.holds(install.facts.calico) {
                let diagnostic = diagnostic
                    .severity(Severity::Error)
                    .message("before 3.6.2, BIRD does not start with a hashed router ID");
                diagnostic
                    .consequence(
                        "bird and bird6 reject their configuration: `router id hash;` (3.6.1: only bird)",
                    )
                    .help("upgrade Calico")
            } else {
                diagnostic
            });
        }
    }
}
