//! The second opinion: does libyaml's grammar, which kubectl uses, read the same values from an edited document?

use super::scalar::is_plain_string;
use super::tree::{Kind, NodeId, Style, Tree};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use std::fmt;

/// Reads `document` with `serde_yaml` and compares every value with `tree`, which must be the same document.
///
/// # Errors
/// Where serde_yaml refuses the document or reads another value: the place and both readings, in its words.
pub fn second_opinion(document: &str, tree: &Tree<'_>) -> Result<(), String> {
    let Some(root) = tree.root() else { return Ok(()) };
    // kubectl hands a document to its parser without the marker lines and the byte-order mark.
    let body = document.trim_start_matches('\u{FEFF}');
    let deserializer = serde_yaml::Deserializer::from_str(body);
    Same { tree, node: root }.deserialize(deserializer).map_err(|e| e.to_string())
}

#[derive(Clone, Copy)]
struct Same<'a, 't> {
    tree: &'a Tree<'t>,
    node: NodeId,
}

impl Same<'_, '_> {
    fn differs<E: Error>(&self, read: impl fmt::Debug) -> E {
        E::custom(format!("{}: read as {read:?}", self.tree.path(self.node)))
    }

    fn check<E: Error>(&self, same: bool, read: impl fmt::Debug) -> Result<(), E> {
        if same { Ok(()) } else { Err(self.differs(read)) }
    }

    /// The text of a plain scalar; quoted ones are never anything but strings.
    fn plain(&self) -> Option<&str> {
        let plain = self.tree.kind(self.node) == Kind::Scalar(Style::Plain) || self.tree.is_tagged(self.node);
        self.tree.scalar(self.node).filter(|_| plain)
    }
}

impl<'de> DeserializeSeed<'de> for Same<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.tree.kind(self.node) == Kind::Alias {
            return IgnoredAny::deserialize(IgnoredAny, deserializer).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

/// `IgnoredAny` as a seed.
trait Ignore<'de>: Sized {
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IgnoredAny, D::Error>;
}

impl<'de> Ignore<'de> for IgnoredAny {
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IgnoredAny, D::Error> {
        <IgnoredAny as serde::Deserialize>::deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for Same<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what stands at {}", self.tree.path(self.node))
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<(), E> {
        self.check(
            self.plain().is_some_and(|text| text.eq_ignore_ascii_case(if v { "true" } else { "false" })),
            v,
        )
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<(), E> {
        self.check(self.plain().is_some_and(|text| !is_plain_string(text)), v)
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<(), E> {
        self.check(self.plain().is_some_and(|text| !is_plain_string(text)), v)
    }

    fn visit_i128<E: Error>(self, v: i128) -> Result<(), E> {
        self.check(self.plain().is_some(), v)
    }

    fn visit_u128<E: Error>(self, v: u128) -> Result<(), E> {
        self.check(self.plain().is_some(), v)
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<(), E> {
        self.check(self.plain().is_some_and(|text| !is_plain_string(text)), v)
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<(), E> {
        let ours = self.tree.scalar(self.node);
        // At the end of a text without a final line break libyaml leaves out the one that clips a block scalar.
        let block = matches!(self.tree.kind(self.node), Kind::Scalar(Style::Literal | Style::Folded));
        let clipped = block && self.tree.range(self.node).end == self.tree.text().len();
        self.check(ours == Some(v) || (clipped && ours.and_then(|s| s.strip_suffix('\n')) == Some(v)), v)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.check(self.plain().is_some_and(|text| matches!(text, "" | "~" | "null" | "Null" | "NULL")), ())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.tree.kind(self.node) != Kind::Sequence {
            return Err(self.differs("a sequence"));
        }
        for item in self.tree.items(self.node) {
            if seq.next_element_seed(Same { node: item, ..self })?.is_none() {
                return Err(self.differs("a shorter sequence"));
            }
        }
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(self.differs("a longer sequence")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.tree.kind(self.node) != Kind::Mapping {
            return Err(self.differs("a mapping"));
        }
        for (key, value) in self.tree.entries(self.node) {
            if map.next_key_seed(Same { node: key, ..self })?.is_none() {
                return Err(self.differs("a shorter mapping"));
            }
            map.next_value_seed(Same { node: value, ..self })?;
        }
        match map.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(self.differs("a longer mapping")),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        let (_, variant): (IgnoredAny, A::Variant) = data.variant()?;
        variant.newtype_variant_seed(self)
    }
}
