//! Where to look: targets as people write them, endpoints as packets go.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Fingerprint, Foreign, Policy, Service, hex};

/// One line of the inventory: a name or address, a port, a service. It expands to endpoints.
#[derive(Clone, Debug)]
pub struct Target {
    /// As its author wrote it; every report names the target so.
    pub written: Foreign,
    /// Whom to ask.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
    /// What is spoken there.
    pub service: Service,
    /// What its author asked to be done differently.
    pub options: TargetOptions,
    /// Where the line stands.
    pub origin: Option<Origin>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its author's words for grouping.
    pub tags: Vec<String>,
    /// How other lines write it, that name it too.
    pub also: Vec<Foreign>,
}

/// What a target's author asked to be done differently from the default.
#[derive(Clone, Debug, Default)]
pub struct TargetOptions {
    /// The name to send (RFC 6066 section 3) and to match, instead of the host's own.
    pub server_name: Option<String>,
    /// Which of the name's addresses to look at.
    pub addresses: Addresses,
    /// The families that must be looked at, 4 and 6: one without a route makes the target unknown.
    /// Empty: those that this machine can route.
    pub families: Vec<u8>,
    /// Ask these resolvers instead of the system's.
    pub resolvers: Vec<SocketAddr>,
    /// All addresses are one endpoint, known by the target's name: what is behind it changes.
    /// None: decided by the number of addresses.
    pub pool: Option<bool>,
    /// The wildcard that the host stands for, as `*.apps.example.org`: the host is a label below it.
    pub wildcard: Option<String>,
    /// Also look once without sending a server name: what a client without SNI gets.
    pub without_server_name: bool,
    /// Ask for the certificate of the other key type too, or do not; none: as the round does.
    pub second_certificate: Option<bool>,
    /// Where the password of key stores on disk is, as a reference; never the password itself.
    pub password: Option<String>,
    /// Which of the round's client certificates to show to servers that ask, counted from 0;
    /// none: the one for everybody.
    pub client_certificate: Option<usize>,
    /// The total for one endpoint instead of the round's.
    pub deadline: Option<Duration>,
    /// What is judged differently here, instead of the round's.
    pub policy: Option<Arc<Policy>>,
}

/// Which of a name's addresses to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// So many in a round, others in turn.
    Some(usize),
    /// Every one.
    All,
    /// These, and no resolver is asked.
    These(Vec<IpAddr>),
}

/// An address family of which a name's servers did not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// 4 or 6.
    pub family: u8,
    /// What they said instead, in plain words.
    pub reason: String,
}

impl Default for Addresses {
    fn default() -> Self {
        Self::Some(Self::A_ROUND)
    }
}

impl Addresses {
    /// Addresses of one name that are looked at in one round.
    pub const A_ROUND: usize = 16;
}

impl Target {
    /// Every way in which it is written, its own first.
    pub fn spellings(&self) -> impl Iterator<Item = &Foreign> {
        std::iter::once(&self.written).chain(&self.also)
    }

    /// The name or address that the certificate must be for (RFC 9525 section 6.1).
    pub fn reference_identifier(&self) -> Host {
        match &self.options.server_name {
            Some(name) => match name.parse() {
                Ok(ip) => Host::Ip(ip),
                Err(_) => Host::Name(name.clone()),
            },
            None => self.host.clone(),
        }
    }

    /// The endpoint at `address`, or the one that stands for all of them when there is none.
    pub fn endpoint(&self, address: Option<SocketAddr>, location: Option<&str>) -> Endpoint {
        Endpoint {
            service: self.service,
            transport: match &self.host {
                Host::File(_) => Transport::File,
                Host::Ip(_) | Host::Name(_) => Transport::Tcp,
            },
            address,
            host_port: match &self.host {
                Host::File(_) => self.written.raw().to_owned(),
                Host::Ip(IpAddr::V6(ip)) => format!("[{ip}]:{}", self.port),
                host => format!("{host}:{}", self.port),
            },
            server_name: match self.reference_identifier() {
                Host::Name(name) => Some(name),
                Host::Ip(_) | Host::File(_) => None,
            },
            location: location.map(str::to_owned),
        }
    }
}

