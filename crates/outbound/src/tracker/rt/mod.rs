//! Request Tracker 5 by its REST2 API.
//!
//! Key and state stand in custom fields of the queue. Request Tracker answers a change with 200 whether or not it made
//! it, and a ticket with 201 though it dropped a field: whatever matters is read back. Which statuses are open is the
//! lifecycle's to say, so it is asked with each question.

mod examine;
mod known;
mod shape;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Method};
use certvigil_model::{Document, IncidentKey, Time, TrackerName};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::known::{Known, Wanted};
use self::shape::{Attachment, Made, Page, RawTicket, Reading, Transaction, number};
use super::http::Site;
use super::settings::{Keys, Unusable};
use super::{Found, Issue, Stored, Tracker, Trouble};
use crate::markup::{Markup, title};

/// A queue of a Request Tracker.
#[derive(Debug)]
pub struct Rt {
    name: TrackerName,
    site: Site,
    wanted: Wanted,
    known: Mutex<Option<Arc<Known>>>,
}

/// Entries of one page, the most that Request Tracker gives.
const PAGE: usize = 100;
/// Pages that are read: ten thousand entries.
const PAGES: usize = 100;
const DAY_MILLIS: i64 = 24 * 3600 * 1000;
/// Characters of a subject.
const SUBJECT: usize = 200;

impl Rt {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let wanted = Wanted::of(keys)?;
        let token = certvigil_doors::Secret::new(format!("token {}", keys.token().reveal()));
        let site = Site::new(client, keys.base().clone(), ("authorization", token));
        Ok(Self { name: keys.name(), site, wanted, known: Mutex::new(None) })
    }

    /// Who we are and what the queue has; asked once.
    fn known(&self, by: Instant) -> Result<Arc<Known>, Trouble> {
        let mut slot = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(Known::ask(&self.site, &self.wanted, by)?);
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Tickets of the queue, the newest first.
    fn list(&self, condition: &str, known: &Known, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let condition = format!("Queue = {} AND {condition}", known.queue);
        let open = self.numbers(&format!("{condition} AND Status = '__Active__'"), by)?;
        let query = [
            ("query", condition.as_str()),
            ("fields", "Subject,Status,Queue,Creator,Created,CustomFields,Owner"),
            ("fields[Queue]", "Name"),
            ("orderby", "id"),
            ("order", "DESC"),
        ];
        let tickets: Vec<RawTicket> = self.all(&["tickets"], &query, by)?;
        let stored = tickets.into_iter().map(|ticket| {
            let is_open = open.contains(&ticket.id);
            self.stored(ticket, is_open, &[], &[], known)
        });
        Ok(stored.collect())
    }

    fn numbers(&self, condition: &str, by: Instant) -> Result<BTreeSet<u64>, Trouble> {
        let query = [("query", condition), ("orderby", "id"), ("order", "DESC")];
        let tickets: Vec<Made> = self.all(&["tickets"], &query, by)?;
        Ok(tickets.into_iter().map(|ticket| ticket.id).collect())
    }

    /// All pages of a collection.
    fn all<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        by: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let (page, size) = (page.to_string(), PAGE.to_string());
            let mut whole = vec![("page", page.as_str()), ("per_page", &size)];
            whole.extend_from_slice(query);
            let page: Page<T> = self.site.fetch(self.at(path, &whole), by)?;
            let is_last = page.items.len() < PAGE;
            all.extend(page.items);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    fn at(&self, path: &[&str], query: &[(&str, &str)]) -> url::Url {
        let mut whole = vec!["REST", "2.0"];
        whole.extend_from_slice(path);
        self.site.url(&whole, query)
    }

    fn stored(
        &self,
        ticket: RawTicket,
        is_open: bool,
        history: &[Transaction],
        attachments: &[Attachment],
        known: &Known,
    ) -> Stored {
        let url = self.site.url(&["Ticket", "Display.html"], &[("id", &ticket.id.to_string())]);
        let reading = Reading { known, wanted: &self.wanted, is_open, history, attachments };
        reading.stored(ticket, url.into())
    }

    /// The ticket by its number, or the one that it was merged into.
    fn ticket(&self, id: &str, by: Instant) -> Result<Option<RawTicket>, Trouble> {
        let answer = self.site.get(self.at(&["ticket", id], &[("fields[Queue]", "Name")]), by)?;
        match answer.status() {
            // A queue that our account may not see answers 403.
            403 | 404 => Ok(None),
            _ => {
                Ok(Some(answer.done()?.read::<RawTicket>()?).filter(|one| one.status != "deleted"))
            }
        }
    }

    fn is_open(&self, id: u64, by: Instant) -> Result<bool, Trouble> {
        Ok(!self.numbers(&format!("id = {id} AND Status = '__Active__'"), by)?.is_empty())
    }

    /// Changes a ticket; what Request Tracker says of it, refusals included.
    fn change(&self, id: &str, change: &Value, by: Instant) -> Result<String, Trouble> {
        let url = self.at(&["ticket", id], &[]);
        let answer = self.site.send(Method::Put, url, Some(change), by)?;
        let said: Vec<Value> = answer.done()?.read()?;
        let said: Vec<&str> = said.iter().filter_map(Value::as_str).collect();
        Ok(said.join("; "))
    }
}

