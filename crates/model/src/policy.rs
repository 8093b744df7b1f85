//! What a target's owner wants judged differently.

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, Origin, Severity, Time};

/// The wishes that judging takes into account; the default is the contract's own severities.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Instead of the thresholds that a certificate's life gives.
    pub thresholds: Option<Thresholds>,
    /// Rules raised, lowered or switched off. The last one for a rule counts.
    pub adjustments: Vec<Adjustment>,
}

impl Policy {
    /// This one, where `next` does not say otherwise.
    pub fn then(mut self, next: &Self) -> Self {
        self.thresholds = next.thresholds.or(self.thresholds);
        self.adjustments.extend_from_slice(&next.adjustments);
        self
    }
}

/// How long before its end a certificate becomes a finding, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Less than this left is a warning.
    pub warning_seconds: i64,
    /// Less than this left is critical; below `warning_seconds`.
    pub critical_seconds: i64,
}

/// One rule given another weight, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The finding's id.
    pub finding: String,
    /// The new severity; none switches the rule off.
    pub severity: Option<Severity>,
    /// Why: a rule is never switched off without a reason.
    pub reason: String,
}

/// Findings that somebody answers for, for a time: told and counted apart, never red, red again on
/// the day that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The finding's id.
    pub finding: String,
    /// Where.
    pub of: Accepted,
    /// The one certificate that it is for; none: whatever certificate shows the finding.
    pub certificate: Option<Fingerprint>,
    /// Whose word it is, and why.
    pub answer: Answer,
    /// Where the acceptance stands.
    pub origin: Option<Origin>,
}

/// What an acceptance is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The target written so.
    Target(String),
    /// Every target with this tag.
    Tag(String),
    /// The round itself.
    Round,
}

/// Somebody's word that a finding may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when; at most [`Answer::LONGEST_DAYS`] after it was written down.
    pub until: Time,
}

impl Answer {
    /// No acceptance reaches further ahead.
    pub const LONGEST_DAYS: i64 = 90;
}

/// The least that makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Any finding at all.
    Info,
    /// A warning or worse; unknown is worse.
    #[default]
    Warning,
    /// A critical finding, or an unknown.
    Critical,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity, which nobody has accepted, makes a run fail.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Info => true,
            Self::Warning => severity >= Severity::Warning,
            // Unknown fails at every level: it may hide anything.
            Self::Critical => severity >= Severity::Unknown,
            Self::Never => false,
        }
    }
}
