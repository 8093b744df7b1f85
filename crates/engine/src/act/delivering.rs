//! Makes what is due: each act begins in one transaction, is carried outside of any, and what came of it goes into another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_alarm::{Delivered, Event, Heard, IssueSeen, Rules, State, Step, Told, due};
use certvigil_model::{
    Clock, Delivery, DeliveryState, EndpointId, Filing, IncidentKey, IssueRef, Sighting, Status,
    Time, TrackerName,
};
use certvigil_outbound::delivery::{Errand, Outcome, deliver};
use certvigil_outbound::{Found, Stored};

use super::memory::Error;
use super::words::Matter;
use super::{Memory, OthersClocks, RequestLimits, Trackers, Wording};

/// The outbox, while it is worked through.
pub(crate) struct Delivering<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) trackers: &'a Trackers,
    pub(crate) limits: &'a RequestLimits,
    pub(crate) memory: &'a mut dyn Memory,
    pub(crate) wording: &'a Wording,
    pub(crate) others: &'a OthersClocks,
    pub(crate) seen: &'a BTreeMap<EndpointId, Sighting>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// All of it is over by then.
    pub(crate) by: Instant,
}

impl Delivering<'_> {
    /// Makes what is due, and what becomes due, until nothing is left or the time is over. `heard` is
    /// told of every step.
    pub(crate) fn run(&mut self, heard: &mut dyn FnMut(&Step)) -> Result<(), Error> {
        // What another process has, and what cannot be made here.
        let mut left: BTreeSet<String> = BTreeSet::new();
        loop {
            let now = self.clock.wall();
            let state = self.memory.state(now)?;
            let due = due(&state, now).into_iter().find(|delivery| !left.contains(&delivery.id));
            match due {
                Some(_) if !self.has_time() => return Ok(()),
                Some(delivery) => {
                    let is_ours = self.make(&state, delivery, heard)?;
                    left.extend((!is_ours).then(|| delivery.id.clone()));
                }
                None if !self.wait(&state, &left, now) => return Ok(()),
                None => {}
            }
        }
    }

    fn has_time(&self) -> bool {
        self.clock.monotonic() + LEAST < self.by
    }

    /// Waits for what becomes due before the time is over; false where there is nothing to wait for.
    fn wait(&self, state: &State, left: &BTreeSet<String>, now: Time) -> bool {
        let deliveries = state.deliveries.values().filter(|delivery| !left.contains(&delivery.id));
        let Some(next) = deliveries.map(|delivery| delivery.due_at).min() else { return false };
        let ahead = next.millis().saturating_sub(now.millis()).max(1);
        let ahead = Duration::from_millis(ahead.unsigned_abs());
        let is_in_time = self.clock.monotonic() + ahead + LEAST < self.by;
        if is_in_time {
            std::thread::sleep(ahead);
        }
        is_in_time
    }

    /// Makes one attempt; false where it is not for us to make.
    fn make(
        &mut self,
        state: &State,
        delivery: &Delivery,
        heard: &mut dyn FnMut(&Step),
    ) -> Result<bool, Error> {
        let now = self.clock.wall();
        let Some(incident) = state.incidents.get(&delivery.incident) else { return Ok(false) };
        let Some(tracker) = self.trackers.get(&delivery.tracker) else {
            let why = format!("the config has no tracker {} any more", delivery.tracker);
            self.step(&Event::Delivered(refused(delivery, why)), heard)?;
            return Ok(false);
        };
        let Some(begun) = self.memory.begin(delivery, LEASE, now)? else { return Ok(false) };
        let head = self.memory.head(now)?;
        let clock = self.others.seen();
        let matter = Matter { state, rules: self.rules, seen: self.seen, head, clock, now };
        let words = self.wording.of(incident, &begun.act, &matter);
        let told = Told::of(incident, state, self.rules);
        let errand = Errand {
            delivery,
            words: &words,
            issue: incident.filing.issue(),
            now,
            by: self.by.min(self.clock.monotonic() + LEASE.saturating_sub(LEAST)),
            request_limit: self.limits.of(&delivery.tracker),
        };
        let outcome = deliver(&**tracker, &errand);
        self.take_in(&begun, outcome, told, heard)?;
        Ok(true)
    }

    fn take_in(
        &mut self,
        begun: &Delivery,
        outcome: Outcome,
        told: Told,
        heard: &mut dyn FnMut(&Step),
    ) -> Result<(), Error> {
        let standing = &outcome.standing;
        let state = standing.state();
        let block = outcome.seen.as_ref().and_then(|stored| stored.block.as_ref());
        let delivered = Delivered {
            id: begun.id.clone(),
            state,
            issue: outcome.issue.clone(),
            told: (state == DeliveryState::Confirmed).then_some(told.holding(block, self.rules)),
            trouble: standing.trouble().map(str::to_owned),
            not_before: standing.not_before(),
            notes: outcome.notes.iter().map(ToString::to_string).collect(),
        };
        self.step(&Event::Delivered(delivered), heard)?;
        if let Some((stored, issue)) = outcome.seen.zip(outcome.issue) {
            let seen = issue_seen(&begun.incident, issue, &stored);
            self.step(&Event::Issue(seen), heard)?;
        }
        Ok(())
    }

    fn step(&mut self, event: &Event<'_>, heard: &mut dyn FnMut(&Step)) -> Result<(), Error> {
        let step = self.memory.step(event, self.clock.wall(), self.rules)?;
        heard(&step);
        Ok(())
    }
}

