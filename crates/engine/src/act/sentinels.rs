//! Asks a few places whether anybody is there, to tell our blindness from others' faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use certvigil_alarm::{Rules, Sentinel, SentinelSeen, blind};
use certvigil_model::{Clock, EndpointId, Foreign, Sighting};
use certvigil_probe::{
    Resolver, SENTINEL_LIMIT, resolver_answers, system_resolvers, takes_connection,
};
use tokio::task::JoinSet;

use super::{Again, Place};

/// What is looked at again where the config names nothing.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    /// Hosts that are not watched and that we live by: trackers, the beat's receiver.
    pub hosts: Vec<Sentinel>,
}

impl Watching {
    /// The config's own, or the usual ones.
    pub(crate) fn sentinels(
        &self,
        rules: &Rules,
        sightings: &BTreeMap<EndpointId, Sighting>,
    ) -> Vec<Sentinel> {
        match rules.sentinels.as_slice() {
            [] => blind::sentinels(&system_resolvers(), &self.hosts, sightings),
            named => named.to_vec(),
        }
    }

    /// Asks each, all at once, until [`SENTINEL_LIMIT`] or `by`.
    pub(crate) fn ask(
        sentinels: Vec<Sentinel>,
        sightings: &BTreeMap<EndpointId, Sighting>,
        again: &mut dyn Again,
        clock: &Arc<dyn Clock>,
        by: Instant,
    ) -> Vec<SentinelSeen> {
        let until = by.min(clock.monotonic() + SENTINEL_LIMIT);
        let (endpoints, others): (Vec<_>, Vec<_>) = sentinels
            .into_iter()
            .partition(|sentinel| matches!(sentinel, Sentinel::Endpoint { .. }));
        let mut seen = ask_others(others, until, clock);
        seen.extend(ask_endpoints(endpoints, sightings, again, by));
        seen
    }
}

fn ask_others(
    sentinels: Vec<Sentinel>,
    until: Instant,
    clock: &Arc<dyn Clock>,
) -> Vec<SentinelSeen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else {
        let answered = Err("this machine has no means left to ask".to_owned());
        let dark = |sentinel| SentinelSeen { sentinel, answered: answered.clone() };
        return sentinels.into_iter().map(dark).collect();
    };
    let resolver = Arc::new(Resolver::default());
    runtime.block_on(async {
        let mut asking = JoinSet::new();
        for sentinel in sentinels {
            let (resolver, clock) = (Arc::clone(&resolver), Arc::clone(clock));
            asking.spawn(async move {
                let answered = match &sentinel {
                    Sentinel::Resolver(server) => resolver_answers(*server, until).await,
                    Sentinel::Host { host, port, .. } => {
                        takes_connection(&resolver, (host, *port), until, clock).await
                    }
                    Sentinel::Endpoint { .. } => Ok(()),
                };
                SentinelSeen { sentinel, answered }
            });
        }
        asking.join_all().await
    })
}

fn ask_endpoints(
    sentinels: Vec<Sentinel>,
    sightings: &BTreeMap<EndpointId, Sighting>,
    again: &mut dyn Again,
    by: Instant,
) -> Vec<SentinelSeen> {
    let place = |sentinel: &Sentinel| match sentinel {
        Sentinel::Endpoint { id, address } => Some(Place {
            endpoint: *id,
            target: sightings
                .get(id)
                .map(|it| it.target.clone())
                .unwrap_or_else(|| Foreign::new("")),
            address: Some(*address),
        }),
        Sentinel::Resolver(_) | Sentinel::Host { .. } => None,
    };
    let places: Vec<Place> = sentinels.iter().filter_map(place).collect();
    if places.is_empty() {
        return Vec::new();
    }
    let observations = again.look(&places, by);
    let answer = |sentinel: Sentinel| {
        let Sentinel::Endpoint { id, .. } = sentinel else {
            return SentinelSeen { sentinel, answered: Ok(()) };
        };
        let seen = observations.iter().find(|observation| observation.endpoint == id);
        let answered = match seen {
            Some(seen) if seen.shows_certificate() => Ok(()),
            Some(seen) => Err(seen.outcome.name().to_owned()),
            None => Err("it could not be looked at again".to_owned()),
        };
        SentinelSeen { sentinel, answered }
    };
    sentinels.into_iter().map(answer).collect()
}
