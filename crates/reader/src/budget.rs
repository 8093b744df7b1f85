//! How long the first job in line may take, and how that is measured without measuring each.

use std::time::{Duration, Instant};

/// What one job may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Of the processor; none where only the wall counts.
    pub(crate) processor: Option<Duration>,
    /// Of the time that passes on a wall clock.
    pub(crate) wall: Duration,
}

impl Budget {
    /// A certificate: an ordinary one takes 10 µs.
    pub(crate) const CERTIFICATE: Self =
        Self { processor: Some(Duration::from_millis(100)), wall: Duration::from_secs(2) };
    /// A key store: turning its password into a key is meant to take long.
    pub(crate) const CONTAINER: Self = Self { processor: None, wall: Duration::from_secs(5) };
}

/// Watches the job that is first in line with one child.
///
/// Reading how much processor time a child has used costs as much as reading a certificate does,
/// so it is not asked when a job begins but when the job has been first for [`GRACE`]; it is
/// charged from then on, and never with less than its budget.
#[derive(Debug)]
pub(crate) struct Watch {
    since: Instant,
    next: Instant,
    /// The child's processor time when the job began to look slow.
    base: Option<Duration>,
    slow: bool,
}

impl Watch {
    /// A job became first at `now`.
    pub(crate) fn begin(now: Instant) -> Self {
        Self { since: now, next: now + GRACE, base: None, slow: false }
    }

    /// When to look again.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// Whether the job has taken longer than any ordinary one does.
    pub(crate) const fn is_slow(&self) -> bool {
        self.slow
    }

    /// Gives back time in which nothing ran, ourselves included.
    pub(crate) fn excuse(&mut self, pause: Duration) {
        self.since += pause;
        self.next += pause;
    }

    /// The limit that was overstepped at `now`, if any; `processor` says what the child has used.
    pub(crate) fn overstepped(
        &mut self,
        budget: Budget,
        now: Instant,
        processor: impl FnOnce() -> Option<Duration>,
    ) -> Option<Duration> {
        if now < self.next {
            return None;
        }
        self.slow = true;
        let end = self.since + budget.wall;
        if now >= end {
            return Some(budget.wall);
        }
        self.next = end;
        let (limit, used) = (budget.processor?, processor()?);
        let used = used.saturating_sub(*self.base.get_or_insert(used));
        // Counted in whole ticks the difference may be one too many.
        if used > limit {
            return Some(limit);
        }
        // A single thread cannot use it up sooner.
        self.next = end.min(now + (limit - used).max(TICK));
        None
    }
}

/// A hundred times and more what an ordinary certificate takes.
const GRACE: Duration = Duration::from_millis(10);
/// The step in which the kernel counts processor time.
const TICK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "any moment will do for a beginning")]

    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_spinning_job_ends_after_its_processor_time_and_not_before() {
        let start = Instant::now();
        let mut watch = Watch::begin(start);
        let mut looks = 0;
        // The child's clock says 5 s when the job begins and runs along, in ticks of 10 ms.
        for passed in 0.. {
            let used = || Some(ms(5_000 + passed / 10 * 10));
            if let Some(limit) = watch.overstepped(Budget::CERTIFICATE, start + ms(passed), || {
                looks += 1;
                used()
            }) {
                assert_eq!(limit, ms(100));
                assert!((110..=130).contains(&passed), "{passed} ms");
                break;
            }
        }
        assert!(looks <= 5, "{looks} looks");
    }

    #[test]
    fn a_job_that_gets_half_a_processor_has_twice_the_time() {
        let start = Instant::now();
        let mut watch = Watch::begin(start);
        let end = (0..)
            .find(|&passed| {
                let used = Some(ms(passed / 2));
                watch.overstepped(Budget::CERTIFICATE, start + ms(passed), || used).is_some()
            })
            .unwrap_or_default();
        assert!((210..=240).contains(&end), "{end} ms");
    }

    #[test]
    fn a_job_that_sleeps_or_cannot_be_measured_ends_by_the_wall() {
        for used in [Some(ms(5_000)), None] {
            let start = Instant::now();
            let mut watch = Watch::begin(start);
            assert!(!watch.is_slow());
            assert_eq!(watch.overstepped(Budget::CERTIFICATE, start + ms(1_999), || used), None);
            assert!(watch.is_slow());
            let end = start + ms(2_000);
            assert_eq!(watch.overstepped(Budget::CERTIFICATE, end, || used), Some(ms(2_000)));
        }
    }

    #[test]
    fn a_key_store_may_use_all_of_its_five_seconds() {
        let start = Instant::now();
        let mut watch = Watch::begin(start);
        let mut at = |passed| watch.overstepped(Budget::CONTAINER, start + ms(passed), || None);
        assert_eq!((at(20), at(4_999), at(5_000)), (None, None, Some(ms(5_000))));
    }

    #[test]
    fn a_pause_of_the_whole_machine_is_nobodys_time() {
        let start = Instant::now();
        let mut watch = Watch::begin(start);
        watch.excuse(ms(60_000));
        let used = Some(ms(0));
        assert_eq!(watch.overstepped(Budget::CERTIFICATE, start + ms(61_000), || used), None);
    }
}
