//! Answers questions about incidents and takes people's orders, over a store.
//!
//! Read [`Desk`]. What an order changes is decided by `alarm` and written in the same transaction; whoever looks at a
//! store and whoever changes it need not be the process that files issues.

mod find;
mod give;
mod note;
mod remote;
mod wish;

use std::collections::BTreeMap;

use certvigil_alarm::{Memory as Document, Pace, Silence, explain};
use certvigil_model::{EndpointId, Foreign, Incident, IncidentKey, Record, Sighting, Status, Time};
use certvigil_report::incidents::{Listed, Silenced, Whole, sort};
use certvigil_store::{Chained, Store, Transaction};
use thiserror::Error as ThisError;

use crate::act::{Kept, Memory as _, MemoryError};

pub use certvigil_alarm::{Order, Rules};
pub use find::{Candidate, LEAST};
pub use give::{Given, note};
pub use note::{Noted, Report, Reported, about, look};
pub use remote::{Answer, Listing, Remote};
pub use wish::Wish;

/// Where people ask and order.
pub struct Desk {
    pub(crate) kept: Kept,
}

/// Why there is no answer.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// No key is that short.
    #[error(
        "{0} is no incident: write a key, or at least its first {LEAST} digits, as `incidents list` shows them"
    )]
    NotAKey(String),
    /// Nothing has such a key.
    #[error("no incident has a key that begins with {0}; `incidents list --all` shows all of them")]
    Unknown(String),
    /// The service that was asked.
    #[error("the service at {at} {why}")]
    Remote {
        /// Its socket or address.
        at: String,
        /// What it did, or did not do.
        why: String,
    },
    /// Several incidents have one.
    #[error("{} incidents have a key that begins with {head}: write more of it", candidates.len())]
    Ambiguous {
        /// What was asked for.
        head: String,
        /// All of them.
        candidates: Vec<Candidate>,
    },
}

impl Error {
    /// Whether it is what was asked that is wrong, and not the store.
    pub const fn is_of_asking(&self) -> bool {
        matches!(self, Self::NotAKey(_) | Self::Unknown(_) | Self::Ambiguous { .. })
    }
}

impl From<certvigil_store::Error> for Error {
    fn from(error: certvigil_store::Error) -> Self {
        Self::Memory(error.into())
    }
}

impl Desk {
    /// Over an open store.
    pub const fn new(store: Box<dyn Store>) -> Self {
        Self { kept: Kept::new(store) }
    }

    /// Incidents that are open or waiting, the worst first; with `resolved` those that are over too.
    ///
    /// # Errors
    /// What the store meets; so for all below.
    pub fn list(&mut self, resolved: bool, now: Time) -> Result<Vec<Listed>, Error> {
        let known = self.known(now)?;
        let since = if resolved { Time::FIRST } else { now };
        let incidents = self.read(now, |transaction| transaction.incidents(since))?;
        let mut listed: Vec<_> = incidents
            .into_iter()
            .filter(|incident| resolved || !is_over(incident))
            .map(|incident| known.listed(incident, now))
            .collect();
        sort(&mut listed);
        Ok(listed)
    }

    /// The incident whose key is `text` or begins with it.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn find(&mut self, text: &str, now: Time) -> Result<IncidentKey, Error> {
        let incidents = self.read(now, |transaction| transaction.incidents(Time::FIRST))?;
        find::find(text, &incidents)
    }

    /// All that is kept of one incident.
    ///
    /// # Errors
    /// There is none.
    pub fn show(&mut self, key: &IncidentKey, now: Time) -> Result<Whole, Error> {
        let known = self.known(now)?;
        let read = self.read(now, |transaction| {
            let Some(incident) = transaction.incident(key)? else { return Ok(None) };
            let deliveries = transaction.deliveries_of(key)?;
            let rows = transaction.journal_of(key)?;
            Ok(Some((incident, deliveries, rows)))
        })?;
        let (incident, deliveries, rows) = read.ok_or_else(|| Error::Unknown(key.to_string()))?;
        let records = rows.iter().filter_map(record).collect();
        Ok(Whole { listed: known.listed(incident, now), deliveries, records })
    }

    /// Why what `what` names is or is not alarmed, what comes next and when, and who is told: lines, escaped. `what` is an
    /// endpoint, a place, a target, a name, the head of a certificate's SHA-256 or of an incident's key.
    ///
    /// # Errors
    /// Several incidents have such a key.
    pub fn explain(&mut self, what: &str, rules: &Rules, now: Time) -> Result<Vec<String>, Error> {
        let mut state = self.kept.state(now)?;
        state.sightings = self.kept.sightings(now)?;
        match self.find(what, now) {
            Ok(key) => Ok(explain(&state, rules, now, key.as_str())),
            Err(Error::Unknown(_) | Error::NotAKey(_)) => Ok(explain(&state, rules, now, what)),
            Err(error) => Err(error),
        }
    }

    fn known(&mut self, now: Time) -> Result<Known, Error> {
        let (memory, sightings) = (self.kept.state(now)?.memory, self.kept.sightings(now)?);
        Ok(Known { memory, sightings })
    }

    fn read<T>(
        &mut self,
        now: Time,
        mut work: impl FnMut(&mut dyn Transaction) -> Result<T, certvigil_store::Error>,
    ) -> Result<T, Error> {
        let mut given = None;
        self.kept.store.read(now, &mut |transaction| {
            given = Some(work(transaction)?);
            Ok(())
        })?;
        match given {
            Some(given) => Ok(given),
            None => unreachable!("what was read without an error has given its answer"),
        }
    }
}

fn is_over(incident: &Incident) -> bool {
    incident.status == Status::Resolved
}

/// What is said of an incident beside what it is itself.
struct Known {
    memory: Document,
    sightings: BTreeMap<EndpointId, Sighting>,
}

impl Known {
    fn listed(&self, incident: Incident, now: Time) -> Listed {
        let of_this = |it: &&Silence| it.incident == incident.key && it.until > now;
        let silenced = self.memory.silences.iter().find(of_this).map(|silence| Silenced {
            by: silence.by.clone(),
            reason: Foreign::new(silence.reason.as_str()),
            until: silence.until,
        });
        let stale = if is_over(&incident) { BTreeMap::new() } else { self.stale(&incident, now) };
        Listed { incident, silenced, stale }
    }

    fn stale(&self, incident: &Incident, now: Time) -> BTreeMap<EndpointId, Time> {
        let pace = Pace::remembered(&self.memory, &self.sightings);
        let looked_at = |id: &EndpointId| Some((*id, self.sightings.get(id)?.last_seen));
        let all = incident.places.keys().filter_map(looked_at);
        all.filter(|(_, at)| pace.is_stale(*at, now)).collect()
    }
}

/// What a newer version wrote in a form of its own is left out here, and shown by `journal show`.
fn record(row: &Chained) -> Option<Record> {
    serde_json::from_str(&row.text).ok()
}
