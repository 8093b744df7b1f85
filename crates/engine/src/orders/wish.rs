//! An order as it is asked for: with an incident's key, or the head of it, as a person writes it.

use certvigil_model::{Foreign, Time};
use serde::{Deserialize, Serialize};

use super::{Desk, Error, Given, Order, Rules};

/// What a person wants; the body of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Wish {
    /// I am on it.
    Acknowledge {
        /// Which incident.
        incident: String,
        /// Who says so.
        by: String,
        /// Until when; none: as long as the rules allow.
        until: Option<Time>,
    },
    /// Do not tell of it for a time.
    Silence {
        /// Which incident.
        incident: String,
        /// Who says so.
        by: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Time,
    },
    /// File what is held.
    Release {
        /// Only this one; none: all.
        incident: Option<String>,
        /// Who says so.
        by: String,
    },
    /// A person's report, for the timeline.
    Note {
        /// What it is about.
        incident: Option<String>,
        /// Whose report it is.
        by: String,
        /// When it was that.
        at: Time,
        /// What was reported.
        text: String,
    },
}

impl Wish {
    /// Who wants it.
    pub const fn by_mut(&mut self) -> &mut String {
        match self {
            Self::Acknowledge { by, .. }
            | Self::Silence { by, .. }
            | Self::Release { by, .. }
            | Self::Note { by, .. } => by,
        }
    }
}

impl Desk {
    /// Finds what is meant and gives the order.
    ///
    /// # Errors
    /// No incident, or several, have such a key; what the store meets.
    pub fn grant(&mut self, wish: &Wish, rules: &Rules, now: Time) -> Result<Given, Error> {
        let order = self.order(wish, now)?;
        self.give(&order, rules, now)
    }

    fn order(&mut self, wish: &Wish, now: Time) -> Result<Order, Error> {
        let by = |text: &str| Foreign::new(text);
        Ok(match wish {
            Wish::Acknowledge { incident, by: who, until } => Order::Acknowledge {
                incident: self.find(incident, now)?,
                by: by(who),
                until: *until,
            },
            Wish::Silence { incident, by: who, reason, until } => Order::Silence {
                incident: self.find(incident, now)?,
                by: by(who),
                reason: reason.clone(),
                until: *until,
            },
            Wish::Release { incident, by: who } => {
                Order::Release { incident: self.found(incident.as_deref(), now)?, by: by(who) }
            }
            Wish::Note { incident, by: who, at, text } => Order::Note {
                incident: self.found(incident.as_deref(), now)?,
                by: by(who),
                at: *at,
                text: Foreign::new(text),
            },
        })
    }

    fn found(
        &mut self,
        head: Option<&str>,
        now: Time,
    ) -> Result<Option<certvigil_model::IncidentKey>, Error> {
        head.map(|head| self.find(head, now)).transpose()
    }
}
