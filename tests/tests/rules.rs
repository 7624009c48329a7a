//! What holds for the texts of every rule.

use calico_ipv6_engine::rules::catalogue;
use calico_ipv6_tests::case;

#[test]
fn every_source_can_be_followed() {
    for meta in catalogue() {
        let sources = meta.texts().sources;
        for (i, source) in sources.iter().enumerate() {
            let (id, text, url) = (meta.id, source.to_string(), source.url());
            assert!(!text.trim().is_empty(), "{id}: {url} has a text");
            let rest = url.strip_prefix("https://").unwrap_or_default();
            assert!(!rest.is_empty() && !rest.contains("//"), "{id}: the source {url} is no address");
            let is_odd = |c: char| c.is_whitespace() || "()<>".contains(c);
            assert!(
                !url.contains(is_odd),
                "{id}: name a file, an issue or a page: the source {url} is no address"
            );
            assert!(!text.contains(['[', ']']), "{id}: {text} is the text of a Markdown link");
            assert!(!sources[..i].contains(source), "{id}: {text} is there once");
        }
    }
}

#[test]
fn nothing_of_a_template_is_left() {
    for meta in catalogue() {
        let texts = meta.texts();
        let sources = texts.sources.iter().map(ToString::to_string);
        let mut all =
            [texts.finds, texts.consequence, texts.help].map(str::to_owned).into_iter().chain(sources);
        assert!(!all.any(|text| text.contains("TODO")), "{}: its texts still say TODO", meta.id);
    }
    for case in case::all() {
        assert!(!case.name.contains("TODO"), "{}: a title of it still says TODO", case.file.display());
    }
}
