//! What there is to say of a round: how it opened, one line an endpoint, how it closed.

use std::time::Duration;

use certvigil_model::{
    Capture, Endpoint, FailOn, Finding, Foreign, Judgement, Origin, Time, Verdict,
};
use certvigil_x509::Certificate;
use serde::{Deserialize, Serialize};

use crate::Acted;

/// What is known of a round before its first look.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The program and its version.
    pub tool: String,
    /// The round's own identity.
    pub id: String,
    /// Wall time of the start.
    pub started_at: Time,
    /// From where it is looked, when there is more than one place.
    pub location: Option<String>,
    /// The names of the trust profiles, in the order in which they were asked for.
    pub trust_profiles: Vec<String>,
    /// How many targets the inventory holds; their endpoints are counted at the end.
    pub targets: usize,
    /// No round takes longer than this.
    pub bound: Duration,
    /// Dates are judged as of this moment instead of the looks' own.
    pub at: Option<Time>,
    /// The least that makes the run fail: wordings that pass or fail keep to it.
    pub fail_on: FailOn,
    /// Until when the list of acceptances, where it is asked for, has everything accepted.
    pub accept_until: Option<Time>,
}

/// One endpoint: where it is, what it showed, what is said of it.
#[derive(Clone, Debug)]
pub struct EndpointLine {
    /// The targets that it belongs to, as written.
    pub targets: Vec<Foreign>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its author's words for grouping.
    pub tags: Vec<String>,
    /// Where its first target stands.
    pub origin: Option<Origin>,
    /// Where it is.
    pub endpoint: Endpoint,
    /// It stands for several addresses, of which so many were seen.
    pub pool: Option<PoolSeen>,
    /// What it showed.
    pub capture: Capture,
    /// `capture.presented` as read, in the same order.
    pub presented: Vec<Vec<Certificate>>,
    /// What is said of it.
    pub judgement: Judgement,
}

/// How much of a pool was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSeen {
    /// Addresses that showed a certificate.
    pub seen: usize,
    /// Addresses that the name has.
    pub of: usize,
}

impl EndpointLine {
    /// Whether the first chain's end entity was read well enough to judge its dates and names.
    pub fn was_checked(&self) -> bool {
        self.end_entity().and_then(Certificate::facts).is_some_and(|facts| {
            facts.not_before.is_ok()
                && facts.not_after.is_ok()
                && facts.extensions.subject_alt_name.is_ok()
        })
    }

    /// The first chain, in the order sent: what today's client gets.
    pub(crate) fn presented_chain(&self) -> &[Certificate] {
        self.presented.first().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn end_entity(&self) -> Option<&Certificate> {
        self.presented_chain().first()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.judgement.verdict()
    }
}

/// What is known of a round after its last look.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Wall time of the end.
    pub finished_at: Time,
    /// Dates were judged as of this moment instead of the looks' own.
    pub judged_at: Option<Time>,
    /// No round takes longer than this.
    pub bound: Duration,
    /// Endpoints that the inventory gave.
    pub expected: u64,
    /// Endpoints with a verdict.
    pub attempted: u64,
    /// Endpoints for which [`EndpointLine::was_checked`] holds.
    pub checked: u64,
    /// Address families that were left out.
    pub not_looked: Vec<NotLooked>,
    /// Findings that somebody accepted for a time.
    pub accepted: u64,
    /// When the first of those acceptances ends.
    pub accepted_until: Option<Time>,
    /// Endpoints by verdict.
    pub summary: Summary,
    /// What is said of the round itself; what is said of targets has come before, by
    /// [`Report::target`](crate::Report::target).
    pub findings: Vec<TargetFinding>,
    /// What was done about issues; none: this run only looks.
    pub acted: Option<Acted>,
}

impl Closed {
    /// How a report stands before the first look: it is what a round that is killed leaves.
    pub fn pending(opened: &Opened) -> Self {
        Self {
            finished_at: opened.started_at,
            judged_at: opened.at,
            bound: opened.bound,
            expected: opened.targets as u64,
            attempted: 0,
            checked: 0,
            not_looked: Vec::new(),
            accepted: 0,
            accepted_until: None,
            summary: Summary::default(),
            findings: Vec::new(),
            acted: None,
        }
    }

    /// Whether everybody who should have been told of an issue was, where the run acts at all.
    pub fn told(&self) -> bool {
        self.acted.as_ref().is_none_or(Acted::is_proven)
    }

    /// Whether every endpoint has a verdict; if not, it is we who failed.
    pub fn complete(&self) -> bool {
        self.attempted == self.expected
    }
}

/// Addresses of one family that were not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotLooked {
    /// 4 or 6.
    pub family: u8,
    /// How many addresses.
    pub addresses: u64,
    /// Why, in plain words.
    pub why: String,
}

/// Endpoints counted by their verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Nothing wrong.
    pub ok: u64,
    /// Needs a person within days.
    pub warning: u64,
    /// Clients fail now or within hours.
    pub critical: u64,
    /// Could not be judged.
    pub unknown: u64,
}

impl Summary {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.ok + self.warning + self.critical + self.unknown
    }

    /// Counts one more endpoint.
    pub const fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Ok => self.ok += 1,
            Verdict::Warning => self.warning += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Critical => self.critical += 1,
        }
    }
}

/// What is said of some targets together, or, with none, of the round itself.
#[derive(Clone, Debug, Serialize)]
pub struct TargetFinding {
    /// What is said.
    #[serde(flatten)]
    pub finding: Finding,
    /// Of which targets, as written.
    pub targets: Vec<Foreign>,
    /// Who answers for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where the first of them stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl TargetFinding {
    /// What is said of `targets`, of which nobody knows more.
    pub const fn of(finding: Finding, targets: Vec<Foreign>) -> Self {
        Self { finding, targets, owner: None, origin: None }
    }
}
