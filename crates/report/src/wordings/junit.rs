//! JUnit XML, as Jenkins and GitLab read it: a test case an endpoint, and one for each thing that
//! is said of targets or of the round. What makes the run fail is a failure; what could not be
//! judged is an error, never "skipped".

use std::fmt;
use std::io::{self, Write};

use certvigil_model::{FailOn, Severity, Time};

use crate::Closed;
use crate::contract::Finding;
use crate::entry::{Entry, worst};
use crate::run::Run;
use crate::words::{accepted, answered, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(run)?;
    let seconds = run.tail.finished_at.millis().saturating_sub(run.head.started_at.millis());
    let counts = format!("{counts} time=\"{:.3}\"", seconds as f64 / 1000.0);
    let started = stamp(run.head.started_at);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"certvigil\" {counts}>")?;
    writeln!(out, "<testsuite name=\"certvigil\" {counts} timestamp=\"{started}\">")?;
    properties(run, out)?;
    round(run, out)?;
    issues(run.tail, out)?;
    for entry in run.worst_first() {
        testcase(&entry?, run.head.fail_on, out)?;
    }
    writeln!(out, "<system-out>{}</system-out>", Xml(&summary(run)))?;
    writeln!(out, "</testsuite>\n</testsuites>")
}

fn properties(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let tail = run.tail;
    writeln!(out, "<properties>")?;
    for (name, value) in [
        ("summary", headline(tail)),
        ("tool", run.head.tool.clone()),
        ("round", run.head.id.clone()),
        ("complete", tail.complete().to_string()),
        ("expected", tail.expected.to_string()),
        ("attempted", tail.attempted.to_string()),
        ("checked", tail.checked.to_string()),
        ("accepted", tail.accepted.to_string()),
    ] {
        writeln!(out, "<property name=\"{name}\" value=\"{}\"/>", Xml(&value))?;
    }
    writeln!(out, "</properties>")
}

fn summary(run: &Run<'_>) -> String {
    match accepted(run.tail) {
        Some(accepted) => format!("{}\n{accepted}", headline(run.tail)),
        None => headline(run.tail),
    }
}

/// A round that is not whole is an error, whatever its endpoints say.
fn round(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<testcase classname=\"certvigil.round\" name=\"every endpoint has a verdict\"")?;
    if run.tail.complete() {
        return writeln!(out, "/>");
    }
    let words = headline(run.tail);
    let missing = format!("attempted {} of {}", run.tail.attempted, run.tail.expected);
    writeln!(
        out,
        "><error type=\"round-incomplete\" message=\"{}\">{}</error></testcase>",
        Xml(&missing),
        Xml(&words)
    )
}

/// An issue that is not known to be there is an error: nobody may have been told.
fn issues(tail: &Closed, out: &mut dyn Write) -> io::Result<()> {
    let Some(acted) = &tail.acted else { return Ok(()) };
    let name = "all who should be told of an issue are known to be";
    writeln!(out, "<testcase classname=\"certvigil.issues\" name=\"{name}\">")?;
    let (headline, lines) = (acted.headline(), acted.lines(ISSUES));
    let texts = |failed: bool| {
        let lines = lines.iter().filter(|told| told.is_failure == failed);
        lines.map(|told| told.text.as_str()).collect::<Vec<_>>().join("\n")
    };
    if !acted.is_proven() {
        let (message, body) = (Xml(&headline), texts(true));
        let body = Xml(&body);
        writeln!(out, "<error type=\"issue-not-confirmed\" message=\"{message}\">{body}</error>")?;
    }
    let rest = format!("{headline}\n{}", texts(false));
    writeln!(out, "<system-out>{}</system-out>\n</testcase>", Xml(rest.trim_end()))
}

