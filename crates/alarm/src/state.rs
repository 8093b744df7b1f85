//! What alarms rest on between two events.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_model::{
    Delivery, EndpointId, Foreign, Incident, IncidentKey, Notice, Sighting, Time,
};
use serde::{Deserialize, Serialize};

use crate::{Orphan, Routine};

/// Everything that [`step`](crate::Event) needs and changes. It is read from a store in the transaction that writes
/// it back, or put together from what trackers hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// What each endpoint shows; as it was before the round that an event tells of.
    pub sightings: BTreeMap<EndpointId, Sighting>,
    /// Incidents that are waiting or open, and those that may still reopen.
    pub incidents: BTreeMap<IncidentKey, Incident>,
    /// Deliveries that are not over, by their ids.
    pub deliveries: BTreeMap<String, Delivery>,
    /// Messages that are not over, by their ids.
    pub notices: BTreeMap<String, Notice>,
    /// The rest.
    pub memory: Memory,
}

/// What is kept as one small document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Rounds taken in so far; none: the first one only observes what the brake would hold.
    pub rounds: u64,
    /// The last whole round's end.
    pub last_round: Option<Time>,
    /// From one whole round to the next, where the config or a timer of its own has it otherwise than as planned.
    pub interval: Option<Duration>,
    /// What is not critical only waits, because a first round or a new config would open too much.
    pub observing_since: Option<Time>,
    /// The last round was a first one, or one with another config than the round before it.
    pub is_fresh: bool,
    /// When issues were asked for in the last hour, by tracker, for the brake.
    pub filed: BTreeMap<String, Vec<Time>>,
    /// We saw nothing since then, and why, in plain words.
    pub blind: Option<(Time, String)>,
    /// The config that the last event knew, by a hash.
    pub config: Option<String>,
    /// Open issues of which nobody knows what they are about.
    pub orphans: BTreeMap<IncidentKey, Orphan>,
    /// When messages were asked for in the last hour, for the breaker: no more of them than its limit.
    pub messages: Vec<Time>,
    /// Nothing but calls is sent since then, because too much was to be sent.
    pub breaker_since: Option<Time>,
    /// When people were told last of a channel that fails, by its incident.
    pub channels_told: BTreeMap<IncidentKey, Time>,
    /// What is sent by the calendar.
    pub routine: Routine,
    /// Incidents that are not to be told for a time.
    pub silences: Vec<Silence>,
    /// Since when what waits has been seen, as far as a run without a store can note it; none: a store keeps incidents.
    #[serde(skip)]
    pub notes: Option<BTreeMap<IncidentKey, Time>>,
}

/// Somebody's word that an incident is not to be told of for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Which.
    pub incident: IncidentKey,
    /// Why.
    pub reason: String,
    /// Whose word it is.
    pub by: Foreign,
    /// When it was given.
    pub at: Time,
    /// Until when.
    pub until: Time,
    /// That it ends soon has been said.
    #[serde(default)]
    pub ends_told: bool,
}
