//! JSON: one document, the round first.

use std::io::{self, Write};

use serde::Serialize;

use super::round::RoundView;
use super::{SCHEMA, write_json};
use crate::run::Run;

/// Writes the run as one document, a line an endpoint.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut head = Vec::new();
    write_json(&mut head, &Head::from(run))?;
    head.pop(); // the brace that would end the document here
    out.write_all(&head)?;
    out.write_all(b",\"endpoints\":[")?;
    write_list(out, b"\n", run.endpoint_texts())?;
    out.write_all(b"],\n\"findings\":[")?;
    write_list(out, b"", run.said_texts())?;
    out.write_all(b"]}\n")
}

/// Writes what stands between the brackets of a list, `lead` in front of each entry.
pub(crate) fn write_list(
    out: &mut dyn Write,
    lead: &[u8],
    entries: impl Iterator<Item = io::Result<Vec<u8>>>,
) -> io::Result<()> {
    for (position, entry) in entries.enumerate() {
        out.write_all(if position == 0 { b"" } else { b"," })?;
        out.write_all(lead)?;
        out.write_all(&entry?)?;
    }
    Ok(())
}

/// What stands before the endpoints.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'a str,
    tool: &'a str,
    round: RoundView<'a>,
}

impl<'a> From<&Run<'a>> for Head<'a> {
    fn from(run: &Run<'a>) -> Self {
        Self { schema: SCHEMA, tool: &run.head.tool, round: RoundView::new(run.head, run.tail) }
    }
}
