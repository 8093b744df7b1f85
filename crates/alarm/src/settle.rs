//! What becomes of an incident whose places or dates have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use certvigil_model::{
    EndpointId, Family, Filing, Foreign, Incident, IncidentKey, Place, Problem, Severity, Status,
    Subject, Time,
};

use crate::owners::{self, Served};
use crate::subject::Patience;
use crate::time::{DAY, has_passed};
use crate::turn::Turn;
use crate::{acknowledge, kinds, notes};

/// An incident being changed; [`settle`] puts it back.
pub(crate) struct Edit {
    pub(crate) incident: Incident,
    /// As it was; none: it is new.
    before: Option<Incident>,
    /// Places where it was seen bad just now.
    pub(crate) bad: BTreeSet<EndpointId>,
    /// It was seen bad just now, and is due that much patience.
    pub(crate) patience: Option<Patience>,
}

impl Edit {
    /// Takes it out of the state.
    pub(crate) fn of(turn: &mut Turn<'_>, key: &IncidentKey) -> Option<Self> {
        let incident = turn.state.incidents.remove(key)?;
        Some(Self::with(incident.clone(), Some(incident)))
    }

    /// For an incident that is seen bad: a new one, or one that comes back.
    pub(crate) fn begin(
        turn: &mut Turn<'_>,
        key: IncidentKey,
        family: Family,
        subject: Subject,
    ) -> Self {
        let before = turn.state.incidents.remove(&key);
        let incident = match &before {
            Some(incident) if incident.status != Status::Resolved => incident.clone(),
            Some(incident) if comes_back(incident, turn.now) => {
                let places = BTreeMap::new();
                Incident { status: Status::Waiting, places, ..incident.clone() }
            }
            _ => fresh(key, family, subject, turn.now),
        };
        Self::with(incident, before)
    }

    const fn with(incident: Incident, before: Option<Incident>) -> Self {
        Self { incident, before, bad: BTreeSet::new(), patience: None }
    }
}

/// Whether an incident that is over and shows again is the same one, with the same issue. Later than that it begins
/// anew: the same key, another issue.
fn comes_back(incident: &Incident, now: Time) -> bool {
    let is_recent = |at| !has_passed(at, REOPENS, now) || at > now;
    incident.opened_at.is_some() && incident.resolved_at.is_none_or(is_recent)
}

const REOPENS: Duration = DAY.saturating_mul(30);

pub(crate) fn fresh(key: IncidentKey, family: Family, subject: Subject, now: Time) -> Incident {
    Incident {
        key,
        family,
        subject,
        status: Status::Waiting,
        severity: Severity::Info,
        owner: String::new(),
        places: BTreeMap::new(),
        certificate: None,
        first_seen: now,
        last_bad: now,
        opened_at: None,
        resolved_at: None,
        reopened: 0,
        unseen_since: None,
        changes: 0,
        told: 0,
        block: None,
        closings: 0,
        filing: Filing::None,
        acknowledged: None,
        climb: None,
    }
}

pub(crate) fn new_place(at: Time) -> Place {
    Place {
        shown: String::new(),
        target: Foreign::default(),
        tags: Vec::new(),
        server_name: None,
        owner: String::new(),
        origin: None,
        first_bad: at,
        last_bad: at,
        good_runs: 0,
        absent_since: None,
        problems: Vec::new(),
    }
}

/// Opens, changes, resolves or dismisses it, and puts it back.
pub(crate) fn settle(turn: &mut Turn<'_>, edit: Edit) {
    let Edit { mut incident, before, patience, .. } = edit;
    incident.severity = severity(&incident, turn.now);
    if before.as_ref().is_some_and(|before| before.severity < incident.severity)
        && incident.severity == Severity::Critical
    {
        acknowledge::cut_short(&mut incident, turn.now);
    }
    take_owner(turn, &mut incident);
    match incident.status {
        Status::Waiting if incident.places.is_empty() => dismiss(turn, &mut incident),
        Status::Waiting => {
            if patience.is_some_and(|it| {
                it.is_over(&incident, notes::noted(turn, &incident.key), turn.now)
            }) {
                open(turn, &mut incident);
            }
        }
        Status::Open if incident.places.values().all(Place::is_good) => {
            resolve(turn, &mut incident)
        }
        Status::Open => change(turn, before.as_ref(), &mut incident),
        Status::Resolved => {}
    }
    match before {
        Some(before) if before == incident => {
            turn.state.incidents.insert(before.key.clone(), before);
        }
        _ => turn.keep(incident),
    }
}

/// The worst of its places that are not good yet, and at least what its dates say where it was not seen free of them
/// since. Nothing is lowered because nothing was seen.
fn severity(incident: &Incident, now: Time) -> Severity {
    let not_good = incident.places.values().filter(|place| !place.is_good());
    let problems = not_good.flat_map(|place| &place.problems).filter(|problem| problem.counts());
    let worst = problems.map(|problem| problem.severity).max();
    worst.max(by_date(incident, now)).unwrap_or(incident.severity)
}

fn by_date(incident: &Incident, now: Time) -> Option<Severity> {
    let certificate =
        incident.certificate.as_ref().filter(|_| incident.family == Family::Expiry)?;
    let is_its = |place: &Place| {
        let of = |problem: &Problem| {
            problem.certificate.is_none_or(|sha256| sha256 == certificate.sha256)
        };
        place.good_runs == 0 && (place.problems.is_empty() || place.problems.iter().any(of))
    };
    certificate.ends.severity(now).filter(|_| incident.places.values().any(is_its))
}

