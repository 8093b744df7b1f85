//! The wordings that there are, and the one way to open them.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use crate::html;
use crate::json::{self, Lines};
use crate::run::{Recorder, Run};
use crate::table::Table;
use crate::wordings::{accept, github, junit, markdown, nagios, prometheus, sarif};
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

/// One wording and where it goes.
pub struct Output {
    /// How the report is worded.
    pub format: Format,
    /// Where it goes.
    pub out: Box<dyn io::Write + Send>,
    /// What a table may show there.
    pub style: Style,
}

/// Opens the reports of the round `opened`. Memory stays flat however many endpoints follow: what
/// must wait for the round's end does so in one file without a name in `folder`, or, with none,
/// where the system keeps such files.
///
/// # Errors
/// What a writer says.
pub fn open(
    outputs: Vec<Output>,
    opened: &Opened,
    folder: Option<&Path>,
) -> io::Result<Vec<Box<dyn Report>>> {
    let mut reports: Vec<Box<dyn Report>> = Vec::new();
    let mut recorder = Recorder::new(opened.clone(), folder);
    for Output { format, out, style } in outputs {
        match format.kind() {
            Kind::Live => reports.push(Box::new(Lines::begin(opened.clone(), out, folder)?)),
            Kind::Table => reports.push(Box::new(Table::new(opened.clone(), out, style))),
            Kind::Run(write) => recorder.word(write, out),
        }
    }
    if !recorder.is_idle() {
        reports.push(Box::new(recorder));
    }
    Ok(reports)
}

/// Writes a whole run in one wording.
pub(crate) type Write = fn(&Run<'_>, &mut dyn io::Write) -> io::Result<()>;

/// How a wording comes about.
enum Kind {
    /// As lines come.
    Live,
    /// From the bounded part that it keeps.
    Table,
    /// When the round is over.
    Run(Write),
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
    /// JUnit XML: Jenkins, GitLab.
    Junit,
    /// SARIF 2.1.0: code scanning.
    Sarif,
    /// Workflow commands: annotations of GitHub Actions.
    Github,
    /// What a monitoring plugin prints.
    Nagios,
    /// Prometheus' text format.
    Prometheus,
    /// One page for browsers.
    Html,
    /// Job summaries and issues.
    Markdown,
    /// TOML: the `[[accept]]` tables of all that is red.
    Accept,
}

impl Format {
    /// Every wording, in the order that help texts list them.
    pub const ALL: &[Self] = &[
        Self::Table,
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Nagios,
        Self::Prometheus,
        Self::Html,
        Self::Markdown,
        Self::Accept,
    ];
    /// The wordings of what files hold.
    pub const OF_FILES: &[Self] = &[Self::Table, Self::Json, Self::Ndjson];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Nagios => "nagios",
            Self::Prometheus => "prometheus",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Accept => "accept",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Table => Kind::Table,
            Self::Json => Kind::Run(json::write),
            Self::Ndjson => Kind::Live,
            Self::Junit => Kind::Run(junit::write),
            Self::Sarif => Kind::Run(sarif::write),
            Self::Github => Kind::Run(github::write),
            Self::Nagios => Kind::Run(nagios::write),
            Self::Prometheus => Kind::Run(prometheus::write),
            Self::Html => Kind::Run(html::write),
            Self::Markdown => Kind::Run(markdown::write),
            Self::Accept => Kind::Run(accept::write),
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
