//! What a monitoring plugin prints (Monitoring Plugins' guidelines): a status line with performance
//! data, and more lines for the page behind it. The exit code is the command's.

use std::io::{self, Write};

use certvigil_model::Verdict;

use crate::Closed;
use crate::entry::{Entry, sentence};
use crate::run::Run;
use crate::words::{accepted, counted, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut worst = run.worst(SHOWN)?;
    worst.retain(|entry| entry.worst().is_some());
    writeln!(out, "{} | {}", status_line(run.tail, &worst), performance(run)?)?;
    for entry in &worst {
        told(entry, out)?;
    }
    let summary = &run.tail.summary;
    let named = worst.iter().filter(|entry| entry.service.is_some()).count() as u64;
    let more = (summary.critical + summary.unknown + summary.warning).saturating_sub(named);
    if more > 0 {
        writeln!(out, "... and {}", counted(more, "more endpoint"))?;
    }
    for entry in run.accepted(SHOWN)? {
        for finding in entry.accepted() {
            writeln!(out, "{}", text(&format!("{}: {}", entry.name(), sentence(finding))))?;
        }
    }
    if let Some(words) = accepted(run.tail) {
        writeln!(out, "{}", text(&words))?;
    }
    writeln!(out, "{}", text(&headline(run.tail)))
}

/// `CERTVIGIL CRITICAL - checked 17 of 20, 3 unknown; …`, with the worst of all.
fn status_line(closed: &Closed, worst: &[Entry]) -> String {
    let status = status(closed, worst.first().map_or(Verdict::Ok, |entry| entry.verdict));
    let mut line = format!("CERTVIGIL {status} - {}", headline(closed).replace(" · ", "; "));
    if let Some((entry, finding)) = worst.first().and_then(|it| Some((it, it.worst()?))) {
        line.push_str(&format!("; {}: {}", entry.name(), sentence(finding)));
    }
    text(&line)
}

/// A round that is not whole is never good, whatever is known of it.
const fn status(closed: &Closed, worst: Verdict) -> &'static str {
    match worst {
        Verdict::Critical => "CRITICAL",
        Verdict::Unknown => "UNKNOWN",
        _ if closed.attempted != closed.expected => "UNKNOWN",
        Verdict::Warning => "WARNING",
        Verdict::Ok => "OK",
    }
}

/// The worst finding's proof and hint stand below its place.
fn told(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    for finding in entry.counting() {
        let word = finding.severity.name().to_uppercase();
        let line = format!("{word}: {}: {}", entry.name(), sentence(finding));
        writeln!(out, "{}", text(&line))?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "  -> {}", text(hint))?;
        }
    }
    for (label, words) in &entry.proof {
        writeln!(out, "  {label}: {}", text(words))?;
    }
    Ok(())
}

/// `'label'=value[unit];warning;critical;minimum;maximum`; a value that nobody knows is `U`.
fn performance(run: &Run<'_>) -> io::Result<String> {
    let Closed { expected, attempted, checked, accepted, summary, .. } = run.tail;
    let mut data: Vec<_> = [
        ("expected", *expected),
        ("attempted", *attempted),
        ("checked", *checked),
        ("ok", summary.ok),
        ("warning", summary.warning),
        ("critical", summary.critical),
        ("unknown", summary.unknown),
        ("accepted", *accepted),
    ]
    .map(|(label, count)| format!("{label}={count};;;0;"))
    .into();
    let now = run.tail.judged_at.unwrap_or(run.tail.finished_at);
    let left = run.first_end()?.map(|end| end.seconds_since(now));
    data.push(match left {
        Some(seconds) => format!("first_end={seconds}s;;;;"),
        None => "first_end=U".to_owned(),
    });
    let elapsed = run.tail.finished_at.seconds_since(run.head.started_at);
    data.push(format!("time={elapsed}s;;;0;{}", run.tail.bound.as_secs()));
    Ok(data.join(" "))
}

/// One line without a bar, which would begin performance data, and without what Nagios' pages take
/// for HTML and its macros for a shell.
fn text(text: &str) -> String {
    inert(text, "|<>&`$")
}

/// Nagios keeps 8 KiB of a plugin's output.
const SHOWN: usize = 10;
