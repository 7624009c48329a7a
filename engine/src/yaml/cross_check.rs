//! The second opinion: checks that libyaml's grammar, which kubectl uses, reads the same values from an edited document.

use super::tree::{Kind, NodeId, Style, Tree};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use std::fmt;

/// Reads `document` with `serde_yaml` and compares every value with `tree`, which must be the same document.
///
/// # Errors
/// If serde_yaml refuses the document or reads another value: the place and both readings, in its words.
pub fn second_opinion(document: &str, tree: &Tree<'_>) -> Result<(), String> {
    let Some(root) = tree.root() else { return Ok(()) };
    // kubectl hands a document to its parser without the marker lines and the byte-order mark.
    let body = document.trim_start_matches('\u{FEFF}');
    let deserializer = serde_yaml::Deserializer::from_str(body);
    Same { tree, node: root }.deserialize(deserializer).map_err(|e| e.to_string())
}

/// Why `serde_yaml` does not read `document` at all, and the byte offset in it; `None` if it does.
#[must_use]
pub fn unread(document: &str) -> Option<(String, usize)> {
    let body = document.trim_start_matches('\u{FEFF}');
    let deserializer = serde_yaml::Deserializer::from_str(body);
    let error = <IgnoredAny as serde::Deserialize>::deserialize(deserializer).err()?;
    let offset = error.location().map_or(0, |place| place.index());
    Some((error.to_string(), (document.len() - body.len() + offset).min(document.len())))
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

/// Whether no version of YAML reads this plain text as a string: null, a boolean, a decimal number without leading zeros.
fn never_string(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let decimal = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let words = ["", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"];
    words.contains(&text) || (decimal && (digits == "0" || !digits.starts_with('0')))
}

/// A plain scalar as an integer.
fn integer(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x', ..] => (&unsigned[2..], 16),
        [b'0', b'o', ..] => (&unsigned[2..], 8),
        [b'0', b'b', ..] => (&unsigned[2..], 2),
        _ => (unsigned, 10),
    };
    let magnitude = i128::from_str_radix(digits, radix).ok()?;
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// A plain scalar as a number with a fraction or exponent, as infinity or as not-a-number.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    match unsigned.to_ascii_lowercase().as_str() {
        ".inf" => Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" => Some(f64::NAN),
        _ => text.parse().ok(),
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
        write!(f, "the value at {}", self.tree.path(self.node))
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<(), E> {
        self.check(
            self.plain().is_some_and(|text| text.eq_ignore_ascii_case(if v { "true" } else { "false" })),
            v,
        )
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<(), E> {
        self.visit_i128(v.into())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<(), E> {
        self.visit_i128(v.into())
    }

    fn visit_i128<E: Error>(self, v: i128) -> Result<(), E> {
        self.check(self.plain().and_then(integer) == Some(v), v)
    }

    fn visit_u128<E: Error>(self, v: u128) -> Result<(), E> {
        self.check(self.plain().and_then(|text| text.parse().ok()) == Some(v), v)
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<(), E> {
        // Not by `==`: not-a-number equals nothing.
        self.check(self.plain().and_then(float).is_some_and(|float| float.total_cmp(&v).is_eq()), v)
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<(), E> {
        let ours = self.tree.scalar(self.node);
        // At the end of a text without a final line break libyaml leaves out the one that clips a block scalar.
        let block = matches!(self.tree.kind(self.node), Kind::Scalar(Style::Literal | Style::Folded));
        let clipped = block && self.tree.range(self.node).end == self.tree.text().len();
        let untagged =
            self.tree.kind(self.node) == Kind::Scalar(Style::Plain) && !self.tree.is_tagged(self.node);
        if untagged && never_string(v) {
            return Err(self.differs(v));
        }
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
