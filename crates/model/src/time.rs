//! Wall time as certificates know it: UTC, proleptic Gregorian, no leap seconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
///
/// Its own type because the usual libraries end before `9999-12-31T23:59:59Z`, which RFC 5280
/// section 4.1.2.5 gives the meaning "no well-defined expiration date".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// `9999-12-31T23:59:59Z`: RFC 5280 section 4.1.2.5, "no well-defined expiration date".
    pub const NO_SET_EXPIRY: Self = Self(253_402_300_799_000);
    /// `0001-01-01T00:00:00Z`, the first moment that has a text form.
    pub const FIRST: Self = Self(-62_135_596_800_000);

    /// From whole seconds since the epoch, saturating.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From a calendar date and time of day; every field is checked, a leap second is refused.
    pub fn from_civil(civil: Civil) -> Result<Self, NotATime> {
        let Civil { year, month, day, hour, minute, second } = civil;
        if !(1..=9999).contains(&year) {
            return Err(NotATime::Year);
        }
        if !(1..=12).contains(&month) {
            return Err(NotATime::Month);
        }
        if day < 1 || day > days_in_month(year, month) {
            return Err(NotATime::Day);
        }
        if hour > 23 {
            return Err(NotATime::Hour);
        }
        if minute > 59 {
            return Err(NotATime::Minute);
        }
        if second > 59 {
            return Err(NotATime::Second);
        }
        let days = days_from_civil(i64::from(year), i64::from(month), i64::from(day));
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Ok(Self::from_seconds(days * 86_400 + of_day))
    }

    /// From the one text form that [`Time`] displays.
    pub fn from_text(text: &str) -> Option<Self> {
        let number = |part: std::ops::Range<usize>| text.get(part)?.parse().ok();
        let civil = Civil {
            year: text.get(..4)?.parse().ok()?,
            month: number(5..7)?,
            day: number(8..10)?,
            hour: number(11..13)?,
            minute: number(14..16)?,
            second: number(17..19)?,
        };
        let millis = match text.get(19..)? {
            "Z" => 0,
            _ => text.get(20..23)?.parse::<u16>().ok()?,
        };
        let time = Self(Self::from_civil(civil).ok()?.0 + i64::from(millis));
        // What reads back as itself has no sign, blank or letter where none belongs.
        (time.to_string() == text).then_some(time)
    }

    /// The calendar fields of this moment, fractions of a second dropped.
    pub fn to_civil(self) -> Civil {
        let seconds = self.seconds();
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        Civil {
            year: year as i32,
            month: month as u8,
            day: day as u8,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
        }
    }

    /// Whole seconds since the epoch, rounded towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` to `self`; negative when `self` is the earlier one.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0.saturating_sub(earlier.0)).div_euclid(1000)
    }

    /// This moment moved by `by` into the future, saturating.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// RFC 3339 in UTC, with milliseconds only where there are any: `2027-01-15T00:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = self.to_civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0.rem_euclid(1000) {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

/// Machine formats show the RFC 3339 text; the compact pipe between our own processes the number.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is no moment as reports write it"))
        })
    }
}

/// A date and time of day as written, not yet checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the calendar's own words")]
pub struct Civil {
    pub year: i32,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

/// The first field that makes a [`Civil`] no moment at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the calendar's own words")]
pub enum NotATime {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year => "the year is not between 1 and 9999",
            Self::Month => "the month is not between 1 and 12",
            Self::Day => "the month has no such day",
            Self::Hour => "the hour is above 23",
            Self::Minute => "the minute is above 59",
            Self::Second => "the second is above 59",
        })
    }
}

impl std::error::Error for NotATime {}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01; the arithmetic counts years from March so that a leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds as GNU `date -u -d … +%s` prints them.
    #[test]
    fn agrees_with_gnu_date() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1950-01-01T00:00:00Z", -631_152_000),
            ("2000-02-29T12:34:56Z", 951_827_696),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("2049-12-31T23:59:59Z", 2_524_607_999),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] {
            let time = Time::from_seconds(seconds);
            assert_eq!(time.to_string(), text);
            assert_eq!(Time::from_civil(time.to_civil()), Ok(time));
            assert_eq!(Time::from_text(text), Some(time));
        }
    }

    #[test]
    fn refuses_what_no_calendar_has() {
        let good = Civil { year: 2028, month: 2, day: 29, hour: 0, minute: 0, second: 0 };
        assert!(Time::from_civil(good).is_ok());
        for (bad, why) in [
            (Civil { year: 2027, ..good }, NotATime::Day),
            (Civil { year: 2100, ..good }, NotATime::Day),
            (Civil { year: 0, ..good }, NotATime::Year),
            (Civil { year: 10_000, ..good }, NotATime::Year),
            (Civil { month: 13, ..good }, NotATime::Month),
            (Civil { month: 0, ..good }, NotATime::Month),
            (Civil { day: 0, ..good }, NotATime::Day),
            (Civil { hour: 24, ..good }, NotATime::Hour),
            (Civil { minute: 60, ..good }, NotATime::Minute),
            (Civil { second: 60, ..good }, NotATime::Second),
        ] {
            assert_eq!(Time::from_civil(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn milliseconds_are_shown_only_where_there_are_any() {
        assert_eq!(Time::from_millis(1500).to_string(), "1970-01-01T00:00:01.500Z");
        assert_eq!(Time::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn no_other_text_is_a_moment() {
        assert_eq!(Time::from_text("1970-01-01T00:00:01.500Z"), Some(Time::from_millis(1500)));
        for wrong in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00.5Z",
            "1970-01-01T00:00:00.000Z",
            "1970-01-01T00:00:00+00:00",
            "1970-02-30T00:00:00Z",
            "+970-01-01T00:00:00Z",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00ZZ",
        ] {
            assert_eq!(Time::from_text(wrong), None, "{wrong}");
        }
    }
}
