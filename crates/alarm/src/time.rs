//! Times that come from a store: a clock may have been set back since.

use std::time::Duration;

use certvigil_model::{Incident, Time};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// Looked at once more after that.
pub(crate) const SECOND_LOOK: Duration = Duration::from_secs(30);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Whether `time` has passed since `since`. What is stored with a time that is yet to come was written by a clock that
/// was ahead: it counts as due.
pub(crate) fn has_passed(since: Time, time: Duration, now: Time) -> bool {
    since > now || since.plus(time) <= now
}

/// Whether `end` is here. An end that lies further ahead than any that is given out counts as here.
pub(crate) fn is_over(end: Time, longest: Duration, now: Time) -> bool {
    end <= now || end > now.plus(longest)
}

/// `by` earlier than `time`.
pub(crate) fn minus(time: Time, by: Duration) -> Time {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Time::from_millis(time.millis().saturating_sub(by))
}

/// Seconds until the certificate of `incident` ends; none where it has none.
pub(crate) fn seconds_left(incident: &Incident, now: Time) -> Option<i64> {
    incident.certificate.as_ref().map(|certificate| certificate.ends.at.seconds_since(now))
}
