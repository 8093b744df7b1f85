//! The axis of time: logarithmic from now on, so that two days and two years can both be read.

use certvigil_model::Time;

/// Where `time` stands, from 0 to 1; what lies beyond an end stands on it.
pub(super) fn place(time: Time, now: Time) -> f64 {
    at(time.seconds_since(now) as f64 / DAY)
}

/// Where so many days from now stand; negative ones are past.
pub(super) fn at(days: f64) -> f64 {
    let part =
        |days: f64, most: f64| ((1.0 + days / BEND).ln() / (1.0 + most / BEND).ln()).min(1.0);
    if days < 0.0 { NOW * (1.0 - part(-days, PAST)) } else { NOW + (1.0 - NOW) * part(days, AHEAD) }
}

/// Where now stands: what has ended takes the room before it.
pub(super) const NOW: f64 = 0.14;
/// Days; below, the axis is about linear, above, logarithmic.
const BEND: f64 = 5.0;
/// Days that the axis shows.
const AHEAD: f64 = 1100.0;
const PAST: f64 = 365.0;
const DAY: f64 = 86_400.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_years_are_apart() {
        assert_eq!(at(0.0), NOW);
        assert_eq!((at(-9e9), at(9e9)), (0.0, 1.0));
        let places = [-365.0, -30.0, 0.0, 1.0, 2.0, 7.0, 30.0, 90.0, 365.0, 730.0].map(at);
        for pair in places.windows(2) {
            assert!(pair[1] - pair[0] > 0.02, "{places:?}");
        }
        // The next 90 days take about half of the whole.
        assert!((0.4..0.6).contains(&(at(90.0) - NOW)), "{places:?}");
    }
}
