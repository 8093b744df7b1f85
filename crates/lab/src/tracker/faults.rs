//! What goes wrong, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// Who are we, is the project there.
    Examine,
    /// By a label, from the index.
    Find,
    /// The newest first, from the list.
    Recent,
    /// One issue.
    Read,
    /// A new issue.
    Create,
    /// A comment.
    Comment,
    /// Closing, opening, overwriting the block.
    Change,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Nothing is done, and the answer has this status.
    Status(u16),
    /// Nothing is done; 429 and so many seconds to wait.
    RetryAfter(u64),
    /// The answer says that all went well, and nothing is kept.
    NothingStored,
    /// The issue is stored without its labels.
    LabelsDropped,
    /// Everything is done, so many milliseconds later.
    Slow(u64),
    /// Nothing is done, and nothing is ever answered.
    Hang,
    /// Everything is done, and nothing is ever answered.
    HangAfter,
    /// Nothing is done, and the connection is broken off.
    ResetBefore,
    /// Everything is done, and the connection is broken off.
    ResetAfter,
    /// Everything is done, and the answer has this status.
    StatusAfter(u16),
    /// Everything is done, and the answer is cut off in its middle.
    HalfAnswer,
    /// Everything is done, and the answer is a page for people.
    Page,
    /// It is stored twice.
    Duplicate,
    /// The new issue is closed at once, as a rule may do.
    ClosedAtOnce,
}

/// Faults that are still to come.
#[derive(Debug, Default)]
pub(super) struct Faults {
    ordered: Vec<(On, Fault, u32)>,
    counts: BTreeMap<On, u64>,
}

impl Faults {
    pub(super) fn order(&mut self, on: On, fault: Fault, times: u32) {
        self.ordered.push((on, fault, times));
    }

    pub(super) fn count(&self, on: On) -> u64 {
        self.counts.get(&on).copied().unwrap_or(0)
    }

    /// Counts a request and tells the fault that it meets.
    pub(super) fn meet(&mut self, on: On) -> Option<Fault> {
        *self.counts.entry(on).or_default() += 1;
        let at = self.ordered.iter().position(|(kind, ..)| *kind == on)?;
        let (_, fault, times) = self.ordered.get_mut(at)?;
        let fault = *fault;
        *times = times.saturating_sub(1);
        if *times == 0 {
            self.ordered.remove(at);
        }
        Some(fault)
    }
}

impl Fault {
    /// Whether what was asked for is done all the same.
    pub(super) const fn is_done(self) -> bool {
        !matches!(
            self,
            Self::Status(_)
                | Self::RetryAfter(_)
                | Self::NothingStored
                | Self::Hang
                | Self::ResetBefore
        )
    }

    /// How long the answer takes.
    pub(super) const fn wait(self) -> Option<Duration> {
        match self {
            Self::Slow(millis) => Some(Duration::from_millis(millis)),
            _ => None,
        }
    }
}
