//! Counts, moments and spans as people say them.

use std::fmt::Write as _;
use std::time::Duration;

use certvigil_model::{Answer, Civil, Foreign, Time, begins_log_command, is_unsafe_to_show};

use crate::table::{Grade, Ink};
use crate::{Closed, Summary};

/// `checked 17 of 20, 3 unknown · 2 critical, 1 warning, 14 ok · complete`: first and last on every
/// report.
pub(crate) fn headline(closed: &Closed) -> String {
    headline_pieces(closed).into_iter().map(|(_, words)| words).collect()
}

/// The headline in the pieces that a table colours.
pub(crate) fn headline_pieces(closed: &Closed) -> Vec<(Ink, String)> {
    let Closed { checked, expected, attempted, summary, .. } = closed;
    let unknown = if summary.unknown > 0 { Ink::Grade(Grade::Unknown) } else { Ink::Strong };
    let mut pieces = vec![
        (Ink::Strong, format!("checked {checked} of {expected}, ")),
        (unknown, format!("{} unknown", summary.unknown)),
    ];
    for (position, (grade, number)) in counts(summary).into_iter().enumerate() {
        pieces.push((Ink::Quiet, if position == 0 { " · " } else { ", " }.to_owned()));
        pieces.push((Ink::Grade(grade), format!("{number} {}", grade.name())));
    }
    pieces.push((Ink::Quiet, " · ".to_owned()));
    pieces.push(if closed.complete() {
        (Ink::Plain, "complete".to_owned())
    } else {
        let missing = counted(expected.saturating_sub(*attempted), "endpoint");
        (Ink::Grade(Grade::Critical), format!("incomplete: {missing} without a verdict"))
    });
    pieces
}

fn counts(summary: &Summary) -> Vec<(Grade, u64)> {
    let Summary { ok, warning, critical, .. } = *summary;
    let all = [(Grade::Critical, critical), (Grade::Warning, warning), (Grade::Ok, ok)];
    all.into_iter().filter(|(_, number)| *number > 0).collect()
}

/// The targets as written; where there are several, the first and how many more. None are the
/// round itself.
pub(crate) fn named(targets: &[Foreign]) -> String {
    match targets {
        [] => "this round".to_owned(),
        [only] => only.shown().to_string(),
        [first, others @ ..] => format!("{} (+{})", first.shown(), others.len()),
    }
}

/// `accepted until 2027-01-04 by ops: replaced in January`.
pub(crate) fn answered(answer: &Answer) -> String {
    format!("accepted until {} by {}: {}", day(answer.until), answer.owner, answer.reason)
}

/// `text` as one line that no log viewer acts on: what is unsafe to show stands in it as `\u{…}`,
/// and so does whatever means something to the sink, `also`.
pub(crate) fn inert(text: &str, also: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        if is_unsafe_to_show(c) || begins_log_command(before, c) || also.contains(c) {
            let _ = write!(inert, "\\u{{{:x}}}", u32::from(c));
        } else {
            inert.push(c);
        }
        before = Some(c);
    }
    inert
}

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

/// `3 findings accepted, the next ends 2027-01-04`; none where there are none.
pub(crate) fn accepted(closed: &Closed) -> Option<String> {
    let ends = match closed.accepted_until {
        Some(ends) => format!("accepted, the next ends {}", day(ends)),
        None => "accepted for a time".to_owned(),
    };
    let total = closed.accepted;
    (total > 0).then(|| format!("{} {ends}", counted(total, "finding")))
}

/// `2026-11-21`.
pub(crate) fn day(time: Time) -> String {
    let Civil { year, month, day, .. } = time.to_civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// A length of time in the largest unit of which there are at least two: `9 d`, `7 min`;
/// fractions dropped.
pub(crate) fn length(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (unit, name) = match seconds {
        172_800.. => (86_400, "d"),
        7200.. => (3600, "h"),
        120.. => (60, "min"),
        _ => (1, "s"),
    };
    format!("{} {name}", count(seconds / unit))
}

/// How long until `time`, or since: `in 9 d`, `3 d ago`.
pub(crate) fn relative(time: Time, now: Time) -> String {
    match time.seconds_since(now) {
        left @ 0.. => format!("in {}", length(left)),
        left => format!("{} ago", length(left)),
    }
}

/// `2026-11-21T16:37:00Z (3 d ago)`; the last moment of the calendar means "no end" (RFC 5280
/// section 4.1.2.5).
pub(crate) fn moment(time: Time, now: Time) -> String {
    match time {
        Time::NO_SET_EXPIRY => format!("{time} (no set end)"),
        time => format!("{time} ({})", relative(time, now)),
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
            (0, "in 0 s"),
            (-1, "1 s ago"),
            (3599, "in 59 min"),
            (7200, "in 2 h"),
            (-86_400, "24 h ago"),
            (9 * 86_400, "in 9 d"),
            (-4000 * 86_400, "4,000 d ago"),
        ] {
            assert_eq!(relative(Time::from_seconds(1_000_000_000 + offset), now), want);
        }
        assert_eq!(moment(now, now), "2001-09-09T01:46:40Z (in 0 s)");
        assert_eq!(moment(Time::NO_SET_EXPIRY, now), "9999-12-31T23:59:59Z (no set end)");
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
