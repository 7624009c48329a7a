//! Output that waits until all files are known to be good.

use std::io::{Read, Seek, SeekFrom, Write};
use tempfile::{SpooledData, SpooledTempFile};

/// How large it may grow before it goes to a temporary file.
const IN_MEMORY: usize = 16 * 1024 * 1024;

/// Texts, in order. The last one stays as it came: of one file, which is all there is most of the time, nothing is copied.
#[derive(Debug)]
pub(crate) struct Spool {
    earlier: SpooledTempFile,
    last: String,
}

impl Default for Spool {
    fn default() -> Self {
        Spool { earlier: SpooledTempFile::new(IN_MEMORY), last: String::new() }
    }
}

impl Spool {
    /// Adds a text.
    pub(crate) fn push(&mut self, text: String) -> std::io::Result<()> {
        if !text.is_empty() {
            self.earlier.write_all(std::mem::replace(&mut self.last, text).as_bytes())?;
        }
        Ok(())
    }

    /// Whether a document may begin where the next text does.
    pub(crate) fn is_at_line_start(&self) -> bool {
        self.last.is_empty() || self.last.ends_with('\n')
    }

    /// Writes everything, in as few writes as there can be.
    pub(crate) fn copy_to(self, out: &mut impl Write) -> std::io::Result<()> {
        match self.earlier.into_inner() {
            SpooledData::InMemory(earlier) => out.write_all(earlier.get_ref())?,
            SpooledData::OnDisk(mut file) => {
                file.seek(SeekFrom::Start(0))?;
                let mut buffer = vec![0; 256 * 1024];
                loop {
                    match file.read(&mut buffer)? {
                        0 => break,
                        n => out.write_all(&buffer[..n])?,
                    }
                }
            }
        }
        out.write_all(self.last.as_bytes())?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_MEMORY, Spool};

    fn copied(spool: Spool) -> Vec<u8> {
        let mut out = Vec::new();
        spool.copy_to(&mut out).unwrap();
        out
    }

    #[test]
    fn texts_come_out_in_order() {
        assert_eq!(copied(Spool::default()), b"");
        let mut spool = Spool::default();
        for text in ["a\n", "", "b", "c\n"] {
            spool.push(text.to_owned()).unwrap();
        }
        assert_eq!(copied(spool), b"a\nbc\n");
    }

    #[test]
    fn what_is_too_large_for_memory_comes_out_as_well() {
        let mut spool = Spool::default();
        let large = "x".repeat(IN_MEMORY / 2 + 1);
        for _ in 0..3 {
            spool.push(large.clone()).unwrap();
        }
        spool.push("end".to_owned()).unwrap();
        assert_eq!(copied(spool), [&large, &large, &large, "end"].concat().as_bytes());
    }

    #[test]
    fn an_empty_text_ends_no_line() {
        let mut spool = Spool::default();
        assert!(spool.is_at_line_start());
        spool.push("a".to_owned()).unwrap();
        spool.push(String::new()).unwrap();
        assert!(!spool.is_at_line_start());
        spool.push("b\n".to_owned()).unwrap();
        assert!(spool.is_at_line_start());
    }
}
