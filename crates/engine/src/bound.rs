//! How long a round may take, known before it begins.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use certvigil_model::{Service, Target};

use crate::gate::PER_ADDRESS;

/// The total that each endpoint has: its target's own, else the round's, else its service's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    pub(crate) of_round: Option<Duration>,
}

impl Deadlines {
    pub(crate) fn of(self, target: &Target) -> Duration {
        let own = target.options.deadline.or(self.of_round);
        own.unwrap_or_else(|| usual(target.service))
    }

    /// For a line that is no target.
    pub(crate) fn of_nothing(self) -> Duration {
        self.of_round.unwrap_or_else(|| usual(Service::Tls))
    }
}

/// Mail servers may take half a minute to greet: some look their visitors up, some keep them
/// waiting on purpose (RFC 5321 section 4.5.3.2 allows for minutes).
fn usual(service: Service) -> Duration {
    match service {
        Service::Smtp | Service::Lmtp => Duration::from_secs(30),
        _ => Duration::from_secs(10),
    }
}

/// Endpoints with the time that they may take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    endpoints: usize,
    whole: Duration,
    longest: Duration,
}

impl Load {
    /// Adds `count` endpoints that may take `deadline` each.
    pub(crate) fn add(&mut self, count: usize, deadline: Duration) {
        let times = u32::try_from(count).unwrap_or(u32::MAX);
        self.endpoints = self.endpoints.saturating_add(count);
        self.whole = self.whole.saturating_add(deadline.saturating_mul(times));
        self.longest = self.longest.max(deadline);
    }

    fn and(self, other: Self) -> Self {
        Self {
            endpoints: self.endpoints.saturating_add(other.endpoints),
            whole: self.whole.saturating_add(other.whole),
            longest: self.longest.max(other.longest),
        }
    }
}

/// Counts endpoints and tells the time that all of them can take at most:
/// `turns · deadline + n / rate + 1 s`, with n the endpoints at the busiest address.
///
/// A look waits while all slots are taken, or while its own address has all the looks that it may
/// have. Where no address has more than that, `turns = ceil(N / concurrency)`. Else the waits may
/// follow one another: `turns = ceil((N - n) / (concurrency - 16)) + ceil(n / 16)`, for at least
/// `concurrency - 16` of the slots that keep the busiest address waiting are other addresses'.
/// Loopback addresses have no limit of their own.
///
/// Where deadlines differ, the longest stands for all of them, or, where that is less, all of them
/// spread evenly over the slots and the longest behind (Graham 1969, "Bounds on multiprocessing
/// timing anomalies").
pub(crate) struct Bound {
    concurrency: NonZeroUsize,
    rate: NonZeroU32,
    load: Load,
    busiest: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Bound {
    pub(crate) fn new(concurrency: NonZeroUsize, rate: NonZeroU32) -> Self {
        Self { concurrency, rate, load: Load::default(), busiest: 0, by_address: HashMap::new() }
    }

    /// Counts `count` endpoints whose addresses are not known, or not yet.
    pub(crate) fn add(&mut self, count: usize, deadline: Duration) {
        self.load.add(count, deadline);
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
        self.with(Load::default())
    }

    /// The most that the round can take with `more` endpoints at addresses of their own.
    pub(crate) fn with(&self, more: Load) -> Duration {
        let load = self.load.and(more);
        let paced = Duration::from_secs_f64(self.busiest as f64 / f64::from(self.rate.get()));
        self.looks(load).saturating_add(paced).saturating_add(Duration::from_secs(1))
    }

    fn looks(&self, load: Load) -> Duration {
        let concurrency = self.concurrency.get();
        let at_once = load.endpoints.div_ceil(concurrency);
        if self.busiest > PER_ADDRESS && concurrency > PER_ADDRESS {
            let others = load.endpoints.saturating_sub(self.busiest);
            let others = others.div_ceil(concurrency - PER_ADDRESS);
            return times(load.longest, at_once.max(others + self.busiest.div_ceil(PER_ADDRESS)));
        }
        let slots = u32::try_from(concurrency).unwrap_or(u32::MAX);
        let spread = load.whole.saturating_sub(load.longest) / slots + load.longest;
        times(load.longest, at_once).min(spread)
    }
}

fn times(span: Duration, count: usize) -> Duration {
    span.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Addresses counted one by one; what comes beyond that is counted in the total alone.
const ADDRESSES_COUNTED: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Duration = Duration::from_secs(10);

    fn bound(endpoints: usize, at_one_address: usize) -> Duration {
        let concurrency = NonZeroUsize::new(64).unwrap_or(NonZeroUsize::MIN);
        let rate = NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN);
        let mut bound = Bound::new(concurrency, rate);
        bound.add(endpoints, TEN);
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
        let mut bound = Bound::new(one, NonZeroU32::MIN);
        bound.add(64, TEN);
        (0..64).for_each(|_| bound.add_address(IpAddr::from([127, 0, 0, 1])));
        assert_eq!(bound.time(), Duration::from_secs(11));
    }

    /// Worked by hand: 64 slots.
    #[test]
    fn where_deadlines_differ_no_round_is_longer_than_its_work() {
        let slots = NonZeroUsize::new(64).unwrap_or(NonZeroUsize::MIN);
        let bound = |ten: usize, thirty: usize| {
            let mut bound = Bound::new(slots, NonZeroU32::MAX);
            bound.add(ten, TEN);
            bound.with({
                let mut more = Load::default();
                more.add(thirty, 3 * TEN);
                more
            })
        };
        let second = Duration::from_secs(1);
        assert_eq!(bound(63, 1), 31 * second, "all at once: as long as the longest");
        assert_eq!(bound(640, 1), 100 * second + 30 * second + second);
        assert_eq!(bound(0, 65), 60 * second + second);
    }

    #[test]
    fn a_target_has_its_own_time_then_the_rounds_then_its_services() {
        let target = certvigil_inventory::parse("www.example.org", None, &Default::default());
        let Ok(mut target) = target.target else { panic!() };
        let deadlines = |of_round| Deadlines { of_round };
        assert_eq!(deadlines(None).of(&target), TEN);
        assert_eq!(deadlines(Some(2 * TEN)).of(&target), 2 * TEN);
        for mail in [Service::Smtp, Service::Lmtp] {
            target.service = mail;
            assert_eq!(deadlines(None).of(&target), 3 * TEN);
            assert_eq!(deadlines(Some(TEN)).of(&target), TEN);
        }
        target.options.deadline = Some(TEN / 2);
        assert_eq!(deadlines(Some(2 * TEN)).of(&target), TEN / 2);
    }
}
