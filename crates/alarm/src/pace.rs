//! How often everything is looked at, and so how old a verdict may be.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::{EndpointId, Sighting, Time};

use crate::time::{DAY, HOUR, MINUTE};
use crate::turn::Turn;
use crate::{Memory, RoundSeen};

/// From one whole round to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    interval: Duration,
}

impl Pace {
    /// As the config has it, else an hour, or a two-hundredth of the shortest life.
    pub fn planned(
        of_config: Option<Duration>,
        sightings: &BTreeMap<EndpointId, Sighting>,
    ) -> Self {
        let lives = sightings.values().filter_map(|sighting| {
            let certificate = sighting.certificate.as_ref()?;
            let life = certificate.not_after.seconds_since(certificate.not_before);
            u64::try_from(life).ok().map(Duration::from_secs)
        });
        let shortest = lives.min().map_or(HOUR, |life| life / 200);
        Self { interval: of_config.unwrap_or_else(|| shortest.min(HOUR)).max(MINUTE) }
    }

    /// As the last whole round had it.
    pub fn remembered(memory: &Memory, sightings: &BTreeMap<EndpointId, Sighting>) -> Self {
        Self::planned(memory.interval, sightings)
    }

    /// From one whole round to the next.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// Whether a verdict of `looked_at` is too old at `now` to be one: older than twice the interval. Nobody knows how old
    /// one is that a clock that was as far ahead wrote.
    pub fn is_stale(self, looked_at: Time, now: Time) -> bool {
        let age = Duration::from_secs(now.seconds_since(looked_at).unsigned_abs());
        age > self.interval * 2
    }
}

/// Keeps what a whole round shows of it.
pub(crate) fn keep(turn: &mut Turn<'_>, seen: &RoundSeen<'_>) {
    if seen.record.is_whole {
        let planned = Pace::planned(None, &turn.state.sightings).interval;
        let learned = || shown(turn.state.memory.last_round, turn.now).filter(|it| *it > planned);
        turn.state.memory.interval = turn.rules.interval.or_else(learned);
    }
}

/// Who is started by a timer of its own, and not by the config, comes as often as it came last.
fn shown(last_round: Option<Time>, now: Time) -> Option<Duration> {
    let gap = u64::try_from(now.seconds_since(last_round?)).ok()?;
    Some(Duration::from_secs(gap)).filter(|gap| *gap <= RAREST)
}

/// A pause that is longer is no pace.
const RAREST: Duration = Duration::from_secs(7 * DAY.as_secs() + HOUR.as_secs());

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Time = Time::from_seconds(1_795_608_000);

    fn ago(time: Duration) -> Time {
        Time::from_seconds(NOON.seconds() - time.as_secs() as i64)
    }

    #[test]
    fn a_verdict_older_than_twice_the_interval_is_none() {
        let pace = Pace::planned(None, &BTreeMap::new());
        assert_eq!(pace.interval(), HOUR);
        assert!(!pace.is_stale(ago(HOUR * 2), NOON));
        assert!(pace.is_stale(ago(HOUR * 2 + Duration::from_secs(1)), NOON));
        assert!(!pace.is_stale(NOON.plus(MINUTE), NOON), "clocks of two machines differ a little");
        assert!(pace.is_stale(NOON.plus(DAY * 55), NOON));
        let of_config = Pace::planned(Some(DAY), &BTreeMap::new());
        assert!(!of_config.is_stale(ago(DAY * 2), NOON));
    }

    #[test]
    fn who_is_started_once_a_day_is_not_stale_after_an_hour() {
        assert_eq!(shown(Some(ago(DAY)), NOON), Some(DAY));
        assert_eq!(shown(None, NOON), None);
        for of_a_wrong_clock in [ago(DAY * 400), NOON.plus(DAY * 55)] {
            assert_eq!(shown(Some(of_a_wrong_clock), NOON), None);
        }
    }
}
