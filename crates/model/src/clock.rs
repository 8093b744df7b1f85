//! The two times: wall time decides what is due or expired, monotonic time bounds I/O.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use crate::Time;

/// Where time comes from. The system's clock lives in the `doors`; a test brings [`ManualClock`].
pub trait Clock: Send + Sync {
    /// Wall time: what is due, expired, silent.
    fn wall(&self) -> Time;
    /// Monotonic time: how long a look may still take. Never simulated.
    fn monotonic(&self) -> Instant;
}

/// A wall clock that moves only when told to; its monotonic side starts at `origin` and stands.
#[derive(Debug)]
pub struct ManualClock {
    wall: AtomicI64,
    origin: Instant,
}

impl ManualClock {
    /// A clock that says `wall` until it is set anew.
    pub const fn new(wall: Time, origin: Instant) -> Self {
        Self { wall: AtomicI64::new(wall.millis()), origin }
    }

    /// Moves the wall clock to `wall`.
    pub fn set(&self, wall: Time) {
        self.wall.store(wall.millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Time {
        Time::from_millis(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Instant {
        self.origin
    }
}
