//! The brake on new issues: what hides the one true alarm is a fault.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{
    Act, EndpointId, Family, Filing, Incident, IncidentKey, Place, Problem, Severity, Status,
    Subject, Time, TrackerName,
};

use crate::problems::ISSUES_HELD;
use crate::settle::{Edit, new_place, settle};
use crate::subject::Patience;
use crate::time::{DAY, HOUR, has_passed};
use crate::turn::Turn;
use crate::{Event, Rules, State, deliver, kinds, long_dead, notes};

/// Files what may be filed of `new`, and holds the rest.
pub(crate) fn admit(turn: &mut Turn<'_>, event: &Event<'_>, new: Vec<IncidentKey>) {
    keep_time(turn, event);
    observe(turn, event, &new);
    let mut new: Vec<_> = new
        .into_iter()
        .filter_map(|key| Some((urgency(turn.state.incidents.get(&key)?), key)))
        .collect();
    new.sort();
    let mut held = BTreeSet::new();
    for (_, key) in new {
        let Some(incident) = turn.state.incidents.get(&key) else { continue };
        let Some(tracker) = deliver::tracker_of(incident, turn.rules).cloned() else { continue };
        let is_observed = turn.state.memory.observing_since.is_some();
        let may = is_exempt(incident) || (!is_observed && has_room(turn, &tracker));
        if may {
            file(turn, &key);
        } else if !matches!(incident.filing, Filing::Held { .. }) {
            let why = if is_observed { "only observed" } else { "more than the brake allows" };
            hold(turn, &key, &tracker, why);
            held.insert(tracker);
        }
    }
    summarize(turn, &held);
}

/// How soon it has to be told, the most urgent first: by severity, then by its end, then by age.
pub(crate) fn urgency(incident: &Incident) -> (std::cmp::Reverse<Severity>, Time, Time) {
    let end = incident.certificate.as_ref().map_or(Time::NO_SET_EXPIRY, |it| it.ends.at);
    (std::cmp::Reverse(incident.severity), end, incident.first_seen)
}

/// Asks for its issue, whatever the brake says.
pub(crate) fn file(turn: &mut Turn<'_>, key: &IncidentKey) {
    let Some(incident) = turn.state.incidents.get(key) else { return };
    if let Some(tracker) = deliver::tracker_of(incident, turn.rules).cloned() {
        turn.state.memory.filed.entry(tracker.0).or_default().push(turn.now);
        deliver::queue(turn, key, Act::File);
    }
}

/// Never held: what is critical, what lists others, and our own notes.
fn is_exempt(incident: &Incident) -> bool {
    incident.severity == Severity::Critical || is_list(incident) || notes::is_notes(incident)
}

/// Whether it only lists others.
pub(crate) fn is_list(incident: &Incident) -> bool {
    is_summary(incident) || long_dead::is_list(incident)
}

/// Whether it is the one that lists what is held.
pub(crate) fn is_summary(incident: &Incident) -> bool {
    matches!(&incident.subject, Subject::Cause(what) if what.starts_with(HELD))
        && incident.family == Family::Round
}

/// What the list of what is held at `tracker` is about.
pub(crate) fn summary_of(tracker: &TrackerName) -> Subject {
    Subject::Cause(format!("{HELD}{tracker}"))
}

const HELD: &str = "held:";

fn has_room(turn: &Turn<'_>, tracker: &TrackerName) -> bool {
    let limits = &turn.rules.limits;
    let round = turn.state.memory.last_round;
    let filed = turn.state.memory.filed.get(&tracker.0).map_or(&[][..], Vec::as_slice);
    let in_round = filed.iter().filter(|at| round.is_none_or(|round| **at >= round)).count();
    in_round < limits.new_issues_per_round && filed.len() < limits.new_issues_per_hour
}

/// Forgets what is older than an hour. What was filed by a clock that was ahead counts as filed now.
fn keep_time(turn: &mut Turn<'_>, event: &Event<'_>) {
    let now = turn.now;
    let memory = &mut turn.state.memory;
    for filed in memory.filed.values_mut() {
        filed.retain(|at| *at > now || !has_passed(*at, HOUR, now));
        for at in filed {
            *at = now.min(*at);
        }
    }
    memory.filed.retain(|_, filed| !filed.is_empty());
    if matches!(event, Event::Round(seen) if seen.record.is_whole) {
        memory.last_round = Some(now);
    }
    memory.last_round = memory.last_round.map(|at| at.min(now));
}

/// A first round, or one after a change of the config, that would open more than the brake allows only observes.
fn observe(turn: &mut Turn<'_>, event: &Event<'_>, new: &[IncidentKey]) {
    if let Event::Round(_) = event {
        let memory = &mut turn.state.memory;
        let is_other = memory.config.as_ref().is_some_and(|it| *it != turn.rules.config);
        memory.is_fresh = memory.rounds == 0 || is_other;
        memory.rounds += 1;
        memory.config = Some(turn.rules.config.clone());
    }
    if let Some(since) = turn.state.memory.observing_since {
        if has_passed(since, DAY, turn.now) {
            end_observing(turn, "24 hours have passed");
        }
    } else if turn.state.memory.is_fresh && matches!(event, Event::Round(_) | Event::SecondLook(_))
    {
        let most = most_at_one_tracker(turn, new);
        if most > turn.rules.limits.new_issues_per_round {
            turn.state.memory.observing_since = Some(turn.now);
            let facts = [
                ("why", "a first round, or a new config, would file too much".to_owned()),
                ("held", most.to_string()),
            ];
            turn.record(kinds::OBSERVING, None, facts);
            turn.tell(format!(
                "only observing: {most} new issues at one tracker are more than {} a round; `incidents release --all` files \
                 them, else they are filed in 24 hours",
                turn.rules.limits.new_issues_per_round
            ));
        }
    }
}

