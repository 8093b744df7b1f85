//! What a look may use: one deadline and one amount of bytes over everything done for an endpoint.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// What a look takes from its endpoint, over all connections. Well above the largest honest chain
/// (some 100 KiB), far below what would hurt us in thousands of looks at once.
pub(crate) const BYTES: usize = 1 << 20;

/// In how many pieces: a read takes a microsecond even for one byte, and who sends a megabyte byte by
/// byte would have us read for a second. Ample for an honest chain in single bytes.
const PIECES: usize = 1 << 14;

/// The limits of one look. None starts again.
pub(crate) struct Budget {
    deadline: Instant,
    received: AtomicUsize,
    pieces: AtomicUsize,
}

/// The part of a [`Budget`] that one connection may use.
pub(crate) struct Share<'a> {
    whole: &'a Budget,
    /// When to stop.
    pub(crate) until: Instant,
    bytes: usize,
    pieces: usize,
}

impl Budget {
    pub(crate) const fn new(deadline: Instant) -> Self {
        Self { deadline, received: AtomicUsize::new(0), pieces: AtomicUsize::new(0) }
    }

    /// Half of what is left at `now`: the rest is for what must be asked next.
    pub(crate) fn half(&self, now: Instant) -> Share<'_> {
        let until = now + self.deadline.saturating_duration_since(now) / 2;
        let (bytes, pieces) = self.left();
        Share { whole: self, until, bytes: bytes / 2, pieces: pieces / 2 }
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> Share<'_> {
        let (bytes, pieces) = self.left();
        Share { whole: self, until: self.deadline, bytes, pieces }
    }

    fn left(&self) -> (usize, usize) {
        let bytes = BYTES.saturating_sub(self.received.load(Ordering::Relaxed));
        (bytes, PIECES.saturating_sub(self.pieces.load(Ordering::Relaxed)))
    }
}

impl Share<'_> {
    /// How many bytes may still be received.
    pub(crate) const fn bytes(&self) -> usize {
        if self.pieces == 0 { 0 } else { self.bytes }
    }

    /// Takes note of a piece of so many bytes received.
    pub(crate) fn spend(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_sub(count);
        self.pieces = self.pieces.saturating_sub(1);
        self.whole.received.fetch_add(count, Ordering::Relaxed);
        self.whole.pieces.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do")]
    fn what_one_connection_used_is_gone_for_the_next() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let budget = Budget::new(now + 8 * second);
        let mut first = budget.half(now);
        assert_eq!((first.until, first.bytes()), (now + 4 * second, BYTES / 2));
        first.spend(1000);
        assert_eq!(first.bytes(), BYTES / 2 - 1000);
        let next = budget.half(now + 4 * second);
        assert_eq!((next.until, next.bytes()), (now + 6 * second, (BYTES - 1000) / 2));
        assert_eq!((budget.rest().until, budget.rest().bytes()), (now + 8 * second, BYTES - 1000));
        assert_eq!(budget.half(now + 9 * second).until, now + 9 * second);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do")]
    fn a_megabyte_in_single_bytes_is_not_read_to_its_end() {
        let now = Instant::now();
        let budget = Budget::new(now);
        let read = |mut share: Share<'_>| {
            let mut pieces = 0;
            while share.bytes() > 0 {
                share.spend(1);
                pieces += 1;
            }
            pieces
        };
        assert_eq!(read(budget.half(now)), PIECES / 2);
        assert_eq!(read(budget.rest()), PIECES / 2, "some are left for what is asked next");
        assert_eq!(budget.rest().bytes(), 0);
    }
}
