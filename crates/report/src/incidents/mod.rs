//! Words incidents for whoever asks at a terminal: all of them, one in full, and what a look that a person started has
//! brought. Programs get the same as JSON.

mod look;
mod machine;
mod table;
mod whole;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use certvigil_model::{
    Delivery, EndpointId, Family, Filing, Foreign, Incident, Record, Severity, Status, Time,
};

use serde::{Deserialize, Serialize};

use crate::issue::{self, Context};
use crate::words::inert;

pub use look::answer;
pub use machine::{list_json, show_json};
pub use table::list;
pub use whole::show;

/// An incident, and whether anybody is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The incident.
    pub incident: Incident,
    /// Nobody is told of it for a time.
    pub silenced: Option<Silenced>,
    /// Its places of which nothing is known any more: when each was looked at last.
    #[serde(default)]
    pub stale: BTreeMap<EndpointId, Time>,
}

/// Somebody's word that an incident is not to be told of for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silenced {
    /// Whose word it is.
    pub by: Foreign,
    /// Why.
    pub reason: Foreign,
    /// Until when.
    pub until: Time,
}

impl Listed {
    /// Why nobody is told of it, or is all the same; none where there is no silence.
    fn silence(&self, until: &str) -> Option<String> {
        let silence = self.silenced.as_ref()?;
        let (by, reason) = (silence.by.shown(), silence.reason.shown());
        let is_near_end =
            (self.incident.family, self.incident.severity) == (Family::Expiry, Severity::Critical);
        let held = match is_near_end {
            true => "told all the same, being critical near its end; silence was asked for",
            false => "silent",
        };
        Some(format!("{held} until {until} by {by}: {reason}"))
    }
}

/// All that is kept of one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Whole {
    /// Itself.
    pub listed: Listed,
    /// What was to be told of it, the oldest first.
    pub deliveries: Vec<Delivery>,
    /// What the journal says of it, in the order of time.
    pub records: Vec<Record>,
}

/// When words are made, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The program and its version.
    pub tool: &'a str,
    /// Now.
    pub now: Time,
}

impl Written<'_> {
    fn title(self, incident: &Incident) -> String {
        issue::title(incident, &Context::new(self.now, self.tool))
    }
}

/// Puts what somebody has to act on first, and of that the worst: by severity, then by what ends first.
pub fn sort(incidents: &mut [Listed]) {
    incidents.sort_by_key(|Listed { incident, .. }| {
        let order = match incident.status {
            Status::Open => 0,
            Status::Waiting => 1,
            Status::Resolved => 2,
        };
        let end = incident.certificate.as_ref().map_or(Time::NO_SET_EXPIRY, |it| it.ends.at);
        let resolved = incident.resolved_at.map_or(0, Time::millis);
        let since = (incident.first_seen, incident.key.clone());
        (order, Reverse(resolved), Reverse(incident.severity), end, since)
    });
}

/// The word for where an issue stands, the same as in the store.
const fn filing(filing: &Filing) -> &'static str {
    match filing {
        Filing::None => "none",
        Filing::Held { .. } => "held",
        Filing::Queued { .. } => "queued",
        Filing::Doubtful { .. } => "doubtful",
        Filing::Stored { .. } => "stored",
        Filing::Confirmed { .. } => "confirmed",
        Filing::Failed { .. } => "failed",
        Filing::Closed { .. } => "closed",
    }
}

/// Since when its issue stands so.
const fn filing_at(filing: &Filing) -> Option<Time> {
    match filing {
        Filing::None => None,
        Filing::Held { since }
        | Filing::Queued { since }
        | Filing::Doubtful { since }
        | Filing::Failed { since, .. } => Some(*since),
        Filing::Stored { at, .. } | Filing::Confirmed { at, .. } | Filing::Closed { at, .. } => {
            Some(*at)
        }
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting => "waiting",
        Status::Open => "open",
        Status::Resolved => "resolved",
    }
}

/// Since when somebody has to act, or it is known.
fn since(incident: &Incident) -> Time {
    incident.opened_at.unwrap_or(incident.first_seen)
}

/// The digits that tables show of a key: enough to give it back.
fn head(incident: &Incident) -> &str {
    let key = incident.key.as_str();
    key.get(..HEAD).unwrap_or(key)
}

const HEAD: usize = 8;

/// `2026-11-21 16:37`, in UTC.
fn minute(time: Time) -> String {
    let text = time.to_string();
    let minute = text.get(..16).unwrap_or(&text);
    minute.replacen('T', " ", 1)
}

/// As one line that nothing acts on.
fn safe(text: &str) -> String {
    inert(text, "")
}
