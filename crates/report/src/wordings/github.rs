//! GitHub workflow commands: annotations at the lines where targets stand. GitHub shows ten errors
//! and ten warnings of a step and drops the rest without a word, so the worst are told and the
//! rest counted.

use std::fmt;
use std::io::{self, Write};

use certvigil_model::{Severity, Verdict};

use crate::contract::Finding;
use crate::entry::{Entry, is_error};
use crate::run::Run;
use crate::words::{accepted, answered, counted, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    round(run, out)?;
    let mut told = Told::default();
    for entry in run.worst_first() {
        told.entry(&entry?, out)?;
    }
    told.rest(out)?;
    if let Some(words) = accepted(run.tail) {
        writeln!(out, "{words}")?;
    }
    writeln!(out, "{}", headline(run.tail))
}

/// The headline is an annotation itself where the round is not whole.
fn round(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let words = headline(run.tail);
    if run.tail.complete() {
        return writeln!(out, "{words}");
    }
    let (attempted, expected) = (run.tail.attempted, run.tail.expected);
    let words = format!("attempted {attempted} of {expected}; {words}");
    let title = Property("certvigil: the round is not complete");
    writeln!(out, "::error title={title}::{}", Data(&words))
}

/// How much was told, so that the rest can be counted.
#[derive(Default)]
struct Told {
    errors: Level,
    warnings: Level,
    notices: Level,
}

#[derive(Default)]
struct Level {
    told: usize,
    more: u64,
}

impl Level {
    /// Whether there is room for one more.
    const fn admits(&mut self) -> bool {
        if self.told < SHOWN {
            self.told += 1;
            return true;
        }
        self.more += 1;
        false
    }
}

impl Told {
    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        if let Some(worst) = entry.worst() {
            let (command, level) = match is_error(worst.severity) {
                true => ("error", &mut self.errors),
                false => ("warning", &mut self.warnings),
            };
            if level.admits() {
                annotation(command, entry, worst, &told(entry, entry.counting()), out)?;
            }
        }
        if let Some(first) = entry.accepted().next()
            && self.notices.admits()
        {
            annotation("notice", entry, first, &told(entry, entry.accepted()), out)?;
        }
        Ok(())
    }

    fn rest(&self, out: &mut dyn Write) -> io::Result<()> {
        for (level, verdict) in [
            (&self.errors, "critical or unknown"),
            (&self.warnings, Verdict::Warning.name()),
            (&self.notices, "with what is accepted"),
        ] {
            if level.more > 0 {
                writeln!(out, "… and {} {verdict}", counted(level.more, "more endpoint"))?;
            }
        }
        Ok(())
    }
}

fn annotation(
    command: &str,
    entry: &Entry,
    finding: &Finding,
    words: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = format!("{}: {}", finding.id, entry.name());
    write!(out, "::{command} ")?;
    if let Some(origin) = &entry.origin {
        write!(out, "file={},line={},", Property(&origin.file), origin.line)?;
    }
    writeln!(out, "title={}::{}", Property(&title), Data(words))
}

/// Findings with their hints, and what they rest on.
fn told<'a>(entry: &Entry, findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut lines = Vec::new();
    for Finding { severity, id, message, hint, accepted, .. } in findings {
        let word = if *severity == Severity::Info { "" } else { severity.name() };
        lines.push(format!("{word} {id}: {message}").trim_start().to_owned());
        lines.extend(hint.iter().map(|hint| format!("→ {hint}")));
        lines.extend(accepted.iter().map(answered));
    }
    lines.extend(entry.owner.iter().map(|owner| format!("owner: {owner}")));
    lines.extend(entry.proof.iter().map(|(label, words)| format!("{label}: {words}")));
    lines.join("\n")
}

/// What stands behind the second `::`; its lines end as `%0A`.
struct Data<'a>(&'a str);

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, line) in self.0.split('\n').enumerate() {
            let line = inert(line, "").replace('%', "%25");
            write!(f, "{}{line}", if position == 0 { "" } else { "%0A" })?;
        }
        Ok(())
    }
}

/// The value of a property, which a comma or a colon would end.
struct Property<'a>(&'a str);

impl fmt::Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = inert(self.0, "").replace('%', "%25");
        f.write_str(&text.replace(':', "%3A").replace(',', "%2C"))
    }
}

/// Annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;
