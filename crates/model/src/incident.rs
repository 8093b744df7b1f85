//! The thing a person works on.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    CertificateSeen, Climb, EndpointId, Family, Fingerprint, Foreign, Origin, Problem, Severity,
    Time, hex,
};

/// What is wrong with one subject, wherever it shows: one per (family, subject). The finding in it
/// may change and its severity climb; it stays the same incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The same in every instance of a site.
    pub key: IncidentKey,
    /// What kind of problem.
    pub family: Family,
    /// What has it.
    pub subject: Subject,
    /// Whether anybody has to hear of it.
    pub status: Status,
    /// How bad it is now: the worst of its places, and at least what its dates say.
    pub severity: Severity,
    /// Who has to act: the certificate's owner.
    pub owner: String,
    /// Where it shows, good places of the same subject included until they leave.
    pub places: BTreeMap<EndpointId, Place>,
    /// The certificate, where the subject is one or an endpoint last showed one.
    pub certificate: Option<CertificateSeen>,
    /// When it was first seen.
    pub first_seen: Time,
    /// When it was last seen bad.
    pub last_bad: Time,
    /// When it became open.
    pub opened_at: Option<Time>,
    /// When it was resolved.
    pub resolved_at: Option<Time>,
    /// How often it came back.
    pub reopened: u32,
    /// Its places could not be seen since then: what is told of it is judged from the last
    /// certificate seen.
    pub unseen_since: Option<Time>,
    /// Changes that people were to hear of: of severity, of places, of state. Comments count by it.
    pub changes: u32,
    /// The last of them that its issue tells.
    #[serde(default)]
    pub told: u32,
    /// The block of state as its issue holds it, by a checksum.
    #[serde(default)]
    pub block: Option<String>,
    /// How often a person closed its issue while it was still bad.
    #[serde(default)]
    pub closings: u32,
    /// Where its issue stands.
    pub filing: Filing,
    /// Who has taken it on.
    pub acknowledged: Option<Acknowledged>,
    /// How loud it has become; none: nobody was told yet.
    #[serde(default)]
    pub climb: Option<Climb>,
}

impl Incident {
    /// The worst problem of all places, to name the incident by.
    pub fn worst(&self) -> Option<(&Place, &Problem)> {
        let of_place = |place| -> Option<(&Place, &Problem)> { Some((place, worst_of(place)?)) };
        self.places.values().filter_map(of_place).max_by_key(|(_, problem)| problem.severity)
    }
}

fn worst_of(place: &Place) -> Option<&Problem> {
    place.problems.iter().filter(|problem| problem.counts()).max_by_key(|problem| problem.severity)
}

/// What has the problem. Its text form is what keys are made of and never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A certificate, wherever it is served.
    Certificate(Fingerprint),
    /// One endpoint.
    Endpoint(EndpointId),
    /// All endpoints of a target, as written.
    Target(String),
    /// The round over the site's inventory.
    Round,
    /// What endpoints that cannot be seen have in common: a resolver, a network, a port.
    Cause(String),
    /// An incoming heartbeat, by its name.
    CheckIn(String),
    /// A way to tell people, by its name.
    Channel(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(sha256) => write!(f, "certificate:{sha256}"),
            Self::Endpoint(id) => write!(f, "endpoint:{id}"),
            Self::Target(written) => write!(f, "target:{written}"),
            Self::Round => f.write_str("round:"),
            Self::Cause(what) => write!(f, "cause:{what}"),
            Self::CheckIn(name) => write!(f, "check-in:{name}"),
            Self::Channel(name) => write!(f, "channel:{name}"),
        }
    }
}

/// 32 hexadecimal digits of SHA-256 over (site, family, subject), each ended by a NUL but the last;
/// of HMAC-SHA-256 (RFC 2104) where the site has a key. All instances of a site agree on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentKey(String);

impl IncidentKey {
    /// The key of what `family` says of `subject` at `site`.
    pub fn of(site: &str, site_key: Option<&str>, family: Family, subject: &Subject) -> Self {
        let text = format!("{site}\0{}\0{subject}", family.name());
        let digest: [u8; 32] = match site_key {
            None => Sha256::digest(text.as_bytes()).into(),
            Some(key) => hmac(key.as_bytes(), text.as_bytes()),
        };
        Self(hex(&digest[..16]))
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// HMAC-SHA-256 (RFC 2104).
pub fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length: RFC 2104 section 2.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(text);
        mac.finalize().into_bytes().into()
    })
}

impl fmt::Display for IncidentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<IncidentKey> for String {
    fn from(key: IncidentKey) -> Self {
        key.0
    }
}

/// Text that is no incident's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKey;

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key has 32 lower-case hexadecimal digits")
    }
}

impl std::error::Error for NotAKey {}

