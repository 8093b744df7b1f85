//! Blind, or broken? A round judges itself before it judges others.
//!
//! Where much that was seen before is not seen now ([`is_suspicious`]), a few sentinels are looked at again
//! ([`sentinels`], [`witnesses`]), and [`judge`] says what follows: nothing can be seen from here, or what cannot be seen
//! has something in common, or each endpoint stands for itself.

mod cause;
mod sentinel;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{EndpointId, Foreign, Observation, Outcome, Sighting, Time};

pub use cause::Cause;
pub use sentinel::{Sentinel, SentinelSeen, sentinels, witnesses};

/// What the unknown endpoints of a round say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// We cannot see: nothing follows for any endpoint.
    Blind {
        /// Why, what that means, and what ends first, in plain words.
        why: String,
    },
    /// What could not be seen has something in common: one incident for each cause. Endpoints that none of them names
    /// stand for themselves.
    Causes(Vec<Cause>),
    /// Each endpoint stands for itself.
    Broken,
}

/// What [`judge`] goes by.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What each endpoint showed before the round; empty where nothing is remembered.
    pub sightings: &'a BTreeMap<EndpointId, Sighting>,
    /// What the round brought.
    pub observations: &'a [Observation],
    /// What looking at the sentinels again brought.
    pub sentinels: &'a [SentinelSeen],
    /// Since when we have been blind or parted from something, where we already were when the round began.
    pub since: Option<Time>,
    /// The end of the round.
    pub now: Time,
}

/// Whether so much is newly unknown that the sentinels have to be asked: all endpoints that gave a certificate in the
/// last round, or at least 5 and 20 % of them. Without a memory whatever is unknown is reason enough.
///
/// It says nothing of a blindness that lasts: while there is one, the sentinels are asked in every round.
pub fn is_suspicious(
    sightings: &BTreeMap<EndpointId, Sighting>,
    observations: &[Observation],
) -> bool {
    if sightings.is_empty() {
        return observations.iter().any(is_unknown);
    }
    let round = Round::of(observations);
    let fates = sightings.values().filter(|it| shows(it)).map(|sighting| round.fate(sighting));
    let (mut seen, mut lost) = (0, 0);
    for fate in fates {
        match fate {
            Fate::Seen => seen += 1,
            Fate::Lost => lost += 1,
            Fate::Left => {}
        }
    }
    lost > 0 && (seen == 0 || is_many(lost, seen + lost))
}

/// The endpoints that gave a certificate and cannot be seen in this round, those included whose addresses nobody knows
/// because their name does not resolve: their dates run on.
pub fn unseen(
    sightings: &BTreeMap<EndpointId, Sighting>,
    observations: &[Observation],
) -> BTreeSet<EndpointId> {
    let round = Round::of(observations);
    let unseen = sightings
        .values()
        .filter(|it| it.certificate.is_some() && matches!(round.fate(it), Fate::Lost));
    unseen.map(|sighting| sighting.endpoint).collect()
}

/// What the round's unknown endpoints say, the sentinels having been looked at again.
pub fn judge(scene: &Scene<'_>) -> Sight {
    let lost = lost(scene);
    if lost.is_empty() {
        return Sight::Broken;
    }
    let is_dark = |seen: &&SentinelSeen| seen.answered.is_err();
    let dark: Vec<_> = scene.sentinels.iter().filter(is_dark).collect();
    let all_dark = !dark.is_empty() && dark.len() == scene.sentinels.len();
    let is_ours = is_our_own(scene, &lost);
    if all_dark || is_ours {
        let own = if is_ours { &lost[..] } else { &[] };
        return Sight::Blind { why: words::blind(scene, &dark, own) };
    }
    match cause::shared(scene, &dark, &lost) {
        causes if causes.is_empty() => Sight::Broken,
        causes => Sight::Causes(causes),
    }
}

/// Whether it is only this machine that stood in the way, and not of a few endpoints.
fn is_our_own(scene: &Scene<'_>, lost: &[&Observation]) -> bool {
    let (part, whole) = (lost.len(), scene.observations.len());
    let is_much = part == whole || is_many(part, whole);
    is_much && lost.iter().all(|it| it.outcome.is_ours())
}

/// The observations that are newly unknown, or have been since the trouble began.
fn lost<'a>(scene: &Scene<'a>) -> Vec<&'a Observation> {
    let Scene { sightings, since, .. } = *scene;
    if !scene.observations.iter().any(is_unknown) {
        return Vec::new();
    }
    let gave: BTreeSet<&Foreign> =
        sightings.values().filter(|it| shows(it)).map(|it| &it.target).collect();
    let is_lost = |it: &&Observation| {
        is_unknown(it)
            && match sightings.get(&it.endpoint) {
                Some(before) => shows(before) || since.is_some_and(|since| before.since >= since),
                None => {
                    let is_renamed = it.outcome == Outcome::Unresolved && gave.contains(&it.target);
                    sightings.is_empty() || since.is_some() || is_renamed
                }
            }
    };
    scene.observations.iter().filter(is_lost).collect()
}

/// A line that is no target was never seen and never will be.
fn is_unknown(observation: &Observation) -> bool {
    !observation.shows_certificate() && observation.outcome != Outcome::InvalidTarget
}

/// Whether the endpoint gave a certificate when it was last looked at: a sighting that shows none bears the time of an
/// earlier one.
fn shows(sighting: &Sighting) -> bool {
    // One that a clock which was ahead has opened begins later than it was seen last.
    let is_later = sighting.certificate_at.is_some_and(|at| at >= sighting.since);
    sighting.until.is_none() && (is_later || sighting.shows_certificate())
}

const fn is_many(part: usize, whole: usize) -> bool {
    part >= MANY && part * 5 >= whole
}

/// So many endpoints are a matter of more than themselves.
const MANY: usize = 5;

/// A round's observations, to find what became of an endpoint.
struct Round<'a> {
    by_id: BTreeMap<EndpointId, &'a Observation>,
    unresolved: BTreeSet<&'a Foreign>,
}

/// What became of an endpoint that gave a certificate.
enum Fate {
    Seen,
    Lost,
    /// It was not looked at: its name has other addresses now, or it left the inventory.
    Left,
}

impl<'a> Round<'a> {
    fn of(observations: &'a [Observation]) -> Self {
        let unresolved = observations.iter().filter(|it| it.outcome == Outcome::Unresolved);
        Self {
            by_id: observations.iter().map(|it| (it.endpoint, it)).collect(),
            unresolved: unresolved.map(|it| &it.target).collect(),
        }
    }

    /// A name that does not resolve is one endpoint without an address: those at its addresses are lost with it.
    fn fate(&self, sighting: &Sighting) -> Fate {
        match self.by_id.get(&sighting.endpoint) {
            Some(observation) if is_unknown(observation) => Fate::Lost,
            Some(_) => Fate::Seen,
            None if self.unresolved.contains(&sighting.target) => Fate::Lost,
            None => Fate::Left,
        }
    }
}
