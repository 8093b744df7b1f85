//! What Redmine answers with, as far as it is read, and what that says of an issue.

use certvigil_model::{Foreign, IncidentKey};
use serde::Deserialize;
use serde_json::Value;

use super::known::{Known, Wanted};
use crate::tracker::Stored;
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;

/// Anything that has a number and a name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Status {
    pub(super) id: u64,
    pub(super) name: String,
    /// Redmine before 5.0 does not say it with an issue.
    pub(super) is_closed: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Issues {
    pub(super) issues: Vec<RawIssue>,
    #[serde(default)]
    pub(super) total_count: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct One {
    pub(super) issue: RawIssue,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawIssue {
    pub(super) id: u64,
    project: Named,
    pub(super) status: Status,
    author: Option<Named>,
    subject: String,
    #[serde(default)]
    pub(super) custom_fields: Vec<Field>,
    created_on: Option<String>,
    #[serde(default)]
    journals: Vec<Journal>,
    pub(super) allowed_statuses: Option<Vec<Status>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Field {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    value: Value,
}

#[derive(Debug, Deserialize)]
struct Journal {
    id: u64,
    user: Option<Named>,
    notes: Option<String>,
    created_on: Option<String>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
struct Detail {
    property: String,
    name: String,
    old_value: Option<String>,
    new_value: Option<String>,
}

impl RawIssue {
    pub(super) fn stored(mut self, url: String, known: &Known, wanted: &Wanted) -> Stored {
        // An account can prefer to see the newest first.
        self.journals.sort_by_key(|journal| journal.id);
        let created_at = self.created_on.as_deref().and_then(moment);
        let Acts { taken, closed } = acts(created_at, &self.events(known, wanted));
        let key = self.value(known.key_field).and_then(|key| key.parse::<IncidentKey>().ok());
        Stored {
            id: self.id.to_string(),
            url,
            project: Foreign::new(&self.project.name),
            is_in_project: self.project.id == known.project.id,
            is_ours: self.author.as_ref().is_some_and(|author| author.id == known.account),
            title: Foreign::new(&self.subject),
            is_labelled: key.is_some(),
            key,
            is_open: !known.is_closed(&self.status),
            is_locked: known.project.is_closed,
            created_at,
            block: known.state_field.and_then(|field| self.value(field)).map(Foreign::new),
            our_comments: self.our_comments(known),
            taken,
            closed,
        }
    }

    fn value(&self, id: u64) -> Option<&str> {
        let field = self.custom_fields.iter().find(|field| field.id == id)?;
        field.value.as_str().filter(|value| !value.is_empty())
    }

    fn our_comments(&self, known: &Known) -> Vec<Foreign> {
        let ours = self.journals.iter().filter(|journal| journal.is_by(known.account));
        let notes = ours.filter_map(|journal| journal.notes.as_deref());
        notes.filter(|notes| !notes.is_empty()).map(Foreign::new).collect()
    }

    fn events(&self, known: &Known, wanted: &Wanted) -> Vec<Event> {
        let mut events = Vec::new();
        let mut first_status = None;
        for journal in &self.journals {
            for detail in &journal.details {
                if detail.is("status_id") && first_status.is_none() {
                    first_status.clone_from(&detail.old_value);
                }
                let Some(act) = detail.act(first_status.as_deref(), known) else { continue };
                events.push(journal.event(act, known, wanted));
            }
        }
        events
    }
}

impl Journal {
    fn is_by(&self, account: u64) -> bool {
        self.user.as_ref().is_some_and(|user| user.id == account)
    }

    fn event(&self, act: Act, known: &Known, wanted: &Wanted) -> Event {
        let at = self.created_on.as_deref().and_then(moment);
        let name = self.user.as_ref().map(|user| user.name.clone()).unwrap_or_default();
        let is_person =
            self.user.is_some() && !self.is_by(known.account) && !wanted.bots.contains(&name);
        Event { at, by: Foreign::new(name), is_person, act }
    }
}

impl Detail {
    fn is(&self, name: &str) -> bool {
        self.property == "attr" && self.name == name
    }

    fn act(&self, first_status: Option<&str>, known: &Known) -> Option<Act> {
        let is_set = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        if self.is("assigned_to_id") {
            return Some(if is_set(&self.new_value) { Act::Assigned } else { Act::Unassigned });
        }
        if !self.is("status_id") {
            return None;
        }
        let closes = |value: &Option<String>| {
            value.as_ref().and_then(|id| id.parse().ok()).is_some_and(|id| known.closes(id))
        };
        Some(match (closes(&self.old_value), closes(&self.new_value)) {
            (_, true) => Act::Closed,
            (true, false) => Act::Reopened,
            (false, false) if self.new_value.as_deref() == first_status => Act::PutBack,
            (false, false) => Act::Begun,
        })
    }
}
