//! How long a round may take, known before it begins.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::gate::PER_ADDRESS;

/// Counts endpoints and tells the time that all of them can take at most:
/// `turns · deadline + n / rate + 1 s`, with n the endpoints at the busiest address.
///
/// A look waits while all slots are taken, or while its own address has all the looks that it may
/// have. Where no address has more than that, `turns = ceil(N / concurrency)`. Else the waits may
/// follow one another: `turns = ceil((N - n) / (concurrency - 16)) + ceil(n / 16)`, for at least
/// `concurrency - 16` of the slots that keep the busiest address waiting are other addresses'.
/// Loopback addresses have no limit of their own.
pub(crate) struct Bound {
    deadline: Duration,
    concurrency: NonZeroUsize,
    rate: NonZeroU32,
    endpoints: usize,
    busiest: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Bound {
    pub(crate) fn new(deadline: Duration, concurrency: NonZeroUsize, rate: NonZeroU32) -> Self {
        Self { deadline, concurrency, rate, endpoints: 0, busiest: 0, by_address: HashMap::new() }
    }

    /// Counts `count` endpoints whose addresses are not known, or not yet.
    pub(crate) const fn add(&mut self, count: usize) {
        self.endpoints = self.endpoints.saturating_add(count);
    }

    /// Counts the address of an endpoint that [`Bound::add`] has counted.
    pub(crate) fn add_address(&mut self, address: IpAddr) {
        if address.is_loopback() || self.by_address.len() >= ADDRESSES_COUNTED {
            return;
        }
        let count = self.by_address.entry(address).or_default();
        *count += 1;
        self.busiest = self.busiest.max(*count);
    }

    /// The most that the round can take, as far as it is known.
    pub(crate) fn time(&self) -> Duration {
        self.with(0)
    }

    /// The most that the round can take with `more` endpoints at addresses of their own.
    pub(crate) fn with(&self, more: usize) -> Duration {
        let turns = u32::try_from(self.turns(self.endpoints.saturating_add(more)));
        let paced = Duration::from_secs_f64(self.busiest as f64 / f64::from(self.rate.get()));
        self.deadline.saturating_mul(turns.unwrap_or(u32::MAX)) + paced + Duration::from_secs(1)
    }

    fn turns(&self, endpoints: usize) -> usize {
        let concurrency = self.concurrency.get();
        let at_once = endpoints.div_ceil(concurrency);
        if self.busiest <= PER_ADDRESS || concurrency <= PER_ADDRESS {
            return at_once;
        }
        let others = endpoints.saturating_sub(self.busiest).div_ceil(concurrency - PER_ADDRESS);
        at_once.max(others + self.busiest.div_ceil(PER_ADDRESS))
    }
}

/// Addresses counted one by one; what comes beyond that is counted in the total alone.
const ADDRESSES_COUNTED: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(endpoints: usize, at_one_address: usize) -> Duration {
        let concurrency = NonZeroUsize::new(64).unwrap_or(NonZeroUsize::MIN);
        let rate = NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN);
        let mut bound = Bound::new(Duration::from_secs(10), concurrency, rate);
        bound.add(endpoints);
        for _ in 0..at_one_address {
            bound.add_address(IpAddr::from([192, 0, 2, 1]));
        }
        bound.time()
    }

    /// Worked by hand from the formula.
    #[test]
    fn agrees_with_the_formula() {
        assert_eq!(bound(1, 0), Duration::from_secs(11));
        assert_eq!(bound(64, 0), Duration::from_secs(11));
        assert_eq!(bound(65, 0), Duration::from_secs(21));
        assert_eq!(bound(100, 100), Duration::from_secs(70 + 2 + 1));
        assert_eq!(bound(148, 100), Duration::from_secs(10 + 70 + 2 + 1));
        assert_eq!(bound(1000, 16), Duration::from_millis(160_000 + 320 + 1000));
    }

    #[test]
    fn loopback_has_no_limit_of_its_own() {
        let one = NonZeroUsize::new(64).unwrap_or(NonZeroUsize::MIN);
        let mut bound = Bound::new(Duration::from_secs(10), one, NonZeroU32::MIN);
        bound.add(64);
        (0..64).for_each(|_| bound.add_address(IpAddr::from([127, 0, 0, 1])));
        assert_eq!(bound.time(), Duration::from_secs(11));
    }
}
