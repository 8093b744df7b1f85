//! What looks at endpoints make of incidents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::SocketAddr;

use certvigil_model::{
    CertificateSeen, EndpointId, Family, Fingerprint, Foreign, Incident, IncidentKey, Observation,
    Place, Problem, RoundRecord, Severity, Sighting, Status, Subject, TargetProblem, Time,
};

use crate::settle::{Edit, new_place, settle};
use crate::subject::{Patience, is_of_certificates, subject_of};
use crate::time::{DAY, SECOND_LOOK, has_passed};
use crate::turn::Turn;
use crate::view::{Health, View};
use crate::{RoundSeen, kinds, notes, orphans, owners, pace, unseen, view};

/// Takes in a round.
pub(crate) fn round(turn: &mut Turn<'_>, seen: &RoundSeen<'_>) {
    record(turn, seen.record);
    pace::keep(turn, seen);
    // Borrowed by what is made of them while incidents change.
    let sightings = std::mem::take(&mut turn.state.sightings);
    let view = view::of_round(turn, seen, &sightings);
    let mut sick = Sick::default();
    sick.take_in(seen.observations, &view, turn);
    sick.take_said(seen);
    for (subject, problem) in view.ours.clone() {
        sick.add(problem.family, subject, Spot::Nowhere, problem);
    }
    if let Some(problem) = owners::lone_owner(turn.rules) {
        sick.add(problem.family, Subject::Round, Spot::Nowhere, problem);
    }
    if !turn.rules.is_time_in_doubt {
        unseen::add(turn.now, &mut sick, &view, &sightings);
    }
    orphans::adopt(turn, seen.observations, &view);
    apply(turn, sick, &view);
    turn.state.sightings = sightings;
    notes::keep(turn, seen);
}

/// Takes in second looks on new connections. They can open and dismiss; what is good counts by rounds.
pub(crate) fn second_look(turn: &mut Turn<'_>, observations: &[Observation]) {
    let view = View::of_second_look(turn, observations);
    let mut sick = Sick::default();
    sick.take_in(observations, &view, turn);
    apply(turn, sick, &view);
}

/// What is wrong, by what it is wrong with.
#[derive(Default)]
pub(crate) struct Sick<'a>(BTreeMap<(Family, Subject), BTreeMap<EndpointId, Symptoms<'a>>>);

/// What is wrong at one place.
struct Symptoms<'a> {
    spot: Spot<'a>,
    problems: Vec<Problem>,
}

/// Where that is known from.
#[derive(Clone, Copy)]
pub(crate) enum Spot<'a> {
    Seen(&'a Observation),
    Remembered(&'a Sighting),
    Nowhere,
}

impl<'a> Spot<'a> {
    const fn observation(self) -> Option<&'a Observation> {
        match self {
            Self::Seen(observation) => Some(observation),
            Self::Remembered(_) | Self::Nowhere => None,
        }
    }

    fn certificate(self) -> Option<&'a CertificateSeen> {
        match self {
            Self::Seen(it) => it.certificate.as_ref(),
            Self::Remembered(it) => it.certificate.as_ref(),
            Self::Nowhere => None,
        }
    }

    fn at(self, now: Time) -> Time {
        self.observation().map_or(now, |observation| observation.looked_at)
    }

    const fn endpoint(self) -> EndpointId {
        match self {
            Self::Seen(observation) => observation.endpoint,
            Self::Remembered(sighting) => sighting.endpoint,
            Self::Nowhere => EndpointId::NOWHERE,
        }
    }
}

impl<'a> Sick<'a> {
    fn take_in(&mut self, observations: &'a [Observation], view: &View<'a>, turn: &Turn<'_>) {
        let (now, in_doubt) = (turn.now, turn.rules.is_time_in_doubt);
        for observation in observations {
            if view.is_blind() && !observation.shows_certificate() {
                continue;
            }
            for problem in observation.problems.iter().filter(|problem| problem.counts()) {
                let cause = view.cause_of(problem.family, observation.endpoint);
                let subject = cause.unwrap_or_else(|| subject_of(problem, observation));
                self.add(problem.family, subject, Spot::Seen(observation), problem.clone());
            }
            let floor = (!in_doubt).then(|| unseen::floor(observation, now)).flatten();
            if let Some((subject, problem)) = floor {
                self.add(Family::Expiry, subject, Spot::Seen(observation), problem);
            }
        }
    }

