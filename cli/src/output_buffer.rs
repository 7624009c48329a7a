//! Output that waits until all files are known to be good.

use std::io::{Read, Seek, SeekFrom, Write};
use tempfile::{SpooledData, SpooledTempFile};

/// How large it may grow before it goes to a temporary file.
const IN_MEMORY: usize = 16 * 1024 * 1024;

/// Texts, in order. The last one is kept as it is: if there is one file, as usual, nothing is copied.
#[derive(Debug)]
pub(crate) struct OutputBuffer {
    earlier: SpooledTempFile,
    last: String,
}

impl Default for OutputBuffer {
    fn default() -> Self {
        OutputBuffer { earlier: SpooledTempFile::new(IN_MEMORY), last: String::new() }
    }
}

impl OutputBuffer {
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
    use super::{IN_MEMORY, OutputBuffer};

    fn copied(output_buffer: OutputBuffer) -> Vec<u8> {
        let mut out = Vec::new();
        output_buffer.copy_to(&mut out).unwrap();
        out
    }

    #[test]
    fn texts_come_out_in_order() {
        assert_eq!(copied(OutputBuffer::default()), b"");
        let mut output_buffer = OutputBuffer::default();
        for text in ["a\n", "", "b", "c\n"] {
            output_buffer.push(text.to_owned()).unwrap();
        }
        assert_eq!(copied(output_buffer), b"a\nbc\n");
    }

    #[test]
    fn what_is_too_large_for_memory_comes_out_as_well() {
        let mut output_buffer = OutputBuffer::default();
        let large = "x".repeat(IN_MEMORY / 2 + 1);
        for _ in 0..3 {
            output_buffer.push(large.clone()).unwrap();
        }
        output_buffer.push("end".to_owned()).unwrap();
        assert_eq!(copied(output_buffer), [&large, &large, &large, "end"].concat().as_bytes());
    }

    #[test]
    fn an_empty_text_ends_no_line() {
        let mut output_buffer = OutputBuffer::default();
        assert!(output_buffer.is_at_line_start());
        output_buffer.push("a".to_owned()).unwrap();
        output_buffer.push(String::new()).unwrap();
        assert!(!output_buffer.is_at_line_start());
        output_buffer.push("b\n".to_owned()).unwrap();
        assert!(output_buffer.is_at_line_start());
    }
}
