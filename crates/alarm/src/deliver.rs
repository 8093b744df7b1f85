//! What is to be told: derived anew in each step from how things stand, never from what was once asked for.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{
    Act, Delivery, DeliveryState, Filing, Incident, IncidentKey, Severity, Status, Time,
    TrackerName,
};

use crate::turn::Turn;
use crate::{Event, Rules, State, acknowledge, block, brake, kinds, long_dead};

/// Deliveries that are due, in the order in which they are to be made: what is critical, changes, closings and proof
/// before new issues, of these the soonest end first, what nobody is told of last.
///
/// One that is under way ([`DeliveryState::Sent`]) is among them: whoever holds its lease may not be alive any more.
pub fn due(state: &State, now: Time) -> Vec<&Delivery> {
    let is_due = |delivery: &&Delivery| {
        // Nothing is put off by more than an hour: the clock was ahead.
        delivery.due_at <= now || delivery.due_at > now.plus(crate::time::HOUR)
    };
    let mut due: Vec<_> = state.deliveries.values().filter(is_due).collect();
    due.sort_by_cached_key(|delivery| {
        let incident = state.incidents.get(&delivery.incident);
        (class(delivery, incident), incident.map(brake::urgency), delivery.id.clone())
    });
    due
}

fn class(delivery: &Delivery, incident: Option<&Incident>) -> u8 {
    let is_critical = incident.is_some_and(|it| it.severity == Severity::Critical);
    match delivery.act {
        Act::Remember => 3,
        _ if is_critical => 0,
        Act::Comment { .. } | Act::Close | Act::Reopen => 1,
        Act::File => 2,
    }
}

/// A delivery as its attempt begins: to be written in the transaction that takes its lease, before anything is sent.
/// Whoever finds it so later has to look whether it was done.
///
/// [`Delivery::attempted_at`] stays as it is while an earlier attempt may have been done: what it left is looked for from
/// then on.
pub fn begin(delivery: &Delivery, now: Time) -> Delivery {
    let is_in_doubt = !matches!(delivery.state, DeliveryState::Queued);
    let since = delivery.attempted_at.filter(|_| is_in_doubt).unwrap_or(now);
    Delivery {
        state: DeliveryState::Sent,
        attempts: delivery.attempts.saturating_add(1),
        attempted_at: Some(since),
        ..delivery.clone()
    }
}

pub(crate) fn derive(turn: &mut Turn<'_>, event: &Event<'_>) {
    drop_untrue(turn);
    if matches!(event, Event::Round(_)) {
        hurry_failed(turn);
        tell_of_missing_trackers(turn);
    }
    let busy = busy(&turn.state);
    let mut new = Vec::new();
    let mut acts = Vec::new();
    for incident in turn.state.incidents.values().filter(|it| !busy.contains(&it.key)) {
        match wanted(turn, incident) {
            _ if brake::is_summary(incident) => {}
            Some(Act::File) if is_new(incident) => new.push(incident.key.clone()),
            Some(act) => acts.push((incident.key.clone(), act)),
            None => {}
        }
    }
    for (key, act) in acts {
        queue(turn, &key, act);
    }
    brake::admit(turn, event, new);
    derive_summaries(turn);
}

/// What lists what is held comes last, and past the brake.
fn derive_summaries(turn: &mut Turn<'_>) {
    let busy = busy(&turn.state);
    let summaries = turn.state.incidents.values().filter(|it| brake::is_summary(it));
    let idle = summaries.filter(|it| !busy.contains(&it.key));
    let acts: Vec<_> = idle.filter_map(|it| Some((it.key.clone(), wanted(turn, it)?))).collect();
    for (key, act) in acts {
        queue(turn, &key, act);
    }
}

/// Whether an issue is asked for the first time, so that the brake has a say.
pub(crate) const fn is_new(incident: &Incident) -> bool {
    matches!(incident.filing, Filing::None | Filing::Held { .. })
}

/// Incidents with a delivery that is not over: they have one at a time, in the order of things.
fn busy(state: &State) -> BTreeSet<IncidentKey> {
    state.deliveries.values().map(|delivery| delivery.incident.clone()).collect()
}

/// What its readers are owed.
fn wanted(turn: &Turn<'_>, incident: &Incident) -> Option<Act> {
    tracker_of(incident, turn.rules)?;
    let is_muted = acknowledge::is_muted(turn, incident);
    match (incident.status, &incident.filing) {
        (Status::Waiting, _) => None,
        (Status::Open, _) if long_dead::is_long_dead(incident) => None,
        (Status::Open, Filing::Confirmed { .. })
            if incident.told < incident.changes && !is_muted =>
        {
            Some(Act::Comment { change: incident.changes })
        }
        (Status::Open, Filing::Confirmed { .. }) => {
            // What has not changed in this step was right after the last one.
            let may_differ = turn.changed.contains(&incident.key);
            let differs = || {
                incident.block.as_ref() != Some(&block::checksum(incident, &turn.state, turn.rules))
            };
            (may_differ && differs()).then_some(Act::Remember)
        }
        (Status::Open, Filing::Closed { .. }) => (!is_muted).then_some(Act::Reopen),
        (Status::Open, Filing::None | Filing::Held { .. }) => (!is_muted).then_some(Act::File),
        (Status::Open, _) => Some(Act::File),
        (Status::Resolved, Filing::Stored { .. } | Filing::Confirmed { .. }) => Some(Act::Close),
        (Status::Resolved, _) => None,
    }
}

