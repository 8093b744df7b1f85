//! Moments as trackers write them: RFC 3339, with or without a fraction, the offset also without its colon.

use std::time::Duration;

use certvigil_model::Time;

/// `2026-11-25T03:13:37Z`, `2026-11-25T04:13:37.123+0100`; none where it is nothing of the kind.
pub(crate) fn moment(text: &str) -> Option<Time> {
    let local = Time::from_text(&format!("{}Z", text.get(..19)?.replace(' ', "T")))?;
    let rest = text.get(19..)?;
    let digits = rest.strip_prefix('.').unwrap_or_default();
    let digits = digits.split(|c: char| !c.is_ascii_digit()).next()?;
    let offset = if digits.is_empty() { rest } else { rest.get(digits.len() + 1..)? };
    let millis: u64 = format!("{digits:0<3}").get(..3)?.parse().ok()?;
    let utc = local.millis().checked_sub(offset_seconds(offset)?.checked_mul(1000)?)?;
    Some(Time::from_millis(utc).plus(Duration::from_millis(millis)))
}

fn offset_seconds(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = text.get(1..)?.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) =
        (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?);
    Some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `date -u -d TEXT +%s` reads them.
    #[test]
    fn the_ways_of_writing_a_moment_agree() {
        for (text, millis) in [
            ("2026-11-25T03:13:37Z", 1_795_576_417_000),
            ("2026-11-25T03:13:37.5Z", 1_795_576_417_500),
            ("2026-11-25T04:13:37.123456+0100", 1_795_576_417_123),
            ("2026-11-24T22:43:37-04:30", 1_795_576_417_000),
            ("2026-11-25 03:13:37Z", 1_795_576_417_000),
        ] {
            assert_eq!(moment(text), Some(Time::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2026-11-25",
            "2026-11-25T03:13:37",
            "2026-11-25T03:13:37+1",
            "2026-13-25T03:13:37Z",
            "2026-11-25T03:13:37.Z",
            "2026-11-25T03:13:37 UTC",
            "2026-11-25T03:13:3é",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
