//! What is wrong, where, by what proof, and what to do: a card for each endpoint, or for several
//! that show the same.

use std::collections::HashMap;
use std::io::{self, Write};

use certvigil_model::{Fingerprint, Phase, Time, Verdict};

use super::chain;
use super::text::{Apart, Text, name};
use crate::contract::{Endpoint, Finding, Said};
use crate::proof;
use crate::table::Grade;
use crate::words::{count, counted, day};

/// Endpoints of which the same is said.
pub(super) struct Card {
    first: Endpoint,
    /// At most [`Card::PLACES`].
    others: Vec<Endpoint>,
    total: u64,
}

/// What makes two endpoints one card: what is said, of which certificate; where there is none, of
/// which target.
type Key = (Vec<(String, Option<Fingerprint>, String)>, Option<String>);

impl Card {
    const PLACES: usize = 50;

    /// Cards in the order of the first endpoint of each.
    pub(super) fn of(endpoints: Vec<Endpoint>) -> Vec<Self> {
        let mut cards: Vec<Self> = Vec::new();
        let mut known: HashMap<Key, usize> = HashMap::new();
        for endpoint in endpoints {
            let place = *known.entry(key(&endpoint)).or_insert(cards.len());
            match cards.get_mut(place) {
                Some(card) => card.add(endpoint),
                None => cards.push(Self { first: endpoint, others: Vec::new(), total: 1 }),
            }
        }
        cards
    }

    fn add(&mut self, endpoint: Endpoint) {
        self.total += 1;
        if self.others.len() + 1 < Self::PLACES {
            self.others.push(endpoint);
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        self.first.verdict
    }

    pub(super) fn write(&self, now: Time, out: &mut dyn Write) -> io::Result<()> {
        let first = &self.first;
        let verdict = first.verdict.name();
        writeln!(out, "<article class=\"card {verdict}\" id=\"e-{}\">", Text(&first.id))?;
        let title = Apart(&name(&first.targets)).to_string();
        let is_one_name = self.others.iter().all(|other| other.targets == first.targets);
        let beside = match self.total {
            1 => String::new(),
            total if is_one_name => format!(", {}", counted(total, "address")),
            total => format!(" and {} more", count(total - 1)),
        };
        writeln!(out, "<header>{}<h3>{title}{beside}</h3>", badge(first.verdict.into()))?;
        if self.total == 1 {
            writeln!(out, "<p class=\"where\">{}</p>", place(first, false))?;
        }
        out.write_all(b"</header>\n")?;
        said(&first.findings, out)?;
        phases(first, out)?;
        chain::write(first, now, out)?;
        if self.total > 1 {
            self.places(is_one_name, out)?;
        }
        facts(first, self.total > 1, out)?;
        out.write_all(b"</article>\n")
    }

    fn places(&self, is_one_name: bool, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<ul class=\"places\" aria-label=\"where\">")?;
        for endpoint in std::iter::once(&self.first).chain(&self.others) {
            writeln!(out, "<li>{}</li>", place(endpoint, !is_one_name))?;
        }
        let more = self.total - 1 - self.others.len() as u64;
        if more > 0 {
            writeln!(out, "<li>… and {} more</li>", count(more))?;
        }
        out.write_all(b"</ul>\n")
    }
}

/// A card for what is said of targets together, or of the round.
pub(super) fn write_said(about: &Said, out: &mut dyn Write) -> io::Result<()> {
    let grade = Grade::from(about.finding.severity);
    writeln!(out, "<article class=\"card {}\">", grade.name())?;
    let targets: Vec<_> = about.targets.iter().map(|it| it.shown().to_string()).collect();
    let title = match targets.as_slice() {
        [] => "This round".to_owned(),
        targets => {
            let named: Vec<_> = targets.iter().take(8).map(|it| Apart(it).to_string()).collect();
            let more = targets.len().saturating_sub(named.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}", named.join(", "))
        }
    };
    writeln!(out, "<header>{}<h3>{title}</h3></header>", badge(grade))?;
    said(std::slice::from_ref(&about.finding), out)?;
    out.write_all(b"</article>\n")
}

/// A sign and a word; the colour only repeats them.
pub(super) fn badge(grade: Grade) -> String {
    let (sign, name) = (grade.sign(), grade.name());
    format!(
        "<p class=\"badge {name}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span> {name}</p>"
    )
}

fn key(endpoint: &Endpoint) -> Key {
    let counting = endpoint.findings.iter().filter(|finding| finding.counts());
    let said = counting.map(|it| (it.id.clone(), it.certificate, it.message.clone()));
    let target = match &endpoint.end_entity {
        Some(_) => None,
        None => endpoint.targets.first().map(|target| target.raw().to_owned()),
    };
    (said.collect(), target)
}

