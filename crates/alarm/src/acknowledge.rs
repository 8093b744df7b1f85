//! What people say of incidents: in their trackers, and to us.

use std::time::Duration;

use certvigil_model::{
    Acknowledged, EndpointId, Family, Filing, Foreign, Incident, IncidentKey, Severity, Status,
    Time,
};

use crate::time::{DAY, HOUR, is_over, seconds_left};
use crate::turn::Turn;
use crate::{
    IssueSeen, Order, Rules, Silence, State, brake, kinds, ladder, notes, routine, windows,
};

/// What a tracker shows.
pub(crate) fn issue(turn: &mut Turn<'_>, seen: &IssueSeen) {
    let Some(mut incident) = turn.state.incidents.get(&seen.incident).cloned() else { return };
    if let Some((by, at)) = &seen.taken {
        take(turn, &mut incident, by, *at, None);
    }
    if incident.filing.issue() == Some(&seen.issue) {
        match (incident.status, &incident.filing, seen.is_open) {
            (Status::Open, Filing::Confirmed { .. } | Filing::Stored { .. }, false) => {
                closed_while_bad(turn, &mut incident, seen);
            }
            // A run without a store knows only by this that a person closed it.
            (Status::Open, Filing::Closed { at, .. }, false)
                if seen.closed.as_ref().is_some_and(|(_, when)| when > at) =>
            {
                closed_while_bad(turn, &mut incident, seen);
            }
            (Status::Open, Filing::Closed { .. }, true) => {
                incident.filing = Filing::Confirmed { issue: seen.issue.clone(), at: turn.now };
            }
            // A run without a store learns only now who closed it.
            (Status::Resolved, Filing::Closed { .. }, false) if incident.resolved_at.is_none() => {
                closed_while_bad(turn, &mut incident, seen);
                incident.resolved_at = seen.closed.as_ref().map(|(_, at)| *at);
                if seen.closed.is_none() {
                    incident.closings = 0;
                }
            }
            _ => {}
        }
    }
    if turn.state.incidents.get(&seen.incident) != Some(&incident) {
        turn.keep(incident);
    }
}

/// Closed once, it is opened again with the proof. Closed twice by a person, that is an acceptance for a time, but not
/// near the end.
fn closed_while_bad(turn: &mut Turn<'_>, incident: &mut Incident, seen: &IssueSeen) {
    let at = seen.closed.as_ref().map_or(turn.now, |(_, at)| *at);
    incident.filing = Filing::Closed { issue: seen.issue.clone(), at };
    let Some((by, when)) = &seen.closed else { return };
    incident.closings = incident.closings.saturating_add(1);
    let facts = [
        ("by", by.raw().to_owned()),
        ("when", when.to_string()),
        ("closings", incident.closings.to_string()),
    ];
    turn.record(kinds::ISSUE_CLOSED_BY, Some(&incident.key), facts);
    let may_accept = !is_near_end(incident) && !notes::is_notes(incident);
    if incident.closings >= 2 && may_accept && !is_muted(turn, incident) {
        let silence = Silence {
            incident: incident.key.clone(),
            reason: "its issue was closed twice while it was still bad".to_owned(),
            by: by.clone(),
            at: turn.now,
            until: (*when).min(turn.now).plus(CLOSED_TWICE),
            ends_told: false,
        };
        silence_it(turn, silence);
        ladder::tell_accepted(turn, incident, *when);
    }
}

/// Closed twice is an acceptance for so long.
const CLOSED_TWICE: Duration = DAY.saturating_mul(14);

/// What a person orders.
pub(crate) fn order(turn: &mut Turn<'_>, order: &Order) {
    match order {
        Order::Acknowledge { incident, by, until } => {
            let Some(mut found) = find(turn, incident) else { return };
            if found.status != Status::Open {
                return turn
                    .fail(format!("incident {incident} is not open: nothing to acknowledge"));
            }
            let now = turn.now;
            take(turn, &mut found, by, now, *until);
            turn.keep(found);
        }
        Order::Silence { incident, by, reason, until } => {
            order_silence(turn, incident, by, reason, *until);
        }
        Order::Answered { test, by } => routine::answered(turn, test, by),
        Order::Release { incident, by } => release(turn, incident.as_ref(), by),
        Order::Note { incident, by, at, text } => note(turn, incident.as_ref(), by, *at, text),
    }
}

