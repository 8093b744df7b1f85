//! Moments and lengths of time as people say them.

use std::fmt;

use certvigil_model::Time;

/// A moment beside its distance: `2027-01-15T00:00:00Z (in 12 d)`, `… (3 h ago)`.
pub(crate) fn moment(time: Time, now: Time) -> String {
    let left = time.seconds_since(now);
    if left < 0 {
        format!("{time} ({} ago)", Span(-left))
    } else {
        format!("{time} (in {})", Span(left))
    }
}

/// A length of time in seconds, shown in the largest unit of which there are at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span(pub(crate) i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0;
        match seconds.unsigned_abs() {
            0..120 => write!(f, "{seconds} s"),
            120..7_200 => write!(f, "{} min", seconds / 60),
            7_200..172_800 => write!(f, "{} h", seconds / 3600),
            _ => write!(f, "{} d", seconds / 86_400),
        }
    }
}
