//! What an incident comes to in moments and minutes. What cannot be told is unknown, never nought.

use std::fmt;

use certvigil_model::{Family, Incident, Record, Time};

use super::calendar::stamp;

/// The figures of one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    expired: Figure,
    first_seen: Figure,
    filed: Figure,
    read_back: Figure,
    acknowledged: Figure,
    served_everywhere: Figure,
    minutes_dark: Figure,
    minutes_to_a_person: Figure,
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// It was then.
    At(Time),
    /// So long, or so long up to now.
    Minutes {
        minutes: i64,
        /// It is not over.
        so_far: bool,
    },
    /// It is known that it did not come to be.
    Never,
    /// It cannot be told.
    Unknown,
}

impl Figures {
    /// `records` in the order in which things happened.
    pub(super) fn of(records: &[&Record], incident: &Incident, now: Time) -> Self {
        let log = Log(records);
        let served = served(&log, incident);
        let expired = expired(incident, served, now);
        let first_seen = first_seen(&log, incident);
        let acknowledged = log.first(|it| it.kind == "acknowledged");
        Self {
            expired,
            first_seen: Figure::At(first_seen),
            filed: log.first(is_filed).into(),
            read_back: log.first(is_read_back).into(),
            acknowledged: acknowledged.into(),
            served_everywhere: served.into(),
            minutes_dark: dark(expired, served, incident, now),
            minutes_to_a_person: match acknowledged {
                Some(at) => Figure::between(first_seen, at, false),
                None => Figure::Unknown,
            },
        }
    }

    /// Each by its name.
    pub(super) const fn all(&self) -> [(&'static str, Figure); 8] {
        [
            ("expired", self.expired),
            ("first seen", self.first_seen),
            ("filed", self.filed),
            ("read back", self.read_back),
            ("acknowledged", self.acknowledged),
            ("served everywhere", self.served_everywhere),
            ("minutes dark", self.minutes_dark),
            ("minutes to a person", self.minutes_to_a_person),
        ]
    }
}

impl Figure {
    /// What ends before it begins took no time; a part of a minute is a minute.
    fn between(from: Time, to: Time, so_far: bool) -> Self {
        let seconds = to.seconds_since(from).max(0);
        Self::Minutes { minutes: seconds / 60 + i64::from(seconds % 60 > 0), so_far }
    }
}

impl From<Option<Time>> for Figure {
    fn from(time: Option<Time>) -> Self {
        time.map_or(Self::Unknown, Self::At)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => f.write_str(&stamp(*time)),
            Self::Minutes { minutes, so_far: false } => write!(f, "{minutes}"),
            Self::Minutes { minutes, so_far: true } => write!(f, "{minutes} so far"),
            Self::Never => f.write_str("never"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

struct Log<'a>(&'a [&'a Record]);

impl Log<'_> {
    /// When the first such thing happened: a person's own time where the record has one.
    fn first(&self, is_it: impl Fn(&Record) -> bool) -> Option<Time> {
        let found = self.0.iter().find(|record| is_it(record))?;
        Some(moment(found, "when").unwrap_or(found.at))
    }
}

fn moment(record: &Record, fact: &str) -> Option<Time> {
    record.data.get(fact).and_then(|text| Time::from_text(text))
}

fn says(record: &Record, fact: &str, what: &str) -> bool {
    record.data.get(fact).is_some_and(|text| text == what)
}

/// Read back by its id at least: that a tracker said so itself is not enough.
fn is_filed(record: &Record) -> bool {
    record.kind == "issue-stored" || is_read_back(record)
}

/// By its id and by its key.
fn is_read_back(record: &Record) -> bool {
    record.kind == "issue-confirmed" && says(record, "act", "file")
}

fn first_seen(log: &Log<'_>, incident: &Incident) -> Time {
    let told = log.0.iter().filter_map(|record| moment(record, "first_seen"));
    told.chain([incident.first_seen]).min().unwrap_or(incident.first_seen)
}

/// When every place had twice been seen good, the last time that this was so. A place that was
/// taken off the inventory shows nothing.
fn served(log: &Log<'_>, incident: &Incident) -> Option<Time> {
    let resolved_at = incident.resolved_at?;
    let last = log.0.iter().rfind(|record| record.kind == "incident-resolved");
    match last {
        Some(record) if says(record, "good", "0") => None,
        Some(record) => Some(record.at),
        None => Some(resolved_at).filter(|_| !incident.places.is_empty()),
    }
}

/// Whether the end came before the new certificate did.
fn expired(incident: &Incident, served: Option<Time>, now: Time) -> Figure {
    let Some(certificate) = incident.certificate.as_ref() else { return Figure::Unknown };
    if incident.family != Family::Expiry {
        return Figure::Unknown;
    }
    match certificate.ends.at {
        end if end > served.unwrap_or(now) => Figure::Never,
        end => Figure::At(end),
    }
}

/// From the end of the certificate until every place served a new one.
fn dark(expired: Figure, served: Option<Time>, incident: &Incident, now: Time) -> Figure {
    match (expired, served) {
        (Figure::At(end), Some(served)) => Figure::between(end, served, false),
        (Figure::At(end), None) if incident.resolved_at.is_none() => {
            Figure::between(end, now, true)
        }
        (Figure::Never, Some(_)) => Figure::Minutes { minutes: 0, so_far: false },
        (Figure::Never, None) if incident.resolved_at.is_none() => {
            Figure::Minutes { minutes: 0, so_far: true }
        }
        _ => Figure::Unknown,
    }
}
