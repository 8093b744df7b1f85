//! What a round says of one endpoint, as far as it is remembered and incidents are made of it.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, EndpointId, Family, Finding, Fingerprint, Foreign, Origin, Outcome, Severity, Time,
};

/// One endpoint in one round: what was seen there and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Where it is, as reports show it: an address; `host:port` where there was none.
    pub place: String,
    /// The target that it belongs to, as written.
    pub target: Foreign,
    /// The owner whom the inventory gives it.
    pub owner: Option<String>,
    /// Its author's words for grouping.
    pub tags: Vec<String>,
    /// Where its target stands.
    pub origin: Option<Origin>,
    /// The port, for causes that endpoints share.
    pub port: u16,
    /// The name sent.
    pub server_name: Option<String>,
    /// When it was looked at.
    pub looked_at: Time,
    /// How the look ended.
    pub outcome: Outcome,
    /// The chain that was presented first, as sent; empty where none was.
    pub chain: Vec<Fingerprint>,
    /// End entities that other questions brought.
    pub others: Vec<Fingerprint>,
    /// The first end entity, where it was read.
    pub certificate: Option<CertificateSeen>,
    /// What is wrong, the worst first; what is accepted and what is only worth knowing included.
    pub problems: Vec<Problem>,
}

impl Observation {
    /// Whether a certificate was read well enough to judge dates and names: what incidents on facts
    /// may be closed on.
    pub const fn shows_certificate(&self) -> bool {
        self.certificate.is_some()
    }
}

/// A certificate as far as words about it, and its dates while nobody can see it, need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateSeen {
    /// Its identity.
    pub sha256: Fingerprint,
    /// The subject, RFC 4514.
    pub subject: Foreign,
    /// Names of the subjectAltName, at most [`CertificateSeen::NAMES_KEPT`].
    pub names: Vec<Foreign>,
    /// All names that it has.
    pub names_total: usize,
    /// The issuer, RFC 4514.
    pub issuer: Foreign,
    /// Lower-case hex of the DER contents.
    pub serial_number: String,
    /// When its life begins.
    pub not_before: Time,
    /// When its life ends.
    pub not_after: Time,
    /// When its clients stop to take it: a path may end before it does.
    pub ends: Ends,
}

impl CertificateSeen {
    /// Names kept of one certificate.
    pub const NAMES_KEPT: usize = 100;
}

/// When a certificate ends for its clients, and when that becomes a matter for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// The end.
    pub at: Time,
    /// From then on it is a warning.
    pub warning_from: Time,
    /// From then on it is critical.
    pub critical_from: Time,
}

impl Ends {
    /// How bad the dates alone are at `now`: they run on whether anybody looks or not.
    pub fn severity(&self, now: Time) -> Option<Severity> {
        match now {
            _ if now >= self.critical_from => Some(Severity::Critical),
            _ if now >= self.warning_from => Some(Severity::Warning),
            _ => None,
        }
    }
}

/// A finding that has left the round in which it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The finding's stable id.
    pub id: String,
    /// What incidents group by.
    pub family: Family,
    /// How bad it is.
    pub severity: Severity,
    /// The certificate that shows it.
    pub certificate: Option<Fingerprint>,
    /// What is wrong, with its proof, in plain words.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Somebody answers for it, for a time.
    pub accepted: Option<Answer>,
}

/// What is said of some targets together (`addresses-differ`) or, with none, of the round itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetProblem {
    /// Which targets, as written.
    pub targets: Vec<Foreign>,
    /// The owner whom the inventory gives them.
    pub owner: Option<String>,
    /// Where the first of them stands.
    pub origin: Option<Origin>,
    /// What is wrong.
    pub problem: Problem,
}

impl From<&Finding> for Problem {
    fn from(finding: &Finding) -> Self {
        Self {
            id: finding.id.to_owned(),
            family: finding.family,
            severity: finding.severity,
            certificate: finding.certificate,
            message: finding.message.clone(),
            hint: finding.hint.clone(),
            accepted: finding.accepted.clone(),
        }
    }
}

impl Problem {
    /// Whether somebody has to act on it.
    pub fn counts(&self) -> bool {
        self.severity > Severity::Info && self.accepted.is_none()
    }
}
