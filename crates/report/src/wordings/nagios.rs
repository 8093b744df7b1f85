//! What a monitoring plugin prints of a whole round. The exit code is the command's.

use std::io::{self, Write};

use certvigil_model::Verdict;

use crate::Closed;
use crate::entry::{Entry, sentence};
use crate::plugin::{Measured, Printed, State};
use crate::run::Run;
use crate::words::{accepted, count, headline};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let worst = run.worst(SHOWN)?;
    let mut more: Vec<_> = accepted(run.tail).into_iter().collect();
    if let Some(acted) = &run.tail.acted {
        more.push(acted.headline());
        more.extend(acted.lines(SHOWN).into_iter().map(|told| format!("  {}", told.text)));
    }
    more.extend(worst.iter().flat_map(told));
    for entry in run.accepted(SHOWN)? {
        let line = |finding| format!("{}: {}", entry.name(), sentence(finding));
        more.extend(entry.accepted().map(line));
    }
    let printed = Printed {
        state: state(run.tail, &worst),
        status: status(run.tail, &worst),
        measured: measured(run)?,
        more,
    };
    write!(out, "{printed}")?;
    let others = run.count(|verdict| verdict > Verdict::Ok)?.saturating_sub(worst.len() as u64);
    if others > 0 {
        writeln!(out, "... and {} more that are not ok", count(others))?;
    }
    writeln!(out, "{}", headline(run.tail))
}

/// A round that is not whole, or of which nobody is known to have been told, is never good, whatever is known of it.
fn state(closed: &Closed, worst: &[Entry]) -> State {
    match worst.first().map_or(Verdict::Ok, |entry| entry.verdict) {
        Verdict::Critical => State::Critical,
        Verdict::Unknown => State::Unknown,
        _ if !closed.complete() || !closed.told() => State::Unknown,
        Verdict::Warning => State::Warning,
        Verdict::Ok => State::Ok,
    }
}

/// `checked 17 of 20, 3 unknown; …`, with the worst of all.
fn status(closed: &Closed, worst: &[Entry]) -> String {
    let mut line = headline(closed).replace(" · ", "; ");
    if let Some((entry, finding)) = worst.first().and_then(|it| Some((it, it.worst()?))) {
        line.push_str(&format!("; {}: {}", entry.name(), sentence(finding)));
    }
    if let Some(acted) = closed.acted.as_ref().filter(|acted| !acted.is_proven()) {
        line.push_str(&format!("; {}", acted.headline()));
    }
    line
}

/// The findings with their hints, and what they rest on.
fn told(entry: &Entry) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in entry.counting() {
        let word = finding.severity.name().to_uppercase();
        lines.push(format!("{word}: {}: {}", entry.name(), sentence(finding)));
        lines.extend(finding.hint.iter().map(|hint| format!("  → {hint}")));
    }
    lines.extend(entry.proof.iter().map(|(label, words)| format!("  {label}: {words}")));
    lines
}

fn measured(run: &Run<'_>) -> io::Result<Vec<Measured>> {
    let Closed { expected, attempted, checked, accepted, summary, .. } = run.tail;
    let now = run.tail.judged_at.unwrap_or(run.tail.finished_at);
    let first_end = run.first_end()?.map(|end| format!("{}s", end.seconds_since(now)));
    let elapsed = run.tail.finished_at.seconds_since(run.head.started_at);
    let figures = [
        ("expected", expected.to_string()),
        ("attempted", attempted.to_string()),
        ("checked", checked.to_string()),
        ("ok", summary.ok.to_string()),
        ("warning", summary.warning.to_string()),
        ("critical", summary.critical.to_string()),
        ("unknown", summary.unknown.to_string()),
        ("accepted", accepted.to_string()),
        // What nobody knows is U.
        ("first_end", first_end.unwrap_or_else(|| "U".to_owned())),
        ("time", format!("{elapsed}s")),
    ];
    let figure = |(label, value)| Measured { label, value, warning: None, critical: None };
    Ok(figures.map(figure).into())
}

/// Endpoints that are told: a plugin's output has no room for more.
const SHOWN: usize = 8;
