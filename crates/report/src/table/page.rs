//! Lines for a terminal: everything that is printed passes through here, so that here is the one
//! place where it is made safe, folded to ASCII where nothing else is shown, and kept to a width.

use std::fmt::Write as _;

use certvigil_model::{begins_log_command, is_unsafe_to_show};

use super::ink::Ink;
use super::layout::{cut, pad, width, wrap};
use crate::Style;

/// The text in progress.
pub(crate) struct Page {
    style: Style,
    width: usize,
    text: String,
}

impl Page {
    pub(crate) fn new(style: Style) -> Self {
        let width = style.width.clamp(*WIDTHS.start(), *WIDTHS.end());
        Self { style, width, text: String::new() }
    }

    /// The lines, none of which the log of a build on GitHub takes for a workflow command. Names
    /// stand at the start of lines here, and long words are broken anywhere.
    pub(crate) fn into_text(self) -> String {
        let Self { text, .. } = self;
        if !text.lines().any(is_workflow_command) {
            return text;
        }
        let escaped = |line: &str| match is_workflow_command(line) {
            true => line.replacen(':', "\\u{3a}", 1),
            false => line.to_owned(),
        };
        text.split_inclusive('\n').map(escaped).collect()
    }

    /// Columns of a line.
    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// One line of pieces; where they are too wide together, the one at `yielding` is cut as far
    /// as it stays readable, and then the last.
    pub(crate) fn line(&mut self, pieces: &[(Ink, &str)], yielding: usize) {
        let mut texts: Vec<_> = pieces.iter().map(|(_, text)| self.safe(text)).collect();
        let last = texts.len().saturating_sub(1);
        self.shorten(&mut texts, yielding, READABLE);
        self.shorten(&mut texts, last, 0);
        while let Some(text) = texts.pop() {
            if !text.trim_end().is_empty() {
                texts.push(text.trim_end().to_owned());
                break;
            }
        }
        for ((ink, _), text) in pieces.iter().zip(&texts) {
            self.put(*ink, text);
        }
        self.text.push('\n');
    }

    fn shorten(&self, texts: &mut [String], yielding: usize, least: usize) {
        let all: usize = texts.iter().map(|text| width(text)).sum();
        let excess = all.saturating_sub(self.width);
        if let Some(text) = texts.get_mut(yielding).filter(|_| excess > 0) {
            let columns = width(text).saturating_sub(excess).max(least);
            *text = cut(text, columns, self.ellipsis());
        }
    }

    /// One line that may be longer than the page: a terminal breaks it, a reader by machine finds
    /// it whole.
    pub(crate) fn whole_line(&mut self, pieces: &[(Ink, String)]) {
        for (ink, text) in pieces {
            let text = self.safe(text);
            self.put(*ink, &text);
        }
        self.text.push('\n');
    }

    /// `text` in as many lines as it takes, after `lead`, below which the further lines stand.
    pub(crate) fn paragraph(&mut self, lead: (Ink, &str), ink: Ink, text: &str) {
        self.railed((Ink::Plain, ""), lead, ink, text);
    }

    /// A paragraph whose every line begins with `rail`.
    pub(crate) fn railed(&mut self, rail: (Ink, &str), lead: (Ink, &str), ink: Ink, text: &str) {
        let (before, head) = (self.safe(rail.1), self.safe(lead.1));
        let columns = width(&head);
        let room = self.width.saturating_sub(width(&before) + columns);
        for (position, line) in wrap(&self.safe(text), room).iter().enumerate() {
            let is_bare = line.is_empty() && head.is_empty();
            self.put(rail.0, if is_bare { before.trim_end() } else { &before });
            if position == 0 {
                self.put(lead.0, &head);
            } else {
                self.text.push_str(&" ".repeat(columns));
            }
            self.put(ink, line);
            self.text.push('\n');
        }
    }

    /// `text` in as many lines as it takes, the first of them after `leads`, the others below it.
    pub(crate) fn hanging(&mut self, leads: &[(Ink, String)], ink: Ink, text: &str) {
        let leads: Vec<_> = leads.iter().map(|(ink, lead)| (*ink, self.safe(lead))).collect();
        let columns = leads.iter().map(|(_, lead)| width(lead)).sum();
        let room = self.width.saturating_sub(columns).max(READABLE);
        for (position, line) in wrap(&self.safe(text), room).iter().enumerate() {
            if position == 0 {
                leads.iter().for_each(|(ink, lead)| self.put(*ink, lead));
            } else {
                self.text.push_str(&" ".repeat(columns));
            }
            self.put(ink, line);
            self.text.push('\n');
        }
    }

