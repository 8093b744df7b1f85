//! What a round or some looks show, and what they can say of the places of an incident.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;

use certvigil_model::{
    CertificateSeen, EndpointId, Family, Incident, Observation, Outcome, Place, Problem, Sighting,
    Status, Subject, Time,
};

use crate::blind::{self, Cause, Scene};
use crate::problems::{SHARED_CAUSE, WATCHER_BLIND};
use crate::subject::is_of_certificates;
use crate::turn::Turn;
use crate::{RoundSeen, Sight, State, kinds};

pub(crate) struct View<'a> {
    by_id: HashMap<EndpointId, &'a Observation>,
    /// Targets that have endpoints here, as written.
    named: HashSet<&'a str>,
    /// Those whose addresses nobody knows.
    unresolved: HashSet<&'a str>,
    sightings: Option<&'a BTreeMap<EndpointId, Sighting>>,
    /// Endpoints that cannot be seen for a cause which they share with others.
    causes: HashMap<EndpointId, Subject>,
    kind: Kind,
    blind: Option<String>,
    /// What this says of our own sight, and what has that problem.
    pub(crate) ours: Vec<(Subject, Problem)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `can_leave`: it covers the whole inventory, and every endpoint has a verdict.
    Round {
        can_leave: bool,
    },
    SecondLook,
}

/// What can be said of one place.
pub(crate) enum Health {
    /// It was seen, free of the problem; with what somebody answers for.
    Free(Vec<Problem>),
    /// It was seen with a problem of the same family that has another subject; when.
    OtherwiseBad(Vec<Problem>, Time),
    /// It was looked at, and nothing could be seen; or nobody knows where it is.
    Unseen,
    /// Its target is there, its address was not given.
    Missing,
    /// Its target is no longer in the inventory.
    Left,
    /// This says nothing of it.
    NotLookedAt,
}

/// Looks at the round itself first.
pub(crate) fn of_round<'a>(
    turn: &mut Turn<'_>,
    seen: &RoundSeen<'a>,
    sightings: &'a BTreeMap<EndpointId, Sighting>,
) -> View<'a> {
    let can_leave = seen.record.is_whole && seen.record.is_complete();
    let mut view = View::new(turn, seen.observations, Kind::Round { can_leave });
    view.sightings = Some(sightings);
    let scene = Scene {
        sightings,
        observations: seen.observations,
        sentinels: seen.sentinels,
        since: troubled_since(&turn.state),
        now: turn.now,
    };
    match blind::judge(&scene) {
        Sight::Blind { why } => {
            view.ours.push((watcher_blind(), WATCHER_BLIND.problem(why.clone())));
            view.blind = Some(why);
        }
        Sight::Causes(causes) => view.share(causes),
        Sight::Broken => {}
    }
    remember_blindness(turn, seen.record.started_at, view.blind.as_deref());
    view
}

/// It began with the round at the latest: what that round lost was looked at after `started_at`.
fn remember_blindness(turn: &mut Turn<'_>, started_at: Time, blind: Option<&str>) {
    match (turn.state.memory.blind.take(), blind) {
        (None, Some(why)) => {
            turn.record(kinds::BLIND, None, [("why", why.to_owned())]);
            turn.state.memory.blind = Some((started_at, why.to_owned()));
        }
        (Some((since, _)), Some(why)) => turn.state.memory.blind = Some((since, why.to_owned())),
        (Some((since, why)), None) => {
            let facts = [("blind_since", since.to_string()), ("why", why)];
            turn.record(kinds::SIGHTED_AGAIN, None, facts);
        }
        (None, None) => {}
    }
    if let Some(why) = blind {
        turn.fail(why);
    }
}

/// Whether the sentinels have to be looked at before `observations` are taken in: much is newly unknown, or we have been
/// blind or parted from something since an earlier round.
pub fn is_suspicious(state: &State, observations: &[Observation]) -> bool {
    troubled_since(state).is_some() || blind::is_suspicious(&state.sightings, observations)
}

