//! Counts, moments and spans as people say them.

use std::time::Duration;

use certvigil_model::{Civil, Time};

/// `3,211`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 endpoint`, `3,211 endpoints`, `2 addresses`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let ending = match (number, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {noun}{ending}", count(number))
}

/// `2026-11-21`.
pub(crate) fn day(time: Time) -> String {
    let Civil { year, month, day, .. } = time.to_civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-21 16:37 UTC`.
pub(crate) fn minute(time: Time) -> String {
    let Civil { hour, minute, .. } = time.to_civil();
    format!("{} {hour:02}:{minute:02} UTC", day(time))
}

/// `2026-11-21 16:37:08 UTC`.
pub(crate) fn second(time: Time) -> String {
    let Civil { hour, minute, second, .. } = time.to_civil();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", day(time))
}

/// A length of time by its largest unit: `9 days`, `1 hour`, `0 seconds`; fractions dropped.
pub(crate) fn length(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (unit, noun) = match seconds {
        172_800.. => (86_400, "day"),
        7200.. => (3600, "hour"),
        120.. => (60, "minute"),
        _ => (1, "second"),
    };
    counted(seconds / unit, noun)
}

/// How long until `time`, or since: `in 9 days`, `3 days ago`.
pub(crate) fn relative(time: Time, now: Time) -> String {
    match time.seconds_since(now) {
        left @ 0.. => format!("in {}", length(left)),
        left => format!("{} ago", length(left)),
    }
}

/// How long something took: `12 ms`, `10.2 s`, `3 min 20 s`.
pub(crate) fn took(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("{} ms", span.as_millis()),
        1..=99 if span.subsec_millis() >= 50 => format!("{:.1} s", span.as_secs_f64()),
        seconds @ 1..=99 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{} min {} s", count(seconds / 60), seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_say_them() {
        for (number, want) in
            [(0, "0 lines"), (1, "1 line"), (999, "999 lines"), (1_234_567, "1,234,567 lines")]
        {
            assert_eq!(counted(number, "line"), want);
        }
        assert_eq!(counted(2, "address"), "2 addresses");
    }

    #[test]
    fn moments_are_told_from_now() {
        let now = Time::from_seconds(1_000_000_000);
        for (offset, want) in [
            (0, "in 0 seconds"),
            (-1, "1 second ago"),
            (3599, "in 59 minutes"),
            (7200, "in 2 hours"),
            (-86_400, "24 hours ago"),
            (9 * 86_400, "in 9 days"),
            (-400 * 86_400, "400 days ago"),
        ] {
            assert_eq!(relative(Time::from_seconds(1_000_000_000 + offset), now), want);
        }
        assert_eq!(minute(now), "2001-09-09 01:46 UTC");
        assert_eq!(second(now), "2001-09-09 01:46:40 UTC");
    }

    #[test]
    fn spans_read_as_people_say_them() {
        for (millis, want) in [
            (12, "12 ms"),
            (41_000, "41 s"),
            (10_240, "10.2 s"),
            (200_000, "3 min 20 s"),
            (120_000, "2 min"),
        ] {
            assert_eq!(took(Duration::from_millis(millis)), want);
        }
    }
}