    /// What is said of targets is an incident of the first of them, or of the certificate that it names; what is said of
    /// the round, the round's.
    fn take_said(&mut self, seen: &RoundSeen<'a>) {
        let said = || seen.said.iter().filter(|it| it.problem.counts());
        let named: HashSet<&str> = said().flat_map(|it| &it.targets).map(Foreign::raw).collect();
        let mut by_target: HashMap<&str, Vec<&Observation>> = HashMap::new();
        for observation in seen.observations {
            let target = observation.target.raw();
            if named.contains(target) {
                by_target.entry(target).or_default().push(observation);
            }
        }
        for TargetProblem { targets, problem, .. } in said() {
            let family = problem.family;
            let (Some(first), false) = (targets.first(), family == Family::Round) else {
                self.add(family, Subject::Round, Spot::Nowhere, problem.clone());
                continue;
            };
            let certificate = problem.certificate.filter(|_| is_of_certificates(family));
            let of_target = || Subject::Target(first.raw().to_owned());
            let subject = certificate.map_or_else(of_target, Subject::Certificate);
            let of = targets.iter().filter_map(|target| by_target.get(target.raw())).flatten();
            for observation in of {
                if certificate.is_none_or(|sha256| shows(observation, sha256)) {
                    self.add(family, subject.clone(), Spot::Seen(observation), problem.clone());
                }
            }
        }
    }

    pub(crate) fn add(
        &mut self,
        family: Family,
        subject: Subject,
        spot: Spot<'a>,
        problem: Problem,
    ) {
        let places = self.0.entry((family, subject)).or_default();
        let symptoms = places
            .entry(spot.endpoint())
            .or_insert_with(|| Symptoms { spot, problems: Vec::new() });
        symptoms.problems.push(problem);
    }
}

fn shows(observation: &Observation, sha256: Fingerprint) -> bool {
    observation.chain.contains(&sha256) || observation.others.contains(&sha256)
}

fn apply(turn: &mut Turn<'_>, sick: Sick<'_>, view: &View<'_>) {
    let keyed = sick.0.into_iter();
    let mut sick: BTreeMap<IncidentKey, _> =
        keyed.map(|(of, places)| (turn.key(of.0, &of.1), (of, places))).collect();
    let concerned = turn.state.incidents.values().filter(|incident| view.concerns(incident));
    let mut keys: BTreeSet<IncidentKey> = concerned.map(|incident| incident.key.clone()).collect();
    keys.extend(sick.keys().cloned());
    for key in keys {
        let edit = match sick.remove(&key) {
            None => Edit::of(turn, &key),
            Some(((family, subject), places)) => {
                let mut edit = Edit::begin(turn, key, family, subject);
                fall_ill(turn, &mut edit, places, view);
                Some(edit)
            }
        };
        let Some(mut edit) = edit else { continue };
        recover(turn, &mut edit, view);
        settle(turn, edit);
    }
}

/// Notes where it shows.
fn fall_ill(
    turn: &mut Turn<'_>,
    edit: &mut Edit,
    places: BTreeMap<EndpointId, Symptoms<'_>>,
    view: &View<'_>,
) {
    let incident = &mut edit.incident;
    let seen = places.values().filter_map(|symptoms| symptoms.spot.observation());
    let (mut is_pool, mut is_pressing) = (false, false);
    for observation in seen {
        is_pool |= shows_pool(observation);
        is_pressing |= presses(observation);
    }
    for (endpoint, Symptoms { spot, problems }) in places {
        take_certificate(incident, spot, view);
        let was_bad = incident.places.get(&endpoint).is_some_and(|place| place.good_runs == 0);
        let at = spot.at(turn.now);
        if !matches!(spot, Spot::Remembered(_)) {
            edit.bad.insert(endpoint);
        }
        match spot {
            // What is remembered of a place says nothing new of it.
            Spot::Remembered(_) if was_bad => continue,
            Spot::Remembered(sighting) => {
                incident.unseen_since.get_or_insert(at);
                unseen::record(turn, incident, sighting);
            }
            Spot::Seen(_) if !was_bad && view.is_round() && incident.family != Family::Spread => {
                turn.want(endpoint, turn.now.plus(SECOND_LOOK));
            }
            Spot::Seen(_) | Spot::Nowhere => {}
        }
        incident.last_bad = if was_bad { incident.last_bad.max(at) } else { at };
        let place = incident.places.entry(endpoint).or_insert_with(|| new_place(at));
        if !was_bad {
            place.first_bad = at;
        }
        fill_in(place, spot, &turn.rules.default_owner);
        place.last_bad = at;
        place.good_runs = 0;
        place.problems = problems;
    }
    edit.patience = Some(Patience::of(&edit.incident, is_pool, is_pressing));
}

/// The certificate that it is about, or the one that its place showed last.
fn take_certificate(incident: &mut Incident, spot: Spot<'_>, view: &View<'_>) {
    let last = || view.remembered(spot.endpoint());
    let certificate = match &incident.subject {
        Subject::Certificate(sha256) => spot.certificate().filter(|it| it.sha256 == *sha256),
        Subject::Endpoint(_) => spot.certificate().or_else(last),
        _ => None,
    };
    if certificate.is_some() && certificate != incident.certificate.as_ref() {
        incident.certificate = certificate.cloned();
    }
}

