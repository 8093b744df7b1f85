//! One certificate of a chain, whole, on the rail that leads from the end entity to the anchor.

use certvigil_model::{Family, Finding, Fingerprint, Foreign, Severity, Time, hex};
use certvigil_x509::{Certificate, Defect, Facts, Field, Reading};

use super::bar::{Stretch, bar};
use super::tree::{Rung, Tree};
use super::{Anchor, Portrait, said};
use crate::inspect::table::{UNTOLD, defect_words, key, name, names};
use crate::table::{Grade, Ink, Page, subject};
use crate::words::length;

/// The drawing of one chain.
pub(super) struct Draft<'a> {
    pub(super) portrait: &'a Portrait,
    /// What has been drawn in full: it is not drawn twice.
    pub(super) known: &'a mut Vec<Fingerprint>,
}

impl Draft<'_> {
    pub(super) fn draw(&mut self, page: &mut Page, tree: &Tree<'_>) {
        for (at, rung) in tree.rungs.iter().enumerate() {
            let rail = match tree.rungs.get(at + 1) {
                None => (Ink::Plain, "    "),
                Some(Rung::Missing(_)) => (Ink::Grade(Grade::Critical), "  ┆ "),
                Some(_) => (Ink::Plain, "  │ "),
            };
            match rung {
                Rung::Sent(place, certificate) => {
                    let role = if *place == 0 { "end entity" } else { "issuer" };
                    self.certificate(page, rail, (role, &sent(*place, at)), certificate);
                }
                Rung::Anchor(place, anchor) => self.anchor(page, rail, *place, anchor),
                Rung::Again(certificate) => again(page, certificate),
                Rung::Missing(issuer) => self.missing(page, issuer),
            }
            if at + 1 < tree.rungs.len() {
                page.railed(rail, (Ink::Plain, ""), Ink::Plain, "");
            }
        }
        for (place, certificate) in &tree.beside {
            page.blank();
            let role = if tree.has_path { SUPERFLUOUS } else { "beside" };
            let beside = format!("sent {}, on no path", nth(place + 1));
            self.certificate(page, (Ink::Plain, "    "), (role, &beside), certificate);
        }
    }

    fn anchor(
        &mut self,
        page: &mut Page,
        rail: (Ink, &str),
        place: Option<usize>,
        Anchor { certificate, profiles }: &Anchor,
    ) {
        let sent = place.map(|place| format!(", sent {} though needless", nth(place + 1)));
        let beside = format!("of {}{}", profiles.join(", "), sent.unwrap_or_default());
        self.certificate(page, rail, ("trust anchor", &beside), certificate);
    }

    /// A gap: whoever should stand here was not sent, and nobody here knows it.
    fn missing(&self, page: &mut Page, issuer: &Foreign) {
        let told: Vec<_> = self.findings().filter(|finding| finding.id == INCOMPLETE).collect();
        let is_due = !told.is_empty();
        let (grade, role) =
            if is_due { (Grade::Critical, "missing") } else { (Grade::Unknown, "unknown") };
        let role = format!("  {} {role:ROLE$}", grade.sign());
        let issuer = issuer.shown().to_string();
        page.line(&[(Ink::Grade(grade), &role), (Ink::Strong, &issuer)], 1);
        let rail = (Ink::Plain, "    ");
        told.iter().for_each(|finding| said(page, rail, finding));
        if !is_due {
            let words = "it was not sent, and no trust store of this look has it";
            page.railed(rail, (Ink::Plain, ""), Ink::Plain, words);
        }
    }

    fn certificate(
        &mut self,
        page: &mut Page,
        rail: (Ink, &str),
        (role, beside): (&str, &str),
        certificate: &Certificate,
    ) {
        let of_it: Vec<Finding> = self.findings_of(certificate).cloned().collect();
        let is_known = self.known.contains(&certificate.fingerprint);
        let grade = grade(role, &of_it);
        let lead = format!("  {} {role:ROLE$}", grade.sign());
        let mut beside = if beside.is_empty() { String::new() } else { format!("  {beside}") };
        beside.push_str(if is_known { "  drawn above" } else { "" });
        let name = subject(certificate);
        page.line(&[(Ink::Grade(grade), &lead), (Ink::Strong, &name), (Ink::Quiet, &beside)], 1);
        if !is_known {
            self.known.push(certificate.fingerprint);
            Sheet { rail, now: self.portrait.now }.draw(page, certificate, &of_it);
        }
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.portrait.line.judgement.findings.iter()
    }

    /// Those that a gap does not tell.
    fn findings_of(&self, certificate: &Certificate) -> impl Iterator<Item = &Finding> {
        let of_it = Some(certificate.fingerprint);
        let gap = |finding: &&Finding| finding.id != INCOMPLETE;
        self.findings().filter(gap).filter(move |finding| finding.certificate == of_it)
    }
}