    /// Rows below each other in columns. A row that is too wide for that is broken like a
    /// paragraph.
    pub(crate) fn rows(&mut self, rows: &[Row]) {
        let lead = rows.iter().map(|row| width(&row.lead.1)).max().unwrap_or(0);
        let room = self.width.saturating_sub(lead);
        let cells: Vec<Vec<_>> =
            rows.iter().map(|row| row.cells.iter().map(|cell| self.safe(cell)).collect()).collect();
        let columns = columns(&cells, room);
        for (row, cells) in rows.iter().zip(&cells) {
            let padded = cells.iter().zip(&columns).map(|(cell, column)| pad(cell, *column));
            let line = padded.collect::<Vec<_>>().join("  ");
            let (ink, text) = (row.lead.0, pad(&row.lead.1, lead));
            if width(line.trim_end()) <= room {
                self.put(ink, &self.safe(&text));
                self.text.push_str(line.trim_end());
                self.text.push('\n');
            } else {
                self.paragraph((ink, &text), Ink::Plain, &line);
            }
            for below in &row.below {
                self.paragraph((Ink::Plain, &" ".repeat(lead + INDENT)), Ink::Plain, below);
            }
        }
    }

    /// A word in the margin and what it stands for.
    pub(crate) fn labelled(&mut self, label: &str, ink: Ink, text: &str) {
        self.paragraph((Ink::Quiet, &margin(label)), ink, text);
    }

    fn put(&mut self, ink: Ink, text: &str) {
        if self.style.color && !text.trim().is_empty() {
            self.text.push_str(&ink.paint(text));
        } else {
            self.text.push_str(text);
        }
    }

    const fn ellipsis(&self) -> &'static str {
        if self.style.unicode { "…" } else { "..." }
    }

    /// `text` without anything that drives a terminal, and in ASCII where nothing else is shown.
    fn safe(&self, text: &str) -> String {
        let mut safe = String::with_capacity(text.len());
        let mut before = None;
        for c in text.chars() {
            match c {
                _ if is_unsafe_to_show(c) || begins_log_command(before, c) => {
                    escape(&mut safe, c);
                }
                _ if self.style.unicode || c.is_ascii() => safe.push(c),
                _ => match ascii(c) {
                    Some(text) => safe.push_str(text),
                    None => escape(&mut safe, c),
                },
            }
            before = Some(c);
        }
        safe
    }
}

/// One row of a table.
pub(crate) struct Row {
    pub(crate) lead: (Ink, String),
    pub(crate) cells: Vec<String>,
    /// Paragraphs below it, a little further in.
    pub(crate) below: Vec<String>,
}

/// The widest cell of each column that takes no more than half of the room.
fn columns(rows: &[Vec<String>], room: usize) -> Vec<usize> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell));
        widths.filter(|width| *width <= room / 2).max().unwrap_or(0)
    };
    (0..count).map(widest).collect()
}

/// A word in the margin.
pub(crate) fn margin(label: &str) -> String {
    format!("{:INDENT$}{label:LABEL$}", "")
}

/// `::name …::…`, behind blanks or not.
fn is_workflow_command(line: &str) -> bool {
    line.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"))
}

fn escape(out: &mut String, c: char) {
    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
}

/// Our own signs in ASCII.
const fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '✗' => "x",
        '✓' => "+",
        '·' => "-",
        '→' => "->",
        '←' => "<-",
        '…' => "...",
        '“' | '”' => "\"",
        '‘' | '’' => "'",
        '–' | '—' => "-",
        '│' | '├' | '┤' => "|",
        '┆' => ":",
        '━' => "=",
        '─' => "-",
        '┄' => ".",
        '●' => "@",
        '▶' => ">",
        '≤' => "<=",
        '≥' => ">=",
        _ => return None,
    })
}

/// Blanks in front of what belongs to a heading.
pub(crate) const INDENT: usize = 2;
/// What a cut name keeps at least.
const READABLE: usize = 12;
/// The margin that labels stand in.
const LABEL: usize = 8;
/// A narrower page cannot hold an address; a wider one is hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;