/// Where the place is: inventories change, and a state that trackers keep knows little of it.
fn fill_in(place: &mut Place, spot: Spot<'_>, default_owner: &str) {
    let (shown, target, owner, origin) = match spot {
        Spot::Seen(it) => {
            place.tags.clone_from(&it.tags);
            place.server_name.clone_from(&it.server_name);
            (&it.place, &it.target, &it.owner, &it.origin)
        }
        Spot::Remembered(it) => {
            place.server_name.clone_from(&it.server_name);
            (&it.place, &it.target, &it.owner, &it.origin)
        }
        Spot::Nowhere => {
            default_owner.clone_into(&mut place.owner);
            return;
        }
    };
    place.shown.clone_from(shown);
    place.target.clone_from(target);
    place.owner = owner.clone().unwrap_or_else(|| default_owner.to_owned());
    place.origin.clone_from(origin);
    place.absent_since = None;
}

/// Whether the difference between a target's addresses cannot wait for the end of a roll-out.
fn presses(observation: &Observation) -> bool {
    observation.problems.iter().filter(|problem| problem.counts()).any(|problem| {
        problem.severity == Severity::Critical
            || matches!(problem.family, Family::Name | Family::Trust)
            || problem.id == "expired"
    })
}

/// A pool is one endpoint by its name, without an address.
fn shows_pool(observation: &Observation) -> bool {
    observation.shows_certificate() && observation.place.parse::<SocketAddr>().is_err()
}

/// Notes where it no longer shows, and which places have left.
fn recover(turn: &mut Turn<'_>, edit: &mut Edit, view: &View<'_>) {
    let incident = &mut edit.incident;
    let is_waiting = incident.status == Status::Waiting;
    let is_free = !matches!(incident.subject, Subject::Target(_)) || view.shows_all_free(incident);
    let mut places = std::mem::take(&mut incident.places);
    let (mut seen, mut unseen) = (!edit.bad.is_empty(), false);
    let mut left = Vec::new();
    for (endpoint, place) in &mut places {
        if edit.bad.contains(endpoint) {
            continue;
        }
        if let Some(observation) = view.observation(*endpoint) {
            fill_in(place, Spot::Seen(observation), &turn.rules.default_owner);
        }
        match view.health(incident, *endpoint, place) {
            Health::Free(_) if is_free && is_waiting => left.push((*endpoint, None)),
            Health::Free(accepted) if is_free && view.counts() => {
                if !accepted.is_empty() {
                    place.problems = accepted;
                }
                place.good_runs = place.good_runs.saturating_add(1).min(Place::GOOD_RUNS);
                place.absent_since = None;
                seen = true;
            }
            Health::Free(_) => seen = true,
            Health::OtherwiseBad(problems, at) => {
                (place.problems, place.last_bad, place.good_runs) = (problems, at, 0);
                place.absent_since = None;
                seen = true;
            }
            Health::Unseen => unseen = true,
            Health::Missing => {
                let since = *place.absent_since.get_or_insert(turn.now);
                if has_passed(since, DAY, turn.now) {
                    left.push((*endpoint, Some("its address has not been given for a day")));
                }
            }
            Health::Left => {
                left.push((*endpoint, Some("its target is no longer in the inventory")))
            }
            Health::NotLookedAt => {}
        }
    }
    incident.places = places;
    if seen {
        incident.unseen_since = None;
    } else if unseen && is_of_certificates(incident.family) {
        incident.unseen_since.get_or_insert(turn.now);
    }
    for (endpoint, why) in left {
        leave(turn, incident, endpoint, why);
    }
}

fn leave(turn: &mut Turn<'_>, incident: &mut Incident, endpoint: EndpointId, why: Option<&str>) {
    let (Some(place), Some(why)) = (incident.places.remove(&endpoint), why) else { return };
    let facts = [
        ("endpoint", endpoint.to_string()),
        ("place", place.shown),
        ("target", place.target.shown().to_string()),
        ("why", why.to_owned()),
        ("last_bad", place.last_bad.to_string()),
    ];
    turn.record(kinds::PLACE_LEFT, Some(&incident.key), facts);
}

fn record(turn: &mut Turn<'_>, round: &RoundRecord) {
    let facts = [
        ("round", round.id.clone()),
        ("expected", round.expected.to_string()),
        ("attempted", round.attempted.to_string()),
        ("checked", round.checked.to_string()),
        ("whole", round.is_whole.to_string()),
        ("finished_at", round.finished_at.to_string()),
    ];
    turn.record(kinds::ROUND_CLOSED, None, facts);
}