fn again(page: &mut Page, certificate: &Certificate) {
    let grade = Grade::Unknown;
    let role = format!("  {} {:ROLE$}", grade.sign(), "a circle");
    let name = subject(certificate);
    let beside = (Ink::Quiet, "  stands below already");
    page.line(&[(Ink::Grade(grade), &role), (Ink::Strong, &name), beside], 1);
}

/// What is written about one certificate, beside its rail.
struct Sheet<'a> {
    rail: (Ink, &'a str),
    now: Time,
}

impl Sheet<'_> {
    /// What is wrong comes before what merely is.
    fn draw(&self, page: &mut Page, certificate: &Certificate, findings: &[Finding]) {
        match &certificate.reading {
            Reading::Facts(facts) => self.validity(page, facts, ending(findings)),
            Reading::Stalled(why) | Reading::Crashed(why) | Reading::Local(why) => {
                self.labelled(page, "unread", Ink::Grade(Grade::Unknown), why);
            }
        }
        for finding in findings {
            said(page, self.rail, finding);
        }
        let facts = certificate.facts();
        facts.into_iter().flat_map(|it| &it.defects).for_each(|it| self.defect(page, it));
        facts.into_iter().for_each(|facts| self.facts(page, facts));
        self.labelled(page, "sha256", Ink::Quiet, &certificate.fingerprint.to_string());
        if let Some(Ok(key)) = facts.map(|facts| facts.public_key.as_ref()) {
            self.labelled(page, "spki", Ink::Quiet, &key.spki_sha256.to_string());
        }
    }

    fn facts(&self, page: &mut Page, facts: &Facts) {
        self.labelled(page, "names", Ink::Plain, &names(facts));
        self.labelled(page, "subject", Ink::Plain, &name(&facts.subject));
        self.labelled(page, "issuer", Ink::Plain, &name(&facts.issuer));
        let serial = facts.serial_number.as_ref().map(|serial| hex(serial));
        self.labelled(page, "serial", Ink::Plain, serial.as_deref().unwrap_or(UNTOLD));
        self.labelled(page, "key", Ink::Plain, &key(facts));
    }

    /// `2026-08-26 ├━━━━━━●───┤ 2027-02-19  86 d left of 176 d`.
    fn validity(&self, page: &mut Page, facts: &Facts, ending: Grade) {
        let label = format!("{:LABEL$}", "valid");
        let (from, to) = (&facts.not_before, &facts.not_after);
        let (begins, ends) = (self.date(from), self.date(to));
        let (Ok(from), Ok(to)) = (from, to) else {
            return self.labelled(page, "valid", Ink::Plain, &format!("{begins} to {ends}"));
        };
        let left = self.left(*from, *to);
        let (before, behind) = (format!("{begins} "), format!(" {ends}  {left}"));
        let words = [self.rail.1, &label, &before, &behind].map(|it| it.chars().count());
        let room = page.width().saturating_sub(words.iter().sum());
        let lead = [self.rail, (Ink::Quiet, &label)];
        if room >= NARROWEST {
            let bar = bar(*from, *to, self.now, room.min(WIDEST));
            let (before, behind) = ((Ink::Plain, &*before), (told(ending), &*behind));
            return draw_bar(page, &[&lead[..], &[before]].concat(), &bar, behind, ending);
        }
        // No room beside it: the words stand below.
        let bar = bar(*from, *to, self.now, page.width().saturating_sub(words[0] + words[1]));
        draw_bar(page, &lead, &bar, (Ink::Plain, ""), ending);
        self.labelled(page, "", told(ending), &format!("{begins} to {ends}, {left}"));
    }

    /// The day; the minute too where days are too coarse to plan by.
    fn date(&self, field: &Field<Time>) -> String {
        let Ok(time) = field else { return UNTOLD.to_owned() };
        let text = time.to_string();
        let is_near = time.seconds_since(self.now).unsigned_abs() < 3 * 86_400;
        match (is_near, text.get(..16), text.get(..10)) {
            _ if *time == Time::NO_SET_EXPIRY => "no set end".to_owned(),
            (true, Some(minute), _) => format!("{}Z", minute.replace('T', " ")),
            (false, _, Some(day)) => day.to_owned(),
            _ => text,
        }
    }

    fn left(&self, from: Time, to: Time) -> String {
        let whole = length(to.seconds_since(from));
        match (from.seconds_since(self.now), to.seconds_since(self.now)) {
            _ if to < from => "ends before it begins".to_owned(),
            (begins @ 1.., _) => format!("begins in {}", length(begins)),
            (_, ended @ ..0) => format!("ended {} ago", length(ended)),
            _ if to == Time::NO_SET_EXPIRY => String::new(),
            (_, left) => format!("{} left of {whole}", length(left)),
        }
    }

    fn defect(&self, page: &mut Page, defect: &Defect) {
        self.labelled(page, "defect", Ink::Grade(Grade::Warning), &defect_words(defect));
    }

    fn labelled(&self, page: &mut Page, label: &str, ink: Ink, text: &str) {
        page.railed(self.rail, (Ink::Quiet, &format!("{label:LABEL$}")), ink, text);
    }
}

