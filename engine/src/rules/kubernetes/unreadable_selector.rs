use super::templates::is_template_in_object;
use crate::diagnostic::upstream;
use crate::model::fields::ConfigObject;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::NodeId;

const META: Metadata = Metadata {
    id: "CALICO-SELECTOR",
    name: "unreadable-selector",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Calico cannot read a selector",
        consequence: "calicoctl and Calico's API server refuse the object; calico-node exits if CALICO_IPV4POOL_NODE_SELECTOR or CALICO_IPV6POOL_NODE_SELECTOR is such a text",
        help: "write label == 'value', label in {'a', 'b'}, has(label) or all(), joined by && and ||: each value needs quotes",
        example: ("nodeSelector: zone = 'a'", "nodeSelector: zone == 'a'"),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/selector/tokenizer/tokenizer.go").symbol("AppendTokens"),
            upstream::CALICO.file("libcalico-go/lib/selector/parser/parser.go").symbol("parseOperation"),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").symbol("validateSelector").line(616),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").symbol("validateNodeSelector").line(827),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let objects = cx.config.objects.iter().filter(|object| object.group().ends_with("projectcalico.org"));
    let of_objects = objects.filter_map(|object| Some((object, object.tree().get(object.root, "spec")?)));
    let of_installations = cx
        .installations()
        .filter_map(|(_, one)| Some((&one.object, one.tree().at(one.spec?, &["calicoNetwork", "ipPools"])?)));
    for (object, spec) in of_objects.chain(of_installations) {
        for node in selectors(object, spec) {
            let text = object.tree().scalar(node).unwrap_or_default();
            if is_wrong(text) {
                let message = format!("Calico cannot read the selector `{text}`");
                diagnostics.push(cx.at(&META, object, node).message(message).stops(false));
            }
        }
    }
    for (install, node) in cx.nodes() {
        for name in ["CALICO_IPV4POOL_NODE_SELECTOR", "CALICO_IPV6POOL_NODE_SELECTOR"] {
            if let Some(text) = install.env_text(name).filter(|text| is_wrong(text)) {
                let message = format!("calico-node cannot read the selector `{text}`");
                diagnostics.push(at_env(&META, node, name).message(message).stops(false));
            }
        }
    }
}

/// The values of all keys such as `nodeSelector`, `notSelector`, `selector`.
fn selectors(object: &ConfigObject<'_>, root: NodeId) -> Vec<NodeId> {
    let tree = object.tree();
    let (mut found, mut pending) = (Vec::new(), vec![root]);
    while let Some(node) = pending.pop() {
        for (key, value) in tree.entries(node) {
            // A selector of Kubernetes is a mapping, whose labels may have any name.
            let is_selector = tree.scalar(key).is_some_and(|key| key.ends_with("elector"));
            if is_selector { &mut found } else { &mut pending }.push(value);
        }
        pending.extend(tree.items(node));
    }
    found.retain(|node| tree.string(*node).is_some() && !tree.is_null(*node));
    found
}

fn is_wrong(text: &str) -> bool {
    !is_template_in_object(text) && !is_readable(text)
}

/// Whether Calico reads the text as a selector.
fn is_readable(text: &str) -> bool {
    let mut rest = text.trim();
    let mut open = 0;
    if rest.is_empty() {
        return true;
    }
    loop {
        while let Some(inner) = rest.strip_prefix(['!', '(']) {
            open += i32::from(rest.starts_with('('));
            rest = inner.trim_start();
        }
        let Some(after) = term(rest) else { return false };
        rest = after.trim_start();
        while let Some(outer) = rest.strip_prefix(')').filter(|_| open > 0) {
            open -= 1;
            rest = outer.trim_start();
        }
        let Some(next) = rest.strip_prefix("&&").or_else(|| rest.strip_prefix("||")) else { break };
        rest = next.trim_start();
    }
    rest.is_empty() && open == 0
}

/// What follows one comparison, `has(label)`, `all()` or `global()`.
fn term(text: &str) -> Option<&str> {
    let (name, rest) = label(text)?;
    if let Some(inner) = rest.strip_prefix('(') {
        let inner = inner.trim_start();
        let inner = match name {
            "has" => label(inner)?.1,
            "all" | "global" => inner,
            _ => return None,
        };
        return inner.trim_start().strip_prefix(')');
    }
    let rest = rest.trim_start();
    for operator in ["==", "!=", "contains", "starts with", "ends with"] {
        if let Some(value) = word(rest, operator) {
            return literal(value);
        }
    }
    let mut rest = word(rest, "not in").or_else(|| word(rest, "in"))?.strip_prefix('{')?.trim_start();
    while let Some(after) = literal(rest) {
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    rest.strip_prefix('}')
}

fn label(text: &str) -> Option<(&str, &str)> {
    let is_label = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let end = text.find(|c| !is_label(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// What follows an operator; there may be any number of spaces between its words.
fn word<'t>(text: &'t str, operator: &str) -> Option<&'t str> {
    let mut rest = text;
    for part in operator.split(' ') {
        rest = rest.trim_start().strip_prefix(part)?;
    }
    Some(rest.trim_start())
}

/// What follows a value in quotes.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    Some(text[1..].split_once(quote)?.1)
}

#[cfg(test)]
mod tests {
    use super::is_readable;

    #[test]
    fn what_calico_reads_is_readable() {
        for text in [
            "",
            "all()",
            "all( )",
            "!all()",
            "has(role)",
            "! has( k8s.io/role )",
            "zone == 'a'",
            "zone=='a'&&rack!=\"b\"",
            "zone == 'a = (b'",
            "zone in {'a', \"b\"}",
            "zone in{'a'}",
            "zone in {}",
            "zone in {'a',}",
            "zone not in {'a'}",
            "zone notin {'a'}",
            "has-x == 'a'",
            "name starts with 'w' || name ends  with 'x' || name contains 'y'",
            "((a == 'b') && !(c == 'd' || !(e == 'f')))",
            "global() && projectcalico.org/name == 'x'",
        ] {
            assert!(is_readable(text), "{text}");
        }
    }

    #[test]
    fn what_calico_refuses_is_not() {
        for text in [
            "all",
            "zone",
            "zone = 'a'",
            "zone == a",
            "zone == 'a",
            "zone == 'a\"",
            "(zone == 'a'",
            "zone == 'a')",
            "zone in ['a']",
            "zone in ('a', 'b')",
            "zone in {a}",
            "zone in {'a'",
            "zone == 'a' &&",
            "zone == 'a' & rack == 'b'",
            "zone == 'a' and rack == 'b'",
            "zone == 'a', rack == 'b'",
            "has role",
            "has()",
            "exists(role)",
            "zone: a",
            "zone like 'a'",
        ] {
            assert!(!is_readable(text), "{text}");
        }
    }
}
