//! Opens connections: the one room that does.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use certvigil_model::{Clock, Ended, Outcome, Phase};
use rustix::io::Errno;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout_at};

use crate::words::span;

/// Pause before a connection is tried once more: long enough for a server that is being restarted.
const PAUSE: Duration = Duration::from_millis(200);

/// (address, port) pairs remembered as dead; the oldest is dropped beyond that.
const DEAD_KEPT: usize = 65_536;

/// A connection request that went unanswered for less says little: the kernel itself asks again
/// only after a second (RFC 6298 section 2.1).
const PATIENCE: Duration = Duration::from_secs(1);

/// Dials addresses, and remembers for the round which of them are dead.
pub(crate) struct Dialer {
    connect_timeout: Duration,
    clock: Arc<dyn Clock>,
    dead: Mutex<Dead>,
}

#[derive(Default)]
struct Dead {
    ends: HashMap<SocketAddr, Ended>,
    order: VecDeque<SocketAddr>,
}

/// One attempt that brought no connection.
struct Failed {
    ended: Ended,
    /// Whether it says that nobody is there.
    is_telling: bool,
}

impl Dialer {
    pub(crate) fn new(connect_timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { connect_timeout, clock, dead: Mutex::default() }
    }

    /// Connects to `address` before `until`, with one more try.
    ///
    /// What was refused or went unanswered twice is remembered: the pair answers for every other
    /// endpoint of this round that stands behind it, whatever its name.
    pub(crate) async fn dial(
        &self,
        address: SocketAddr,
        until: Instant,
    ) -> Result<TcpStream, Ended> {
        if let Some(ended) = self.remembered(address) {
            return Err(ended);
        }
        let first = match self.attempt(address, until).await {
            Ok(stream) => return Ok(stream),
            Err(failed) => failed,
        };
        let left = until.saturating_duration_since(self.clock.monotonic());
        if first.ended.outcome == Outcome::Local || left <= PAUSE {
            return Err(first.ended);
        }
        sleep(PAUSE).await;
        let second = match self.attempt(address, until).await {
            Ok(stream) => return Ok(stream),
            Err(failed) => failed,
        };
        let outcome = second.ended.outcome;
        let ended = if first.ended.outcome == outcome { twice(second.ended) } else { second.ended };
        if outcome == first.ended.outcome && first.is_telling && second.is_telling {
            self.remember(address, &ended);
        }
        Err(ended)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the room that dials")]
    async fn attempt(&self, address: SocketAddr, until: Instant) -> Result<TcpStream, Failed> {
        let begun = self.clock.monotonic();
        let limit = begun.checked_add(self.connect_timeout);
        let until = limit.map_or(until, |limit| until.min(limit));
        match timeout_at(until.into(), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A hello is one packet and wants to leave at once; that it may not is no reason to stop.
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
            Ok(Err(error)) => {
                let ended = refused(&error);
                let is_telling = matches!(ended.outcome, Outcome::Refused | Outcome::Timeout);
                Err(Failed { ended, is_telling })
            }
            Err(_) => {
                let waited = self.clock.monotonic().saturating_duration_since(begun);
                let within = span(waited);
                let reason = format!("the connection request was not answered within {within}");
                let ended = Ended::early(Outcome::Timeout, Phase::Connect, reason);
                Err(Failed { ended, is_telling: waited >= self.connect_timeout.min(PATIENCE) })
            }
        }
    }

    fn remembered(&self, address: SocketAddr) -> Option<Ended> {
        let dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ended = dead.ends.get(&address)?.clone();
        let reason = ended.reason.unwrap_or_default();
        ended.reason = Some(format!("{reason}, when another endpoint here was looked at"));
        Some(ended)
    }

    fn remember(&self, address: SocketAddr, ended: &Ended) {
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        if dead.ends.insert(address, ended.clone()).is_none() {
            dead.order.push_back(address);
        }
        if dead.order.len() > DEAD_KEPT
            && let Some(oldest) = dead.order.pop_front()
        {
            dead.ends.remove(&oldest);
        }
    }
}

/// Whether the machine that looks, rather than the one looked at, stands in the way.
pub(crate) fn is_ours(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::MFILE
                | Errno::NFILE
                | Errno::NOBUFS
                | Errno::NOMEM
                | Errno::ADDRNOTAVAIL
                | Errno::AGAIN
                | Errno::PERM
                | Errno::ACCESS
                | Errno::NETUNREACH
                | Errno::NETDOWN
                | Errno::AFNOSUPPORT
        )
    )
}

fn twice(mut ended: Ended) -> Ended {
    ended.reason = ended.reason.map(|reason| format!("{reason}, twice"));
    ended
}

fn refused(error: &io::Error) -> Ended {
    let (outcome, reason) = match Errno::from_io_error(error) {
        _ if is_ours(error) => {
            (Outcome::Local, format!("this machine could not open a connection: {error}"))
        }
        Some(Errno::CONNREFUSED) => (Outcome::Refused, "the connection was refused".to_owned()),
        Some(Errno::CONNRESET) => {
            (Outcome::Reset, "the connection was reset before it was open".to_owned())
        }
        Some(Errno::TIMEDOUT) => {
            (Outcome::Timeout, "the connection request was not answered".to_owned())
        }
        _ => (Outcome::Unreachable, format!("the address cannot be reached: {error}")),
    };
    Ended::early(outcome, Phase::Connect, reason)
}

#[cfg(test)]
mod tests {
    use certvigil_model::ManualClock;

    use super::*;

    fn ended(reason: &str) -> Ended {
        Ended::early(Outcome::Refused, Phase::Connect, reason)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do")]
    fn the_dead_are_remembered_up_to_a_bound() {
        let clock = ManualClock::new(certvigil_model::Time::from_seconds(0), Instant::now());
        let dialer = Dialer::new(PATIENCE, Arc::new(clock));
        let address = |count: u32| SocketAddr::from((count.to_be_bytes(), 443));
        for count in 0..=DEAD_KEPT as u32 {
            dialer.remember(address(count), &ended("refused"));
            dialer.remember(address(count), &ended("refused again"));
        }
        assert_eq!(dialer.remembered(address(0)), None);
        let known = dialer.remembered(address(1)).and_then(|ended| ended.reason);
        assert_eq!(
            known.as_deref(),
            Some("refused again, when another endpoint here was looked at")
        );
        let dead = dialer.dead.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!((dead.ends.len(), dead.order.len()), (DEAD_KEPT, DEAD_KEPT));
    }

    #[test]
    fn our_own_lack_is_never_the_endpoints_fault() {
        for (errno, want) in [
            (Errno::MFILE, Outcome::Local),
            (Errno::NOBUFS, Outcome::Local),
            (Errno::ADDRNOTAVAIL, Outcome::Local),
            (Errno::PERM, Outcome::Local),
            (Errno::NETUNREACH, Outcome::Local),
            (Errno::HOSTUNREACH, Outcome::Unreachable),
            (Errno::CONNREFUSED, Outcome::Refused),
            (Errno::CONNRESET, Outcome::Reset),
            (Errno::TIMEDOUT, Outcome::Timeout),
        ] {
            let error = io::Error::from_raw_os_error(errno.raw_os_error());
            assert_eq!(refused(&error).outcome, want, "{errno:?}");
        }
    }
}