/// Since when we have been blind, or parted from several endpoints at once.
fn troubled_since(state: &State) -> Option<Time> {
    let blind = state.memory.blind.as_ref().map(|(since, _)| *since);
    let bad = state.incidents.values().filter(|it| is_standing_cause(it));
    let parted = bad.flat_map(|it| it.places.values()).filter(|place| place.good_runs == 0);
    blind.into_iter().chain(parted.map(|place| place.first_bad)).min()
}

/// What an incident is about that says that we cannot see.
pub(crate) fn watcher_blind() -> Subject {
    Subject::Cause("watcher-blind".to_owned())
}

impl<'a> View<'a> {
    pub(crate) fn of_second_look(turn: &Turn<'_>, observations: &'a [Observation]) -> Self {
        let mut view = Self::new(turn, observations, Kind::SecondLook);
        view.blind = turn.state.memory.blind.as_ref().map(|(_, why)| why.clone());
        view
    }

    fn new(turn: &Turn<'_>, observations: &'a [Observation], kind: Kind) -> Self {
        let unresolved = observations.iter().filter(|it| it.outcome == Outcome::Unresolved);
        Self {
            by_id: observations.iter().map(|it| (it.endpoint, it)).collect(),
            named: observations.iter().map(|it| it.target.raw()).collect(),
            unresolved: unresolved.map(|it| it.target.raw()).collect(),
            sightings: None,
            causes: standing_causes(turn),
            kind,
            blind: None,
            ours: Vec::new(),
        }
    }

    pub(crate) const fn is_round(&self) -> bool {
        matches!(self.kind, Kind::Round { .. })
    }

    pub(crate) const fn is_blind(&self) -> bool {
        self.blind.is_some()
    }

    fn share(&mut self, causes: Vec<Cause>) {
        for Cause { subject, words, endpoints } in causes {
            let subject = Subject::Cause(subject);
            let shared = endpoints.into_iter().map(|endpoint| (endpoint, subject.clone()));
            self.causes.extend(shared);
            let problem = SHARED_CAUSE.problem(words);
            self.ours.push((subject, problem));
        }
    }

    /// Whether what is good here counts towards an incident's end: a second look is no run of its own, and a round that
    /// cannot see closes nothing.
    pub(crate) const fn counts(&self) -> bool {
        self.is_round() && !self.is_blind()
    }

    /// Whether this can say anything of `incident`.
    pub(crate) fn concerns(&self, incident: &Incident) -> bool {
        let is_of_looks = match &incident.subject {
            Subject::Cause(_) => {
                incident.family != Family::Round || incident.subject == watcher_blind()
            }
            Subject::CheckIn(_) | Subject::Channel(_) => false,
            _ => true,
        };
        let is_here = || incident.places.keys().any(|endpoint| self.by_id.contains_key(endpoint));
        is_of_looks && incident.status != Status::Resolved && (self.can_leave() || is_here())
    }

    /// What several endpoints cannot be seen for, where it is not their own fault.
    pub(crate) fn cause_of(&self, family: Family, endpoint: EndpointId) -> Option<Subject> {
        self.causes.get(&endpoint).filter(|_| family == Family::Reach).cloned()
    }

