//! Amounts as people write them, with their units; the command line reads them by these too.

use std::num::NonZeroU32;
use std::time::Duration;

use certvigil_model::{FailOn, Time};

/// A length of time with its unit, `500ms`, `5s`, `2m`: between 100 ms and 10 min.
pub fn span(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration =
        text.parse().map_err(|_| "write a time with its unit, like 500ms, 5s or 2m".to_owned())?;
    let span = Duration::try_from(span).map_err(|_| "a time cannot be negative".to_owned())?;
    let (least, most) = (Duration::from_millis(100), Duration::from_secs(600));
    if span < least || span > most {
        return Err("a time must be between 100ms and 10m".to_owned());
    }
    Ok(span)
}

/// A part of a certificate's life: `30d`, `36h`.
pub fn life(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time with its unit, like 30d or 36h".to_owned();
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    let life = match days {
        Some(days) => Duration::from_secs(days.checked_mul(86_400).ok_or_else(wrong)?),
        None => {
            let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
            Duration::try_from(span).map_err(|_| "a time cannot be negative".to_owned())?
        }
    };
    if life.as_secs() == 0 { Err(wrong()) } else { Ok(life) }
}

/// A time of day in hours and minutes, `22:00`.
pub fn time_of_day(text: &str) -> Result<jiff::civil::Time, String> {
    let two = |digits: &str| {
        let number = digits.parse::<i8>().ok();
        number.filter(|_| digits.len() == 2 && digits.bytes().all(|it| it.is_ascii_digit()))
    };
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((two(hour)?, two(minute)?)));
    parts
        .and_then(|(hour, minute)| jiff::civil::Time::new(hour, minute, 0, 0).ok())
        .ok_or_else(|| "write a time of day like 22:00".to_owned())
}

/// From one time of a day to a later one, `09:00-17:00`.
pub fn hours(text: &str) -> Result<(jiff::civil::Time, jiff::civil::Time), String> {
    let hours = text.split_once('-').and_then(|(from, to)| {
        Some((time_of_day(from.trim()).ok()?, time_of_day(to.trim()).ok()?))
    });
    hours
        .filter(|(from, to)| from < to)
        .ok_or_else(|| "write two times of one day like 09:00-17:00".to_owned())
}

/// So many a second: `50/s`.
pub fn rate(text: &str) -> Result<NonZeroU32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    number.parse().map_err(|_| "write a whole number above 0, like 50/s".to_owned())
}

/// A moment by RFC 3339, or a date, which means its first moment in UTC.
pub fn moment(text: &str) -> Result<Time, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Time::from_millis(moment.as_millisecond()));
    }
    let date: jiff::civil::Date = text.parse().map_err(|_| {
        "write a date like 2027-01-15 or a moment like 2027-01-15T12:00:00Z".to_owned()
    })?;
    let days = date.since(jiff::civil::date(1970, 1, 1)).map_err(|error| error.to_string())?;
    Ok(Time::from_seconds(i64::from(days.get_days()) * 86_400))
}

/// The least that makes a run fail.
pub fn fail_on(text: &str) -> Result<FailOn, String> {
    Ok(match text {
        "info" => FailOn::Info,
        "warning" => FailOn::Warning,
        "critical" => FailOn::Critical,
        "never" => FailOn::Never,
        _ => return Err("write info, warning, critical or never".to_owned()),
    })
}
