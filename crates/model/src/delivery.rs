//! Outward acts: what is to be said to a tracker, and how far that has come.

use serde::{Deserialize, Serialize};

use crate::{IncidentKey, Time, TrackerName};

/// One outward act. It is written down in the same transaction as what it tells of, made at least
/// once, and over only when it was read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its own identity.
    pub id: String,
    /// What it tells of.
    pub incident: IncidentKey,
    /// Whom it tells.
    pub tracker: TrackerName,
    /// What it does.
    pub act: Act,
    /// How far it has come.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Time,
    /// When the last attempt began: a create that may have landed is looked for from here on.
    pub attempted_at: Option<Time>,
    /// When it is to be tried, the next time.
    pub due_at: Time,
    /// What stood in its way.
    pub trouble: Option<String>,
}

/// What an act does to the issue of its incident. Words are made of the incident as it stands when
/// the act is made: what has changed since it was asked for is told right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Act {
    /// There is to be an open issue.
    File,
    /// Its readers are to hear of a change.
    Comment {
        /// The incident's `changes` when it was asked for: a comment is made once.
        change: u32,
    },
    /// It is to be closed, with the proof.
    Close,
    /// It is to be open again, with the proof.
    Reopen,
    /// Its block of state is to be as the incident is; nobody is told.
    Remember,
}

impl Act {
    /// The word for it in journals and reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Comment { .. } => "comment",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Remember => "remember",
        }
    }
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// Not tried yet, or to be tried again.
    Queued,
    /// Under way; whoever finds it so later does not know how it ended.
    Sent,
    /// It may have been done: looked for before it is done again.
    Doubtful,
    /// Read back by id; the tracker's own search does not show it yet.
    Stored,
    /// Read back: over.
    Confirmed,
    /// Refused for a reason that trying again does not mend: over, and told.
    Failed,
    /// What it was to tell is no longer so: over.
    Dropped,
}

impl DeliveryState {
    /// Whether nothing more is to be done.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Confirmed | Self::Failed | Self::Dropped)
    }

    /// The word of journals and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Doubtful => "doubtful",
            Self::Stored => "stored",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}
