//! When it is tried again.

use std::time::Duration;

use certvigil_model::Time;

/// Nobody is asked again sooner, whatever it says.
const LEAST: Duration = Duration::from_secs(60);
/// Nobody is left alone for longer, whatever it says.
const MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// After `attempts` that failed before this one: a minute, two, four …, or what the tracker asked for.
pub(super) fn next(now: Time, attempts: u32, asked: Option<Duration>) -> Time {
    let ours = LEAST.saturating_mul(2_u32.saturating_pow(attempts));
    now.plus(asked.unwrap_or(ours).clamp(LEAST, MOST))
}

/// While a search lags: often enough to see it soon, within what it may lag.
pub(super) fn settling(now: Time, settle: Duration) -> Time {
    now.plus((settle / 4).clamp(Duration::from_secs(10), Duration::from_secs(300)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_and_keeps_between_a_minute_and_a_day() {
        let now = Time::from_seconds(0);
        let seconds = |attempts, asked: Option<u64>| {
            next(now, attempts, asked.map(Duration::from_secs)).seconds()
        };
        for (attempts, asked, want) in [
            (0, None, 60),
            (1, None, 120),
            (5, None, 1920),
            (11, None, 86_400),
            (u32::MAX, None, 86_400),
            (0, Some(0), 60),
            (9, Some(90), 90),
            (0, Some(u64::MAX), 86_400),
        ] {
            assert_eq!(seconds(attempts, asked), want, "{attempts} {asked:?}");
        }
    }
}
