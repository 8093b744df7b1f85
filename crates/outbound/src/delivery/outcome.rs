//! What came of an attempt.

use certvigil_model::{DeliveryState, IssueRef, Time};

use super::Note;
use crate::Stored;

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How far the delivery has come.
    pub standing: Standing,
    /// The issue, as far as it is known.
    pub issue: Option<IssueRef>,
    /// The issue as it was last read: a person may have had a hand in it.
    pub seen: Option<Box<Stored>>,
    /// What should stand in the journal besides.
    pub notes: Vec<Note>,
}

/// How far a delivery has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Done, and read back.
    Confirmed(Confirmed),
    /// To be tried again.
    Waiting {
        /// What is known of it.
        known: Waiting,
        /// What stood in its way.
        why: String,
        /// When it is to be tried again.
        not_before: Time,
    },
    /// The tracker will not do it, however often it is asked.
    Failed {
        /// What a person has to mend.
        why: String,
    },
    /// There is nothing to do any more.
    Dropped {
        /// Why not.
        why: String,
    },
}

/// What is known of a delivery that is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing was done.
    Queued,
    /// Something may have been done.
    Doubtful,
    /// It was read back by its id, and is not found by its key.
    Stored,
}

/// Proof that something stands in a tracker as it was meant to. Nobody but the protocol can make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    issue: IssueRef,
    at: Time,
}

impl Confirmed {
    pub(super) const fn new(issue: IssueRef, at: Time) -> Self {
        Self { issue, at }
    }

    /// The issue.
    pub const fn issue(&self) -> &IssueRef {
        &self.issue
    }

    /// When it was read back.
    pub const fn at(&self) -> Time {
        self.at
    }
}

impl Standing {
    /// The state that the delivery now has.
    pub const fn state(&self) -> DeliveryState {
        match self {
            Self::Confirmed(_) => DeliveryState::Confirmed,
            Self::Waiting { known: Waiting::Queued, .. } => DeliveryState::Queued,
            Self::Waiting { known: Waiting::Doubtful, .. } => DeliveryState::Doubtful,
            Self::Waiting { known: Waiting::Stored, .. } => DeliveryState::Stored,
            Self::Failed { .. } => DeliveryState::Failed,
            Self::Dropped { .. } => DeliveryState::Dropped,
        }
    }

    /// What stood in its way, or why there is nothing to do.
    pub fn trouble(&self) -> Option<&str> {
        match self {
            Self::Confirmed(_) => None,
            Self::Waiting { why, .. } | Self::Failed { why } | Self::Dropped { why } => Some(why),
        }
    }

    /// When it is to be tried again.
    pub const fn not_before(&self) -> Option<Time> {
        match self {
            Self::Waiting { not_before, .. } => Some(*not_before),
            Self::Confirmed(_) | Self::Failed { .. } | Self::Dropped { .. } => None,
        }
    }
}
