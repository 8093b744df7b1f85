//! GitHub workflow commands: annotations at the lines where targets stand. GitHub shows ten errors
//! and ten warnings of a step and drops the rest without a word, so the worst are told and the
//! rest counted.

use std::fmt;
use std::io::{self, Write};

use certvigil_model::{Severity, Verdict};

use crate::acted::WITHOUT_STORE;
use crate::contract::Finding;
use crate::entry::Entry;
use crate::run::Run;
use crate::words::{accepted, answered, count, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    round(run, out)?;
    issues(run, out)?;
    level("error", "critical or unknown", |verdict| verdict > Verdict::Warning, run, out)?;
    level("warning", "warning", |verdict| verdict == Verdict::Warning, run, out)?;
    for entry in run.accepted(SHOWN)? {
        let first = entry.accepted().next();
        annotation("notice", &entry, first, &told(&entry, entry.accepted()), out)?;
    }
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

/// What was done about issues; a failure is an annotation of its own, before all others.
fn issues(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(acted) = &run.tail.acted else { return Ok(()) };
    let told: Vec<_> = acted.lines(usize::MAX).into_iter().filter(|told| told.is_failure).collect();
    if !acted.is_proven() {
        let lines = told.into_iter().map(|told| told.text).collect::<Vec<_>>();
        let words = lines.join("\n");
        let title = Property("certvigil: not everybody who should be told is known to be");
        writeln!(out, "::error title={title}::{}", Data(&words))?;
    }
    writeln!(out, "{}", acted.headline())?;
    if !acted.has_store {
        writeln!(out, "{WITHOUT_STORE}")?;
    }
    Ok(())
}

/// The worst of `wanted` verdicts, and how many more there are.
fn level(
    command: &str,
    words: &str,
    wanted: impl Fn(Verdict) -> bool,
    run: &Run<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let worst = run.worst_of(&wanted, SHOWN)?;
    for entry in &worst {
        annotation(command, entry, entry.worst(), &told(entry, entry.counting()), out)?;
    }
    match run.count(wanted)?.saturating_sub(worst.len() as u64) {
        0 => Ok(()),
        more => writeln!(out, "… and {} more {words}", count(more)),
    }
}

fn annotation(
    command: &str,
    entry: &Entry,
    finding: Option<&Finding>,
    words: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let id = finding.map_or("", |finding| &finding.id);
    let title = format!("{id}: {}", entry.name());
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
