//! For people: what each certificate says, whole, and where it is broken.

use std::io::{self, Write};

use certvigil_model::{Foreign, Time, hex};
use certvigil_x509::{Defect, DefectId, Facts, Field, Name, Recovered};

use super::portrait::{self, Portrait};
use super::{Inspected, Inspection, Trouble};
use crate::contract::{alternative_names, shown_names};
use crate::table::{Grade, Ink, Page};
use crate::words::{counted, moment};
use crate::{Style, Summary, TargetFinding};

/// The table in progress; each certificate is printed as it comes.
pub(crate) struct Table {
    out: Box<dyn Write + Send>,
    style: Style,
    now: Time,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    last_file: Option<Foreign>,
    files: u64,
    well_formed: u64,
    malformed: u64,
    unreadable: u64,
    endpoints: Summary,
}

impl Table {
    pub(crate) fn new(out: Box<dyn Write + Send>, style: Style, now: Time) -> Self {
        Self { out, style, now, counts: Counts::default() }
    }

    fn print(&mut self, page: Page) -> io::Result<()> {
        self.out.write_all(page.into_text().as_bytes())
    }
}

impl Inspection for Table {
    fn item(&mut self, inspected: &Inspected) -> io::Result<()> {
        let mut page = Page::new(self.style);
        let read = inspected.item.read();
        let form = Form::of(read.as_ref().ok().copied());
        self.counts.add(inspected, form);
        heading(&mut page, form, inspected);
        if let Ok(facts) = &read {
            dates(&mut page, facts, self.now);
            told(&mut page, facts);
        }
        if let Some(fingerprint) = inspected.item.fingerprint() {
            page.labelled("sha256", Ink::Quiet, &fingerprint.to_string());
        }
        match read {
            Ok(facts) => facts.defects.iter().for_each(|found| defect(&mut page, found)),
            Err(Trouble::Defect(found)) => defect(&mut page, found),
            Err(Trouble::Unread(outcome, reason)) => {
                page.labelled("unread", Ink::Plain, &format!("{}: {reason}", outcome.name()));
            }
        }
        page.blank();
        self.print(page)
    }

    fn endpoint(&mut self, portrait: &Portrait) -> io::Result<()> {
        self.counts.endpoints.add(portrait.line.verdict());
        let mut page = Page::new(self.style);
        portrait::draw(&mut page, portrait);
        self.print(page)
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        let mut page = Page::new(self.style);
        portrait::draw_together(&mut page, said);
        self.print(page)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let mut page = Page::new(self.style);
        self.counts.tell(&mut page);
        self.print(page)?;
        self.out.flush()
    }
}

/// How well the bytes are written.
#[derive(Clone, Copy)]
enum Form {
    WellFormed,
    Malformed,
    Unreadable,
}

impl Form {
    fn of(facts: Option<&Facts>) -> Self {
        match facts {
            Some(facts) if facts.well_formed() => Self::WellFormed,
            Some(facts) if facts.recovered != Recovered::None => Self::Malformed,
            Some(_) | None => Self::Unreadable,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::WellFormed => "well-formed",
            Self::Malformed => "malformed",
            Self::Unreadable => "unreadable",
        }
    }

    const fn grade(self) -> Grade {
        match self {
            Self::WellFormed => Grade::Ok,
            Self::Malformed => Grade::Warning,
            Self::Unreadable => Grade::Unknown,
        }
    }
}

impl Counts {
    fn add(&mut self, inspected: &Inspected, form: Form) {
        if self.last_file.as_ref() != Some(&inspected.file) {
            self.last_file = Some(inspected.file.clone());
            self.files += 1;
        }
        match form {
            Form::WellFormed => self.well_formed += 1,
            Form::Malformed => self.malformed += 1,
            Form::Unreadable => self.unreadable += 1,
        }
    }

    /// What was found in files, and what endpoints came to; nothing of what was not asked for.
    fn tell(&self, page: &mut Page) {
        let looked = self.endpoints.total();
        if self.files > 0 || looked == 0 {
            self.tell_files(page);
        }
        if looked > 0 {
            self.tell_endpoints(page, looked);
        }
    }

    /// `2 endpoints looked at · 1 critical, 1 ok`.
    fn tell_endpoints(&self, page: &mut Page, looked: u64) {
        let Summary { ok, warning, critical, unknown } = self.endpoints;
        let verdicts = [
            (Grade::Critical, critical),
            (Grade::Unknown, unknown),
            (Grade::Warning, warning),
            (Grade::Ok, ok),
        ];
        let counts = verdicts.map(|(grade, number)| (grade, grade.name(), number));
        tally(page, format!("{} looked at", counted(looked, "endpoint")), &counts);
    }

