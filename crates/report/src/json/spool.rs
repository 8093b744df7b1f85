//! Values that must wait for their place in a document: in memory while they are few, then in an
//! unnamed file, so that memory stays flat in their number.

use std::io::{self, Seek as _, Write};

use serde::Serialize;
use tempfile::SpooledTempFile;

use super::write_json;

/// What waits, as the text between the brackets of a list.
pub(crate) struct Spool {
    file: SpooledTempFile,
    text: Vec<u8>,
    before: &'static [u8],
    between: &'static [u8],
    is_empty: bool,
}

impl Spool {
    /// An empty list, all on one line.
    pub(crate) fn in_line() -> Self {
        Self::new(b"", b",")
    }

    /// An empty list with a line for each value.
    pub(crate) fn by_lines() -> Self {
        Self::new(b"\n", b",\n")
    }

    fn new(before: &'static [u8], between: &'static [u8]) -> Self {
        let file = SpooledTempFile::new(IN_MEMORY);
        Self { file, text: Vec::new(), before, between, is_empty: true }
    }

    /// Sets down one more value.
    pub(crate) fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.text.clear();
        self.text.extend_from_slice(if self.is_empty { self.before } else { self.between });
        self.is_empty = false;
        write_json(&mut self.text, value)?;
        self.file.write_all(&self.text)
    }

    /// Writes all of them, the brackets left out.
    pub(crate) fn copy_to(mut self, out: &mut impl Write) -> io::Result<()> {
        self.file.rewind()?;
        io::copy(&mut self.file, out).map(|_| ())
    }
}

/// Below this much text nothing is written to disk.
const IN_MEMORY: usize = 4 << 20;