impl Tracker for Rt {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    /// Searches come from the database.
    fn settle(&self) -> Duration {
        Duration::ZERO
    }

    fn has_block(&self) -> bool {
        true
    }

    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        // Quotes in a key there are none.
        let mut found =
            self.list(&format!("'CF.{{{}}}' = '{key}'", known.key_field), &known, by)?;
        found.retain(|issue| issue.key.as_ref() == Some(key));
        Ok(found)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        // The search reads a day in our account's zone, which is less than a day off.
        let at = Time::from_millis(since.millis().saturating_sub(DAY_MILLIS)).to_civil();
        let day = format!("{:04}-{:02}-{:02}", at.year, at.month, at.day);
        let mut found = self.list(&format!("Created >= '{day}'"), &known, by)?;
        found.retain(|issue| issue.created_at.is_none_or(|at| at >= since));
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let condition =
            format!("'CF.{{{}}}' IS NOT NULL AND Status = '__Active__'", known.key_field);
        let mut found = self.list(&condition, &known, by)?;
        found.retain(|issue| issue.is_labelled);
        Ok(found)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        let known = self.known(by)?;
        let mut fields = json!({known.key_field.to_string(): issue.key.as_str()});
        if let Some(field) = known.state_field.filter(|_| !issue.block.is_empty()) {
            fields[field.to_string()] = issue.block.as_str().into();
        }
        let body = json!({
            "Queue": known.queue,
            "Subject": title(&issue.title, SUBJECT),
            "Content": Markup::Plain.write(&issue.body),
            "ContentType": "text/plain",
            "CustomFields": fields,
        });
        let answer = self.site.send(Method::Post, self.at(&["ticket"], &[]), Some(&body), by)?;
        Ok(answer.done()?.read::<Made>()?.id.to_string())
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        let Some(ticket) = self.ticket(id, by)? else { return Ok(Found::Gone) };
        let now = ticket.id.to_string();
        if now != id {
            return Ok(Found::Moved { to: now });
        }
        let is_open = self.is_open(ticket.id, by)?;
        let fields = [("fields", "Type,Field,OldValue,NewValue,Creator,Created")];
        let history: Vec<Transaction> = self.all(&["ticket", id, "history"], &fields, by)?;
        let has_comments = history.iter().any(|one| one.is_comment_by(&known.account));
        let fields = [("fields", "Content,TransactionId,ContentType")];
        let attachments: Vec<Attachment> = match has_comments {
            true => self.all(&["ticket", id, "attachments"], &fields, by)?,
            false => Vec::new(),
        };
        Ok(Found::Here(Box::new(self.stored(ticket, is_open, &history, &attachments, &known))))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let body = json!({"Content": Markup::Plain.write(text), "ContentType": "text/plain"});
        let url = self.at(&["ticket", id, self.wanted.comments_as], &[]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let ticket = number(id).ok_or_else(|| Trouble::Refused(format!("{id} is no ticket")))?;
        if self.is_open(ticket, by)? == open {
            return Ok(());
        }
        let status = if open { &self.wanted.open_status } else { &self.wanted.closed_status };
        let said = self.change(id, &json!({"Status": status}), by)?;
        if self.is_open(ticket, by)? == open {
            return Ok(());
        }
        let said = certvigil_model::Foreign::new(said);
        Err(Trouble::Refused(format!(
            "ticket {id} was not set to {status}: \"{}\"; our account needs the right ModifyTicket there, and \
             closed_status and open_status name the lifecycle's statuses where those are others",
            said.shown()
        )))
    }

    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let known = self.known(by)?;
        let field = known.state_field.ok_or_else(|| Trouble::Refused(self.wanted.no_state()))?;
        let change = json!({"CustomFields": {field.to_string(): block}});
        self.change(id, &change, by).map(drop)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}