/// What cannot be tried at all.
fn refused(delivery: &Delivery, why: String) -> Delivered {
    Delivered {
        id: delivery.id.clone(),
        state: DeliveryState::Failed,
        issue: None,
        told: None,
        trouble: Some(why),
        not_before: None,
        notes: Vec::new(),
    }
}

/// What people did to those issues of open incidents that `is_meant` picks. One that is not there any more counts as closed by nobody: it is
/// filed anew.
pub(crate) fn people(
    state: &State,
    is_meant: fn(&Filing) -> bool,
    share: Share,
    (trackers, limits): (&Trackers, &RequestLimits),
    clock: &Arc<dyn Clock>,
    by: Instant,
) -> (Vec<IssueSeen>, Vec<Heard>) {
    let open = state.incidents.values().filter(|incident| incident.status == Status::Open);
    let open = open.filter(|incident| is_meant(&incident.filing));
    let filed: Vec<_> = open.filter_map(|it| Some((it, it.filing.issue()?))).collect();
    let (mut seen, mut heard) = (Vec::new(), Vec::new());
    let mut silent: BTreeSet<&TrackerName> = BTreeSet::new();
    for (incident, issue) in share.of(&filed, clock.wall()) {
        let Some(tracker) = trackers.get(&issue.tracker) else { continue };
        if silent.contains(&issue.tracker) {
            continue;
        }
        let until = by.min(clock.monotonic() + limits.of(&issue.tracker));
        if until <= clock.monotonic() + LEAST {
            break;
        }
        match tracker.read(&issue.id, until) {
            Ok(Found::Here(stored)) => {
                seen.push(issue_seen(&incident.key, (*issue).clone(), &stored));
            }
            Ok(Found::Gone) => seen.push(IssueSeen {
                incident: incident.key.clone(),
                issue: (*issue).clone(),
                is_open: false,
                taken: None,
                closed: None,
            }),
            // What was moved is followed by the next delivery.
            Ok(Found::Moved { .. }) => {}
            // What stands there is said to stand only where it can be read.
            Err(trouble) => {
                silent.insert(&issue.tracker);
                let text =
                    format!("the tracker {} does not show its issues: {trouble}", issue.tracker);
                heard.push(Heard { is_failure: true, text });
            }
        }
    }
    (seen, heard)
}

fn issue_seen(incident: &IncidentKey, issue: IssueRef, stored: &Stored) -> IssueSeen {
    IssueSeen {
        incident: incident.clone(),
        issue,
        is_open: stored.is_open,
        taken: stored.taken.clone(),
        closed: stored.closed.clone(),
    }
}

/// Which issues are read in one go only to see what people did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    most: usize,
    /// Where there are more, another `most` of them after so many seconds.
    turn: i64,
}

impl Share {
    pub(crate) const OF_A_ROUND: Self = Self { most: 300, turn: 3600 };
    /// As many as a round of an hour, spread over it.
    pub(crate) const BETWEEN_ROUNDS: Self = Self { most: 60, turn: READ_EVERY.as_secs() as i64 };

    /// Where there are too many, each has its turn.
    fn of<T>(self, all: &[T], now: Time) -> impl Iterator<Item = &T> {
        let turn = usize::try_from(now.seconds() / self.turn).unwrap_or(0);
        let first = turn.wrapping_mul(self.most).checked_rem(all.len()).unwrap_or(0);
        all.iter().cycle().skip(first).take(all.len().min(self.most))
    }
}

/// Between rounds our issues are read so often.
pub(crate) const READ_EVERY: Duration = Duration::from_secs(300);

/// Time for one delivery; whoever takes it has it for so long.
const LEASE: Duration = Duration::from_secs(90);

/// With less time left nothing is begun.
const LEAST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn where_there_are_many_issues_each_has_its_turn() {
        let all: Vec<usize> = (0..1_000).collect();
        for (share, turns) in [(Share::OF_A_ROUND, 4), (Share::BETWEEN_ROUNDS, 17)] {
            let read = |turn: i64| share.of(&all, Time::from_seconds(turn * share.turn));
            let seen: BTreeSet<_> = (0..turns).flat_map(read).collect();
            assert_eq!(seen.len(), all.len(), "{share:?}");
            assert_eq!(read(2).collect::<BTreeSet<_>>().len(), share.most);
            assert_eq!(share.of(&all[..7], Time::from_seconds(7200)).count(), 7);
            assert_eq!(share.of::<usize>(&[], Time::from_seconds(7200)).count(), 0);
        }
    }
}