fn draw_bar(
    page: &mut Page,
    before: &[(Ink, &str)],
    bar: &[(Stretch, String)],
    behind: (Ink, &str),
    ending: Grade,
) {
    let ink = |stretch: Stretch| match stretch {
        Stretch::Past => Ink::Quiet,
        Stretch::Now => Ink::Strong,
        Stretch::Left => Ink::Grade(ending),
        Stretch::Outside => Ink::Grade(Grade::Critical),
    };
    let bar = bar.iter().map(|(stretch, text)| (ink(*stretch), text.as_str()));
    let pieces: Vec<_> = before.iter().copied().chain(bar).chain([behind]).collect();
    page.line(&pieces, pieces.len() - 1);
}

/// How words about the time left look.
const fn told(ending: Grade) -> Ink {
    match ending {
        Grade::Ok => Ink::Plain,
        ending => Ink::Grade(ending),
    }
}

/// The worst that is said of it; what is needless is never called good.
fn grade(role: &str, findings: &[Finding]) -> Grade {
    let best = if role == SUPERFLUOUS { Grade::Info } else { Grade::Ok };
    let worst = findings.iter().map(|finding| finding.severity).max();
    match worst {
        None | Some(Severity::Info) => best,
        Some(severity) => severity.into(),
    }
}

/// How bad the time left is, by what the rules say of it.
fn ending(findings: &[Finding]) -> Grade {
    let expiry = findings.iter().filter(|finding| finding.family == Family::Expiry);
    let worst = expiry.map(|finding| finding.severity).max().unwrap_or(Severity::Info);
    if worst == Severity::Info { Grade::Ok } else { worst.into() }
}

/// Where it stood, when that is not where it belongs.
fn sent(place: usize, rung: usize) -> String {
    if place == rung { String::new() } else { format!("sent {}", nth(place + 1)) }
}

fn nth(number: usize) -> String {
    match number {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        number => format!("{number}th"),
    }
}

/// What is sent and needed by no path.
const SUPERFLUOUS: &str = "superfluous";
/// The finding that a gap tells.
const INCOMPLETE: &str = "chain-incomplete";
/// Columns of the word that says what a certificate is for.
const ROLE: usize = 14;
/// Columns of a label.
const LABEL: usize = 9;
/// Columns of a bar.
const WIDEST: usize = 36;
const NARROWEST: usize = 8;