impl TryFrom<String> for IncidentKey {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, NotAKey> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_key = text.len() == 32 && text.bytes().all(is_digit);
        is_key.then_some(Self(text)).ok_or(NotAKey)
    }
}

impl FromStr for IncidentKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        text.to_owned().try_into()
    }
}

/// Whether anybody has to hear of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Seen, and not yet for long or often enough: a second look, a roll-out's time.
    Waiting,
    /// Somebody has to act.
    Open,
    /// Every place has twice been seen free of it, or left by a recorded act.
    Resolved,
}

/// One place where an incident's subject shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where it is, as reports show it.
    pub shown: String,
    /// Its target, as written.
    pub target: Foreign,
    /// Its author's words for grouping.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The name sent.
    #[serde(default)]
    pub server_name: Option<String>,
    /// Who answers for the place.
    pub owner: String,
    /// Where its target stands.
    pub origin: Option<Origin>,
    /// When the problem was first seen here.
    pub first_bad: Time,
    /// When it was last seen here.
    pub last_bad: Time,
    /// Looks in a row that were free of it: at two the place is good.
    pub good_runs: u8,
    /// Its target is still in the inventory, and its address has not been given since then.
    #[serde(default)]
    pub absent_since: Option<Time>,
    /// What was wrong here when it was last seen bad.
    pub problems: Vec<Problem>,
}

impl Place {
    /// So many good looks in a row and the place is good.
    pub const GOOD_RUNS: u8 = 2;

    /// Whether it is free of the problem.
    pub const fn is_good(&self) -> bool {
        self.good_runs >= Self::GOOD_RUNS
    }
}

/// A tracker as certvigil tells trackers apart: kind, address and project in one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrackerName(pub String);

impl fmt::Display for TrackerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An issue in a tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRef {
    /// The tracker.
    pub tracker: TrackerName,
    /// What the tracker calls it.
    pub id: String,
    /// Where a person sees it.
    pub url: String,
}

/// Where an incident's issue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Filing {
    /// There is none, and none is asked for.
    #[default]
    None,
    /// The brake, or a first round, holds it back; the summary issue lists it.
    Held {
        /// Since when.
        since: Time,
    },
    /// It was asked for.
    Queued {
        /// Since when.
        since: Time,
    },
    /// Asked for, and nobody knows yet whether it is there.
    Doubtful {
        /// Since when.
        since: Time,
    },
    /// Read back by its id, and not yet found by its key.
    Stored {
        /// The issue.
        issue: IssueRef,
        /// When it was read back.
        at: Time,
    },
    /// Read back by its id and by its key: filed.
    Confirmed {
        /// The issue.
        issue: IssueRef,
        /// When it was first read back by both.
        at: Time,
    },
    /// The tracker cannot be made to keep it.
    Failed {
        /// Since when.
        since: Time,
        /// What it answers.
        why: String,
    },
    /// Closed, and read back closed.
    Closed {
        /// The issue.
        issue: IssueRef,
        /// When it was read back closed.
        at: Time,
    },
}

impl Filing {
    /// The issue, where there is one.
    pub const fn issue(&self) -> Option<&IssueRef> {
        match self {
            Self::Stored { issue, .. }
            | Self::Confirmed { issue, .. }
            | Self::Closed { issue, .. } => Some(issue),
            Self::None
            | Self::Held { .. }
            | Self::Queued { .. }
            | Self::Doubtful { .. }
            | Self::Failed { .. } => None,
        }
    }
}

/// A person has taken an incident on, for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who, as the tracker or the command line named them.
    pub by: Foreign,
    /// When.
    pub at: Time,
    /// An acknowledgement ends by itself.
    pub until: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject::Target("www.example.org".to_owned())
    }

    /// As Python's hashlib and hmac give them for `b'site\0expiry\0target:www.example.org'`.
    #[test]
    fn a_key_is_the_head_of_a_hash_that_others_can_make() {
        let plain = IncidentKey::of("site", None, Family::Expiry, &subject());
        assert_eq!(plain.as_str(), "b3aa2cb1f7dfa58d585ed7c14807e00d");
        let keyed = IncidentKey::of("site", Some("secret"), Family::Expiry, &subject());
        assert_eq!(keyed.as_str(), "3766178db081cee9f026909ca0302eb9");
    }

    #[test]
    fn a_key_comes_back_from_its_text_and_from_nothing_else() {
        let key = IncidentKey::of("", None, Family::Round, &Subject::Round);
        assert_eq!(key.as_str().parse(), Ok(key.clone()));
        for wrong in ["", "abc", &key.as_str().to_uppercase(), &format!("{key}0")] {
            assert_eq!(wrong.parse::<IncidentKey>(), Err(NotAKey), "{wrong}");
        }
    }
}
