//! What endpoints that cannot be seen have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use certvigil_model::{EndpointId, Observation, Outcome};

use super::{MANY, Scene, Sentinel, SentinelSeen, words};

/// Something that parts us from several endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What, the same in every round: `resolver 10.0.0.53`, `network 192.0.2.0/24`, `port 25`, `this machine`.
    pub subject: String,
    /// What happened and what that means, in plain words.
    pub words: String,
    /// The endpoints that cannot be seen for it.
    pub endpoints: BTreeSet<EndpointId>,
}

/// Addresses that are reached by the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network {
    first: IpAddr,
    length: u32,
}

impl Network {
    /// What one switch may serve: /24, /64.
    pub(super) fn narrow(ip: IpAddr) -> Self {
        Self::of(ip, 24, 64)
    }

    /// What one site has: /16, /48.
    pub(super) fn wide(ip: IpAddr) -> Self {
        Self::of(ip, 16, 48)
    }

    fn of(ip: IpAddr, v4: u32, v6: u32) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let first = Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << (32 - v4)));
                Self { first: first.into(), length: v4 }
            }
            IpAddr::V6(ip) => {
                let first = Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << (128 - v6)));
                Self { first: first.into(), length: v6 }
            }
        }
    }

    pub(super) const fn is_narrow(self) -> bool {
        matches!(self.length, 24 | 64)
    }

    fn holds(self, ip: IpAddr) -> bool {
        let other = if self.is_narrow() { Self::narrow(ip) } else { Self::wide(ip) };
        other == self
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

/// What a cause is, as far as endpoints can be held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Common {
    Network(Network),
    Port(u16),
}

impl Common {
    /// All that an endpoint at this address may share with others.
    pub(super) fn of(address: SocketAddr) -> [Self; 3] {
        let ip = address.ip();
        [
            Self::Network(Network::narrow(ip)),
            Self::Network(Network::wide(ip)),
            Self::Port(address.port()),
        ]
    }

    /// Whether so much of it is dark that it may be the cause.
    pub(super) const fn may_be_dark(lost: usize, seen: usize) -> bool {
        lost >= 4 * seen
    }

    fn has(self, observation: &Observation) -> bool {
        match self {
            Self::Port(port) => observation.port == port,
            Self::Network(network) => {
                address(observation).is_some_and(|address| network.holds(address.ip()))
            }
        }
    }

    /// Whether the answer of this sentinel came from there.
    fn covers(self, sentinel: &Sentinel) -> bool {
        match self {
            Self::Port(port) => sentinel.port() == Some(port),
            Self::Network(network) => sentinel.ip().is_some_and(|ip| network.holds(ip)),
        }
    }
}

impl fmt::Display for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => write!(f, "network {network}"),
            Self::Port(port) => write!(f, "port {port}"),
        }
    }
}

/// What the sentinels that stayed dark explain. An endpoint has one cause; what none explains is in none.
pub(super) fn shared(
    scene: &Scene<'_>,
    dark: &[&SentinelSeen],
    lost: &[&Observation],
) -> Vec<Cause> {
    let mut open: BTreeMap<EndpointId, &Observation> =
        lost.iter().map(|it| (it.endpoint, *it)).collect();
    let mut causes = Vec::new();
    let ours: Vec<_> = lost.iter().copied().filter(|it| it.outcome.is_ours()).collect();
    // Few of them may be the fault of their certificates, even where they are all.
    take(&mut open, &ours, usize::MAX, "this machine", words::ours(&ours), &mut causes);

    let is_resolver = |seen: &&&SentinelSeen| matches!(seen.sentinel, Sentinel::Resolver(_));
    let resolvers: Vec<_> = dark.iter().filter(is_resolver).copied().collect();
    if let Some(subject) = subject_of(&resolvers) {
        let of: Vec<_> = open.values().copied().filter(|it| is_unresolved(it)).collect();
        let words = words::parted(scene, &words::not_answered(&resolvers), &of);
        take(&mut open, &of, lost.len(), &subject, words, &mut causes);
    }
    for common in commons(scene, dark) {
        let of: Vec<_> = open.values().copied().filter(|it| common.has(it)).collect();
        if holds(common, scene, &of) {
            let words = words::parted(scene, &format!("{common} has not answered"), &of);
            take(&mut open, &of, lost.len(), &common.to_string(), words, &mut causes);
        }
    }
    causes
}

/// Moves `of` from what is open to a cause, where they are enough to have one: many, or all that is lost.
fn take(
    open: &mut BTreeMap<EndpointId, &Observation>,
    of: &[&Observation],
    lost: usize,
    subject: &str,
    words: String,
    causes: &mut Vec<Cause>,
) {
    if of.len() < MANY && (of.len() < 2 || of.len() < lost) {
        return;
    }
    let endpoints: BTreeSet<_> = of.iter().map(|it| it.endpoint).collect();
    open.retain(|id, _| !endpoints.contains(id));
    causes.push(Cause { subject: subject.to_owned(), words, endpoints });
}

/// One name whichever of several it was, so that a cause stays the same incident.
fn subject_of(resolvers: &[&SentinelSeen]) -> Option<String> {
    match resolvers {
        [] => None,
        [one] => Some(one.sentinel.to_string()),
        _ => Some("resolvers".to_owned()),
    }
}

fn is_unresolved(observation: &Observation) -> bool {
    observation.outcome == Outcome::Unresolved
}

/// What the dark endpoints among the sentinels may stand for: what explains the most comes first, then what is
/// narrower.
fn commons(scene: &Scene<'_>, dark: &[&SentinelSeen]) -> Vec<Common> {
    let mut all: Vec<Common> = Vec::new();
    for seen in dark {
        let Sentinel::Endpoint { address, .. } = seen.sentinel else { continue };
        let of = Common::of(address);
        all.extend(of.into_iter().filter(|it| !all.contains(it)).collect::<Vec<_>>());
    }
    let unknown = |common: &Common| {
        let of = scene.observations.iter();
        of.filter(|it| super::is_unknown(it) && common.has(it)).count()
    };
    all.sort_by_cached_key(|common| {
        let width = match common {
            Common::Network(network) => 128 - network.length,
            Common::Port(_) => 129,
        };
        (std::cmp::Reverse(unknown(common)), width)
    });
    all
}

/// Whether hardly anything that has it can be seen, and nothing there answers now: what answers speaks against the cause,
/// however many others are down. A port is a cause only where other ports answer: else it is only what all have.
fn holds(common: Common, scene: &Scene<'_>, lost: &[&Observation]) -> bool {
    let seen = |has: bool| {
        let shown = scene.observations.iter().filter(|it| it.shows_certificate());
        shown.filter(|it| common.has(it) == has).count()
    };
    let answers = |it: &SentinelSeen| it.answered.is_ok() && common.covers(&it.sentinel);
    let may_be = match common {
        Common::Network(_) => true,
        Common::Port(_) => seen(false) > 0,
    };
    may_be && Common::may_be_dark(lost.len(), seen(true)) && !scene.sentinels.iter().any(answers)
}

impl Sentinel {
    /// The TCP port that it is asked at.
    const fn port(&self) -> Option<u16> {
        match self {
            Self::Resolver(_) => None,
            Self::Host { port, .. } => Some(*port),
            Self::Endpoint { address, .. } => Some(address.port()),
        }
    }

    /// Where it is, as far as that is known without asking anybody.
    fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Resolver(address) | Self::Endpoint { address, .. } => Some(address.ip()),
            Self::Host { host, .. } => host.parse().ok(),
        }
    }
}

fn address(observation: &Observation) -> Option<SocketAddr> {
    observation.place.parse().ok()
}
