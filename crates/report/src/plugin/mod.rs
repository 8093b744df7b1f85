//! What a plugin of a monitoring system prints: a status line, performance data, more lines; by the
//! Monitoring Plugins' guidelines, which Nagios, Icinga, Naemon and Checkmk read alike.

mod one;

use std::fmt::{self, Write as _};

pub use one::{Checked, word};

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
        write!(f, "CERTVIGIL {} - {}", self.state.word(), Plain(&self.status, LINE_LIMIT))?;
        for (at, measured) in self.measured.iter().enumerate() {
            f.write_str(if at == 0 { " | " } else { " " })?;
            measured.fmt(f)?;
        }
        f.write_char('\n')?;
        let mut left = MORE_LIMIT;
        for (at, line) in self.more.iter().enumerate() {
            let line = Plain(line, LINE_LIMIT).to_string();
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

/// Text without what starts figures (`|`), markup, a macro or a command, on one bounded line.
struct Plain<'a>(&'a str, usize);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, c) in self.0.chars().enumerate() {
            match c {
                _ if count == self.1 => return f.write_char('…'),
                '|' | '<' | '>' | '&' | '$' | '`' => write!(f, "\\x{:02x}", u32::from(c))?,
                c if certvigil_model::is_unsafe_to_show(c) => {
                    write!(f, "\\u{{{:x}}}", u32::from(c))?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

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
            "CERTVIGIL OK - a\\x7cdays=0\\u{a}\\x3cb\\x3e\\x60id\\x60\\x24(id)\\x26amp;\\u{1b}[2J \
             | days=89;20;;;\nx\\x7cy\\u{d}z\n"
        );
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let text = printed(&"x".repeat(5000), vec!["y".repeat(900); 20]);
        assert!(text.len() < 8192, "{}", text.len());
        assert!(text.ends_with("and 14 lines more\n"), "{text}");
    }
}
