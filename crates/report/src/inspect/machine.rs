//! The contract for machines, `certvigil.inspect/1`: a line a certificate, alone or in a document.
//! An endpoint is worded as in `certvigil.report/1`, with all of its names.

use std::io::{self, Write};

use certvigil_model::{Fingerprint, Foreign, Time, hex};
use certvigil_x509::{Defect, Recovered};
use serde::Serialize;

use super::{Inspected, Inspection, Portrait, Trouble};
use crate::TargetFinding;
use crate::contract::{Endpoint, alternative_names, shown_names, told};
use crate::json::write_json;

/// NDJSON in progress.
pub(crate) struct Lines {
    out: Box<dyn Write + Send>,
    line: Vec<u8>,
}

impl Lines {
    pub(crate) const fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, line: Vec::new() }
    }

    fn write(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        write_json(&mut self.line, value)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.out.flush()
    }
}

impl Inspection for Lines {
    fn item(&mut self, item: &Inspected) -> io::Result<()> {
        self.write(&View::from(item))
    }

    fn endpoint(&mut self, portrait: &Portrait) -> io::Result<()> {
        self.write(&Line::Endpoint(&Endpoint::whole(&portrait.line)))
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.write(&Line::Finding(said))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

/// JSON in progress: the same lines as the entries of one document.
pub(crate) struct Document {
    out: Box<dyn Write + Send>,
    text: Vec<u8>,
    list: List,
    is_first: bool,
}

/// The lists of a document, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Certificates,
    Endpoints,
    Findings,
}

impl Document {
    /// Writes what stands before the entries.
    pub(crate) fn begin(mut out: Box<dyn Write + Send>) -> io::Result<Self> {
        out.write_all(format!("{{\"schema\":\"{SCHEMA}\",\"certificates\":[").as_bytes())?;
        Ok(Self { out, text: Vec::new(), list: List::Certificates, is_first: true })
    }

    fn write(&mut self, list: List, value: &impl Serialize) -> io::Result<()> {
        self.go_on_to(list)?;
        self.text.clear();
        self.text.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
        self.is_first = false;
        write_json(&mut self.text, value)?;
        self.out.write_all(&self.text)
    }

    fn go_on_to(&mut self, list: List) -> io::Result<()> {
        for (next, head) in
            [(List::Endpoints, "],\n\"endpoints\":["), (List::Findings, "],\n\"findings\":[")]
        {
            if self.list < next && next <= list {
                (self.list, self.is_first) = (next, true);
                self.out.write_all(head.as_bytes())?;
            }
        }
        Ok(())
    }
}

impl Inspection for Document {
    fn item(&mut self, item: &Inspected) -> io::Result<()> {
        self.write(List::Certificates, &View::from(item))
    }

    fn endpoint(&mut self, portrait: &Portrait) -> io::Result<()> {
        self.write(List::Endpoints, &Endpoint::whole(&portrait.line))
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.write(List::Findings, said)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.go_on_to(List::Findings)?;
        self.out.write_all(b"]}\n")?;
        self.out.flush()
    }
}

/// A line that is about no file: its `type` says what about.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Endpoint(&'a Endpoint),
    Finding(&'a TargetFinding),
}

/// One line. Null: it could not be told, and `defects` says why.
#[derive(Serialize)]
struct View<'a> {
    file: &'a Foreign,
    index: usize,
    sha256: Option<Fingerprint>,
    well_formed: bool,
    not_before: Option<Time>,
    not_after: Option<Time>,
    subject: Option<&'a Foreign>,
    subject_alt_name: Option<Vec<Foreign>>,
    serial_number: Option<String>,
    recovered: Recovered,
    at: &'a str,
    defects: Vec<DefectView<'a>>,
}

impl<'a> From<&'a Inspected> for View<'a> {
    fn from(inspected: &'a Inspected) -> Self {
        let Inspected { file, index, at, item } = inspected;
        let read = item.read();
        let facts = read.as_ref().ok();
        Self {
            file,
            index: *index,
            sha256: item.fingerprint(),
            well_formed: facts.is_some_and(|facts| facts.well_formed()),
            not_before: facts.and_then(|facts| told(&facts.not_before)),
            not_after: facts.and_then(|facts| told(&facts.not_after)),
            subject: facts.and_then(|facts| Some(&facts.subject.as_ref().ok()?.text)),
            subject_alt_name: facts
                .and_then(|facts| alternative_names(facts))
                .map(|names| shown_names(names, usize::MAX)),
            serial_number: facts.and_then(|facts| Some(hex(facts.serial_number.as_ref().ok()?))),
            recovered: facts.map_or(Recovered::None, |facts| facts.recovered),
            at,
            defects: match read {
                Ok(facts) => facts.defects.iter().map(DefectView::Defect).collect(),
                Err(trouble) => vec![trouble.into()],
            },
        }
    }
}

/// A defect of the bytes, or, in the same form, why they were not read.
#[derive(Serialize)]
#[serde(untagged)]
enum DefectView<'a> {
    Defect(&'a Defect),
    Unread { id: &'static str, offset: usize, field: &'static str, message: &'a str },
}

impl<'a> From<Trouble<'a>> for DefectView<'a> {
    fn from(trouble: Trouble<'a>) -> Self {
        match trouble {
            Trouble::Defect(defect) => Self::Defect(defect),
            Trouble::Unread(outcome, message) => {
                Self::Unread { id: outcome.name(), offset: 0, field: "", message }
            }
        }
    }
}

/// The value of `schema`.
const SCHEMA: &str = "certvigil.inspect/1";
