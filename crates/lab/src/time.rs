//! Dates as certificates write them (RFC 5280 section 4.1.2.5).

use crate::asn1::{tag, tlv};

/// A day, in seconds.
pub(crate) const DAY: i64 = 86_400;
/// An hour, in seconds.
pub(crate) const HOUR: i64 = 3_600;

/// The moment `seconds` after the epoch: UTCTime through 2049, GeneralizedTime from 2050.
pub(crate) fn time(seconds: i64) -> Vec<u8> {
    let text = generalized(seconds);
    match text[..4].parse::<u16>() {
        Ok(1950..=2049) => utc_time(&text[2..]),
        _ => generalized_time(&text),
    }
}

/// `YYYYMMDDHHMMSSZ`.
pub(crate) fn generalized(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / HOUR, of_day / 60 % 60, of_day % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// UTCTime with this text, right or wrong.
pub(crate) fn utc_time(text: &str) -> Vec<u8> {
    tlv(tag::UTC_TIME, text.as_bytes())
}

/// GeneralizedTime with this text, right or wrong.
pub(crate) fn generalized_time(text: &str) -> Vec<u8> {
    tlv(tag::GENERALIZED_TIME, text.as_bytes())
}

/// Year, month and day of a count of days since 1970-01-01, by years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `date -u -d @N +%Y%m%d%H%M%SZ` prints them.
    #[test]
    fn dates_are_as_the_calendar_has_them() {
        for (seconds, want) in [
            (0, "19700101000000Z"),
            (951_782_399, "20000228235959Z"),
            (951_782_400, "20000229000000Z"),
            (1_795_000_000, "20261118110640Z"),
            (4_107_542_399, "21000228235959Z"),
            (4_107_542_400, "21000301000000Z"),
            (-1, "19691231235959Z"),
        ] {
            assert_eq!(generalized(seconds), want);
        }
        assert_eq!(time(2_524_607_999)[0], tag::UTC_TIME);
        assert_eq!(time(2_524_608_000)[0], tag::GENERALIZED_TIME);
    }
}
