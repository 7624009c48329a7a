//! The first bytes of an input choose what is done; the rest is the text.

/// Bytes that choose, and the text after them.
pub(crate) struct Choices<'a> {
    pub(crate) bytes: &'a [u8],
    /// The text.
    pub(crate) text: &'a str,
}

impl<'a> Choices<'a> {
    /// Takes `count` bytes off the front; nothing if the rest is no text.
    pub(crate) fn read(data: &'a [u8], count: usize) -> Option<Choices<'a>> {
        let (bytes, text) = data.split_at_checked(count)?;
        Some(Choices { bytes, text: core::str::from_utf8(text).ok()? })
    }

    /// A number below `of`, chosen by the byte at `index`.
    pub(crate) fn pick(&self, index: usize, of: usize) -> usize {
        usize::from(self.bytes[index]) * 257 % of.max(1)
    }
}
