//! What a round changes in what is remembered of its endpoints: pure.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{EndpointId, Observation, Outcome, RoundRecord, Sighting, Time};

use crate::Recorded;

/// An open sighting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Open {
    /// As it is now, its `last_seen` included.
    pub(crate) sighting: Sighting,
    /// Its `last_seen` is its own, not that of the last whole round.
    pub(crate) is_exception: bool,
}

/// What has to be written.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Sightings that end.
    pub(crate) closed: Vec<Sighting>,
    /// Sightings that begin.
    pub(crate) opened: Vec<Sighting>,
    /// Open sightings that go on, of an endpoint that the inventory now describes otherwise.
    pub(crate) described: Vec<Sighting>,
    /// When open sightings were last seen that this round did not cover, or it alone did.
    pub(crate) exceptions: BTreeMap<EndpointId, Time>,
    /// Exceptions that are none any more.
    pub(crate) covered: BTreeSet<EndpointId>,
    /// The same in numbers.
    pub(crate) recorded: Recorded,
}

/// What `round` changes; `open` holds all open sightings of its location, or at least those of the endpoints that it
/// names where it is not whole.
pub(crate) fn compare(
    round: &RoundRecord,
    observations: &[Observation],
    open: &BTreeMap<EndpointId, Open>,
) -> Changes {
    let mut changes = Changes::default();
    let mut named = BTreeSet::new();
    for observation in observations {
        if named.insert(observation.endpoint) {
            changes.take(round, observation, open.get(&observation.endpoint));
        }
    }
    if round.is_whole {
        for left in open.values().filter(|open| !named.contains(&open.sighting.endpoint)) {
            changes.close(left, round.finished_at);
            changes.recorded.left += 1;
        }
    }
    changes
}

impl Changes {
    fn take(&mut self, round: &RoundRecord, seen: &Observation, open: Option<&Open>) {
        match open {
            _ if seen.outcome == Outcome::NotAttempted => self.pass_over(round, open),
            Some(open) if open.sighting.still_holds(seen) => self.go_on(round, seen, open),
            Some(open) => {
                self.close(open, seen.looked_at);
                self.begin(round, seen, Some(open));
            }
            None => self.begin(round, seen, None),
        }
    }

    /// Nobody looked: what is known stays, as old as it is.
    fn pass_over(&mut self, round: &RoundRecord, open: Option<&Open>) {
        self.recorded.not_covered += 1;
        if let Some(open) = open.filter(|open| round.is_whole && !open.is_exception) {
            self.exceptions.insert(open.sighting.endpoint, open.sighting.last_seen);
        }
    }

    fn go_on(&mut self, round: &RoundRecord, seen: &Observation, open: &Open) {
        self.recorded.unchanged += 1;
        self.cover(round, seen.endpoint, open.is_exception);
        let described = described(&open.sighting, seen);
        if described != open.sighting {
            self.described.push(described);
        }
    }

    fn begin(&mut self, round: &RoundRecord, seen: &Observation, before: Option<&Open>) {
        self.recorded.opened += 1;
        self.opened.push(Sighting::opened_by(seen, before.map(|open| &open.sighting)));
        self.cover(round, seen.endpoint, false);
    }

    fn close(&mut self, open: &Open, at: Time) {
        self.recorded.closed += 1;
        // A clock that was set back makes no interval that ends before it begins.
        let until = at.max(open.sighting.since);
        self.closed.push(Sighting { until: Some(until), ..open.sighting.clone() });
        if open.is_exception {
            self.covered.insert(open.sighting.endpoint);
        }
    }

    /// A whole round stands for all that it covers; what another one covered is an exception to it.
    fn cover(&mut self, round: &RoundRecord, endpoint: EndpointId, was_exception: bool) {
        if !round.is_whole {
            self.exceptions.insert(endpoint, round.finished_at);
        } else if was_exception {
            self.covered.insert(endpoint);
        }
    }
}

/// `sighting` with what the inventory now says of its endpoint.
fn described(sighting: &Sighting, seen: &Observation) -> Sighting {
    Sighting {
        place: seen.place.clone(),
        target: seen.target.clone(),
        owner: seen.owner.clone(),
        origin: seen.origin.clone(),
        port: seen.port,
        server_name: seen.server_name.clone(),
        ..sighting.clone()
    }
}
