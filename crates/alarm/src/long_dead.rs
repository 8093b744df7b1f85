//! What had ended long before anybody looked: one list for each owner, and nobody is called.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certvigil_model::{
    EndpointId, Family, Fingerprint, Incident, IncidentKey, Place, Problem, Status, Subject,
};

use crate::problems::LONG_DEAD;
use crate::settle::{Edit, new_place, settle};
use crate::subject::{Patience, is_of_certificates};
use crate::time::DAY;
use crate::turn::Turn;
use crate::{Event, State, brake};

/// What ended so long before it was first seen is long dead.
const LONG: Duration = DAY.saturating_mul(30);

/// Whether `incident` is of a certificate that had ended long before it was first seen: it stands on its owner's list, and
/// has no issue of its own.
pub fn is_long_dead(incident: &Incident) -> bool {
    let had_ended = |incident: &Incident| {
        let certificate = incident.certificate.as_ref();
        certificate.is_some_and(|it| it.ends.at.plus(LONG) <= incident.first_seen)
    };
    is_of_certificates(incident.family) && incident.filing.issue().is_none() && had_ended(incident)
}

/// Whether it is an owner's list.
pub(crate) fn is_list(incident: &Incident) -> bool {
    owner_of(incident).is_some()
}

fn owner_of(incident: &Incident) -> Option<&str> {
    let Subject::Cause(what) = &incident.subject else { return None };
    what.strip_prefix(LIST).filter(|_| incident.family == Family::Round)
}

const LIST: &str = "long-dead:";

/// What stands on the list, the longest dead first; none where it is no such list.
pub fn long_dead<'a>(state: &'a State, list: &Incident) -> Option<Vec<&'a Incident>> {
    let owner = owner_of(list)?;
    let incidents = state.incidents.values();
    let mut dead: Vec<_> = incidents.filter(|it| is_listed(it) && it.owner == owner).collect();
    dead.sort_by_cached_key(|incident| brake::urgency(incident));
    Some(dead)
}

fn is_listed(incident: &Incident) -> bool {
    incident.status == Status::Open && is_long_dead(incident)
}

/// Keeps one incident for each owner that lists what is long dead. That a list is empty only a whole round knows.
pub(crate) fn list(turn: &mut Turn<'_>, event: &Event<'_>) {
    let mut lists: BTreeMap<String, (BTreeSet<Option<Fingerprint>>, bool)> = BTreeMap::new();
    for incident in turn.state.incidents.values().filter(|it| is_listed(it)) {
        let (dead, has_grown) = lists.entry(incident.owner.clone()).or_default();
        dead.insert(incident.certificate.as_ref().map(|it| it.sha256));
        let is_new = incident.opened_at == Some(turn.now) && turn.changed.contains(&incident.key);
        *has_grown |= is_new;
    }
    let open = turn.state.incidents.values().filter(|it| it.status == Status::Open && is_list(it));
    let mut empty: BTreeSet<IncidentKey> = open.map(|it| it.key.clone()).collect();
    for (owner, (dead, has_grown)) in lists {
        let subject = Subject::Cause(format!("{LIST}{owner}"));
        let key = turn.key(Family::Round, &subject);
        empty.remove(&key);
        keep(turn, (key, subject), owner, dead.len(), has_grown);
    }
    if matches!(event, Event::Round(seen) if seen.record.is_whole) {
        empty.iter().for_each(|key| end(turn, key));
    }
}

fn keep(
    turn: &mut Turn<'_>,
    (key, subject): (IncidentKey, Subject),
    owner: String,
    count: usize,
    has_grown: bool,
) {
    let mut edit = Edit::begin(turn, key, Family::Round, subject);
    let incident = &mut edit.incident;
    let now = turn.now;
    let mut place = new_place(now);
    place.owner = owner;
    place.problems = vec![Problem {
        hint: Some("take them off their servers, or renew them".to_owned()),
        ..LONG_DEAD.problem(match count {
            1 => "1 certificate had ended more than 30 days before it was first seen".to_owned(),
            _ => format!(
                "{count} certificates had ended more than 30 days before they were first seen"
            ),
        })
    }];
    if let Some(before) = incident.places.get(&EndpointId::NOWHERE) {
        (place.first_bad, place.last_bad) = (before.first_bad, before.last_bad);
    }
    if has_grown {
        let by = u32::from(incident.status == Status::Open);
        incident.changes = incident.changes.saturating_add(by);
        (place.last_bad, incident.last_bad) = (now, now);
    }
    incident.places.insert(EndpointId::NOWHERE, place);
    edit.patience = Some(Patience::None);
    settle(turn, edit);
}

fn end(turn: &mut Turn<'_>, key: &IncidentKey) {
    let Some(mut edit) = Edit::of(turn, key) else { return };
    for place in edit.incident.places.values_mut() {
        place.good_runs = Place::GOOD_RUNS;
    }
    settle(turn, edit);
}
