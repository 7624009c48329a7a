use crate::diagnostic::upstream;
use crate::rules::change::at_cni;
use crate::rules::kubernetes::templates::{META as TEMPLATE, first_action, is_template};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, NOT_EDITABLE, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::Kind;

const META: Metadata = Metadata {
    id: "CNI-002",
    name: "cni-config-not-json",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "cni_network_config is not a valid CNI configuration",
        consequence: "install-cni exits if the text is not JSON (from 3.31.6 on: `CNI config is not valid JSON`; from 3.16 on: `is not a valid json object`; before, it wrote the text to the node), so calico-node does not start; with a configuration without ipam, no pod starts",
        help: "correct the JSON; the only unquoted words allowed are placeholders such as __CNI_MTU__, numbers, true, false and null",
        example: ("\"type\": \"calico-ipam\",\n}", "\"type\": \"calico-ipam\"\n}"),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/install/install.go").line(385),
            upstream::CALICO.file("cni-plugin/pkg/install/install.go").line(387).at("v3.31.0"),
            upstream::CALICO_CNI_PLUGIN.pull(904),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = install.cni() else { continue };
        let text = &config.tree.text()[config.tree.range(cni.node)];
        match &cni.json {
            Err(error) if config.tree.kind(cni.node) == Kind::Alias => {
                let diagnostic = Diagnostic::new(&NOT_EDITABLE, config.tree, cni.node).label(&error.message);
                diagnostics
                    .push(diagnostic.message("cni_network_config is an alias and cannot be edited here"));
            }
            Err(_) if is_template(text) => {
                let start = config.tree.range(cni.node).start + first_action(text).unwrap_or_default();
                let range = start..crate::source::line_end(config.tree.text(), start);
                diagnostics.push(
                    Diagnostic::at_range(&TEMPLATE, range)
                        .message("cni_network_config is a template that is not rendered")
                        .label("not rendered"),
                );
            }
            Err(error) => {
                let end = crate::source::line_end(config.tree.text(), error.offset).min(error.offset + 1);
                diagnostics.push(
                    at_cni(&META, config, cni, None)
                        .at(error.offset..end.max(error.offset))
                        .message("cni_network_config is not JSON")
                        .label(&error.message),
                );
            }
            Ok(_) if cni.plugin.is_none() => {
                diagnostics.push(
                    at_cni(&META, config, cni, None)
                        .message("cni_network_config has no plugin of type `calico`"),
                );
            }
            Ok(_) if cni.ipam_type().is_none() && !cni.is_flannel_delegate => {
                diagnostics.push(
                    at_cni(&META, config, cni, cni.ipam.or(cni.plugin))
                        .message("the calico plugin has no ipam.type (`no plugin name provided`)"),
                );
            }
            Ok(_) => {}
        }
    }
}
