//! The wordings that there are, and the one way to open them.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::json::{Document, Lines};
use crate::table::Table;
use crate::{Closed, EndpointLine, Opened, TargetFinding};

/// A wording in progress. What was written of a report that is dropped before its `finish` is an
/// incomplete round, and looks like one.
pub trait Report: Send {
    /// Takes the next endpoint's line, in any order.
    ///
    /// # Errors
    /// What the writer or the spool says.
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()>;

    /// Takes the next finding about targets, in any order: there may be as many as targets.
    ///
    /// # Errors
    /// What the spool says.
    fn target(&mut self, said: &TargetFinding) -> io::Result<()>;

    /// Ends the report and flushes its writer.
    ///
    /// # Errors
    /// What the writer or the spool says.
    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()>;
}

/// Opens a report of the round `opened` that goes to `out`. Memory stays flat however many
/// endpoints follow.
///
/// # Errors
/// What the writer says.
pub fn open(
    format: Format,
    opened: Opened,
    out: Box<dyn Write + Send>,
    style: Style,
) -> io::Result<Box<dyn Report>> {
    Ok(match format {
        Format::Table => Box::new(Table::new(opened, out, style)),
        Format::Json => Box::new(Document::new(opened, out)),
        Format::Ndjson => Box::new(Lines::begin(opened, out)?),
    })
}

/// How a report is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One document: `contracts/report-1.schema.json`.
    Json,
    /// A line an endpoint, as they come.
    Ndjson,
}

impl Format {
    /// Every wording, in the order that help texts list them.
    pub const ALL: &[Self] = &[Self::Table, Self::Json, Self::Ndjson];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.iter().copied().find(|format| format.name() == text).ok_or(UnknownFormat)
    }
}

/// The word names no format of [`Format::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
        write!(f, "a format is one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

/// What the place that a table goes to can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are understood; they only ever repeat what words and signs say.
    pub color: bool,
    /// How many columns a line may take.
    pub width: usize,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
}

impl Style {
    /// What suits a file: no colour, 100 columns, UTF-8.
    pub const fn plain() -> Self {
        Self { color: false, width: 100, unicode: true }
    }
}
