//! What one pass over all endpoints gives: bounded, however many there are.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use certvigil_model::{Fingerprint, Severity, Time, Verdict};

use super::axis;
use super::text::name;
use crate::contract::{Endpoint, Finding};
use crate::run::Run;

/// The whole round at a glance.
pub(super) struct Overview {
    /// When certificates end, by columns of the axis.
    pub(super) columns: Vec<Column>,
    /// The certificates that end first, and who shows them.
    pub(super) soonest: BTreeSet<(Time, String)>,
    /// One example of each finding that reddens nothing.
    pub(super) notes: BTreeMap<String, Note>,
    /// What somebody answers for, at most [`Overview::ACCEPTED`].
    pub(super) accepted: Vec<(String, Finding)>,
    seen: HashSet<Fingerprint>,
    now: Time,
}

/// Certificates that end at about the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// By verdict: critical, unknown, warning, ok.
    pub(super) counts: [u64; 4],
    /// One of them, the first of the worst.
    pub(super) example: Option<(Verdict, Time, String)>,
}

/// What is worth knowing, with its count.
pub(super) struct Note {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) place: String,
    pub(super) total: u64,
}

impl Overview {
    /// Accepted findings that are named; the count of all stands in the round.
    pub(super) const ACCEPTED: usize = 200;
    const COLUMNS: usize = 72;
    const SOONEST: usize = 6;
    /// Certificates that are known apart; of still more, each endpoint counts.
    const APART: usize = 1 << 17;

    pub(super) fn of(run: &Run<'_>, now: Time) -> io::Result<Self> {
        let mut overview = Self {
            columns: vec![Column::default(); Self::COLUMNS],
            soonest: BTreeSet::new(),
            notes: BTreeMap::new(),
            accepted: Vec::new(),
            seen: HashSet::new(),
            now,
        };
        for endpoint in run.endpoints() {
            overview.endpoint(&endpoint?);
        }
        for said in run.said() {
            let said = said?;
            overview.finding(&said.finding, || name(&said.targets));
        }
        Ok(overview)
    }

    fn endpoint(&mut self, endpoint: &Endpoint) {
        let place = || match &endpoint.address {
            Some(address) => format!("{} at {address}", name(&endpoint.targets)),
            None => name(&endpoint.targets),
        };
        for finding in &endpoint.findings {
            self.finding(finding, place);
        }
        let certificate = endpoint.end_entity.as_ref().map(|certificate| certificate.sha256);
        let (Some(ends), Some(certificate)) = (endpoint.ends(), certificate) else { return };
        let is_new = !self.seen.contains(&certificate);
        if is_new && self.seen.len() < Self::APART {
            self.seen.insert(certificate);
        }
        if is_new {
            self.end(ends, endpoint.verdict, || name(&endpoint.targets));
        }
    }

    fn end(&mut self, ends: Time, verdict: Verdict, name: impl Fn() -> String) {
        let place = axis::place(ends, self.now) * Self::COLUMNS as f64;
        let column = (place as usize).min(Self::COLUMNS - 1);
        if let Some(column) = self.columns.get_mut(column) {
            column.add(verdict, ends, &name);
        }
        if self.soonest.len() < Self::SOONEST
            || self.soonest.last().is_some_and(|(last, _)| ends < *last)
        {
            self.soonest.insert((ends, name()));
            if self.soonest.len() > Self::SOONEST {
                self.soonest.pop_last();
            }
        }
    }

    fn finding(&mut self, finding: &Finding, place: impl FnOnce() -> String) {
        if finding.accepted.is_some() {
            if self.accepted.len() < Self::ACCEPTED {
                self.accepted.push((place(), finding.clone()));
            }
        } else if finding.severity == Severity::Info {
            let note = self.notes.entry(finding.id.clone()).or_insert_with(|| Note {
                message: finding.message.clone(),
                hint: finding.hint.clone(),
                place: place(),
                total: 0,
            });
            note.total += 1;
        }
    }
}

impl Column {
    fn add(&mut self, verdict: Verdict, ends: Time, name: &impl Fn() -> String) {
        self.counts[rank(verdict)] += 1;
        if self.example.as_ref().is_none_or(|(worst, ..)| verdict > *worst) {
            self.example = Some((verdict, ends, name()));
        }
    }

    /// Both as one.
    pub(super) fn with(mut self, other: &Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        let is_worse = match (&self.example, &other.example) {
            (Some((mine, ..)), Some((its, ..))) => its > mine,
            (mine, _) => mine.is_none(),
        };
        if is_worse {
            self.example.clone_from(&other.example);
        }
        self
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The worst first.
pub(super) const WORST_FIRST: [Verdict; 4] =
    [Verdict::Critical, Verdict::Unknown, Verdict::Warning, Verdict::Ok];

const fn rank(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Critical => 0,
        Verdict::Unknown => 1,
        Verdict::Warning => 2,
        Verdict::Ok => 3,
    }
}
