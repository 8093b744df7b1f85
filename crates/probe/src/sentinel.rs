//! Whether somebody is there at all: asked of a few places when much is newly unknown, to tell our own blindness from
//! others' faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_model::{Clock, Ended};
use hickory_resolver::system_conf::read_system_conf;

use crate::Resolver;
use crate::dial::Dialer;

/// This system's name servers, as its `resolv.conf` lists them; none where that cannot be read.
pub fn system_resolvers() -> Vec<SocketAddr> {
    let Ok((config, _)) = read_system_conf() else { return Vec::new() };
    config.name_servers.iter().map(|server| SocketAddr::new(server.ip, 53)).collect()
}

/// Whether `server` answers a question, whatever it says: the root's name servers, which every
/// resolver knows or refuses to tell.
///
/// # Errors
/// What happened instead of an answer, in plain words.
pub async fn resolver_answers(server: SocketAddr, until: Instant) -> Result<(), String> {
    Resolver::asking(vec![server]).answers(until).await.map_err(told)
}

/// Whether `host` takes a connection at `port` at one of its addresses at least.
///
/// # Errors
/// What happened instead, in plain words.
pub async fn takes_connection(
    resolver: &Resolver,
    (host, port): (&str, u16),
    until: Instant,
    clock: Arc<dyn Clock>,
) -> Result<(), String> {
    let left = until.saturating_duration_since(clock.monotonic());
    let addresses = match host.parse() {
        Ok(ip) => vec![ip],
        Err(_) => resolver.addresses(host, until, left).await.map_err(told)?.addresses,
    };
    let dialer = Dialer::new(left / 2, clock);
    let mut last = "its name gave no address".to_owned();
    for ip in addresses.into_iter().take(TRIED) {
        match dialer.dial(SocketAddr::new(ip, port), until).await {
            Ok(_) => return Ok(()),
            Err(ended) => last = told(ended),
        }
    }
    Err(last)
}

fn told(ended: Ended) -> String {
    ended.reason.unwrap_or_else(|| ended.outcome.name().to_owned())
}

/// Addresses of one host that are tried.
const TRIED: usize = 4;

/// How long a sentinel may take.
pub const SENTINEL_LIMIT: Duration = Duration::from_secs(5);
