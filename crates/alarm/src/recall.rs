//! The state of a run without a store, put together from what trackers hold.

use std::collections::BTreeMap;

use certvigil_model::{
    EndpointId, Filing, Foreign, Incident, IncidentKey, IssueRef, Place, Severity, Status, Time,
};
use serde::{Deserialize, Serialize};

use crate::block::{Block, checksum};
use crate::notes::{self, Waits};
use crate::settle::{fresh, new_place};
use crate::time::{HOUR, has_passed};
use crate::{Memory, Rules, State, brake, long_dead};

/// An issue of ours, as a tracker holds it: by our label, our author and a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueHeld {
    /// The issue.
    pub issue: IssueRef,
    /// The key that it bears.
    pub key: IncidentKey,
    /// When it was made.
    pub created_at: Time,
    /// Its block of state, as it stands there: anybody may have edited it.
    pub block: Option<Foreign>,
    /// Whether it is open.
    pub is_open: bool,
}

/// An open issue of ours of which nobody knows what it is about: its block is missing or was edited. It counts as open
/// since it was made, and never as closed; what has its key is found again as soon as it is seen, good or bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// The issue.
    pub issue: IssueRef,
    /// When it was made.
    pub created_at: Time,
}

/// The state that these issues tell of. A run that starts from it has no sightings: it knows of each certificate what the
/// blocks say, judges its own sight by its sentinels alone, and counts its own run as the next one. What people did to
/// the issues ([`crate::Event::Issue`]) is to be told before the round.
pub fn recall(issues: &[IssueHeld], now: Time, rules: &Rules) -> State {
    let mut issues: Vec<&IssueHeld> = issues.iter().collect();
    // The lowest issue of a key stays; it comes last and wins, an open one over a closed one.
    issues.sort_by_key(|held| {
        (held.is_open, std::cmp::Reverse((held.created_at, number(&held.issue.id))))
    });
    let mut state = State { memory: memory(&issues, now), ..State::default() };
    for held in issues {
        match known(held, rules) {
            Some((incident, waits)) => {
                if notes::is_notes(&incident) && held.is_open {
                    state.memory.notes = Some(waits);
                }
                state.memory.orphans.remove(&held.key);
                state.incidents.insert(held.key.clone(), incident);
            }
            None if held.is_open => {
                state.incidents.remove(&held.key);
                let orphan = Orphan { issue: held.issue.clone(), created_at: held.created_at };
                state.memory.orphans.insert(held.key.clone(), orphan);
            }
            None => {}
        }
    }
    state.memory.observing_since = observing_since(&state);
    let sums: Vec<_> = state.incidents.values().map(|it| checksum(it, &state, rules)).collect();
    for (incident, sum) in state.incidents.values_mut().zip(sums) {
        incident.block = Some(sum);
    }
    state
}

/// Where there is a list of what is held, and nothing was filed but what is critical, a first round is being observed.
fn observing_since(state: &State) -> Option<Time> {
    let of_lists =
        state.incidents.values().filter(|it| !long_dead::is_list(it) && !notes::is_notes(it));
    let (summaries, others): (Vec<_>, Vec<_>) = of_lists.partition(|it| brake::is_summary(it));
    let is_all = others.iter().all(|it| it.severity == Severity::Critical);
    let open = summaries.iter().filter(|it| it.status == Status::Open);
    open.map(|it| it.first_seen).min().filter(|_| is_all)
}

/// Trackers count in numbers, as far as they do.
fn number(id: &str) -> (usize, &str) {
    (id.len(), id)
}

fn memory(issues: &[&IssueHeld], now: Time) -> Memory {
    let mut filed: BTreeMap<String, Vec<Time>> = BTreeMap::new();
    for held in issues {
        if held.created_at > now || !has_passed(held.created_at, HOUR, now) {
            filed.entry(held.issue.tracker.0.clone()).or_default().push(held.created_at.min(now));
        }
    }
    let notes = Some(BTreeMap::new());
    Memory { rounds: u64::from(!issues.is_empty()), filed, notes, ..Memory::default() }
}

/// Changes that one incident may tell of.
const CHANGES: u32 = 1_000_000;

/// What an issue's block says, where it is whole and is about this key.
fn known(held: &IssueHeld, rules: &Rules) -> Option<(Incident, Waits)> {
    let block = Block::read(held.block.as_ref()?.raw(), rules)?;
    let key = IncidentKey::of(&rules.site, rules.site_key.as_deref(), block.family, &block.subject);
    // A block without places would be good everywhere, and one that counts too far could never tell of a change: no
    // run of ours writes such.
    if key != held.key || block.places.is_empty() || block.changes > CHANGES {
        return None;
    }
    let mut incident = fresh(key, block.family, block.subject.clone(), block.first_seen);
    // Whoever closed it, it is over until it is seen again; then it is opened again.
    incident.status = if held.is_open { Status::Open } else { Status::Resolved };
    incident.resolved_at = block.resolved_at.filter(|_| !held.is_open);
    let at = held.created_at;
    incident.opened_at = block.opened_at.or(Some(at));
    incident.filing = match held.is_open {
        true => Filing::Confirmed { issue: held.issue.clone(), at },
        false => Filing::Closed { issue: held.issue.clone(), at },
    };
    incident.places = places(&block);
    incident.severity = block.severity;
    incident.unseen_since = block.unseen_since;
    incident.changes = block.changes;
    incident.told = block.changes;
    incident.reopened = block.reopened;
    incident.closings = block.closings;
    incident.certificate = block.certificate.map(|dates| dates.certificate());
    Some((incident, block.waits))
}

/// Where it was: what its address is, the next look tells. For those that had no room there is one place that is good
/// only when everything was seen.
fn places(block: &Block) -> BTreeMap<EndpointId, Place> {
    let place = |(endpoint, (good_runs, target)): (&_, &(u8, usize))| {
        let mut place = new_place(block.first_seen);
        place.good_runs = (*good_runs).min(Place::GOOD_RUNS);
        place.target = block.targets.get(*target).cloned().unwrap_or_default();
        (*endpoint, place)
    };
    let mut places: BTreeMap<_, _> = block.places.iter().map(place).collect();
    if block.more > 0 {
        let shown = format!("{} more", block.more);
        places.insert(EndpointId::NOWHERE, Place { shown, ..new_place(block.first_seen) });
    }
    places
}