fn find(turn: &mut Turn<'_>, key: &IncidentKey) -> Option<Incident> {
    let found = turn.state.incidents.get(key).cloned();
    if found.is_none() {
        turn.fail(format!("there is no incident {key}; `incidents list` shows them"));
    }
    found
}

/// An acknowledgement lasts 7 days, or half of what is left until the end, or 4 hours once it is critical.
fn take(turn: &mut Turn<'_>, incident: &mut Incident, by: &Foreign, at: Time, until: Option<Time>) {
    let is_known = incident.acknowledged.as_ref().is_some_and(|known| known.at >= at);
    let longest = at.plus(longest(incident, at));
    let until = until.map_or(longest, |until| until.min(longest));
    if is_known || incident.status != Status::Open || until <= turn.now || at > turn.now {
        return;
    }
    let facts =
        [("by", by.raw().to_owned()), ("when", at.to_string()), ("until", until.to_string())];
    turn.record(kinds::ACKNOWLEDGED, Some(&incident.key), facts);
    incident.acknowledged = Some(Acknowledged { by: by.clone(), at, until });
}

fn longest(incident: &Incident, at: Time) -> Duration {
    if incident.severity == Severity::Critical {
        return ONCE_CRITICAL;
    }
    let half =
        seconds_left(incident, at).map_or(u64::MAX, |left| u64::try_from(left / 2).unwrap_or(0));
    LONGEST.min(Duration::from_secs(half))
}

const LONGEST: Duration = DAY.saturating_mul(7);
const ONCE_CRITICAL: Duration = HOUR.saturating_mul(4);

/// Cuts an acknowledgement short as its incident becomes critical.
pub(crate) fn cut_short(incident: &mut Incident, now: Time) {
    if let Some(acknowledged) = &mut incident.acknowledged {
        acknowledged.until = acknowledged.until.min(now.plus(ONCE_CRITICAL));
    }
}

/// Whether an acknowledgement of `incident` is over, and still stands there.
pub(crate) fn has_ended(incident: &Incident, now: Time) -> bool {
    incident.acknowledged.as_ref().is_some_and(|it| is_over(it.until, LONGEST, now))
}

/// Ends an acknowledgement whose time has come.
pub(crate) fn end(turn: &mut Turn<'_>, incident: &mut Incident) {
    if !has_ended(incident, turn.now) {
        return;
    }
    let Some(Acknowledged { by, until, .. }) = incident.acknowledged.take() else { return };
    ladder::restart(incident, turn.now);
    let facts = [("by", by.raw().to_owned()), ("until", until.to_string())];
    turn.record(kinds::ACKNOWLEDGEMENT_ENDED, Some(&incident.key), facts);
    turn.tell(format!(
        "nobody is on incident {} any more: {} was until {until}",
        incident.key,
        by.shown()
    ));
}

fn order_silence(turn: &mut Turn<'_>, key: &IncidentKey, by: &Foreign, reason: &str, until: Time) {
    if find(turn, key).is_none() {
        return;
    }
    let fault = match () {
        () if reason.trim().is_empty() => "a silence needs a reason",
        () if by.raw().trim().is_empty() => "a silence needs somebody who answers for it",
        () if until <= turn.now => "a silence needs an end that is yet to come",
        () if until > turn.now.plus(LONGEST_SILENCE) => "a silence lasts at most 90 days",
        () => {
            return silence_it(
                turn,
                Silence {
                    incident: key.clone(),
                    reason: reason.to_owned(),
                    by: by.clone(),
                    at: turn.now,
                    until,
                    ends_told: false,
                },
            );
        }
    };
    turn.fail(format!("{fault}: incident {key} is not silenced"));
}

const LONGEST_SILENCE: Duration = DAY.saturating_mul(90);

fn silence_it(turn: &mut Turn<'_>, silence: Silence) {
    let facts = [
        ("by", silence.by.raw().to_owned()),
        ("reason", silence.reason.clone()),
        ("until", silence.until.to_string()),
    ];
    turn.record(kinds::SILENCED, Some(&silence.incident), facts);
    turn.tell(format!(
        "incident {} is silent until {}: {} ({})",
        silence.incident,
        silence.until,
        Foreign::new(silence.reason.as_str()).shown(),
        silence.by.shown()
    ));
    turn.state.memory.silences.retain(|it| it.incident != silence.incident);
    turn.state.memory.silences.push(silence);
}