    pub(crate) fn observation(&self, endpoint: EndpointId) -> Option<&'a Observation> {
        self.by_id.get(&endpoint).copied()
    }

    /// The certificate that an endpoint showed last.
    pub(crate) fn remembered(&self, endpoint: EndpointId) -> Option<&'a CertificateSeen> {
        self.sightings?.get(&endpoint)?.certificate.as_ref()
    }

    /// Whether the endpoint of `sighting` cannot be seen now, and nobody answers for that.
    pub(crate) fn lost(&self, sighting: &Sighting) -> bool {
        match self.by_id.get(&sighting.endpoint) {
            Some(observation) => !observation.shows_certificate() && !is_accepted(observation),
            None => self.unresolved.contains(sighting.target.raw()),
        }
    }

    /// Whether all places of `incident` are here at once, and free of it: a difference between two addresses is over
    /// when both are seen.
    pub(crate) fn shows_all_free(&self, incident: &Incident) -> bool {
        let mut places = incident.places.iter();
        self.can_leave()
            && places.all(|(endpoint, place)| {
                matches!(self.health(incident, *endpoint, place), Health::Free(_) | Health::Left)
            })
    }

    pub(crate) fn health(
        &self,
        incident: &Incident,
        endpoint: EndpointId,
        place: &Place,
    ) -> Health {
        let Some(observation) = self.by_id.get(&endpoint) else {
            return self.absence(incident, endpoint, place);
        };
        let family = incident.family;
        let shows = observation.shows_certificate();
        let of_family = observation.problems.iter().filter(|problem| problem.family == family);
        let accepted = of_family.clone().filter(|it| it.accepted.is_some()).cloned().collect();
        if matches!(incident.subject, Subject::Target(_)) {
            let is_free = self.can_leave() && shows;
            return if is_free { Health::Free(accepted) } else { Health::Unseen };
        }
        let mut bad: Vec<_> = of_family.filter(|problem| problem.counts()).cloned().collect();
        for problem in &mut bad {
            let shown = observation.certificate.as_ref().map(|it| it.sha256);
            problem.certificate = problem.certificate.or(shown);
        }
        match (bad.is_empty(), is_of_certificates(family)) {
            (true, _) if shows => Health::Free(accepted),
            (true, false) if family == Family::Reach && is_accepted(observation) => {
                Health::Free(accepted)
            }
            (false, true) if shows => Health::OtherwiseBad(bad, observation.looked_at),
            _ => Health::Unseen,
        }
    }

    fn absence(&self, incident: &Incident, endpoint: EndpointId, place: &Place) -> Health {
        let target = place.target.raw();
        match () {
            () if !self.can_leave() => Health::NotLookedAt,
            // Places that a block had no room for: anywhere.
            () if endpoint == EndpointId::NOWHERE && is_of_certificates(incident.family) => {
                let mut all = self.by_id.values();
                if all.all(|it| it.shows_certificate()) {
                    Health::Free(Vec::new())
                } else {
                    Health::Unseen
                }
            }
            () if endpoint == EndpointId::NOWHERE => Health::Free(Vec::new()),
            () if self.unresolved.contains(target) => Health::Unseen,
            // The name that had no address has some again: they are looked at in its place.
            () if stands_for_name(incident, place) && self.named.contains(target) => {
                Health::Free(Vec::new())
            }
            () if self.named.contains(target) => Health::Missing,
            () => Health::Left,
        }
    }

    fn can_leave(&self) -> bool {
        self.kind == Kind::Round { can_leave: true } && !self.is_blind()
    }
}

/// Somebody answers for the endpoint's not being seen.
/// Whether the place is a target as a whole, because nobody knew an address of it.
fn stands_for_name(incident: &Incident, place: &Place) -> bool {
    !is_of_certificates(incident.family) && place.shown.parse::<SocketAddr>().is_err()
}

fn is_accepted(observation: &Observation) -> bool {
    let mut reach = observation.problems.iter().filter(|it| it.family == Family::Reach);
    reach.clone().any(|it| it.accepted.is_some()) && !reach.any(Problem::counts)
}

/// Endpoints that an incident about a cause has already: they are no longer newly unknown.
fn standing_causes(turn: &Turn<'_>) -> HashMap<EndpointId, Subject> {
    let mut causes = HashMap::new();
    for incident in turn.state.incidents.values().filter(|it| is_standing_cause(it)) {
        let bad = incident.places.iter().filter(|(_, place)| place.good_runs == 0);
        causes.extend(bad.map(|(endpoint, _)| (*endpoint, incident.subject.clone())));
    }
    causes
}

fn is_standing_cause(incident: &Incident) -> bool {
    incident.family == Family::Reach
        && incident.status != Status::Resolved
        && matches!(incident.subject, Subject::Cause(_))
}
