use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "OP-019",
    name: "chart-values-not-yaml",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "valuesContent is not valid YAML",
        consequence: "the Helm controller passes the text to the chart unchanged: the job that installs the chart fails, and Calico is not updated",
        help: "correct the text of valuesContent",
        example: ("", ""),
        sources: &[upstream::HELM_CONTROLLER.file("pkg/controllers/chart/chart.go").line(1076)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        if let Some(error) = &installation.unread {
            let end = crate::source::line_end(cx.documents.source.text, error.offset).max(error.offset);
            let mut diagnostic = installation.diagnostic(&META, installation.root).label(&error.message);
            let tree = installation.tree();
            let key = tree.key_of(installation.root).and_then(|key| tree.scalar(key)).unwrap_or_default();
            if key != "valuesContent" {
                diagnostic = diagnostic
                    .message(format!("{key} is not valid YAML"))
                    .consequence("Helm rejects the values: the chart is not installed or upgraded")
                    .help(format!("correct the text of {key}"));
            }
            diagnostics.push(diagnostic.at(error.offset..end));
        }
    }
}
