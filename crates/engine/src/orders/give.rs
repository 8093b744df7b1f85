//! One order: what it did, and what comes next.

use certvigil_alarm::{Event, Order, Rules, Step, explain, kinds};
use certvigil_model::{Act, Delivery, Family, Foreign, IncidentKey, Observation, Severity, Time};

use serde::{Deserialize, Serialize};

use super::{Desk, Error};
use crate::act::Memory as _;

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Whether it was taken; if not, nothing was changed by it.
    pub is_taken: bool,
    /// What was done, or why not. Lines, escaped.
    pub said: Vec<String>,
    /// What is known of the incident now, and what comes next.
    pub next: Vec<String>,
}

/// A person's report, for the timeline.
pub fn note(incident: Option<IncidentKey>, by: &str, at: Time, text: &str) -> Order {
    Order::Note { incident, by: Foreign::new(by), at, text: Foreign::new(text) }
}

impl Desk {
    /// Takes `order`.
    ///
    /// # Errors
    /// What the store meets. That an order is not taken is no error but an answer.
    pub fn give(&mut self, order: &Order, rules: &Rules, now: Time) -> Result<Given, Error> {
        let step = self.kept.step(&Event::Order(order.clone()), now, rules)?;
        let is_taken = step.records.iter().any(|record| record.kind == kind(order));
        let mut said: Vec<_> = step.heard.iter().map(|heard| heard.text.clone()).collect();
        let more = if is_taken { done(order, &step) } else { refused(order, now, &said) };
        // What a step says first is the order's own only where it is a silence.
        let first = if matches!(order, Order::Silence { .. }) { said.len() } else { 0 };
        said.splice(first..first, more);
        let next = incident(order).map(|key| explain(&step.state, rules, now, key.as_str()));
        Ok(Given { is_taken, said, next: next.unwrap_or_default() })
    }

    /// Takes in what a look that a person started has brought; what its step has to say, escaped.
    ///
    /// # Errors
    /// What the store meets.
    pub fn take_in(
        &mut self,
        observations: &[Observation],
        rules: &Rules,
        now: Time,
    ) -> Result<Vec<String>, Error> {
        let step = self.kept.step(&Event::SecondLook(observations), now, rules)?;
        Ok(step.heard.into_iter().map(|heard| heard.text).collect())
    }
}

/// The record that shows that an order was taken.
const fn kind(order: &Order) -> &'static str {
    match order {
        Order::Acknowledge { .. } => kinds::ACKNOWLEDGED,
        Order::Silence { .. } => kinds::SILENCED,
        Order::Release { .. } => kinds::RELEASED,
        Order::Note { .. } => kinds::NOTED,
        Order::Answered { .. } => kinds::TEST_ANSWERED,
    }
}

const fn incident(order: &Order) -> Option<&IncidentKey> {
    match order {
        Order::Acknowledge { incident, .. } | Order::Silence { incident, .. } => Some(incident),
        Order::Release { incident, .. } | Order::Note { incident, .. } => incident.as_ref(),
        Order::Answered { .. } => None,
    }
}

/// What an order did that its step does not say itself.
fn done(order: &Order, step: &Step) -> Vec<String> {
    match order {
        Order::Acknowledge { incident, until: asked, .. } => {
            let found = step.state.incidents.get(incident);
            let Some(taken) = found.and_then(|it| it.acknowledged.as_ref()) else {
                return Vec::new();
            };
            let by = taken.by.shown();
            let said = format!("incident {incident}: {by} is on it until {}", taken.until);
            let is_cut = asked.is_some_and(|asked| asked > taken.until);
            let cut = "that is as long as an acknowledgement may last here: 7 days, or half of the time that is left, or 4 hours once it is critical";
            [said].into_iter().chain(is_cut.then(|| cut.to_owned())).collect()
        }
        Order::Release { incident, .. } => vec![released(step, incident.as_ref())],
        Order::Answered { .. } => vec!["the test page counts as arrived".to_owned()],
        Order::Note { .. } => vec!["the report stands in the timeline".to_owned()],
        Order::Silence { incident, .. } => {
            let found = step.state.incidents.get(incident);
            let is_told = found
                .is_some_and(|it| (it.family, it.severity) == (Family::Expiry, Severity::Critical));
            let told = "it is told all the same as long as it is critical near its end";
            is_told.then(|| told.to_owned()).into_iter().collect()
        }
    }
}

fn released(step: &Step, one: Option<&IncidentKey>) -> String {
    let is_asked =
        |it: &&Delivery| it.act == Act::File && one.is_none_or(|key| it.incident == *key);
    match step.deliveries.iter().filter(is_asked).count() {
        0 => "nothing was held".to_owned(),
        1 => "1 issue is asked for: the next run that acts files it".to_owned(),
        asked => format!("{asked} issues are asked for: the next run that acts files them"),
    }
}

/// Why an order was not taken, where its step does not say it itself.
fn refused(order: &Order, now: Time, said: &[String]) -> Vec<String> {
    match order {
        Order::Acknowledge { until: Some(until), .. } if said.is_empty() && *until <= now => {
            vec!["an acknowledgement needs an end that is yet to come".to_owned()]
        }
        _ if said.is_empty() => vec!["the order was not taken".to_owned()],
        _ => Vec::new(),
    }
}
