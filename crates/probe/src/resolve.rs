//! Names to addresses: the one room that asks a resolver.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use certvigil_model::{Ended, Foreign, Outcome, Phase, Untold};
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Hosts, TokioResolver};
use tokio::sync::OnceCell;
use tokio::time::timeout_at;

use crate::words::span;

/// How long the second address family may lag behind the first, which has brought addresses. Some
/// name servers never answer a question for AAAA; that must not cost a whole look.
const LAG: Duration = Duration::from_secs(1);

/// Asks this system's name servers, its hosts file first. Built on first need.
#[derive(Default)]
pub struct Resolver {
    name_servers: Option<Vec<SocketAddr>>,
    room: OnceCell<Room>,
}

/// What a name stands for, or why that cannot be told.
pub type Resolved = Result<Answer, Ended>;

/// The addresses of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// In the order of the answer, those of both families.
    pub addresses: Vec<IpAddr>,
    /// The family of which nothing can be told, while the other has addresses.
    pub untold: Option<Untold>,
}

impl From<Vec<IpAddr>> for Answer {
    fn from(addresses: Vec<IpAddr>) -> Self {
        Self { addresses, untold: None }
    }
}

impl Resolver {
    /// Asks these name servers instead of this system's; the hosts file still comes first.
    pub fn asking(name_servers: Vec<SocketAddr>) -> Self {
        Self { name_servers: Some(name_servers), room: OnceCell::new() }
    }

    /// Every A and AAAA record of `name`, before `until`. `allowed` is only for words.
    ///
    /// What the hosts file says of a name is all there is to it, as for other programs.
    pub async fn addresses(&self, name: &str, until: Instant, allowed: Duration) -> Resolved {
        let build = || async { Room::new(self.name_servers.as_deref()) };
        let room = self.room.get_or_try_init(build).await?;
        // Targets are A-labels by now; reading them as such keeps `_`.
        let Ok(name) = Name::from_ascii(name) else {
            return Err(unresolved("no name server can be asked for such a name"));
        };
        let listed = room.listed(&name);
        if !listed.is_empty() {
            return Ok(listed.into());
        }
        match timeout_at(until.into(), room.asked(&name)).await {
            Ok(found) => found,
            Err(_) => {
                let waited = span(allowed);
                let unanswered = format!("no name server answered within {waited}");
                Err(room.own_lack().unwrap_or_else(|| unresolved(&unanswered)))
            }
        }
    }

    /// Whether the name servers say anything at all before `until`, be it that they will not tell.
    pub(crate) async fn answers(&self, until: Instant) -> Result<(), Ended> {
        let room = self.room.get_or_try_init(|| async { Room::new(self.name_servers.as_deref()) });
        let room = room.await?;
        let asked = room.resolver.lookup(Name::root(), RecordType::NS);
        match timeout_at(until.into(), asked).await {
            Ok(Ok(_) | Err(NetError::Dns(_))) => Ok(()),
            Ok(Err(error)) => Err(room.refused(&error)),
            Err(_) => Err(unresolved("it has not answered in time")),
        }
    }
}

/// What is needed to find a name.
struct Room {
    hosts: Hosts,
    resolver: TokioResolver,
    name_servers: Vec<IpAddr>,
}

impl Room {
    fn new(name_servers: Option<&[SocketAddr]>) -> Result<Self, Ended> {
        // A machine without a hosts file has no names of its own.
        let hosts = Hosts::from_system().unwrap_or_default();
        let (config, mut options) = match name_servers {
            Some(these) => (config(these), ResolverOpts::default()),
            None => read_system_conf().map_err(|error| not_set_up(&error))?,
        };
        options.use_hosts_file = ResolveHosts::Never;
        // Looks come in hundreds; being busy is no answer.
        options.max_active_requests = 1024;
        let name_servers = config.name_servers.iter().map(|server| server.ip).collect();
        let provider = TokioRuntimeProvider::default();
        let builder = TokioResolver::builder_with_config(config, provider).with_options(options);
        let resolver = builder.build().map_err(|error| not_set_up(&error))?;
        Ok(Self { hosts, resolver, name_servers })
    }

    /// What the hosts file says.
    fn listed(&self, name: &Name) -> Vec<IpAddr> {
        let mut name = name.clone();
        name.set_fqdn(true);
        let families = [RecordType::A, RecordType::AAAA].into_iter();
        let found = families.filter_map(|family| {
            self.hosts.lookup_static_host(&Query::query(name.clone(), family))
        });
        unique(found.flat_map(|found| addresses(&found)))
    }

