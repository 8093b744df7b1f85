//! JSON: one document, the round first. Its counts are known last, so endpoints wait in a spool.

use std::io::{self, Seek, Write};

use serde::Serialize;
use tempfile::SpooledTempFile;

use super::endpoint::EndpointView;
use super::round::RoundView;
use super::{SCHEMA, write_json};
use crate::{Closed, EndpointLine, Opened, Report};

/// The report in progress.
pub(crate) struct Document {
    opened: Opened,
    out: Box<dyn Write + Send>,
    endpoints: SpooledTempFile,
    text: Vec<u8>,
    is_first: bool,
}

impl Document {
    pub(crate) fn new(opened: Opened, out: Box<dyn Write + Send>) -> Self {
        let endpoints = SpooledTempFile::new(SPOOL_IN_MEMORY);
        Self { opened, out, endpoints, text: Vec::new(), is_first: true }
    }
}

impl Report for Document {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.text.clear();
        self.text.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
        self.is_first = false;
        write_json(&mut self.text, &EndpointView::from(line))?;
        self.endpoints.write_all(&self.text)
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        let Self { opened, mut out, mut endpoints, mut text, .. } = *self;
        text.clear();
        write_json(&mut text, &Head::new(&opened, closed))?;
        text.pop(); // the brace that would end the document here
        text.extend_from_slice(b",\"endpoints\":[");
        out.write_all(&text)?;
        endpoints.rewind()?;
        io::copy(&mut endpoints, &mut out)?;
        text.clear();
        text.extend_from_slice(b"],\n\"findings\":");
        write_json(&mut text, &closed.findings)?;
        text.extend_from_slice(b"}\n");
        out.write_all(&text)?;
        out.flush()
    }
}

/// What stands before the endpoints.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    tool: &'a str,
    round: RoundView<'a>,
}

impl<'a> Head<'a> {
    fn new(opened: &'a Opened, closed: &'a Closed) -> Self {
        Self { schema: SCHEMA, tool: &opened.tool, round: RoundView::new(opened, closed) }
    }
}

/// Below this much text nothing is written to disk.
const SPOOL_IN_MEMORY: usize = 4 << 20;
