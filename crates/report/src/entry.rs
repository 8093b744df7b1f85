//! What most wordings list: an endpoint, or what is said of targets or of the round, in one form.

use certvigil_model::{FailOn, Foreign, Origin, Service, Time, Verdict};

use crate::contract::{Endpoint, Finding, Said};
use crate::proof::proof;
use crate::words::{answered, named};

/// One line of a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The same in every round.
    pub(crate) id: String,
    /// None: it is said of targets or of the round.
    pub(crate) service: Option<Service>,
    /// As written; empty: the round itself.
    pub(crate) targets: Vec<Foreign>,
    /// The address, or how much of a pool was seen; empty where there is neither.
    pub(crate) place: String,
    pub(crate) owner: Option<String>,
    pub(crate) origin: Option<Origin>,
    pub(crate) verdict: Verdict,
    pub(crate) elapsed_ms: f64,
    /// When what is served ends.
    pub(crate) ends: Option<Time>,
    /// Worst first.
    pub(crate) findings: Vec<Finding>,
    /// What the findings rest on: label and words.
    pub(crate) proof: Vec<(&'static str, String)>,
}

impl Entry {
    /// Dates are told from `at`, or else from the look.
    pub(crate) fn of_endpoint(endpoint: Endpoint, at: Option<Time>) -> Self {
        Self {
            proof: proof(&endpoint, at.unwrap_or(endpoint.looked_at)),
            ends: endpoint.ends(),
            place: place(&endpoint),
            id: endpoint.id,
            service: Some(endpoint.service),
            targets: endpoint.targets,
            owner: endpoint.owner,
            origin: endpoint.origin,
            verdict: endpoint.verdict,
            elapsed_ms: endpoint.elapsed_ms,
            findings: endpoint.findings,
        }
    }

    /// The targets by the name of the first, and where.
    pub(crate) fn name(&self) -> String {
        let gap = if self.place.is_empty() { "" } else { " " };
        format!("{}{gap}{}", named(&self.targets), self.place)
    }

    /// Findings that redden it, worst first.
    pub(crate) fn counting(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts())
    }

    /// Findings that somebody answers for.
    pub(crate) fn accepted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.accepted.is_some())
    }

    /// Findings that make the run fail, worst first.
    pub(crate) fn failing(&self, fail_on: FailOn) -> impl Iterator<Item = &Finding> {
        let counting = self.findings.iter().filter(|finding| finding.accepted.is_none());
        counting.filter(move |finding| fail_on.fails(finding.severity))
    }

    /// The worst finding that reddens it.
    pub(crate) fn worst(&self) -> Option<&Finding> {
        worst(self.counting())
    }
}

/// The first of the worst.
pub(crate) fn worst<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<&'a Finding> {
    findings.reduce(|worst, next| if next.severity > worst.severity { next } else { worst })
}

impl From<Said> for Entry {
    fn from(said: Said) -> Self {
        let verdict = said.verdict();
        Self {
            id: said.targets.iter().map(Foreign::raw).collect::<Vec<_>>().join("\0"),
            service: None,
            place: String::new(),
            owner: said.owner,
            verdict,
            origin: said.origin,
            elapsed_ms: 0.0,
            ends: None,
            targets: said.targets,
            findings: vec![said.finding],
            proof: Vec::new(),
        }
    }
}

fn place(endpoint: &Endpoint) -> String {
    match (&endpoint.address, endpoint.pool) {
        (Some(address), None) => address.clone(),
        (_, Some(pool)) => format!("({} of {} addresses seen)", pool.seen, pool.of),
        (None, None) => String::new(),
    }
}

/// `expired: the certificate ended …; accepted until 2027-01-04 by ops: replaced in January`.
pub(crate) fn sentence(finding: &Finding) -> String {
    let Finding { id, message, accepted, .. } = finding;
    match accepted {
        Some(answer) => format!("{id}: {message}; {}", answered(answer)),
        None => format!("{id}: {message}"),
    }
}
