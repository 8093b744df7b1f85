//! What alarms find that no rule of a look does. The ids are part of the contract `contracts/findings.md`.

use certvigil_model::{Family, Problem, Severity};

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Its id.
    pub id: &'static str,
    /// What incidents group it by.
    pub family: Family,
    /// What it is said of.
    pub scope: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it says.
    pub means: &'static str,
}

impl Meta {
    /// The problem, without a certificate or a hint.
    pub(crate) fn problem(&self, message: String) -> Problem {
        Problem {
            id: self.id.to_owned(),
            family: self.family,
            severity: self.severity,
            certificate: None,
            message,
            hint: None,
            accepted: None,
        }
    }
}

pub(crate) const RENEWAL_OVERDUE: Meta = Meta {
    id: "renewal-overdue",
    family: Family::Expiry,
    scope: "certificate",
    severity: Severity::Warning,
    means: "it should have been renewed by now, or its renewer says that it cannot",
};

pub(crate) const SHARED_CAUSE: Meta = Meta {
    id: "shared-cause",
    family: Family::Reach,
    scope: "cause",
    severity: Severity::Unknown,
    means: "what cannot be seen has one thing in common: a resolver, a network, a port",
};

pub(crate) const WATCHER_BLIND: Meta = Meta {
    id: "watcher-blind",
    family: Family::Round,
    scope: "round",
    severity: Severity::Unknown,
    means: "we cannot see: this says nothing about endpoints",
};

pub(crate) const LONE_OWNER: Meta = Meta {
    id: "lone-owner",
    family: Family::Round,
    scope: "round",
    severity: Severity::Warning,
    means: "an owner is one person without a second contact",
};

pub(crate) const ISSUES_HELD: Meta = Meta {
    id: "issues-held",
    family: Family::Round,
    scope: "tracker",
    severity: Severity::Warning,
    means: "the brake holds issues back: this one lists them",
};

pub(crate) const STANDING_NOTES: Meta = Meta {
    id: "standing-notes",
    family: Family::Round,
    scope: "tracker",
    severity: Severity::Info,
    means: "runs without a store note in this issue what they wait for",
};

pub(crate) const DOES_NOT_DELIVER: Meta = Meta {
    id: "does-not-deliver",
    family: Family::Channel,
    scope: "channel",
    severity: Severity::Warning,
    means: "a message to people did not arrive",
};

pub(crate) const TEST_UNANSWERED: Meta = Meta {
    id: "test-unanswered",
    family: Family::Channel,
    scope: "channel",
    severity: Severity::Warning,
    means: "nobody answered a test page within a day",
};

pub(crate) const LONG_DEAD: Meta = Meta {
    id: "long-dead",
    family: Family::Round,
    scope: "owner",
    severity: Severity::Warning,
    means: "certificates had ended more than 30 days before they were first seen: this one lists them",
};

/// What is judged otherwise by the others' time is unknown.
pub const OWN_CLOCK_OFF: Meta = Meta {
    id: "own-clock-off",
    family: Family::Round,
    scope: "endpoint",
    severity: Severity::Unknown,
    means: "our clock is off, and the verdict is not the same by the right time",
};

/// All of them.
pub const ALL: &[Meta] = &[
    RENEWAL_OVERDUE,
    SHARED_CAUSE,
    WATCHER_BLIND,
    LONE_OWNER,
    ISSUES_HELD,
    STANDING_NOTES,
    DOES_NOT_DELIVER,
    TEST_UNANSWERED,
    LONG_DEAD,
    OWN_CLOCK_OFF,
];
