//! `[[accept]]` tables for a brown field: all that is red today, for a person to go through. What
//! is unknown cannot be accepted and stands as a comment.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use certvigil_model::{Fingerprint, Severity, Time};

use crate::contract::Finding;
use crate::entry::Entry;
use crate::run::Run;
use crate::words::{day, headline, inert};

/// Writes the run.
pub(crate) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}", headline(run.tail))?;
    if !run.tail.complete() {
        writeln!(out, "# attempted {} of {}", run.tail.attempted, run.tail.expected)?;
    }
    writeln!(out, "# Go through each, say why it may stand and whose word that is, or mend it.")?;
    let mut list = List {
        until: run.head.accept_until.unwrap_or(run.tail.finished_at),
        today: run.tail.judged_at.unwrap_or(run.tail.finished_at),
        listed: HashSet::new(),
    };
    for entry in run.worst_first() {
        let entry = entry?;
        for finding in entry.counting() {
            list.finding(&entry, finding, out)?;
        }
    }
    writeln!(out, "\n# {}", headline(run.tail))
}

struct List {
    until: Time,
    today: Time,
    /// What was listed, eight bytes each: several endpoints of a target show the same.
    listed: HashSet<u64>,
}

impl List {
    fn finding(&mut self, entry: &Entry, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        if finding.severity == Severity::Unknown {
            let words = format!("{}: {}: {}", entry.name(), finding.id, finding.message);
            return writeln!(out, "\n# unknown, cannot be accepted: {}", inert(&words, ""));
        }
        let owner = entry.owner.as_deref();
        if entry.targets.is_empty() {
            return self.table(finding, "round = true", "", owner, out);
        }
        for target in &entry.targets {
            let of = format!("target = {}", Text(target.raw()));
            self.table(finding, &of, &entry.place, owner, out)?;
        }
        Ok(())
    }

    fn table(
        &mut self,
        finding: &Finding,
        of: &str,
        place: &str,
        owner: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let pin = finding.certificate.map(|pin| format!("certificate = \"{pin}\"\n"));
        let pin = pin.unwrap_or_default();
        let key = Fingerprint::of(format!("{}\0{of}\0{pin}", finding.id).as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *key.bytes();
        if !self.listed.insert(u64::from_le_bytes([a, b, c, d, e, f, g, h])) {
            return Ok(());
        }
        let gap = if place.is_empty() { "" } else { ": " };
        writeln!(out, "\n# {}{gap}{}", inert(place, ""), inert(&finding.message, ""))?;
        writeln!(out, "[[accept]]\nfinding = {}\n{of}", Text(&finding.id))?;
        write!(out, "{pin}")?;
        writeln!(out, "reason = \"known on {}, to be mended\"", day(self.today))?;
        writeln!(out, "owner = {}", Text(owner.unwrap_or("nobody yet")))?;
        writeln!(out, "until = {}", day(self.until))
    }
}

/// A basic string of TOML 1.0.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if certvigil_model::is_unsafe_to_show(c) => {
                    write!(f, "\\U{:08x}", u32::from(c))?;
                }
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}
