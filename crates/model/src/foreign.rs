//! Text that somebody else chose.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// Text from a certificate, a peer or a file: hostile until a sink has escaped it.
///
/// It has no `Display` on purpose. Words of ours take it by [`Foreign::shown`], which gives one
/// bounded line without control or direction marks; a sink with a markup of its own (HTML,
/// Markdown, CSV) escapes that line once more.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Foreign(String);

impl Foreign {
    /// Wraps text that somebody else chose.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Wraps bytes that should be text; what is not UTF-8 becomes `\XX` (RFC 4514 section 2.4).
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                let _ = write!(text, "\\{byte:02X}");
            }
        }
        Self(text)
    }

    /// The text as it came, for comparing and for sinks that escape by themselves.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The text as one bounded line that any terminal can take.
    pub fn shown(&self) -> Shown<'_> {
        Shown { text: &self.0, limit: Shown::LIMIT }
    }

    /// Like [`Foreign::shown`], cut after `limit` characters.
    pub fn shown_within(&self, limit: usize) -> Shown<'_> {
        Shown { text: &self.0, limit }
    }
}

/// Displays [`Foreign`] text escaped: one line, bounded, nothing that moves a cursor or turns a line.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    text: &'a str,
    limit: usize,
}

impl Shown<'_> {
    /// Characters shown before the rest becomes `…`.
    pub const LIMIT: usize = 200;
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for (count, c) in self.text.chars().enumerate() {
            if count == self.limit {
                return f.write_char('…');
            }
            if is_unsafe_to_show(c) || begins_log_command(before, c) {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                f.write_char(c)?;
            }
            before = Some(c);
        }
        Ok(())
    }
}

/// Controls (C0, DEL, C1), line and paragraph separators, direction marks, zero-width and tag
/// characters: what can forge a line, hide text or drive a terminal. Sinks with an escape of their
/// own ask this too, so that the list stands once.
pub fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Whether `c` behind `before` may begin what the log of a build takes for a command wherever it
/// stands in a line: `##[…` (GitHub Actions), `##vso[…` (Azure Pipelines), `##teamcity[…`.
pub fn begins_log_command(before: Option<char>, c: char) -> bool {
    (before, c) == (Some('#'), '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_drives_a_terminal_comes_out() {
        for (given, want) in [
            ("www.example.org", "www.example.org"),
            ("a\u{1b}[31mred", "a\\u{1b}[31mred"),
            ("two\nlines\r\n", "two\\u{a}lines\\u{d}\\u{a}"),
            ("nul\0", "nul\\u{0}"),
            ("\u{202e}gro.elpmaxe", "\\u{202e}gro.elpmaxe"),
            ("c1\u{9b}31m", "c1\\u{9b}31m"),
            ("bücher.example", "bücher.example"),
            ("x ##vso[task.setvariable]", "x #\\u{23}vso[task.setvariable]"),
            ("###[group]", "#\\u{23}\\u{23}[group]"),
            ("tls://a.example#b", "tls://a.example#b"),
        ] {
            assert_eq!(Foreign::new(given).shown().to_string(), want);
        }
    }

    #[test]
    fn long_text_is_cut_and_bad_bytes_are_hex() {
        assert_eq!(Foreign::new("abcdef").shown_within(3).to_string(), "abc…");
        assert_eq!(Foreign::new("abc").shown_within(3).to_string(), "abc");
        assert_eq!(Foreign::from_bytes(b"a\xffb").raw(), "a\\FFb");
    }
}
