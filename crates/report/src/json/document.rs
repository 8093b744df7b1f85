//! JSON: one document, the round first. Its counts are known last, so all the rest waits in a
//! spool.

use std::io::{self, Write};

use serde::Serialize;

use super::endpoint::EndpointView;
use super::round::RoundView;
use super::spool::Spool;
use super::{SCHEMA, write_json};
use crate::{Closed, EndpointLine, Opened, Report, TargetFinding};

/// The report in progress.
pub(crate) struct Document {
    opened: Opened,
    out: Box<dyn Write + Send>,
    endpoints: Spool,
    findings: Spool,
}

impl Document {
    pub(crate) fn new(opened: Opened, out: Box<dyn Write + Send>) -> Self {
        Self { opened, out, endpoints: Spool::by_lines(), findings: Spool::in_line() }
    }
}

impl Report for Document {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.endpoints.add(&EndpointView::from(line))
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.findings.add(said)
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        let Self { opened, mut out, endpoints, mut findings } = *self;
        closed.findings.iter().try_for_each(|said| findings.add(said))?;
        let mut head = Vec::new();
        write_json(&mut head, &Head::new(&opened, closed))?;
        head.pop(); // the brace that would end the document here
        out.write_all(&head)?;
        out.write_all(b",\"endpoints\":[")?;
        endpoints.copy_to(&mut out)?;
        out.write_all(b"],\n\"findings\":[")?;
        findings.copy_to(&mut out)?;
        out.write_all(b"]}\n")?;
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