fn testcase(entry: &Entry, fail_on: FailOn, out: &mut dyn Write) -> io::Result<()> {
    let service = entry.service.map_or("targets", certvigil_model::Service::name);
    let name = match entry.service {
        Some(_) => entry.name(),
        None => {
            let id = entry.findings.first().map_or("", |finding| &finding.id);
            format!("{id}: {}", entry.name())
        }
    };
    write!(out, "<testcase classname=\"certvigil.{service}\" name=\"{}\"", Xml(&name))?;
    if let Some(origin) = &entry.origin {
        write!(out, " file=\"{}\" line=\"{}\"", Xml(&origin.file), origin.line)?;
    }
    writeln!(out, " time=\"{:.3}\">", entry.elapsed_ms / 1000.0)?;
    if let Some(worst) = judged(entry, fail_on) {
        let element = element(worst);
        let (id, message) = (Xml(&worst.id), Xml(&worst.message));
        let body = told(entry, entry.failing(fail_on));
        writeln!(out, "<{element} type=\"{id}\" message=\"{message}\">{}</{element}>", Xml(&body))?;
    }
    let rest = rest(entry, fail_on);
    if !rest.is_empty() {
        writeln!(out, "<system-out>{}</system-out>", Xml(&rest))?;
    }
    writeln!(out, "</testcase>")
}

/// The worst finding that makes the run fail: a test case has one result.
fn judged(entry: &Entry, fail_on: FailOn) -> Option<&Finding> {
    worst(entry.failing(fail_on))
}

const fn element(finding: &Finding) -> &'static str {
    if matches!(finding.severity, Severity::Unknown) { "error" } else { "failure" }
}

/// The findings in full, and what they rest on.
fn told<'a>(entry: &Entry, findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut lines: Vec<_> = findings.map(full).collect();
    lines.extend(entry.owner.iter().map(|owner| format!("owner: {owner}")));
    lines.extend(entry.proof.iter().map(|(label, words)| format!("{label}: {words}")));
    lines.join("\n")
}

/// What fails nothing is told all the same.
fn rest(entry: &Entry, fail_on: FailOn) -> String {
    let is_rest =
        |finding: &&Finding| finding.accepted.is_some() || !fail_on.fails(finding.severity);
    entry.findings.iter().filter(is_rest).map(full).collect::<Vec<_>>().join("\n")
}

fn full(finding: &Finding) -> String {
    let Finding { severity, id, message, hint, .. } = finding;
    let mut text = format!("{} {id}: {message}", severity.name());
    if let Some(hint) = hint {
        text.push_str(&format!("\n  → {hint}"));
    }
    if let Some(answer) = &finding.accepted {
        text.push_str(&format!("\n  {}", answered(answer)));
    }
    text
}

/// ISO 8601 without a zone, as the format's schema has it; always UTC.
fn stamp(time: Time) -> String {
    time.to_string().chars().take(19).collect()
}

/// Lines about issues.
const ISSUES: usize = 100;

/// How many test cases end how.
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
}

impl Counts {
    fn of(run: &Run<'_>) -> io::Result<Self> {
        let incomplete = u64::from(!run.tail.complete());
        let untold = u64::from(!run.tail.told());
        let tests = 1 + u64::from(run.tail.acted.is_some());
        let mut counts = Self { tests, failures: 0, errors: incomplete + untold };
        for entry in run.worst_first() {
            counts.tests += 1;
            match judged(&entry?, run.head.fail_on).map(element) {
                Some("error") => counts.errors += 1,
                Some(_) => counts.failures += 1,
                None => {}
            }
        }
        Ok(counts)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tests, failures, errors } = self;
        write!(f, "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\"")
    }
}

/// Text as character data or as an attribute's value (XML 1.0 sections 2.4 and 3.3.3), without the
/// characters that XML cannot hold (section 2.2).
struct Xml<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
            for c in inert(line, "\u{fffe}\u{ffff}").chars() {
                match c {
                    '&' => f.write_str("&amp;")?,
                    '<' => f.write_str("&lt;")?,
                    '>' => f.write_str("&gt;")?,
                    '"' => f.write_str("&quot;")?,
                    '\'' => f.write_str("&#39;")?,
                    c => write!(f, "{c}")?,
                }
            }
            f.write_str(end)?;
        }
        Ok(())
    }
}
