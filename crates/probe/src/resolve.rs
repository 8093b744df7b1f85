//! Names to addresses: the one room that asks a resolver.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Instant;

use certvigil_model::{Ended, Outcome, Phase};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use tokio::sync::OnceCell;
use tokio::time::timeout_at;

use crate::words::span;

/// Asks this system's resolvers, its hosts file first. Built on first need.
#[derive(Default)]
pub struct Resolver {
    system: OnceCell<TokioResolver>,
}

/// The addresses of a name, in the order of the answer.
pub type Resolved = Result<Vec<IpAddr>, Ended>;

impl Resolver {
    /// Every A and AAAA record of `name`, before `until`. `allowed` is only for words.
    pub async fn addresses(
        &self,
        name: &str,
        until: Instant,
        allowed: std::time::Duration,
    ) -> Resolved {
        let resolver = self.system.get_or_try_init(|| async { system() }).await?;
        let lookup = timeout_at(until.into(), resolver.lookup_ip(name)).await;
        match lookup {
            Ok(Ok(answer)) => {
                let mut addresses = Vec::new();
                for address in answer.iter() {
                    if !addresses.contains(&address) {
                        addresses.push(address);
                    }
                }
                if addresses.is_empty() { Err(unresolved(NOTHING)) } else { Ok(addresses) }
            }
            Ok(Err(error)) if error.is_nx_domain() => {
                Err(unresolved("the name does not exist (NXDOMAIN)"))
            }
            Ok(Err(error)) if error.is_no_records_found() => Err(unresolved(NOTHING)),
            Ok(Err(error)) => Err(unresolved(&format!("the name could not be resolved: {error}"))),
            Err(_) => {
                let waited = span(allowed);
                Err(unresolved(&format!("no name server answered within {waited}")))
            }
        }
    }
}

const NOTHING: &str = "the name exists, but has no address";

fn system() -> Result<TokioResolver, Ended> {
    let ours = |error: &dyn std::fmt::Display| {
        let reason = format!("this machine's resolver cannot be set up: {error}");
        Ended::early(Outcome::Local, Phase::Resolve, reason)
    };
    let mut builder = TokioResolver::builder_tokio().map_err(|error| ours(&error))?;
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    builder.build().map_err(|error| ours(&error))
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
