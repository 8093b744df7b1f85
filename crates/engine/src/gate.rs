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

/// Addresses remembered; those with nothing under way are forgotten beyond that.
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
}

impl Gate {
    /// At most `rate` looks a second to one address.
    pub(crate) fn new(rate: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self { clock, pause: Duration::from_secs(1) / rate.get(), addresses: Mutex::default() }
    }

    /// Waits until a look at `address` is polite.
    pub(crate) async fn enter(&self, address: IpAddr) -> Leave {
        if address.is_loopback() {
            return Leave { _slot: None };
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
        Leave { _slot: slot }
    }

    fn address(&self, address: IpAddr) -> Arc<Address> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= ADDRESSES_KEPT {
            addresses.retain(|_, address| Arc::strong_count(address) > 1);
        }
        Arc::clone(addresses.entry(address).or_insert_with(|| {
            let slots = Arc::new(Semaphore::new(PER_ADDRESS));
            Arc::new(Address { slots, next: Mutex::new(self.clock.monotonic()) })
        }))
    }
}
