//! Messages to people: what is to be said to whom, and how far that has come.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{IncidentKey, Time};

/// A way to reach somebody as certvigil tells such ways apart: kind and whom in one line, without any secret. Two owners
/// who share one share its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelName(pub String);

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One message to one channel. It is written down in the same transaction as what it tells of, and sent at least once.
/// No receiver can prove that a person read it: that is what an acknowledgement is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its own identity, the same at each attempt: receivers can tell a second copy by it.
    pub id: String,
    /// Where it goes.
    pub channel: ChannelName,
    /// What it is for.
    pub purpose: Purpose,
    /// What it tells of; none: of no incident.
    pub incident: Option<IncidentKey>,
    /// Whose step it is.
    pub owner: String,
    /// How far it has come.
    pub state: NoticeState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Time,
    /// When it is to be tried, the next time.
    pub due_at: Time,
    /// What stood in its way.
    pub trouble: Option<String>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// There is an issue.
    Copy,
    /// Nobody has taken it on.
    Reminder,
    /// Somebody has to act, and an answer is asked for.
    Page,
    /// Somebody else has taken on what they were paged for.
    Taken,
    /// A person closed its issue twice while it was still bad: that is an acceptance for a time.
    Accepted,
    /// What they were told of is over.
    Over,
    /// So much was to be sent that nothing but pages is any more.
    Breaker,
    /// What an owner has to know once a week.
    Digest,
    /// Whether a page arrives, and an answer is asked for.
    Test,
}

impl Purpose {
    /// The word of journals, reports and stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Reminder => "reminder",
            Self::Page => "page",
            Self::Taken => "taken",
            Self::Accepted => "accepted",
            Self::Over => "over",
            Self::Breaker => "breaker",
            Self::Digest => "digest",
            Self::Test => "test",
        }
    }

    /// Whether it may wake somebody.
    pub const fn is_loud(self) -> bool {
        matches!(self, Self::Page | Self::Test)
    }
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// Not tried yet, or to be tried again.
    Queued,
    /// Under way; whoever finds it so later does not know how it ended, and sends it again.
    Sent,
    /// The channel has taken it.
    HandedOver,
    /// Refused for a reason that trying again does not mend, or tried too often: over, and told elsewhere.
    Failed,
    /// What it was to tell is no longer so: over.
    Dropped,
}

impl NoticeState {
    /// Whether nothing more is to be done.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::HandedOver | Self::Failed | Self::Dropped)
    }

    /// The word of journals and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::HandedOver => "handed-over",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// How far the escalation of an incident has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Climb {
    /// How much it presses.
    pub tier: Tier,
    /// From when its steps count: since it presses so, or since an acknowledgement ended.
    pub since: Time,
    /// Steps of this tier that were taken.
    pub steps: u32,
    /// When the last of them was.
    pub last: Option<Time>,
    /// What the last of them sent did not arrive: the next one is due at once.
    #[serde(default)]
    pub failed: bool,
    /// Who was called so far: they hear when it is over.
    #[serde(default)]
    pub told: Vec<ChannelName>,
    /// Those of them who know that somebody is on it.
    #[serde(default)]
    pub relieved: Vec<ChannelName>,
}

/// How much an incident presses: which steps are taken, and at which hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// The issue is all: nobody is called.
    Quiet,
    /// There is time.
    Early,
    /// Somebody is called in working hours.
    Near,
    /// Somebody is called at any hour.
    Now,
}