/// Where it is and whose.
fn place(endpoint: &Endpoint, with_name: bool) -> String {
    let mut parts = Vec::new();
    if with_name {
        parts.push(Apart(&name(&endpoint.targets)).to_string());
    }
    let address = endpoint.address.as_ref().map(|it| format!(" at <code>{}</code>", Text(it)));
    parts.push(format!("{}{}", endpoint.service, address.unwrap_or_default()));
    if let Some(pool) = endpoint.pool {
        parts.push(format!("{} of {} addresses seen", pool.seen, pool.of));
    }
    let asked = endpoint.server_name.as_ref().filter(|asked| {
        !endpoint.targets.iter().any(|target| target.raw().contains(asked.as_str()))
    });
    parts.extend(asked.map(|asked| format!("asked for {}", Apart(asked))));
    parts.extend(endpoint.owner.as_ref().map(|owner| format!("owner {}", Apart(owner))));
    let tag = |tag: &String| format!("<span class=\"tag\">{}</span>", Text(tag));
    parts.extend(endpoint.tags.iter().map(tag));
    let origin = endpoint.origin.as_ref();
    let origin = origin.map(|it| format!("<code>{}:{}</code>", Text(&it.file), it.line));
    parts.extend(origin);
    parts.join(" <span class=\"dot\" aria-hidden=\"true\">·</span> ")
}

/// Findings, worst first, each with what to do.
fn said(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<ul class=\"findings\">\n")?;
    for finding in findings {
        let grade = Grade::from(finding.severity);
        let class = if finding.accepted.is_some() { "accepted" } else { grade.name() };
        writeln!(
            out,
            "<li class=\"{class}\"><span class=\"sign\" role=\"img\" aria-label=\"{}\">{}</span>\
             <div><code class=\"id\">{}</code> {}",
            grade.name(),
            grade.sign(),
            Text(&finding.id),
            Text(&finding.message)
        )?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "<p class=\"hint\">{}</p>", Text(hint))?;
        }
        if let Some(answer) = &finding.accepted {
            let words = format!("accepted by {} until {}", answer.owner, day(answer.until));
            writeln!(out, "<p class=\"quiet\">{}: {}</p>", Text(&words), Text(&answer.reason))?;
        }
        out.write_all(b"</div></li>\n")?;
    }
    out.write_all(b"</ul>\n")
}

/// How far a look came that ended early.
fn phases(endpoint: &Endpoint, out: &mut dyn Write) -> io::Result<()> {
    let Some(ended) = endpoint.phase.filter(|_| endpoint.end_entity.is_none()) else {
        return Ok(());
    };
    out.write_all(b"<ol class=\"phases\" aria-label=\"how far the look came\">\n")?;
    let starts_plain = ended == Phase::Starttls;
    for phase in PHASES.iter().filter(|phase| starts_plain || **phase != Phase::Starttls) {
        let (class, sign, words) = match phase.cmp(&ended) {
            std::cmp::Ordering::Less => ("done", "✓", "done"),
            std::cmp::Ordering::Equal => ("ended", "✗", "ended here"),
            std::cmp::Ordering::Greater => ("left", "·", "not reached"),
        };
        writeln!(
            out,
            "<li class=\"{class}\"><span role=\"img\" aria-label=\"{words}\">{sign}</span> {}</li>",
            phase.name()
        )?;
    }
    out.write_all(b"</ol>\n")
}

/// What the findings rest on.
fn facts(endpoint: &Endpoint, of_first: bool, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<dl class=\"proof\">\n")?;
    let at = match &endpoint.address {
        Some(address) if of_first => format!(" at {address}"),
        _ => String::new(),
    };
    row("seen", &format!("{}{at}", proof::seen(endpoint)), out)?;
    if let Some(reason) = endpoint.reason.as_ref().filter(|_| endpoint.end_entity.is_some()) {
        row("ended", &format!("{}: {reason}", endpoint.outcome.name()), out)?;
    }
    for trust in &endpoint.trust {
        row("trust", &proof::trust(std::slice::from_ref(trust)), out)?;
    }
    if let Some(certificate) = &endpoint.end_entity {
        if let Some(names) = &certificate.subject_alt_name {
            let shown: Vec<_> =
                names.iter().take(NAMES).map(|it| it.shown_within(100).to_string()).collect();
            let more = certificate.subject_alt_name_total.unwrap_or(0).saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let none = if shown.is_empty() { "none" } else { "" };
            row("names", &format!("{}{more}{none}", shown.join(", ")), out)?;
        }
        if let Some(serial) = &certificate.serial_number {
            row("serial", serial, out)?;
        }
        row("sha256", &certificate.sha256.to_string(), out)?;
        for defect in certificate.defects.iter().take(DEFECTS) {
            let place = format!("byte {}, {}", defect.offset, defect.field);
            row("defect", &format!("{place}: {}", defect.message), out)?;
        }
    }
    out.write_all(b"</dl>\n")
}

fn row(label: &str, words: &str, out: &mut dyn Write) -> io::Result<()> {
    // What somebody compares, not what somebody reads.
    let class = if matches!(label, "serial" | "sha256") { " class=\"bytes\"" } else { "" };
    writeln!(out, "<dt>{label}</dt><dd{class}>{}</dd>", Text(words))
}

const PHASES: [Phase; 7] = [
    Phase::Resolve,
    Phase::Connect,
    Phase::Starttls,
    Phase::Hello,
    Phase::Certificate,
    Phase::Finished,
    Phase::Read,
];
/// Names of a certificate on its card; the JSON report has a hundred, `inspect` all.
const NAMES: usize = 12;
/// Defects on its card.
const DEFECTS: usize = 8;
