//! What the config says of alarms.

use std::collections::BTreeMap;

use certvigil_model::TrackerName;

/// What a step keeps to.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name that all instances of this site share; part of every key.
    pub site: String,
    /// Makes keys that only this site can make.
    pub site_key: Option<String>,
    /// Who answers for what nobody else does.
    pub default_owner: String,
    /// Everybody who answers for something, by name.
    pub owners: BTreeMap<String, OwnerRule>,
    /// Who owns which certificates; the first that matches counts.
    pub certificates: Vec<CertificateOwner>,
    /// The brake.
    pub limits: Limits,
    /// A hash of the config, so that a change of it is noticed.
    pub config: String,
}

/// One owner, as far as alarms go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerRule {
    /// Where its issues are filed; none: nowhere, and every report says so.
    pub tracker: Option<TrackerName>,
    /// What its targets are for; `production` wakes people.
    pub env: String,
    /// Whether there is a second contact.
    pub has_second: bool,
}

/// Who owns a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateOwner {
    /// A name that the certificate has: `www.example.org`, or `*.example.org` for all directly below it.
    pub name: String,
    /// The owner.
    pub owner: String,
}

/// The brake on new issues, for each tracker. It never holds what is critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// New issues a round.
    pub new_issues_per_round: usize,
    /// New issues an hour.
    pub new_issues_per_hour: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { new_issues_per_round: 20, new_issues_per_hour: 60 }
    }
}