/// Where it is told: where its issue is, or its owner's tracker.
pub(crate) fn tracker_of<'a>(incident: &'a Incident, rules: &'a Rules) -> Option<&'a TrackerName> {
    let of_owner = || rules.owners.get(&incident.owner)?.tracker.as_ref();
    incident.filing.issue().map(|issue| &issue.tracker).or_else(of_owner)
}

/// Drops what is no longer called for, unless it may have been done already: that is found out first.
fn drop_untrue(turn: &mut Turn<'_>) {
    let queued = turn.state.deliveries.values();
    let queued = queued.filter(|delivery| delivery.state == DeliveryState::Queued);
    let untrue = queued.filter(|delivery| !is_true(turn, delivery));
    let untrue: Vec<_> = untrue.cloned().collect();
    for delivery in untrue {
        let key = delivery.incident.clone();
        let is_file = delivery.act == Act::File;
        turn.drop_delivery(delivery, "it is no longer so");
        let incident = turn.state.incidents.get(&key).cloned();
        if let Some(incident) = incident.filter(|it| is_file && it.filing.issue().is_none()) {
            turn.keep(Incident { filing: Filing::None, ..incident });
        }
    }
}

fn is_true(turn: &Turn<'_>, delivery: &Delivery) -> bool {
    let Some(incident) = turn.state.incidents.get(&delivery.incident) else { return false };
    if tracker_of(incident, turn.rules) != Some(&delivery.tracker) {
        return false;
    }
    match (&delivery.act, wanted(turn, incident)) {
        // It is not known any more whether the block differs; writing it once more is nobody's loss.
        (Act::Remember, wanted) => {
            matches!(wanted, None | Some(Act::Remember)) && incident.status == Status::Open
        }
        (act, wanted) => wanted.as_ref() == Some(act),
    }
}

/// What was refused is tried again with each round.
fn hurry_failed(turn: &mut Turn<'_>) {
    let again = turn.state.deliveries.values().filter(|delivery| {
        delivery.attempts == 0 && delivery.trouble.is_some() && delivery.due_at > turn.now
    });
    for delivery in again.cloned().collect::<Vec<_>>() {
        turn.keep_delivery(Delivery { due_at: turn.now, ..delivery });
    }
}

/// Says whose incidents nobody can confirm.
fn tell_of_missing_trackers(turn: &mut Turn<'_>) {
    let mut without: BTreeMap<&str, usize> = BTreeMap::new();
    let open = turn.state.incidents.values().filter(|it| it.status == Status::Open);
    for incident in open.filter(|it| tracker_of(it, turn.rules).is_none()) {
        *without.entry(&incident.owner).or_default() += 1;
    }
    let texts: Vec<_> = without
        .iter()
        .map(|(owner, count)| {
            format!("nobody can confirm: owner {owner} has no tracker ({count} open)")
        })
        .collect();
    for text in texts {
        turn.fail(text);
    }
}

/// Asks for `act`.
pub(crate) fn queue(turn: &mut Turn<'_>, key: &IncidentKey, act: Act) {
    queue_at(turn, key, act, turn.now, None);
}

/// Asks for `act` at `due_at`, because of `trouble` with one before it.
pub(crate) fn queue_at(
    turn: &mut Turn<'_>,
    key: &IncidentKey,
    act: Act,
    due_at: Time,
    trouble: Option<String>,
) {
    let Some(incident) = turn.state.incidents.get(key).cloned() else { return };
    let Some(tracker) = tracker_of(&incident, turn.rules).cloned() else { return };
    let id =
        turn.new_id(format!("{key}-{}-{}-{}", act.name(), incident.changes, turn.now.millis()));
    let facts =
        [("delivery", id.clone()), ("act", act.name().to_owned()), ("tracker", tracker.0.clone())];
    turn.record(kinds::DELIVERY_QUEUED, Some(key), facts);
    if act == Act::File && is_new(&incident) {
        turn.keep(Incident { filing: Filing::Queued { since: turn.now }, ..incident });
    }
    turn.keep_delivery(Delivery {
        id,
        incident: key.clone(),
        tracker,
        act,
        state: DeliveryState::Queued,
        attempts: 0,
        created_at: turn.now,
        attempted_at: None,
        due_at,
        trouble,
    });
}
