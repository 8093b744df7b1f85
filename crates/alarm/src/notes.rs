//! What runs without a store note of what is not told yet: since when each roll-out has been seen, in the block of one
//! standing issue of the default owner's.
//!
//! Addresses may differ for two hours, a pool's for a day. No fact of a look says how long they have: a certificate may
//! be issued days before it is installed, so its beginning is no bound from below. A run that keeps nothing would begin
//! to wait anew each time and never tell. An issue for each roll-out, opened early, would tell of what is nobody's fault. So
//! the first difference that is seen makes one issue, once; its block is overwritten without telling anybody, and it
//! stays open when nothing waits.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{
    EndpointId, Family, Incident, IncidentKey, Observation, Problem, Status, Subject, Time,
};

use crate::RoundSeen;
use crate::problems::STANDING_NOTES;
use crate::settle::{Edit, new_place, settle};
use crate::subject::Patience;
use crate::turn::Turn;

/// Since when what waits has been seen bad, by its incident's key.
pub(crate) type Waits = BTreeMap<IncidentKey, Time>;

/// So many are noted, the oldest first: the others wait until these are over.
pub(crate) const AT_MOST: usize = 200;

/// Whether `incident` is the one whose issue holds the notes.
pub fn is_notes(incident: &Incident) -> bool {
    incident.family == Family::Round && incident.subject == subject()
}

pub(crate) fn subject() -> Subject {
    Subject::Cause("notes".to_owned())
}

/// Since when it is noted to have been seen bad.
pub(crate) fn noted(turn: &Turn<'_>, key: &IncidentKey) -> Option<Time> {
    turn.state.memory.notes.as_ref()?.get(key).copied()
}

/// Notes what waits after a round; where a store keeps incidents there is nothing to note.
pub(crate) fn keep(turn: &mut Turn<'_>, seen: &RoundSeen<'_>) {
    let Some(before) = turn.state.memory.notes.take() else { return };
    let waits = waits(turn, seen, &before);
    let is_other = waits != before;
    let is_wanted = !waits.is_empty();
    turn.state.memory.notes = Some(waits);
    let key = turn.key(Family::Round, &subject());
    if is_wanted || is_open(turn, &key) {
        stand(turn, key.clone());
    }
    if is_other && turn.state.incidents.contains_key(&key) {
        turn.changed.insert(key);
    }
}

fn is_open(turn: &Turn<'_>, key: &IncidentKey) -> bool {
    turn.state.incidents.get(key).is_some_and(|it| it.status == Status::Open)
}

/// What waits now, and what waited and could not be looked at.
fn waits(turn: &Turn<'_>, seen: &RoundSeen<'_>, before: &Waits) -> Waits {
    let of =
        |it: &Observation| turn.key(Family::Spread, &Subject::Target(it.target.raw().to_owned()));
    let looked: BTreeSet<_> = seen.observations.iter().map(of).collect();
    let dark: BTreeSet<_> =
        seen.observations.iter().filter(|it| !it.shows_certificate()).map(of).collect();
    let is_unseen =
        |key: &IncidentKey| dark.contains(key) || (!seen.record.is_whole && !looked.contains(key));
    let unseen = before.iter().filter(|(key, _)| is_unseen(key) && !is_open(turn, key));
    let mut waits: Vec<(Time, IncidentKey)> =
        unseen.map(|(key, since)| (*since, key.clone())).collect();
    let waiting = turn.state.incidents.values().filter(|it| it.status == Status::Waiting);
    for incident in waiting.filter(|it| it.family == Family::Spread) {
        let bad = incident.places.values().filter(|place| place.good_runs == 0);
        let since = bad.map(|place| place.first_bad).chain(before.get(&incident.key).copied());
        waits.extend(since.min().map(|since| (since, incident.key.clone())));
    }
    waits.sort();
    waits.truncate(AT_MOST);
    // The earlier moment of a key comes first, and is the one to stay.
    waits.into_iter().rev().map(|(since, key)| (key, since)).collect()
}

/// Has the issue there, and open.
fn stand(turn: &mut Turn<'_>, key: IncidentKey) {
    let mut edit = Edit::begin(turn, key, Family::Round, subject());
    let place = edit.incident.places.entry(EndpointId::NOWHERE);
    let place = place.or_insert_with(|| new_place(turn.now));
    place.owner.clone_from(&turn.rules.default_owner);
    place.problems = vec![problem()];
    edit.patience = Some(Patience::None);
    settle(turn, edit);
}

fn problem() -> Problem {
    STANDING_NOTES.problem("runs without a store note here what they wait for".to_owned())
}
