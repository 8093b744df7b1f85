//! For people: what is on fire, where, since when, and what to do.
//!
//! Endpoints stream into a bounded `board`; at the end `telling` puts it on a `page`, which makes
//! every text safe and keeps it to the width. Nothing is told by colour alone.

mod block;
mod board;
mod ink;
mod layout;
mod page;
mod place;
mod telling;

use std::io::{self, Write};

use self::board::Board;
pub(crate) use self::ink::{Grade, Ink};
pub(crate) use self::layout::{cut, pad, width};
pub(crate) use self::page::Page;
pub(crate) use self::page::margin;
pub(crate) use self::place::{Place, proof, subject};
use crate::{Closed, EndpointLine, Opened, Report, Style, TargetFinding};

/// The report in progress.
pub(crate) struct Table {
    opened: Opened,
    out: Box<dyn Write + Send>,
    style: Style,
    board: Board,
}

impl Table {
    pub(crate) fn new(opened: Opened, out: Box<dyn Write + Send>, style: Style) -> Self {
        Self { opened, out, style, board: Board::default() }
    }
}

impl Report for Table {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        let now = self.opened.at.unwrap_or(line.capture.looked_at);
        self.board.endpoint(line, now);
        Ok(())
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.board.targets(said);
        Ok(())
    }

    fn finish(mut self: Box<Self>, closed: &Closed) -> io::Result<()> {
        for said in &closed.findings {
            self.board.targets(said);
        }
        let mut page = Page::new(self.style);
        telling::tell(&mut page, &self.board, &self.opened, closed);
        self.out.write_all(page.into_text().as_bytes())?;
        self.out.flush()
    }
}
