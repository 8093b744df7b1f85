//! The steps of each tier: which comes next, when, and whom it reaches.

use std::borrow::Cow;
use std::time::Duration;

use certvigil_model::{ChannelName, Climb, Filing, Incident, Purpose, Tier, Time};

use super::contacts::{Level, Reach};
use crate::time::{DAY, HOUR, MINUTE};
use crate::{Calendar, Rules};

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// How much the incident presses then.
    pub tier: Tier,
    /// When it is taken, if nobody does anything before; what is past is due.
    pub at: Time,
    /// What is done.
    pub deed: Deed,
    /// Who hears of it; nobody: there is no way to reach anybody.
    pub whom: Vec<ChannelName>,
    /// The step in words, as a sentence without its end.
    pub words: &'static str,
    /// Its number in its tier.
    pub(super) number: u32,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// People are sent a message.
    Tell(Purpose),
    /// The issue gets a comment.
    Comment,
}

/// The step of its tier that `climb` comes to next; none: it has no more.
pub(super) fn next(incident: &Incident, climb: &Climb, rules: &Rules, now: Time) -> Option<Rung> {
    let on = On { incident, climb, rules, now };
    match climb.tier {
        Tier::Quiet => on.quiet(),
        Tier::Early => on.early(),
        Tier::Near => on.near(),
        Tier::Now => on.now(),
    }
}

/// Whether that step can be due at all: asked of every incident in every step, it looks into no calendar.
pub(super) fn may_be_due(incident: &Incident, climb: &Climb, now: Time) -> bool {
    let at = match (climb.tier, climb.steps) {
        (Tier::Early, 0) => copied_at(incident, climb),
        (Tier::Early, 1 | 2) if climb.failed => climb.since,
        (Tier::Early, 1) => earlier(climb.since.plus(DAY), part_of_warning(incident, climb, 4)),
        (Tier::Early, 2) => earlier(climb.since.plus(DAY * 4), part_of_warning(incident, climb, 2)),
        (Tier::Early, _) => return false,
        (Tier::Quiet | Tier::Near | Tier::Now, _) => climb.last.unwrap_or(climb.since),
    };
    at <= now
}

/// A copy goes with the issue. Where that is not proven to be filed in time, the message stands in for it.
fn copied_at(incident: &Incident, climb: &Climb) -> Time {
    match incident.filing {
        Filing::Confirmed { .. } | Filing::Failed { .. } => climb.since,
        _ => climb.since.plus(UNPROVEN),
    }
}

/// A part of the time between the first warning and the end, from the beginning on: who has little time hears sooner.
fn part_of_warning(incident: &Incident, climb: &Climb, part: u32) -> Option<Time> {
    let ends = incident.certificate.as_ref()?.ends;
    let length = u64::try_from(ends.at.seconds_since(ends.warning_from)).ok()?;
    Some(climb.since.plus(Duration::from_secs(length) / part))
}

fn earlier(one: Time, other: Option<Time>) -> Time {
    other.map_or(one, |other| one.min(other))
}

const UNPROVEN: Duration = MINUTE.saturating_mul(10);
const APART: Duration = HOUR.saturating_mul(4);
const AGAIN: Duration = MINUTE.saturating_mul(30);
const EVERYBODY: Duration = HOUR.saturating_mul(4);
const WEEK: Duration = DAY.saturating_mul(7);

struct On<'a> {
    incident: &'a Incident,
    climb: &'a Climb,
    rules: &'a Rules,
    now: Time,
}

impl On<'_> {
    /// Once expired, a comment a week.
    fn quiet(&self) -> Option<Rung> {
        let ends = self.incident.certificate.as_ref()?.ends.at;
        let words = "a comment in the issue says that it is still so";
        let at = ends.max(self.last().plus(WEEK));
        Some(self.rung(self.climb.steps, at, Deed::Comment, Vec::new(), words))
    }

    fn early(&self) -> Option<Rung> {
        let number = self.climb.steps;
        let (at, purpose, level, words) = match number {
            0 => (
                copied_at(self.incident, self.climb),
                Purpose::Copy,
                Level::Channel,
                "its owner gets a copy",
            ),
            1 => (
                self.unanswered_at(2, 4),
                Purpose::Reminder,
                Level::Mail,
                "its owner is reminded, as nobody has taken it on",
            ),
            2 => (
                self.unanswered_at(5, 2),
                Purpose::Reminder,
                Level::Second,
                "the second contact hears that nobody has taken it on",
            ),
            _ => return None,
        };
        let at = if self.climb.failed { self.last() } else { at };
        let whom = self.reach().at(level);
        Some(self.rung(number, at, Deed::Tell(purpose), whom, words))
    }

    /// Two working days after it began, or five; sooner where the warnings themselves come late. Never two at once.
    fn unanswered_at(&self, days: u32, part: u32) -> Time {
        let since = self.climb.since;
        let at = self.calendar().days_later(since, days);
        earlier(at, part_of_warning(self.incident, self.climb, part)).max(self.last().plus(APART))
    }

    fn near(&self) -> Option<Rung> {
        let number = self.climb.steps;
        let (at, whom, words) = match number {
            0 => (
                self.calendar().at_work(self.climb.since),
                self.reach().at(Level::Page),
                "somebody of its owner is called, in working hours",
            ),
            1 => (
                self.next_day(),
                self.reach().at(Level::Second),
                "the second contact is called, in working hours",
            ),
            _ => (
                self.calendar().next_day(self.last()),
                self.reach().both(),
                "both contacts are called again, each working day",
            ),
        };
        let at = self.calendar().in_hours(at, self.now);
        Some(self.rung(number, at, Deed::Tell(Purpose::Page), whom, words))
    }

    fn next_day(&self) -> Time {
        match self.climb.failed {
            true => self.last(),
            false => self.calendar().next_day(self.last()),
        }
    }

    fn now(&self) -> Option<Rung> {
        // Who cannot be reached is not called again first.
        let number = match self.climb.steps {
            1 if self.climb.failed => 2,
            steps => steps,
        };
        let soon = self.last().plus(if self.climb.failed { Duration::ZERO } else { AGAIN });
        let page = || self.reach().at(Level::Page);
        let second = || self.reach().at(Level::Second);
        let everybody = || self.reach().everybody();
        let (at, whom, words) = match number {
            0 => (self.climb.since, page(), "somebody of its owner is called, at any hour"),
            1 => (soon, page(), "the same is called again"),
            2 => (soon, second(), "the second contact is called"),
            3 => (soon, everybody(), "everybody of its owner and of operations is called"),
            _ => (
                self.last().plus(EVERYBODY),
                everybody(),
                "everybody of its owner and of operations is called, every 4 hours",
            ),
        };
        Some(self.rung(number, at, Deed::Tell(Purpose::Page), whom, words))
    }

    fn last(&self) -> Time {
        self.climb.last.unwrap_or(self.climb.since)
    }

    fn calendar(&self) -> Cow<'_, Calendar> {
        let owner = self.rules.owners.get(&self.incident.owner);
        owner.map(|owner| Cow::Borrowed(&owner.calendar)).unwrap_or_default()
    }

    fn reach(&self) -> Reach<'_> {
        Reach::of(self.incident, self.rules)
    }

    const fn rung(
        &self,
        number: u32,
        at: Time,
        deed: Deed,
        whom: Vec<ChannelName>,
        words: &'static str,
    ) -> Rung {
        Rung { tier: self.climb.tier, at, deed, whom, words, number }
    }
}