    /// What name servers say, for both address families at once.
    async fn asked(&self, name: &Name) -> Resolved {
        let v4 = self.family(name, RecordType::A);
        let v6 = self.family(name, RecordType::AAAA);
        tokio::pin!(v4, v6);
        let (v4, v6) = tokio::select! {
            first = &mut v4 => { let second = lagging(&first, v6).await; (first, second) }
            first = &mut v6 => { let second = lagging(&first, v4).await; (second, first) }
        };
        match (v4, v6) {
            (Ok(v4), Ok(v6)) => Ok(unique(v4.into_iter().chain(v6)).into()),
            (Ok(v4), Err(error)) => Ok(self.half(v4, 6, &error)),
            (Err(error), Ok(v6)) => Ok(self.half(v6, 4, &error)),
            // That there is nothing of one family says less than that the other could not be told.
            (Err(nothing), Err(error)) if nothing.is_no_records_found() => {
                Err(self.refused(&error))
            }
            (Err(error), Err(_)) => Err(self.refused(&error)),
        }
    }

    /// The answer for one family, where asking for the other, `family`, ended so.
    fn half(&self, told: Vec<IpAddr>, family: u8, error: &NetError) -> Answer {
        let reason = match error {
            NetError::Timeout => Some("no name server answered in time".to_owned()),
            nothing if nothing.is_no_records_found() => None,
            other => self.refused(other).reason,
        };
        let untold = reason.map(|reason| Untold { family, reason });
        Answer { addresses: unique(told), untold }
    }

    /// What a resolver's refusal means.
    fn refused(&self, error: &NetError) -> Ended {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(_)) if error.is_nx_domain() => {
                unresolved("the name does not exist (NXDOMAIN)")
            }
            NetError::Dns(DnsError::NoRecordsFound(_)) => {
                unresolved("the name exists, but has no address")
            }
            NetError::Dns(DnsError::ResponseCode(code)) => {
                unresolved(&format!("the name server answered with an error: {code}"))
            }
            other => self.own_lack().unwrap_or_else(|| {
                let said = Foreign::new(other.to_string());
                unresolved(&format!("the name could not be resolved: {}", said.shown()))
            }),
        }
    }

    /// What this machine lacks for asking at all: the resolver itself does not tell it apart from
    /// a name server's silence.
    fn own_lack(&self) -> Option<Ended> {
        if self.name_servers.is_empty() {
            return Some(local("this machine knows no name server"));
        }
        match UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)) {
            Err(error) => {
                Some(local(&format!("this machine could not ask a name server: {error}")))
            }
            Ok(_) if self.name_servers.iter().any(|server| has_route(*server)) => None,
            Ok(_) => Some(local("this machine has no route to its name servers")),
        }
    }

    async fn family(&self, name: &Name, family: RecordType) -> Result<Vec<IpAddr>, NetError> {
        let found = self.resolver.lookup(name.clone(), family).await?;
        Ok(addresses(&found))
    }
}

/// The other family's answer, not waited for long where the first brought something.
async fn lagging(
    first: &Result<Vec<IpAddr>, NetError>,
    second: impl Future<Output = Result<Vec<IpAddr>, NetError>>,
) -> Result<Vec<IpAddr>, NetError> {
    if first.is_err() {
        return second.await;
    }
    tokio::time::timeout(LAG, second).await.unwrap_or(Err(NetError::Timeout))
}

fn config(name_servers: &[SocketAddr]) -> ResolverConfig {
    let servers = name_servers.iter().map(|server| {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        connections.iter_mut().for_each(|connection| connection.port = server.port());
        NameServerConfig::new(server.ip(), true, connections)
    });
    ResolverConfig::from_parts(None, Vec::new(), servers.collect())
}

fn addresses(found: &hickory_resolver::lookup::Lookup) -> Vec<IpAddr> {
    found.answers().iter().filter_map(|record| record.data.ip_addr()).collect()
}

/// Each address once, in the order of the answer.
fn unique(addresses: impl IntoIterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut seen = HashSet::new();
    addresses.into_iter().filter(|address| seen.insert(*address)).collect()
}

fn not_set_up(error: &NetError) -> Ended {
    local(&format!("this machine's resolver cannot be set up: {error}"))
}

fn local(reason: &str) -> Ended {
    Ended::early(Outcome::Local, Phase::Resolve, reason)
}

fn unresolved(reason: &str) -> Ended {
    Ended::early(Outcome::Unresolved, Phase::Resolve, reason)
}

/// Whether this machine has a route for `address`: asks the kernel's routing table by connecting
/// a datagram socket, which sends nothing.
pub fn has_route(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    match UdpSocket::bind((any, 0)) {
        Ok(socket) => socket.connect((address, 9)).is_ok(),
        Err(_) => false,
    }
}
