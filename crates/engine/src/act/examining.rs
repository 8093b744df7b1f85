//! Asks every tracker whether it will let us in, before anything depends on it.

use std::time::Instant;

use certvigil_model::Foreign;
use certvigil_report::Heard;

use super::Actor;

impl Actor {
    /// What is lacking at each tracker, with what to do, the first time that it is asked for; afterwards nothing. All of
    /// it is over by `by`.
    pub fn examine(&mut self, by: Instant) -> Vec<Heard> {
        if std::mem::replace(&mut self.is_examined, true) {
            return Vec::new();
        }
        let mut lacking = Vec::new();
        for (name, tracker) in &self.trackers {
            let until = by.min(self.clock.monotonic() + self.limits.of(name));
            match tracker.examine(until) {
                Ok(all) => lacking.extend(all.iter().map(|one| told(&name.0, one))),
                Err(trouble) => lacking.push(told(&name.0, &trouble.to_string())),
            }
        }
        lacking
    }
}

/// What a tracker answers with is somebody else's text.
fn told(tracker: &str, what: &str) -> Heard {
    let (tracker, what) = (Foreign::new(tracker), Foreign::new(what));
    Heard {
        is_failure: true,
        text: format!("{}: {}", tracker.shown_within(200), what.shown_within(600)),
    }
}
