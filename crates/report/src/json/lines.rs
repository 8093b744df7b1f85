//! NDJSON: a line an endpoint, as they come. A file without its last line is an incomplete round.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::document::write_list;
use super::round::{RoundView, StartedView};
use super::write_json;
use crate::contract::{Endpoint, Said};
use crate::spool::{Rank, Spool};
use crate::{Closed, EndpointLine, Opened, Report, TargetFinding};

/// The report in progress.
pub(crate) struct Lines {
    opened: Opened,
    out: Box<dyn Write + Send>,
    line: Vec<u8>,
    /// They belong on the last line.
    findings: Spool<Said>,
}

impl Lines {
    /// Writes the first line; what must wait does so in `folder`.
    pub(crate) fn begin(
        opened: Opened,
        out: Box<dyn Write + Send>,
        folder: Option<&Path>,
    ) -> io::Result<Self> {
        let mut lines = Self { opened, out, line: Vec::new(), findings: Spool::new(folder) };
        write_json(&mut lines.line, &Line::RoundStarted((&lines.opened).into()))?;
        lines.end_line()?;
        Ok(lines)
    }

    /// Whole lines only, each as soon as it is there: a reader that follows along, and one that
    /// finds what a killed process left, sees no half of one.
    fn end_line(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.line.clear();
        self.out.flush()
    }
}

impl Report for Lines {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        write_json(&mut self.line, &Line::Endpoint(line.into()))?;
        self.end_line()
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        let said = Said::from(said);
        self.findings.add(Rank::new(said.verdict(), None), &said)
    }

    fn finish(mut self: Box<Self>, closed: &Closed) -> io::Result<()> {
        closed.findings.iter().try_for_each(|said| self.target(said))?;
        let Self { opened, mut out, mut line, findings } = *self;
        write_json(&mut line, &Line::Round(RoundView::new(&opened, closed)))?;
        line.pop(); // the brace that would end the line here
        out.write_all(&line)?;
        out.write_all(b",\"findings\":[")?;
        write_list(&mut out, b"", findings.texts())?;
        out.write_all(b"]}\n")?;
        out.flush()
    }
}

/// One line of any kind.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "lives for one line, and nearly all are endpoints")]
enum Line<'a> {
    RoundStarted(StartedView<'a>),
    Endpoint(Endpoint),
    Round(RoundView<'a>),
}
