//! For people: what is on fire, where, since when, and what to do.

use std::io::{self, Write};

use crate::{Closed, EndpointLine, Opened, Report, Style};

/// The report in progress.
pub(crate) struct Table {
    out: Box<dyn Write + Send>,
}

impl Table {
    pub(crate) fn new(_opened: Opened, out: Box<dyn Write + Send>, _style: Style) -> Self {
        Self { out }
    }
}

impl Report for Table {
    fn endpoint(&mut self, _line: &EndpointLine) -> io::Result<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>, closed: &Closed) -> io::Result<()> {
        let Closed { checked, expected, summary, .. } = closed;
        writeln!(self.out, "checked {checked} of {expected}, {} unknown", summary.unknown)?;
        self.out.flush()
    }
}
