//! Markdown for job summaries and issues: the worst first, short enough for an issue.
//!
//! Whatever somebody else chose stands in code spans: there no renderer makes a link, a mention, a
//! reference to an issue or a commit, or HTML of it.

use std::fmt;
use std::io::{self, Write};

use certvigil_model::Verdict;

use crate::acted::Told;
use crate::contract::Finding;
use crate::entry::Entry;
use crate::run::Run;
use crate::table::Grade;
use crate::words::{accepted, answered, count, counted, day, headline, inert, took};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let worst = run.worst(SHOWN)?;
    writeln!(out, "## certvigil: {}\n", headline(run.tail))?;
    frame(run, out)?;
    overview(&worst, out)?;
    for entry in &worst {
        block(entry, out)?;
    }
    let more = run.count(|verdict| verdict > Verdict::Ok)?.saturating_sub(worst.len() as u64);
    if more > 0 {
        writeln!(out, "\n… and {} more that are not ok", count(more))?;
    }
    acceptances(run, out)?;
    issues(run, out)?;
    writeln!(out, "\n{}", headline(run.tail))
}

fn frame(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (head, tail) = (run.head, run.tail);
    if !tail.complete() {
        let (attempted, expected) = (tail.attempted, tail.expected);
        writeln!(out, "**This round is not complete: attempted {attempted} of {expected}.**\n")?;
    }
    let elapsed = tail.finished_at.millis().saturating_sub(head.started_at.millis());
    let elapsed = std::time::Duration::from_millis(u64::try_from(elapsed).unwrap_or(0));
    write!(out, "Looked {} for {}", head.started_at, took(elapsed))?;
    if let Some(location) = &head.location {
        write!(out, " from {}", Code(location))?;
    }
    if let Some(at) = tail.judged_at {
        write!(out, ", judged as of {at}")?;
    }
    writeln!(out, ".")?;
    for not in &tail.not_looked {
        let addresses = counted(not.addresses, "address");
        writeln!(out, "IPv{} was not looked at: {addresses}, {}.", not.family, Code(&not.why))?;
    }
    Ok(())
}

/// All that is red at a glance.
fn overview(reddened: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    if reddened.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| | where | finding | ends | owner |\n|---|---|---|---|---|")?;
    for entry in reddened {
        let Some(worst) = entry.worst() else { continue };
        let others = entry.counting().count().saturating_sub(1);
        let others = if others > 0 { format!(" (+{others})") } else { String::new() };
        let ends = entry.ends.map(day).unwrap_or_default();
        let owner = entry.owner.as_ref().map(|owner| Code(owner).to_string()).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {}{others} | {ends} | {owner} |",
            badge(worst),
            Code(&entry.name()),
            Code(&worst.id)
        )?;
    }
    Ok(())
}

/// One endpoint with its findings and their proof.
fn block(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n### {}\n", Code(&entry.name()))?;
    for finding in entry.counting() {
        writeln!(out, "- {} {}: {}", badge(finding), Code(&finding.id), Code(&finding.message))?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "  - → {}", Code(hint))?;
        }
    }
    for (label, words) in &entry.proof {
        writeln!(out, "- {label} {}", Code(words))?;
    }
    if let Some(origin) = &entry.origin {
        writeln!(out, "- written at {}", Code(&format!("{}:{}", origin.file, origin.line)))?;
    }
    Ok(())
}

fn badge(finding: &Finding) -> String {
    let grade = Grade::from(finding.severity);
    format!("{} {}", grade.sign(), grade.name())
}

fn acceptances(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(words) = accepted(run.tail) else { return Ok(()) };
    writeln!(out, "\n### {words}\n")?;
    for entry in run.accepted(SHOWN)? {
        for finding in entry.accepted() {
            let answer = finding.accepted.as_ref().map(answered).unwrap_or_default();
            writeln!(
                out,
                "- {} {}: {}, {}",
                Code(&entry.name()),
                Code(&finding.id),
                Code(&finding.message),
                Code(&answer)
            )?;
        }
    }
    Ok(())
}

fn issues(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(acted) = &run.tail.acted else { return Ok(()) };
    writeln!(out, "\n### {}\n", acted.headline())?;
    for Told { is_failure, text } in acted.lines(SHOWN) {
        let sign = if is_failure { format!("{} ", Grade::Critical.sign()) } else { String::new() };
        writeln!(out, "- {sign}{}", Code(&text))?;
    }
    Ok(())
}

/// A code span: its text holds no backtick, which would end it, and no bar, which would end the
/// cell of a table.
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = inert(self.0.trim(), "`|");
        write!(f, "`{}`", if text.is_empty() { "-" } else { &text })
    }
}

/// An issue holds 65,536 characters; an entry takes some 1,000, and half of them in the worst case
/// of its names.
const SHOWN: usize = 30;
