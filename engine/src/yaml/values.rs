//! The decoded texts of the scalars of a tree: parts of its text or, after escapes and folding, of a text beside it.

/// Where the decoded text of a scalar is. Trees of large streams have millions of nodes, so this is small.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Value {
    start: u32,
    length: u32,
}

impl Value {
    /// The same value in a text where it stands `by` bytes further on.
    pub(super) fn moved(self, by: u32) -> Value {
        let in_text = self.length > 0 && self.start & DECODED == 0;
        let start = if in_text { self.start.wrapping_add(by) } else { self.start };
        Value { start, ..self }
    }
}

/// Set in a start that counts in the decoded texts: a text of at most 64 MiB needs fewer bits.
const DECODED: u32 = 1 << 31;

/// The decoded texts of scalars that are not a part of the text as they are.
#[derive(Clone, Debug, Default)]
pub(super) struct DecodedTexts(String);

impl DecodedTexts {
    /// Keeps a value: as its place if it is a part of `text`, otherwise as a copy.
    #[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
    pub(super) fn keep(&mut self, text: &str, value: &str) -> Value {
        let at = value.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let is_part = at <= text.len() && value.len() <= text.len() - at;
        let length = value.len() as u32;
        if value.is_empty() {
            Value::default()
        } else if is_part {
            Value { start: at as u32, length }
        } else {
            let start = self.0.len() as u32 | DECODED;
            self.0.push_str(value);
            Value { start, length }
        }
    }

    /// The value of a tree with this text.
    pub(super) fn get<'v>(&'v self, text: &'v str, value: Value) -> &'v str {
        let (from, start) = match value.start & DECODED {
            0 => (text, value.start as usize),
            _ => (self.0.as_str(), (value.start & !DECODED) as usize),
        };
        &from[start..start + value.length as usize]
    }
}
