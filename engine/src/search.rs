//! Where a text stands in another one: memchr's finder where speed is what counts, the one that Rust's library has anyway
//! where size is.

/// Where `needle` stands in `text`, without overlaps.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn find_iter<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    memchr::memmem::find_iter(text.as_bytes(), needle)
}

/// Where `needle` stands in `text`, without overlaps.
#[cfg(target_family = "wasm")]
pub(crate) fn find_iter<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(needle).map(|(at, _)| at)
}

/// Whether `needle` stands in `text`.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn holds(text: &str, needle: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some()
}

/// Whether `needle` stands in `text`.
#[cfg(target_family = "wasm")]
pub(crate) fn holds(text: &str, needle: &str) -> bool {
    text.contains(needle)
}
