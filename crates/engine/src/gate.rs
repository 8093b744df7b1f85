//! Politeness: no address is asked more than a few things at a time, or too often.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use certvigil_model::Clock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep_until;

/// Looks under way at one address.
pub(crate) const PER_ADDRESS: usize = 16;

/// Addresses remembered; beyond that those are forgotten that have nothing under way and none that
/// must wait for its turn.
const ADDRESSES_KEPT: usize = 65_536;

/// Lets looks through to their addresses at a polite pace. Loopback has no limit.
pub(crate) struct Gate {
    clock: Arc<dyn Clock>,
    pause: Duration,
    addresses: Mutex<HashMap<IpAddr, Arc<Address>>>,
}

struct Address {
    slots: Arc<Semaphore>,
    next: Mutex<Instant>,
}

/// One look's leave to go to its address; give it back by dropping it.
pub(crate) struct Leave {
    _slot: Option<OwnedSemaphorePermit>,
    /// Held, so that the address is not forgotten meanwhile: it would begin anew with all its slots.
    _address: Option<Arc<Address>>,
}

impl Gate {
    /// At most `rate` looks a second to one address.
    pub(crate) fn new(rate: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self { clock, pause: Duration::from_secs(1) / rate.get(), addresses: Mutex::default() }
    }

    /// Waits until a look at `address` is polite.
    pub(crate) async fn enter(&self, address: IpAddr) -> Leave {
        if address.is_loopback() {
            return Leave { _slot: None, _address: None };
        }
        let address = self.address(address);
        let slot = Arc::clone(&address.slots).acquire_owned().await.ok();
        let turn = {
            let mut next = address.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(self.clock.monotonic());
            *next = turn + self.pause;
            turn
        };
        sleep_until(turn.into()).await;
        Leave { _slot: slot, _address: Some(address) }
    }

    fn address(&self, address: IpAddr) -> Arc<Address> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= ADDRESSES_KEPT {
            let now = self.clock.monotonic();
            addresses.retain(|_, address| address.is_needed(now));
        }
        Arc::clone(addresses.entry(address).or_insert_with(|| {
            let slots = Arc::new(Semaphore::new(PER_ADDRESS));
            Arc::new(Address { slots, next: Mutex::new(self.clock.monotonic()) })
        }))
    }
}

impl Address {
    /// Whether a look holds it, or the next one must still wait for its turn.
    fn is_needed(self: &Arc<Self>, now: Instant) -> bool {
        Arc::strong_count(self) > 1
            || *self.next.lock().unwrap_or_else(PoisonError::into_inner) > now
    }
}

#[cfg(test)]
mod tests {
    use certvigil_doors::SystemClock;

    use super::*;

    fn gate() -> Gate {
        Gate::new(NonZeroU32::MAX, Arc::new(SystemClock))
    }

    fn number(number: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + number).to_be_bytes())
    }

    fn kept(gate: &Gate) -> usize {
        gate.addresses.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// However many addresses a round has, few are remembered; one that is being looked at keeps
    /// its count, or it would get twice the looks that it may.
    #[tokio::test]
    async fn addresses_are_forgotten_once_nothing_is_under_way() {
        let gate = gate();
        let leave = gate.enter(number(0)).await;
        let busy = Arc::clone(&gate.address(number(0)).slots);
        for other in 1..=3 * ADDRESSES_KEPT as u32 {
            gate.address(number(other));
            assert!(kept(&gate) <= ADDRESSES_KEPT);
        }
        assert!(Arc::ptr_eq(&busy, &gate.address(number(0)).slots), "forgotten under way");
        assert_eq!(busy.available_permits(), PER_ADDRESS - 1);
        drop(leave);
        assert_eq!(busy.available_permits(), PER_ADDRESS);
    }

    /// The pace outlives being forgotten, too.
    #[test]
    fn an_address_whose_turn_is_to_come_is_needed() {
        let now = SystemClock.monotonic();
        let due = |next| {
            let slots = Arc::new(Semaphore::new(PER_ADDRESS));
            Arc::new(Address { slots, next: Mutex::new(next) })
        };
        assert!(due(now + Duration::from_millis(20)).is_needed(now));
        assert!(!due(now).is_needed(now));
    }

    #[tokio::test]
    async fn no_address_has_more_looks_than_it_may() {
        let gate = gate();
        let mut leaves = Vec::new();
        for _ in 0..PER_ADDRESS {
            leaves.push(gate.enter(number(7)).await);
        }
        let one_more = tokio::time::timeout(Duration::from_millis(50), gate.enter(number(7)));
        assert!(one_more.await.is_err());
        leaves.pop();
        let _leave = gate.enter(number(7)).await;
        // Loopback is nobody else's.
        for _ in 0..2 * PER_ADDRESS {
            leaves.push(gate.enter(IpAddr::from([127, 0, 0, 1])).await);
        }
    }
}
