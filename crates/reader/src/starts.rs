//! When to try again to start a child, and when to stop waiting for one.

use std::time::{Duration, Instant};

/// How starting children has gone lately.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    tried: Option<Instant>,
    failing: Option<Failing>,
}

#[derive(Debug)]
struct Failing {
    since: Instant,
    not_before: Instant,
    pause: Duration,
}

impl Starts {
    /// When the next start may be tried; none for at once.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.failing.as_ref().map(|failing| failing.not_before)
    }

    /// A child is being started.
    pub(crate) const fn tried(&mut self, now: Instant) {
        self.tried = Some(now);
    }

    /// A child is ready.
    pub(crate) fn succeeded(&mut self) {
        self.failing = None;
    }

    /// The child last tried did not start. Says whether that has gone on for so long that whoever waits
    /// should be told.
    pub(crate) fn failed(&mut self, now: Instant) -> bool {
        let failing = self.failing.get_or_insert_with(|| Failing {
            since: self.tried.unwrap_or(now),
            not_before: now,
            pause: FIRST_PAUSE,
        });
        failing.not_before = now + failing.pause;
        failing.pause = (2 * failing.pause).min(LONGEST_PAUSE);
        now.saturating_duration_since(failing.since) >= PATIENCE
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);
/// A moment without processes or descriptors passes; a missing program does not.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "any moment will do for a beginning")]

    use super::*;

    #[test]
    fn it_is_tried_a_few_times_within_a_bound_and_again_after_a_success() {
        let begin = Instant::now();
        let mut starts = Starts::default();
        let (mut now, mut tries) = (begin, 1);
        while !starts.failed(now) {
            now = starts.not_before().unwrap_or(now);
            tries += 1;
        }
        assert!(now - begin <= PATIENCE + LONGEST_PAUSE, "{:?}", now - begin);
        assert!((5..=12).contains(&tries), "{tries} tries");
        // From then on each failure is told at once.
        assert!(starts.failed(now + LONGEST_PAUSE));
        starts.succeeded();
        assert_eq!(starts.not_before(), None);
        starts.tried(now);
        assert!(!starts.failed(now));
    }

    #[test]
    fn a_start_that_hangs_has_used_its_time() {
        let begin = Instant::now();
        let mut starts = Starts::default();
        starts.tried(begin);
        assert!(starts.failed(begin + PATIENCE));
    }
}