/// Whether nobody is to be told of `incident` now: for a silence, or for maintenance at all of its bad places. What is
/// critical near its end is told whatever anybody said.
pub(crate) fn is_muted(turn: &Turn<'_>, incident: &Incident) -> bool {
    mutes(&turn.state, turn.rules, incident, turn.now)
}

/// The same, outside of a step.
pub(crate) fn mutes(state: &State, rules: &Rules, incident: &Incident, now: Time) -> bool {
    !is_near_end(incident)
        && (is_silenced(state, incident, now) || is_maintained(rules, incident, now))
}

/// Whether all places where it shows are being worked on, and it is what that looks like.
pub(crate) fn is_maintained(rules: &Rules, incident: &Incident, now: Time) -> bool {
    if rules.windows.is_empty() || !windows::mutes(incident.family, incident.severity) {
        return false;
    }
    let mut bad =
        incident.places.iter().filter(|(at, it)| **at != EndpointId::NOWHERE && !it.is_good());
    bad.clone().next().is_some()
        && bad.all(|(_, it)| {
            windows::open(&rules.windows, &it.target, &it.tags, &it.owner, now).is_some()
        })
}

fn is_silenced(state: &State, incident: &Incident, now: Time) -> bool {
    let mut silences = state.memory.silences.iter();
    silences.any(|it| it.incident == incident.key && !is_over(it.until, LONGEST_SILENCE, now))
}

fn is_near_end(incident: &Incident) -> bool {
    incident.family == Family::Expiry && incident.severity == Severity::Critical
}

/// Tells of silences a day before they end, and ends them.
pub(crate) fn pass_silences(turn: &mut Turn<'_>) {
    let now = turn.now;
    let (mut ended, mut ending) = (Vec::new(), Vec::new());
    turn.state.memory.silences.retain_mut(|silence| {
        if is_over(silence.until, LONGEST_SILENCE, now) {
            ended.push(silence.clone());
            return false;
        }
        if !silence.ends_told && silence.until <= now.plus(DAY) {
            silence.ends_told = true;
            ending.push(silence.clone());
        }
        true
    });
    for silence in ending {
        let until = silence.until;
        turn.tell(format!("the silence of incident {} ends {until}", silence.incident));
        record_silence(turn, kinds::SILENCE_ENDS, &silence);
    }
    for silence in ended {
        record_silence(turn, kinds::SILENCE_ENDED, &silence);
    }
}

fn record_silence(turn: &mut Turn<'_>, kind: &str, silence: &Silence) {
    let facts = [("by", silence.by.raw().to_owned()), ("until", silence.until.to_string())];
    turn.record(kind, Some(&silence.incident), facts);
}

fn release(turn: &mut Turn<'_>, one: Option<&IncidentKey>, by: &Foreign) {
    let is_meant = |it: &&Incident| one.is_none_or(|key| it.key == *key) && brake::is_held(it);
    let keys: Vec<_> =
        turn.state.incidents.values().filter(is_meant).map(|it| it.key.clone()).collect();
    if let (Some(key), true) = (one, keys.is_empty()) {
        return turn.fail(format!("incident {key} is not held: nothing to release"));
    }
    let facts = [("by", by.raw().to_owned()), ("issues", keys.len().to_string())];
    turn.record(kinds::RELEASED, one, facts);
    if one.is_none() {
        brake::end_observing(turn, "a person released all");
    }
    for key in keys {
        brake::file(turn, &key);
    }
}

/// A person's report starts a look at once.
fn note(turn: &mut Turn<'_>, key: Option<&IncidentKey>, by: &Foreign, at: Time, text: &Foreign) {
    let facts =
        [("by", by.raw().to_owned()), ("when", at.to_string()), ("text", text.raw().to_owned())];
    turn.record(kinds::NOTED, key, facts);
    let incident = key.and_then(|key| turn.state.incidents.get(key));
    let places = incident.map(|incident| incident.places.keys().copied().collect::<Vec<_>>());
    for endpoint in places.unwrap_or_default() {
        turn.want(endpoint, turn.now);
    }
}
