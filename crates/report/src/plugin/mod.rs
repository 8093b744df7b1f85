//! What a plugin of a monitoring system prints: a status line, performance data, more lines; by the
//! Monitoring Plugins' guidelines, which Nagios, Icinga, Naemon and Checkmk read alike.

mod one;

use std::fmt::{self, Write as _};

pub use one::{Checked, word};

use crate::words::inert;

/// A plugin's result: the word on its status line and its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 0: looked at, nothing wrong.
    Ok,
    /// 1: a person is needed within days.
    Warning,
    /// 3: the check itself failed.
    Unknown,
    /// 2: clients fail now, or nobody knows.
    Critical,
}

impl State {
    /// The word on the status line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Unknown => "UNKNOWN",
            Self::Critical => "CRITICAL",
        }
    }

    /// The process's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// All that a plugin prints. Its `Display` escapes what a monitoring system would take for more
/// than text, so that nothing that a certificate says gets into a page, a shell or the figures.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The result.
    pub state: State,
    /// What goes behind it on the status line.
    pub status: String,
    /// Figures for graphs.
    pub measured: Vec<Measured>,
    /// Lines that follow; as many as monitoring systems keep.
    pub more: Vec<String>,
}

/// One figure for graphs.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name: letters, digits, `_`.
    pub label: &'static str,
    /// The figure, with its unit behind it where it has one.
    pub value: String,
    /// Where a warning begins.
    pub warning: Option<i64>,
    /// Where critical begins.
    pub critical: Option<i64>,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CERTVIGIL {} - {}", self.state.word(), plain(&self.status))?;
        for (at, measured) in self.measured.iter().enumerate() {
            f.write_str(if at == 0 { " | " } else { " " })?;
            measured.fmt(f)?;
        }
        f.write_char('\n')?;
        let mut left = MORE_LIMIT;
        for (at, line) in self.more.iter().enumerate() {
            let line = plain(line);
            let Some(rest) = left.checked_sub(line.len() + 1) else {
                return writeln!(f, "and {} lines more", self.more.len() - at);
            };
            left = rest;
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = |limit: Option<i64>| limit.map(|days| days.to_string()).unwrap_or_default();
        let Self { label, value, warning, critical } = self;
        write!(f, "{label}={value};{};{};;", limit(*warning), limit(*critical))
    }
}

/// Text on one bounded line, without a bar, which would begin figures, and without what pages take
/// for HTML and macros for a shell.
fn plain(text: &str) -> String {
    let end = text.char_indices().nth(LINE_LIMIT).map(|(end, _)| end);
    let more = if end.is_some() { "…" } else { "" };
    inert(&text[..end.unwrap_or(text.len())], HOSTILE) + more
}

/// What means something to monitoring systems.
const HOSTILE: &str = "|<>&`$";

/// Characters in a line.
const LINE_LIMIT: usize = 1000;

/// Bytes after the status line: Nagios keeps 8 KiB of all that a plugin prints.
const MORE_LIMIT: usize = 6000;

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(status: &str, more: Vec<String>) -> String {
        let value = "89".to_owned();
        let days = Measured { label: "days", value, warning: Some(20), critical: None };
        let measured = vec![days];
        Printed { state: State::Ok, status: status.to_owned(), measured, more }.to_string()
    }

    /// The form of the guidelines' section "Performance data", the names of check_ssl_cert.
    #[test]
    fn a_status_line_ends_with_the_figures() {
        assert_eq!(printed("fine", Vec::new()), "CERTVIGIL OK - fine | days=89;20;;;\n");
    }

    #[test]
    fn nothing_hostile_becomes_a_figure_a_line_markup_or_a_command() {
        let text = printed("a|days=0\n<b>`id`$(id)&amp;\u{1b}[2J", vec!["x|y\rz".to_owned()]);
        assert_eq!(
            text,
            "CERTVIGIL OK - a\\u{7c}days=0\\u{a}\\u{3c}b\\u{3e}\\u{60}id\\u{60}\\u{24}(id)\
             \\u{26}amp;\\u{1b}[2J | days=89;20;;;\nx\\u{7c}y\\u{d}z\n"
        );
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let text = printed(&"x".repeat(5000), vec!["y".repeat(900); 20]);
        assert!(text.len() < 8192, "{}", text.len());
        assert!(text.ends_with("and 14 lines more\n"), "{text}");
    }
}
