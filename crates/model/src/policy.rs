//! What a target's owner wants judged differently.

use crate::Severity;

/// The wishes that judging takes into account; the default is the contract's own severities.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Instead of the thresholds that a certificate's life gives.
    pub thresholds: Option<Thresholds>,
    /// Rules raised, lowered or switched off. The last one for a rule counts.
    pub adjustments: Vec<Adjustment>,
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
