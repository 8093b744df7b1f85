//! What Request Tracker answers with, as far as it is read, and what that says of a ticket.

use certvigil_model::{Foreign, IncidentKey};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::known::{Known, Wanted};
use crate::tracker::Stored;
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;

#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
}

/// A ticket's number, which comes as a number or as a text.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    #[serde(deserialize_with = "any_number")]
    pub(super) id: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RawTicket {
    #[serde(rename = "id", deserialize_with = "any_number")]
    pub(super) id: u64,
    #[serde(default)]
    subject: String,
    pub(super) status: String,
    queue: Reference,
    creator: Option<Reference>,
    owner: Option<Reference>,
    created: Option<String>,
    #[serde(default)]
    custom_fields: Vec<Field>,
    #[serde(rename = "_hyperlinks", default)]
    pub(super) links: Vec<Link>,
}

/// Another thing, by its number or, for accounts, by its name.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    id: Value,
    #[serde(rename = "Name")]
    name: Option<String>,
}

impl Reference {
    fn id(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Field {
    #[serde(deserialize_with = "any_number")]
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    values: Vec<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(rename = "ref")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Transaction {
    #[serde(rename = "id", deserialize_with = "any_number")]
    id: u64,
    #[serde(rename = "Type")]
    kind: String,
    field: Option<String>,
    old_value: Option<String>,
    new_value: Option<String>,
    creator: Reference,
    created: Option<String>,
}

impl Transaction {
    pub(super) fn is_comment_by(&self, account: &str) -> bool {
        matches!(self.kind.as_str(), "Comment" | "Correspond") && self.creator.id() == account
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    #[serde(deserialize_with = "any_number")]
    transaction_id: u64,
    #[serde(default)]
    content_type: String,
    content: Option<String>,
}

/// All that was read of a ticket besides itself.
pub(super) struct Reading<'a> {
    pub(super) known: &'a Known,
    pub(super) wanted: &'a Wanted,
    pub(super) is_open: bool,
    pub(super) history: &'a [Transaction],
    pub(super) attachments: &'a [Attachment],
}

impl Reading<'_> {
    pub(super) fn stored(&self, ticket: RawTicket, url: String) -> Stored {
        let created_at = ticket.created.as_deref().and_then(moment);
        let Acts { taken, closed } = acts(created_at, &self.events(&ticket));
        let key = ticket.value(Some(self.known.key_field));
        let key = key.and_then(|key| key.parse::<IncidentKey>().ok());
        let queue = ticket.queue.name.clone().unwrap_or_else(|| ticket.queue.id());
        Stored {
            id: ticket.id.to_string(),
            url,
            is_in_project: ticket.queue.id() == self.known.queue.to_string(),
            project: Foreign::new(queue),
            is_ours: ticket.creator.as_ref().is_some_and(|one| one.id() == self.known.account),
            is_labelled: key.is_some(),
            key,
            is_open: self.is_open,
            is_locked: false,
            created_at,
            block: ticket.value(self.known.state_field).map(Foreign::new),
            our_comments: self.our_comments(),
            taken,
            closed,
            title: Foreign::new(ticket.subject),
        }
    }

    fn our_comments(&self) -> Vec<Foreign> {
        let ours = self.history.iter().filter(|one| one.is_comment_by(&self.known.account));
        let texts = ours.flat_map(|one| {
            let of_it = self.attachments.iter().filter(|part| part.transaction_id == one.id);
            of_it.filter(|part| part.content_type.starts_with("text/plain"))
        });
        texts.filter_map(|part| part.content.as_deref()).map(Foreign::new).collect()
    }

    fn events(&self, ticket: &RawTicket) -> Vec<Event> {
        let mut events = Vec::new();
        let mut first_status = None;
        for one in self.history {
            let act = match (one.field.as_deref(), one.kind.as_str()) {
                (Some("Owner"), kind) if kind != "SetWatcher" => Act::Assigned,
                (Some("Status"), _) => {
                    let first = first_status.get_or_insert_with(|| one.old_value.clone());
                    self.status_change(one, first.as_deref(), &ticket.status)
                }
                _ => continue,
            };
            events.push(self.event(one, act));
        }
        // A history names owners by number; who has it now is told by name.
        if ticket.owner.as_ref().is_some_and(|owner| owner.id() == "Nobody") {
            events.push(Event {
                at: None,
                by: Foreign::default(),
                is_person: false,
                act: Act::Unassigned,
            });
        }
        events
    }

    fn status_change(&self, one: &Transaction, first: Option<&str>, now: &str) -> Act {
        let closes = |status: Option<&str>| {
            status.is_some_and(|status| {
                let is_the_closed_one = !self.is_open && status == now;
                is_the_closed_one || self.wanted.closes(status)
            })
        };
        let (old, new) = (one.old_value.as_deref(), one.new_value.as_deref());
        match (closes(old), closes(new)) {
            (_, true) => Act::Closed,
            (true, false) => Act::Reopened,
            (false, false) if new == first => Act::PutBack,
            (false, false) => Act::Begun,
        }
    }

    fn event(&self, one: &Transaction, act: Act) -> Event {
        let by = one.creator.id();
        let is_program =
            by == "RT_System" || by == self.known.account || self.wanted.bots.contains(&by);
        let at = one.created.as_deref().and_then(moment);
        Event { at, by: Foreign::new(by), is_person: !is_program, act }
    }
}

impl RawTicket {
    fn value(&self, field: Option<u64>) -> Option<&str> {
        let field = self.custom_fields.iter().find(|one| Some(one.id) == field)?;
        field.values.first()?.as_str().filter(|value| !value.is_empty())
    }
}

/// A number as Request Tracker writes numbers in texts.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

fn any_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let found = value.as_u64().or_else(|| number(value.as_str()?));
    found.ok_or_else(|| serde::de::Error::custom("a number was expected"))
}