    /// `5 found in 3 files · 3 well-formed, 1 malformed, 1 unreadable`.
    fn tell_files(&self, page: &mut Page) {
        let forms = [
            (Form::WellFormed, self.well_formed),
            (Form::Malformed, self.malformed),
            (Form::Unreadable, self.unreadable),
        ];
        let all: u64 = forms.iter().map(|(_, number)| number).sum();
        let counts = forms.map(|(form, number)| (form.grade(), form.name(), number));
        tally(page, format!("{all} found in {}", counted(self.files, "file")), &counts);
    }
}

fn tally(page: &mut Page, whole: String, counts: &[(Grade, &str, u64)]) {
    let mut pieces = vec![(Ink::Strong, whole)];
    for (grade, name, number) in counts.iter().filter(|(.., number)| *number > 0) {
        let gap = if pieces.len() == 1 { " · " } else { ", " };
        pieces.push((Ink::Quiet, gap.to_owned()));
        pieces.push((Ink::Grade(*grade), format!("{number} {name}")));
    }
    page.whole_line(&pieces);
}

fn heading(page: &mut Page, form: Form, Inspected { file, at, .. }: &Inspected) {
    let badge = format!("{} {:11}  ", form.grade().sign(), form.name());
    let (file, at) = (file.shown().to_string(), format!("  {at}"));
    page.line(&[(Ink::Grade(form.grade()), &badge), (Ink::Strong, &file), (Ink::Quiet, &at)], 1);
}

fn dates(page: &mut Page, facts: &Facts, now: Time) {
    let date = |field: &Field<Time>| match field {
        Ok(time) => moment(*time, now),
        Err(_) => UNTOLD.to_owned(),
    };
    let has_ended = facts.not_after.as_ref().is_ok_and(|to| *to < now);
    let ink = if has_ended { Ink::Grade(Grade::Critical) } else { Ink::Strong };
    page.labelled("from", Ink::Plain, &date(&facts.not_before));
    page.labelled("to", ink, &date(&facts.not_after));
}

/// Everything but the dates.
fn told(page: &mut Page, facts: &Facts) {
    page.labelled("names", Ink::Plain, &names(facts));
    page.labelled("subject", Ink::Plain, &name(&facts.subject));
    page.labelled("issuer", Ink::Plain, &name(&facts.issuer));
    let serial = facts.serial_number.as_ref().map_or_else(|_| UNTOLD.to_owned(), |s| hex(s));
    page.labelled("serial", Ink::Plain, &serial);
    page.labelled("key", Ink::Plain, &key(facts));
}

/// A distinguished name as RFC 4514 writes it.
pub(super) fn name(field: &Field<Name>) -> String {
    match field {
        Ok(name) if name.text.raw().is_empty() => "no name".to_owned(),
        Ok(name) => name.text.shown().to_string(),
        Err(_) => UNTOLD.to_owned(),
    }
}

/// All alternative names, however many.
pub(super) fn names(facts: &Facts) -> String {
    match alternative_names(facts) {
        None => UNTOLD.to_owned(),
        Some([]) => "none".to_owned(),
        Some(names) => {
            let shown = shown_names(names, usize::MAX);
            let shown: Vec<_> = shown.iter().map(|name| name.shown().to_string()).collect();
            shown.join(", ")
        }
    }
}

/// The key and what signed it.
pub(super) fn key(facts: &Facts) -> String {
    let kind = facts.public_key.as_ref().map(|key| key.kind.to_string());
    let kind = kind.unwrap_or_else(|_| UNTOLD.to_owned());
    let algorithm = facts.signature_algorithm.as_deref().unwrap_or(UNTOLD);
    format!("{kind}, signed with {algorithm}")
}

fn defect(page: &mut Page, defect: &Defect) {
    page.labelled("defect", Ink::Plain, &defect_words(defect));
}

/// What is wrong with the bytes, and where.
pub(super) fn defect_words(Defect { id, offset, field, message }: &Defect) -> String {
    let field = if field.is_empty() { String::new() } else { format!(" in {field}") };
    format!("{} at byte {offset}{field}: {message}", word(*id))
}

/// The id as the contract has it.
fn word(id: DefectId) -> String {
    let word = serde_json::to_value(id).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A field that cannot be told; its defect says why.
pub(super) const UNTOLD: &str = "cannot be read";
