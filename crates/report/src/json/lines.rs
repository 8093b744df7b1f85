//! NDJSON: a line an endpoint, as they come. A file without its last line is an incomplete round.

use std::io::{self, Write};

use serde::Serialize;

use super::endpoint::EndpointView;
use super::round::{RoundView, StartedView};
use super::write_json;
use crate::{Closed, EndpointLine, Opened, Report, TargetFinding};

/// The report in progress.
pub(crate) struct Lines {
    opened: Opened,
    out: Box<dyn Write + Send>,
    line: Vec<u8>,
}

impl Lines {
    /// Writes the first line.
    pub(crate) fn begin(opened: Opened, out: Box<dyn Write + Send>) -> io::Result<Self> {
        let mut lines = Self { opened, out, line: Vec::new() };
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

    fn finish(mut self: Box<Self>, closed: &Closed) -> io::Result<()> {
        let round = RoundView::new(&self.opened, closed);
        let last = Ending { round, findings: &closed.findings };
        write_json(&mut self.line, &Line::Round(last))?;
        self.end_line()
    }
}

/// One line of any kind.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "lives for one line, and nearly all are endpoints")]
enum Line<'a> {
    RoundStarted(StartedView<'a>),
    Endpoint(EndpointView<'a>),
    Round(Ending<'a>),
}

#[derive(Serialize)]
struct Ending<'a> {
    #[serde(flatten)]
    round: RoundView<'a>,
    findings: &'a [TargetFinding],
}
