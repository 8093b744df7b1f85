//! The system's own clock.

use std::time::{Duration, Instant, SystemTime};

use certvigil_model::{Clock, Time};

/// What the operating system says the time is.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door that wall time comes through")]
    fn wall(&self) -> Time {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Time::from_millis(millis(since)),
            Err(before) => Time::from_millis(-millis(before.duration())),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the door that monotonic time comes through"
    )]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