/// Whether the dates of `incident` say more than it does.
pub(crate) fn has_climbed(incident: &Incident, now: Time) -> bool {
    incident.status != Status::Resolved && by_date(incident, now) > Some(incident.severity)
}

fn take_owner(turn: &mut Turn<'_>, incident: &mut Incident) {
    let owner = owner_of(turn, incident);
    if owner != incident.owner && !incident.owner.is_empty() {
        let before = std::mem::take(&mut incident.owner);
        let facts = [("owner", owner.clone()), ("owner_before", before)];
        turn.record(kinds::OWNER_CHANGED, Some(&incident.key), facts);
    }
    incident.owner = owner;
}

/// The certificate's owner; without a certificate whoever answers for its places: of several, who answers for most.
fn owner_of(turn: &Turn<'_>, incident: &Incident) -> String {
    let rules = turn.rules;
    if let (Some(certificate), Subject::Certificate(_)) = (&incident.certificate, &incident.subject)
    {
        let served = incident.places.values().map(|place| Served {
            target: &place.target,
            server_name: place.server_name.as_deref(),
            owner: Some(place.owner.as_str()).filter(|owner| !owner.is_empty()),
        });
        return owners::of_certificate(rules, certificate, served).to_owned();
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for place in incident.places.values().filter(|place| !place.owner.is_empty()) {
        *counts.entry(&place.owner).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(owner, count)| (*count, std::cmp::Reverse(*owner)));
    most.map_or(&*rules.default_owner, |(owner, _)| owner).to_owned()
}

fn open(turn: &mut Turn<'_>, incident: &mut Incident) {
    let is_back = incident.opened_at.is_some();
    incident.status = Status::Open;
    incident.opened_at = Some(turn.now);
    incident.resolved_at = None;
    incident.changes = incident.changes.saturating_add(1);
    incident.reopened = incident.reopened.saturating_add(u32::from(is_back));
    let worst = incident.worst();
    let kind = if is_back { kinds::INCIDENT_REOPENED } else { kinds::INCIDENT_OPENED };
    let facts = [
        ("family", incident.family.name().to_owned()),
        ("subject", incident.subject.to_string()),
        ("severity", incident.severity.name().to_owned()),
        ("owner", incident.owner.clone()),
        ("places", incident.places.len().to_string()),
        ("finding", worst.map(|(_, problem)| problem.id.clone()).unwrap_or_default()),
        ("message", worst.map(|(_, problem)| problem.message.clone()).unwrap_or_default()),
        ("first_seen", incident.first_seen.to_string()),
        ("reopened", incident.reopened.to_string()),
    ];
    turn.record(kind, Some(&incident.key), facts);
}

fn resolve(turn: &mut Turn<'_>, incident: &mut Incident) {
    incident.status = Status::Resolved;
    incident.resolved_at = Some(turn.now);
    incident.changes = incident.changes.saturating_add(1);
    incident.closings = 0;
    incident.acknowledged = None;
    incident.unseen_since = None;
    if matches!(incident.filing, Filing::Held { .. }) {
        incident.filing = Filing::None;
    }
    let mut problems = incident.places.values().flat_map(|place| &place.problems);
    let why = match () {
        () if incident.places.is_empty() => "all of its places have left",
        () if incident.family == Family::Channel => "messages arrive again",
        () if problems.any(|it| it.accepted.is_some()) => "somebody answers for what is left of it",
        () => "every place was seen free of it twice in a row",
    };
    let facts = [
        ("why", why.to_owned()),
        ("good", incident.places.len().to_string()),
        ("last_bad", incident.last_bad.to_string()),
    ];
    turn.record(kinds::INCIDENT_RESOLVED, Some(&incident.key), facts);
}

fn dismiss(turn: &mut Turn<'_>, incident: &mut Incident) {
    incident.status = Status::Resolved;
    incident.resolved_at.get_or_insert(turn.now);
    let facts = [
        ("family", incident.family.name().to_owned()),
        ("subject", incident.subject.to_string()),
        ("why", "it was not seen again".to_owned()),
    ];
    turn.record(kinds::INCIDENT_DISMISSED, Some(&incident.key), facts);
}

fn change(turn: &mut Turn<'_>, before: Option<&Incident>, incident: &mut Incident) {
    let Some(before) = before else { return };
    let (bad, was_bad) = (bad_places(incident), bad_places(before));
    if bad == was_bad && incident.severity == before.severity {
        return;
    }
    incident.changes = incident.changes.saturating_add(1);
    let facts = [
        ("severity", incident.severity.name().to_owned()),
        ("severity_before", before.severity.name().to_owned()),
        ("bad", bad.len().to_string()),
        ("good", (incident.places.len() - bad.len()).to_string()),
        ("change", incident.changes.to_string()),
    ];
    turn.record(kinds::INCIDENT_CHANGED, Some(&incident.key), facts);
}

fn bad_places(incident: &Incident) -> BTreeSet<EndpointId> {
    let bad = incident.places.iter().filter(|(_, place)| !place.is_good());
    bad.map(|(endpoint, _)| *endpoint).collect()
}
