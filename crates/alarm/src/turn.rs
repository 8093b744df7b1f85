//! One step under way: the state, and what has come of it so far.

use std::collections::{BTreeMap, BTreeSet};

use certvigil_model::{
    Delivery, DeliveryState, EndpointId, Family, Foreign, Incident, IncidentKey, Notice, Record,
    Subject, Time,
};

use crate::{Heard, Rules, State, Step, Wanted};

pub(crate) struct Turn<'a> {
    pub(crate) state: State,
    pub(crate) now: Time,
    pub(crate) rules: &'a Rules,
    /// Incidents that are not as they were.
    pub(crate) changed: BTreeSet<IncidentKey>,
    deliveries: BTreeMap<String, Delivery>,
    notices: BTreeMap<String, Notice>,
    records: Vec<Record>,
    wanted: BTreeMap<EndpointId, Time>,
    heard: Vec<Heard>,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(state: State, now: Time, rules: &'a Rules) -> Self {
        Self {
            state,
            now,
            rules,
            changed: BTreeSet::new(),
            deliveries: BTreeMap::new(),
            notices: BTreeMap::new(),
            records: Vec::new(),
            wanted: BTreeMap::new(),
            heard: Vec::new(),
        }
    }

    pub(crate) fn end(self) -> Step {
        let wanted = self.wanted.into_iter().map(|(endpoint, at)| Wanted { endpoint, at });
        Step {
            state: self.state,
            incidents: self.changed.into_iter().collect(),
            deliveries: self.deliveries.into_values().collect(),
            notices: self.notices.into_values().collect(),
            records: self.records,
            wanted: wanted.collect(),
            heard: self.heard,
        }
    }

    pub(crate) fn key(&self, family: Family, subject: &Subject) -> IncidentKey {
        IncidentKey::of(&self.rules.site, self.rules.site_key.as_deref(), family, subject)
    }

    /// Puts an incident where it belongs, changed.
    pub(crate) fn keep(&mut self, incident: Incident) {
        self.changed.insert(incident.key.clone());
        self.state.incidents.insert(incident.key.clone(), incident);
    }

    /// Takes in a delivery as it is now; one that is over leaves the state.
    pub(crate) fn keep_delivery(&mut self, delivery: Delivery) {
        if delivery.state.is_over() {
            self.state.deliveries.remove(&delivery.id);
        } else {
            self.state.deliveries.insert(delivery.id.clone(), delivery.clone());
        }
        self.deliveries.insert(delivery.id.clone(), delivery);
    }

    /// Takes in a message as it is now; one that is over leaves the state.
    pub(crate) fn keep_notice(&mut self, notice: Notice) {
        if notice.state.is_over() {
            self.state.notices.remove(&notice.id);
        } else {
            self.state.notices.insert(notice.id.clone(), notice.clone());
        }
        self.notices.insert(notice.id.clone(), notice);
    }

    /// `id`, or what follows it where that is taken: the same step makes the same ids.
    pub(crate) fn new_id(&self, id: String) -> String {
        let is_taken = |id: &String| {
            self.deliveries.contains_key(id) || self.state.deliveries.contains_key(id)
        };
        let mut candidates = (2..).map(|number: u32| format!("{id}-{number}"));
        if is_taken(&id) { candidates.find(|id| !is_taken(id)).unwrap_or(id) } else { id }
    }

    pub(crate) fn drop_delivery(&mut self, delivery: Delivery, why: &str) {
        let facts = [("delivery", delivery.id.clone()), ("why", why.to_owned())];
        self.record(crate::kinds::DELIVERY_DROPPED, Some(&delivery.incident), facts);
        self.keep_delivery(Delivery { state: DeliveryState::Dropped, ..delivery });
    }

    /// Puts facts on record, each as one line: see [`shown`].
    pub(crate) fn record<const N: usize>(
        &mut self,
        kind: &str,
        incident: Option<&IncidentKey>,
        facts: [(&str, String); N],
    ) {
        let data = facts.map(|(name, fact)| (name.to_owned(), shown(fact)));
        self.records.push(Record {
            at: self.now,
            kind: kind.to_owned(),
            incident: incident.cloned(),
            data: data.into(),
            body: None,
        });
    }

    /// Asks for a look; of two the earlier one.
    pub(crate) fn want(&mut self, endpoint: EndpointId, at: Time) {
        let wanted = self.wanted.entry(endpoint).or_insert(at);
        *wanted = at.min(*wanted);
    }

    pub(crate) fn tell(&mut self, text: impl Into<String>) {
        self.heard.push(Heard { is_failure: false, text: shown(text) });
    }

    /// Tells what makes the run fail.
    pub(crate) fn fail(&mut self, text: impl Into<String>) {
        self.heard.push(Heard { is_failure: true, text: shown(text) });
    }
}

/// Whoever chose a part of it, what goes on record or to people is one bounded line that any terminal can take.
fn shown(text: impl Into<String>) -> String {
    Foreign::new(text).shown_within(LIMIT).to_string()
}

/// Characters of one fact or sentence.
const LIMIT: usize = 2000;
