//! A store that came out of a backup: what was sent since is not in it.

use std::time::Instant;

use certvigil_alarm::Heard;
use certvigil_model::Foreign;

use super::Actor;
use super::memory::Error;
use super::sum::Sum;

impl Actor {
    /// Compares every open delivery of a restored store with its tracker: each is looked for by its key before anything
    /// is made. Whether new things may be told; not while one of them could not be compared.
    pub(super) fn reconcile_restored(&mut self, sum: &mut Sum, by: Instant) -> Result<bool, Error> {
        let Some(mark) = self.memory.restored(self.clock.wall())? else { return Ok(true) };
        let half = by.saturating_duration_since(self.clock.monotonic()) / 2;
        self.deliver(sum, self.clock.monotonic() + half)?;
        let now = self.clock.wall();
        let left = self.memory.state(now)?.deliveries.len();
        if left == 0 {
            self.memory.reconciled(&mark, now)?;
        }
        sum.hear(Heard { is_failure: left > 0, text: told(&mark.from, left) });
        Ok(left == 0)
    }
}

fn told(from: &str, left: usize) -> String {
    let from = Foreign::new(from);
    let from = from.shown_within(400);
    match left {
        0 => format!(
            "the store was restored from {from}: its open deliveries were compared with their trackers, and it is used as before"
        ),
        left => format!(
            "the store was restored from {from}: {left} open deliveries could not be compared with their trackers yet, and until then nothing new is told"
        ),
    }
}