/// A DNS name in its A-label form, lower case, without trailing dot; or an address; or a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A file with certificates: nothing is dialled.
    File(PathBuf),
    /// A literal address: nothing to resolve, no server name to send.
    Ip(IpAddr),
    /// A DNS name.
    Name(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// The file and line that a target came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file's path as given, `-` for standard input.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
}

/// What carries the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A file on this machine's disk.
    File,
    /// A TCP connection.
    Tcp,
}

impl Transport {
    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Tcp => "tcp",
        }
    }
}

/// One place to look: a service at an address, asked for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What is spoken there.
    pub service: Service,
    /// What carries the bytes.
    pub transport: Transport,
    /// Where packets go; none when the name gave no address or the target could not be read.
    pub address: Option<SocketAddr>,
    /// `host:port` as in the target; of a certificate in a file its path and place, `PATH#0`.
    pub host_port: String,
    /// The server name sent (RFC 6066 section 3); none for addresses.
    pub server_name: Option<String>,
    /// From where it is looked at, when there is more than one place.
    pub location: Option<String>,
}

impl Endpoint {
    /// Where it is, as reports show it: none where there was nowhere to look.
    pub fn place(&self) -> Option<String> {
        match (self.transport, self.address) {
            (Transport::File, _) => Some(self.host_port.clone()),
            (Transport::Tcp, address) => address.map(|address| address.to_string()),
        }
    }

    /// The same in every round, whatever else changes.
    pub fn id(&self) -> EndpointId {
        let place = self.place().unwrap_or_else(|| self.host_port.clone());
        let key = [
            self.service.name(),
            self.transport.name(),
            &place,
            self.server_name.as_deref().unwrap_or(""),
            self.location.as_deref().unwrap_or(""),
        ]
        .join("\0");
        let digest = Fingerprint::of(key.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&digest.bytes()[..8]);
        EndpointId(id)
    }
}

/// 16 hexadecimal digits of SHA-256 over (service, transport, address or `host:port`,
/// server_name, location), each ended by a NUL but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId([u8; 8]);

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl EndpointId {
    /// No endpoint: where an incident shows that is about a round, or about what is told of others.
    pub const NOWHERE: Self = Self([0; 8]);

    /// From its 16 digits.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_id = text.len() == 16 && text.bytes().all(is_digit);
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_id)?;
        Some(Self(number.to_be_bytes()))
    }
}

impl<'de> Deserialize<'de> for EndpointId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| D::Error::custom("no endpoint's id"))
    }
}

impl Serialize for EndpointId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: Host) -> Target {
        Target {
            written: Foreign::new("as written"),
            host,
            port: 443,
            service: Service::Https,
            options: TargetOptions::default(),
            origin: None,
            owner: None,
            tags: Vec::new(),
            also: Vec::new(),
        }
    }

    /// As Python's hashlib gives it for `b'https\0tcp\x00192.0.2.1:443\0www.example.org\0'`.
    #[test]
    fn an_id_is_the_head_of_a_sha256() {
        let target = target(Host::Name("www.example.org".into()));
        let address = "192.0.2.1:443".parse().ok();
        assert_eq!(target.endpoint(address, None).id().to_string(), "3e994e1e11d49e87");
    }

    #[test]
    fn an_id_tells_places_names_and_locations_apart() {
        let name = target(Host::Name("www.example.org".into()));
        let address = "192.0.2.1:443".parse().ok();
        let base = name.endpoint(address, None);
        assert_eq!(base.id(), name.endpoint(address, None).id());
        let other_place = name.endpoint("192.0.2.2:443".parse().ok(), None);
        let other_location = name.endpoint(address, Some("berlin"));
        let no_name = Endpoint { server_name: None, ..base.clone() };
        for other in [other_place, other_location, no_name] {
            assert_ne!(base.id(), other.id());
        }
        let text = base.id().to_string();
        assert_eq!(EndpointId::from_text(&text), Some(base.id()));
        for wrong in ["", "+e994e1e11d49e87", &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(EndpointId::from_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_sends_no_server_name() {
        let ip = target(Host::Ip("192.0.2.1".parse().unwrap_or_else(|_| IpAddr::V4(0.into()))));
        assert_eq!(ip.endpoint(None, None).server_name, None);
        let mut named = ip;
        named.options.server_name = Some("a.example".into());
        assert_eq!(named.endpoint(None, None).server_name.as_deref(), Some("a.example"));
    }
}
