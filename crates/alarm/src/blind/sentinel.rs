//! Places that are looked at again to tell whether it is we who cannot see.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use certvigil_model::{EndpointId, Foreign, Observation, Sighting};

use super::cause::Network;
use super::{Fate, MANY, Round, shows};

/// A place that is looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentinel {
    /// A resolver: it answers when it answers a question, whatever it says.
    Resolver(SocketAddr),
    /// A host that is not watched: a tracker, the beat's receiver, one that the config names. It answers when it takes a
    /// connection.
    Host {
        /// What it is to us: `tracker`, `beat`, `host`.
        role: &'static str,
        /// Its name or address.
        host: String,
        /// Its TCP port.
        port: u16,
    },
    /// An endpoint of the inventory: it answers when it gives a certificate.
    Endpoint {
        /// Which.
        id: EndpointId,
        /// Where it is.
        address: SocketAddr,
    },
}

/// A sentinel that was looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentinelSeen {
    /// Which.
    pub sentinel: Sentinel,
    /// Whether it answered, and if not, what happened instead.
    pub answered: Result<(), String>,
}

/// In plain words: `resolver 10.0.0.53`, `tracker tracker.example.org`, `endpoint 192.0.2.1:443`.
impl fmt::Display for Sentinel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolver(address) if address.port() == 53 => {
                write!(f, "resolver {}", address.ip())
            }
            Self::Resolver(address) => write!(f, "resolver {address}"),
            Self::Host { role, host, .. } => {
                write!(f, "{role} {}", Foreign::new(host.as_str()).shown_within(100))
            }
            Self::Endpoint { address, .. } => write!(f, "endpoint {address}"),
        }
    }
}

/// The sentinels where the config names none: `resolvers`, the tracker's and the beat's `hosts`, and five endpoints of
/// different networks (/16, /48) that have shown the same for the longest. What is on this machine proves nothing.
pub fn sentinels(
    resolvers: &[SocketAddr],
    hosts: &[Sentinel],
    sightings: &BTreeMap<EndpointId, Sighting>,
) -> Vec<Sentinel> {
    let mut all: Vec<Sentinel> = Vec::new();
    let given = resolvers.iter().copied().map(Sentinel::Resolver).chain(hosts.iter().cloned());
    for sentinel in given {
        if !all.contains(&sentinel) {
            all.push(sentinel);
        }
    }
    let mut networks = BTreeSet::new();
    let endpoints = by_record(sightings.values());
    let apart = endpoints.filter(|(_, address)| networks.insert(Network::wide(address.ip())));
    all.extend(apart.take(ENDPOINTS).map(|(id, address)| Sentinel::Endpoint { id, address }));
    all
}

/// More sentinels, for what may have a cause in common: one for each network (/24, /64) of which at least five endpoints
/// gave a certificate and none can be seen now, and up to five that the round did see. Looked at beside the others, they
/// tell a dead switch from many faults, and a watcher that sees from one whose sight was cut off within the round.
pub fn witnesses(
    sightings: &BTreeMap<EndpointId, Sighting>,
    observations: &[Observation],
) -> Vec<Sentinel> {
    let round = Round::of(observations);
    let mut networks: BTreeMap<Network, (usize, bool)> = BTreeMap::new();
    let mut witnesses: BTreeMap<Network, Sentinel> = BTreeMap::new();
    let mut in_sight: BTreeMap<Network, Sentinel> = BTreeMap::new();
    for (id, address) in by_record(sightings.values()) {
        let Some(sighting) = sightings.get(&id) else { continue };
        let network = Network::narrow(address.ip());
        let (count, is_dark) = networks.entry(network).or_insert((0, true));
        *count += 1;
        let fate = round.fate(sighting);
        *is_dark &= matches!(fate, Fate::Lost);
        let witness = Sentinel::Endpoint { id, address };
        if matches!(fate, Fate::Seen) {
            in_sight.entry(network).or_insert_with(|| witness.clone());
        }
        witnesses.entry(network).or_insert(witness);
    }
    let is_asked = |network: &Network| {
        networks.get(network).is_some_and(|(count, is_dark)| *count >= MANY && *is_dark)
    };
    let asked = witnesses.into_iter().filter(|(network, _)| is_asked(network));
    let dark = asked.map(|(_, witness)| witness).take(WITNESSES);
    dark.chain(in_sight.into_values().take(ENDPOINTS)).collect()
}

/// Endpoints that gave a certificate at an address of another machine, those first that have shown the same for the
/// longest.
fn by_record<'a>(
    sightings: impl Iterator<Item = &'a Sighting>,
) -> impl Iterator<Item = (EndpointId, SocketAddr)> {
    let is_away = |ip: IpAddr| !ip.is_loopback() && !ip.is_unspecified();
    let mut all: Vec<_> = sightings
        .filter(|sighting| shows(sighting))
        .filter_map(|it| Some((it.since, it.endpoint, it.place.parse::<SocketAddr>().ok()?)))
        .filter(|(_, _, address)| is_away(address.ip()))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(_, id, address)| (id, address))
}

/// Endpoints among the sentinels.
const ENDPOINTS: usize = 5;

/// Networks whose silence is asked about in one round.
const WITNESSES: usize = 50;