/// Files from now on as the brake allows.
pub(crate) fn end_observing(turn: &mut Turn<'_>, why: &str) {
    if turn.state.memory.observing_since.take().is_some() {
        turn.state.memory.is_fresh = false;
        turn.record(kinds::OBSERVED, None, [("why", why.to_owned())]);
    }
}

fn most_at_one_tracker(turn: &Turn<'_>, new: &[IncidentKey]) -> usize {
    let mut counts: BTreeMap<&TrackerName, usize> = BTreeMap::new();
    let new = new.iter().filter_map(|key| turn.state.incidents.get(key));
    for incident in new.filter(|incident| !is_exempt(incident)) {
        if let Some(tracker) = deliver::tracker_of(incident, turn.rules) {
            *counts.entry(tracker).or_default() += 1;
        }
    }
    counts.into_values().max().unwrap_or(0)
}

fn hold(turn: &mut Turn<'_>, key: &IncidentKey, tracker: &TrackerName, why: &str) {
    let Some(incident) = turn.state.incidents.get(key).cloned() else { return };
    let facts = [("tracker", tracker.0.clone()), ("why", why.to_owned())];
    turn.record(kinds::HELD, Some(key), facts);
    turn.keep(Incident { filing: Filing::Held { since: turn.now }, ..incident });
}

/// Keeps one incident for each tracker that lists what is held there; `more`: trackers where the list has grown.
fn summarize(turn: &mut Turn<'_>, more: &BTreeSet<TrackerName>) {
    let mut held: BTreeMap<TrackerName, usize> = BTreeMap::new();
    let of_held = turn.state.incidents.values().filter(|it| is_held(it));
    for tracker in of_held.filter_map(|it| deliver::tracker_of(it, turn.rules)) {
        *held.entry(tracker.clone()).or_default() += 1;
    }
    let summaries = turn.state.incidents.values().filter(|it| is_summary(it));
    let open = summaries.filter(|it| it.status == Status::Open).map(|it| it.key.clone());
    let mut empty: BTreeSet<_> = open.collect();
    for (tracker, count) in held {
        let subject = summary_of(&tracker);
        let key = turn.key(Family::Round, &subject);
        empty.remove(&key);
        list(turn, key.clone(), subject, &tracker, count, more.contains(&tracker));
    }
    for key in empty {
        let Some(mut edit) = Edit::of(turn, &key) else { continue };
        for place in edit.incident.places.values_mut() {
            place.good_runs = Place::GOOD_RUNS;
        }
        settle(turn, edit);
    }
}

/// What is held at the tracker that `summary` lists, the soonest end first; none where it is no such list.
pub fn held<'a>(state: &'a State, rules: &Rules, summary: &Incident) -> Option<Vec<&'a Incident>> {
    let Subject::Cause(what) = &summary.subject else { return None };
    let tracker = what.strip_prefix(HELD).filter(|_| is_summary(summary))?;
    let is_there = |it: &&Incident| {
        is_held(it) && deliver::tracker_of(it, rules).is_some_and(|name| name.0 == tracker)
    };
    let mut held: Vec<_> = state.incidents.values().filter(is_there).collect();
    held.sort_by_cached_key(|incident| urgency(incident));
    Some(held)
}

pub(crate) fn is_held(incident: &Incident) -> bool {
    incident.status == Status::Open && matches!(incident.filing, Filing::Held { .. })
}

fn list(
    turn: &mut Turn<'_>,
    key: IncidentKey,
    subject: Subject,
    tracker: &TrackerName,
    count: usize,
    has_grown: bool,
) {
    let mut edit = Edit::begin(turn, key, Family::Round, subject);
    let incident = &mut edit.incident;
    let mut place = new_place(turn.now);
    place.owner = owner_at(turn, tracker);
    place.problems = vec![Problem {
        hint: Some("`incidents release --all` files them".to_owned()),
        ..ISSUES_HELD.problem(format!("{count} issues are held back"))
    }];
    if let Some(before) = incident.places.get(&EndpointId::NOWHERE) {
        (place.first_bad, place.last_bad) = (before.first_bad, before.last_bad);
    }
    if has_grown {
        let by = u32::from(incident.status == Status::Open);
        incident.changes = incident.changes.saturating_add(by);
        (place.last_bad, incident.last_bad) = (turn.now, turn.now);
    }
    incident.places.insert(EndpointId::NOWHERE, place);
    edit.patience = Some(Patience::None);
    settle(turn, edit);
}

/// Who is told of what is held there.
fn owner_at(turn: &Turn<'_>, tracker: &TrackerName) -> String {
    let is_there = |name: &&String| {
        turn.rules.owners.get(*name).is_some_and(|owner| owner.tracker.as_ref() == Some(tracker))
    };
    let default = Some(&turn.rules.default_owner).filter(is_there);
    let owner = default.or_else(|| turn.rules.owners.keys().find(is_there));
    owner.unwrap_or(&turn.rules.default_owner).clone()
}
