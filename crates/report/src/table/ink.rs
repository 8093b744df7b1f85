//! Signs and colours. A colour only ever repeats what a word says.

use anstyle::{AnsiColor, Style as Ansi};
use certvigil_model::{Severity, Verdict};

/// What a piece of text is, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Strong,
    Quiet,
    Grade(Grade),
}

impl Ink {
    /// `text` in this ink, for a terminal that understands colours.
    pub(crate) fn paint(self, text: &str) -> String {
        let ansi = match self {
            Self::Plain => return text.to_owned(),
            Self::Strong => Ansi::new().bold(),
            Self::Quiet => Ansi::new().dimmed(),
            Self::Grade(grade) => Ansi::new().bold().fg_color(Some(grade.color().into())),
        };
        format!("{ansi}{text}{ansi:#}")
    }
}

/// Verdicts and severities, which share their words and their looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    Critical,
    Unknown,
    Warning,
    Accepted,
    Info,
    Ok,
}

impl Grade {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Accepted => "accepted",
            Self::Info => "info",
            Self::Ok => "ok",
        }
    }

    /// One column, told apart without its colour.
    pub(crate) const fn sign(self) -> char {
        match self {
            Self::Critical => '✗',
            Self::Unknown => '?',
            Self::Warning => '!',
            Self::Accepted | Self::Info => '·',
            Self::Ok => '✓',
        }
    }

    const fn color(self) -> AnsiColor {
        match self {
            Self::Critical => AnsiColor::Red,
            Self::Unknown => AnsiColor::Magenta,
            Self::Warning => AnsiColor::Yellow,
            Self::Accepted | Self::Info => AnsiColor::Cyan,
            Self::Ok => AnsiColor::Green,
        }
    }

    /// `✗ critical`, all grades equally wide.
    pub(crate) fn badge(self) -> String {
        format!("{} {:8}", self.sign(), self.name())
    }
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Unknown => Self::Unknown,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<Verdict> for Grade {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Ok,
            Verdict::Warning => Self::Warning,
            Verdict::Unknown => Self::Unknown,
            Verdict::Critical => Self::Critical,
        }
    }
}
