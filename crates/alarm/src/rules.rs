//! What the config says of alarms.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::{ChannelName, Origin, TrackerName};

use crate::{Calendar, Renewer, Sentinel, Window};

/// What a step keeps to.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The name that all instances of this site share; part of every key.
    pub site: String,
    /// Makes keys that only this site can make.
    pub site_key: Option<String>,
    /// Who answers for what nobody else does.
    pub default_owner: String,
    /// The owner whose group hears of what its own owner does not answer.
    pub operations: String,
    /// Everybody who answers for something, by name.
    pub owners: BTreeMap<String, OwnerRule>,
    /// Who owns and renews which certificates; the first that matches counts.
    pub certificates: Vec<CertificateRule>,
    /// Times of maintenance.
    pub windows: Vec<Window>,
    /// What is looked at again where much is newly unknown; empty: what [`crate::blind::sentinels`] chooses.
    pub sentinels: Vec<Sentinel>,
    /// The brake.
    pub limits: Limits,
    /// From one whole round to the next, where the config says so.
    pub interval: Option<Duration>,
    /// Whether a message has a link to answer by; without one nobody could answer a test page.
    pub has_answers: bool,
    /// Our own clock is off: nothing changes by dates alone.
    pub is_time_in_doubt: bool,
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
    /// How it is reached.
    pub contacts: Contacts,
    /// When it is at work.
    pub calendar: Calendar,
    /// Whether it is one person.
    pub is_person: bool,
}

impl OwnerRule {
    /// Whether people are woken for it; what does not say what it is for is taken for production.
    pub(crate) fn is_production(&self) -> bool {
        self.env.is_empty() || self.env == "production"
    }
}

/// How an owner is reached; what is missing is done by the next louder one that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Where a copy of each issue goes, and the weekly digest.
    pub channel: Option<ChannelName>,
    /// Where it is reminded.
    pub mail: Option<ChannelName>,
    /// Where somebody is called.
    pub page: Option<ChannelName>,
    /// Who is called when nobody answers.
    pub second: Option<ChannelName>,
    /// Everybody in it.
    pub group: Vec<ChannelName>,
}

/// Who owns and renews certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRule {
    /// Names one of which the certificate has: `www.example.org`, or `*.example.org` for all directly below it too.
    pub names: Vec<String>,
    /// The owner; none: whoever would own it without this rule.
    pub owner: Option<String>,
    /// What renews it.
    pub renewer: Renewer,
    /// How long before its end the new one should be served; none: as it was seen.
    pub renew_before: Option<Duration>,
    /// What a person does where it was not renewed; none: what is usual for its renewer.
    pub advice: Option<String>,
    /// Where it stands in the config.
    pub origin: Option<Origin>,
}

/// The brake on new issues, for each tracker. It never holds what is critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// New issues a round.
    pub new_issues_per_round: usize,
    /// New issues an hour.
    pub new_issues_per_hour: usize,
    /// Messages to people an hour, of all channels together; pages are sent past it.
    pub messages_per_hour: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { new_issues_per_round: 20, new_issues_per_hour: 60, messages_per_hour: 200 }
    }
}
