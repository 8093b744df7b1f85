//! Places that are looked at again to tell whether it is we who cannot see.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use certvigil_model::{EndpointId, Foreign, Observation, Sighting};

use super::cause::{Common, Network};
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
/// gave a certificate and hardly any can be seen now; one that the round did see in whatever hardly any can be seen of, a
/// network or a port; and up to five more that it saw. Looked at beside the others, they tell a dead switch from many
/// faults, and a watcher that sees from one whose sight was cut off within the round.
pub fn witnesses(
    sightings: &BTreeMap<EndpointId, Sighting>,
    observations: &[Observation],
) -> Vec<Sentinel> {
    let round = Round::of(observations);
    let mut tallies: BTreeMap<Common, Tally> = BTreeMap::new();
    for (id, address) in by_record(sightings.values()) {
        let Some(sighting) = sightings.get(&id) else { continue };
        let fate = round.fate(sighting);
        for common in Common::of(address) {
            let witness = Sentinel::Endpoint { id, address };
            tallies.entry(common).or_default().count(&fate, witness);
        }
    }
    let of_narrow = |(common, tally)| match common {
        &Common::Network(network) if network.is_narrow() => Some(tally),
        _ => None,
    };
    let narrow: Vec<&Tally> = tallies.iter().filter_map(of_narrow).collect();
    let dark = narrow.iter().filter(|it| it.may_be_dark()).filter_map(|it| it.a_lost.clone());
    let against = tallies.values().filter(|it| it.may_be_dark()).filter_map(|it| it.a_seen.clone());
    let in_sight = narrow.iter().filter_map(|it| it.a_seen.clone());
    let mut all: Vec<Sentinel> = dark.take(WITNESSES).collect();
    for witness in against.take(WITNESSES).chain(in_sight.take(ENDPOINTS)) {
        if !all.contains(&witness) {
            all.push(witness);
        }
    }
    all
}

/// What became of the endpoints of one network or port, and one of each fate with the longest record.
#[derive(Default)]
struct Tally {
    lost: usize,
    seen: usize,
    a_lost: Option<Sentinel>,
    a_seen: Option<Sentinel>,
}

impl Tally {
    fn count(&mut self, fate: &Fate, witness: Sentinel) {
        let (count, example) = match fate {
            Fate::Lost => (&mut self.lost, &mut self.a_lost),
            Fate::Seen => (&mut self.seen, &mut self.a_seen),
            Fate::Left => return,
        };
        *count += 1;
        example.get_or_insert(witness);
    }

    const fn may_be_dark(&self) -> bool {
        self.lost >= MANY && Common::may_be_dark(self.lost, self.seen)
    }
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
