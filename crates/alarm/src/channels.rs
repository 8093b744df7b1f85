//! Ways to tell people that do not work: one incident for each, told another way, and nothing is told of its telling.

use certvigil_model::{
    ChannelName, EndpointId, Family, Incident, Notice, Place, Problem, Status, Subject,
};

use crate::problems::{DOES_NOT_DELIVER, Meta};
use crate::settle::{Edit, new_place, settle};
use crate::subject::Patience;
use crate::time::{HOUR, has_passed};
use crate::turn::Turn;

/// A message did not arrive.
pub(crate) fn failed(turn: &mut Turn<'_>, notice: &Notice) {
    // What tells about telling goes one level deep.
    let of = notice.incident.as_ref().and_then(|key| turn.state.incidents.get(key));
    if of.is_some_and(|incident| incident.family == Family::Channel) {
        return;
    }
    let why = notice.trouble.as_deref().unwrap_or("it did not say why");
    let problem =
        DOES_NOT_DELIVER.problem(format!("a message to {} did not arrive: {why}", notice.channel));
    find(turn, &notice.channel, problem);
}

/// A message arrived.
pub(crate) fn arrived(turn: &mut Turn<'_>, channel: &ChannelName) {
    mend(turn, channel, &DOES_NOT_DELIVER);
}

/// Opens the incident of `channel`, or keeps it open, with `problem`.
pub(crate) fn find(turn: &mut Turn<'_>, channel: &ChannelName, problem: Problem) {
    let subject = subject(channel);
    let key = turn.key(Family::Channel, &subject);
    let mut edit = Edit::begin(turn, key, Family::Channel, subject);
    let now = turn.now;
    let place = edit.incident.places.entry(EndpointId::NOWHERE).or_insert_with(|| new_place(now));
    place.shown.clone_from(&channel.0);
    place.owner.clone_from(&turn.rules.operations);
    place.problems.retain(|it| it.id != problem.id);
    place.problems.push(problem);
    (place.good_runs, place.last_bad) = (0, now);
    edit.incident.last_bad = now;
    edit.patience = Some(Patience::None);
    settle(turn, edit);
}

/// Takes what `meta` says of `channel` back: it is over once nothing is said for an hour, so that one that fails every
/// other time stays one incident.
pub(crate) fn mend(turn: &mut Turn<'_>, channel: &ChannelName, meta: &Meta) {
    let key = turn.key(Family::Channel, &subject(channel));
    let is_bad = |it: &&Incident| it.status == Status::Open && says(it, meta);
    if turn.state.incidents.get(&key).filter(is_bad).is_none() {
        return;
    }
    let Some(mut edit) = Edit::of(turn, &key) else { return };
    for place in edit.incident.places.values_mut() {
        if place.problems.iter().all(|it| it.id == meta.id) {
            place.good_runs = 1;
        } else {
            place.problems.retain(|it| it.id != meta.id);
        }
    }
    settle(turn, edit);
}

/// Whether `meta` is said of `channel` now.
pub(crate) fn has(turn: &Turn<'_>, channel: &ChannelName, meta: &Meta) -> bool {
    let key = turn.key(Family::Channel, &subject(channel));
    let incident = turn.state.incidents.get(&key).filter(|it| it.status == Status::Open);
    incident.is_some_and(|it| says(it, meta) && it.places.values().any(|it| it.good_runs == 0))
}

fn says(incident: &Incident, meta: &Meta) -> bool {
    incident.places.values().flat_map(|it| &it.problems).any(|it| it.id == meta.id)
}

/// Ends what was mended an hour after it was last bad.
pub(crate) fn pass(turn: &mut Turn<'_>) {
    let is_over = |it: &&Incident| {
        let is_mended = it.places.values().all(|place| place.good_runs == 1);
        it.family == Family::Channel
            && it.status == Status::Open
            && is_mended
            && has_passed(it.last_bad, HOUR, turn.now)
    };
    let over = turn.state.incidents.values().filter(is_over).map(|it| it.key.clone());
    for key in over.collect::<Vec<_>>() {
        let Some(mut edit) = Edit::of(turn, &key) else { continue };
        for place in edit.incident.places.values_mut() {
            place.good_runs = Place::GOOD_RUNS;
        }
        settle(turn, edit);
    }
}

/// Whether people may be told of `incident` now: of one channel at most once an hour, however often it fails.
pub(crate) fn may_tell(turn: &Turn<'_>, incident: &Incident) -> bool {
    let last = turn.state.memory.channels_told.get(&incident.key);
    incident.family != Family::Channel || last.is_none_or(|at| has_passed(*at, HOUR, turn.now))
}

/// Remembers that people were told of `incident`.
pub(crate) fn told(turn: &mut Turn<'_>, incident: &Incident) {
    if incident.family == Family::Channel {
        let now = turn.now;
        turn.state.memory.channels_told.retain(|_, at| !has_passed(*at, HOUR, now));
        turn.state.memory.channels_told.insert(incident.key.clone(), now);
    }
}

fn subject(channel: &ChannelName) -> Subject {
    Subject::Channel(channel.0.clone())
}
