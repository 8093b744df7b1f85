//! Dates as people say them, in UTC.

use certvigil_model::{Civil, Time};

/// `22 Dec 2026`.
pub(super) fn date(time: Time) -> String {
    if time == Time::NO_SET_EXPIRY {
        return "never".to_owned();
    }
    let Civil { year, month, day, .. } = time.to_civil();
    format!("{day} {} {year:04}", MONTHS[usize::from(month - 1)])
}

/// `Tue 22 Dec 2026`.
pub(super) fn weekday_date(time: Time) -> String {
    format!("{} {}", weekday(time), date(time))
}

/// `Tue 22 Dec 2026 10:00 UTC`, seconds dropped: never later than it is.
pub(super) fn moment(time: Time) -> String {
    match time {
        Time::NO_SET_EXPIRY => "never".to_owned(),
        time => format!("{} {}", weekday(time), stamp(time)),
    }
}

/// `22 Dec 2026 10:00 UTC`, seconds dropped.
pub(super) fn stamp(time: Time) -> String {
    let Civil { hour, minute, .. } = time.to_civil();
    format!("{} {hour:02}:{minute:02} UTC", date(time))
}

/// The start of the last Monday to Friday before the day of `end`. Holidays are not known here.
pub(super) fn last_working_day_before(end: Time) -> Time {
    let day = day_of(end) - 1;
    let past_friday = of_week(day).saturating_sub(FRIDAY);
    Time::from_seconds((day - past_friday as i64) * DAY)
}

/// Whether both are on one day.
pub(super) fn is_same_day(a: Time, b: Time) -> bool {
    day_of(a) == day_of(b)
}

fn day_of(time: Time) -> i64 {
    time.seconds().div_euclid(DAY)
}

fn weekday(time: Time) -> &'static str {
    WEEKDAYS[of_week(day_of(time))]
}

/// 0 is Monday. The first day of the epoch was a Thursday.
fn of_week(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

const DAY: i64 = 86_400;
const FRIDAY: usize = 4;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    /// As GNU `date -u -d … '+%a %-d %b %Y %H:%M'` prints them.
    #[test]
    fn agrees_with_gnu_date() {
        for (text, want) in [
            ("1969-12-31T23:59:59Z", "Wed 31 Dec 1969 23:59 UTC"),
            ("2017-03-31T12:00:00Z", "Fri 31 Mar 2017 12:00 UTC"),
            ("2028-02-29T00:00:59Z", "Tue 29 Feb 2028 00:00 UTC"),
            ("2100-03-01T06:07:08Z", "Mon 1 Mar 2100 06:07 UTC"),
        ] {
            assert_eq!(Time::from_text(text).map(moment).as_deref(), Some(want));
        }
        assert_eq!(moment(Time::NO_SET_EXPIRY), "never");
    }

    #[test]
    fn the_last_working_day_is_a_whole_one_before_the_end() {
        for (end, want) in [
            ("2026-12-22T10:00:00Z", "Mon 21 Dec 2026"),
            ("2026-12-21T00:00:00Z", "Fri 18 Dec 2026"),
            ("2026-12-20T23:59:59Z", "Fri 18 Dec 2026"),
            ("2026-12-19T10:00:00Z", "Fri 18 Dec 2026"),
            ("2026-12-18T10:00:00Z", "Thu 17 Dec 2026"),
        ] {
            let day = Time::from_text(end).map(last_working_day_before);
            assert_eq!(day.map(weekday_date).as_deref(), Some(want), "{end}");
        }
    }
}
