//! Redmine 4.2 and later by its REST API in JSON.
//!
//! Key and state stand in custom fields. Redmine drops without a word what a role may not set or a project does not
//! have, answers a change with 204 whether or not it made it, and lets a wrong key read a public project: whatever
//! matters is read back, and who we are is asked first.

mod examine;
mod known;
mod shape;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Method};
use certvigil_model::{Document, IncidentKey, Time, TrackerName};
use serde_json::{Value, json};

use self::known::{Known, Wanted};
use self::shape::{Issues, One, RawIssue, Status};
use super::http::Site;
use super::settings::{Keys, Unusable};
use super::{Found, Issue, Stored, Tracker, Trouble};
use crate::markup::{Markup, title};

/// A project of a Redmine.
#[derive(Debug)]
pub struct Redmine {
    name: TrackerName,
    site: Site,
    wanted: Wanted,
    markup: Markup,
    known: Mutex<Option<Arc<Known>>>,
}

/// Issues of one page, the most that Redmine gives.
const PAGE: usize = 100;
/// Pages that are read: ten thousand issues.
const PAGES: usize = 100;
/// Characters of a subject.
const SUBJECT: usize = 255;

impl Redmine {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let markup = match keys.take("markup").as_deref() {
            None | Some("textile") => Markup::Textile,
            Some("markdown") => Markup::Markdown,
            Some(_) => return Err(keys.wrong("markup", "is textile or markdown")),
        };
        let wanted = Wanted::of(keys);
        let secret = ("x-redmine-api-key", keys.token().clone());
        let site = Site::new(client, keys.base().clone(), secret);
        Ok(Self { name: keys.name(), site, wanted, markup, known: Mutex::new(None) })
    }

    /// Who we are and what the project has; asked once.
    fn known(&self, by: Instant) -> Result<Arc<Known>, Trouble> {
        let mut slot = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(Known::ask(&self.site, &self.wanted, by)?);
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    fn stored(&self, issue: RawIssue, known: &Known) -> Stored {
        let url = self.site.url(&["issues", &issue.id.to_string()], &[]);
        issue.stored(url.into(), known, &self.wanted)
    }

    /// Issues of the project itself, without those of projects below it, in the order of `sort`.
    fn list(
        &self,
        known: &Known,
        query: &[(&str, &str)],
        goes_on: impl Fn(&Stored) -> bool,
        by: Instant,
    ) -> Result<Vec<Stored>, Trouble> {
        let project = known.project.id.to_string();
        let mut all = Vec::new();
        for page in 0..PAGES {
            let (offset, limit) = ((page * PAGE).to_string(), PAGE.to_string());
            let mut whole = vec![
                ("project_id", project.as_str()),
                ("subproject_id", "!*"),
                ("offset", &offset),
                ("limit", &limit),
            ];
            whole.extend_from_slice(query);
            let issues: Issues = self.site.fetch(self.site.url(&["issues.json"], &whole), by)?;
            let count = issues.issues.len();
            all.extend(issues.issues.into_iter().map(|issue| self.stored(issue, known)));
            let is_last = count == 0 || all.len() >= issues.total_count;
            if is_last || !all.last().is_some_and(&goes_on) {
                break;
            }
        }
        Ok(all)
    }

    fn issue(&self, id: &str, by: Instant) -> Result<Option<RawIssue>, Trouble> {
        let include = [("include", "journals,allowed_statuses")];
        let answer = self.site.get(self.at(id, &include), by)?;
        match answer.status() {
            // Projects that are archived or not ours answer 403.
            403 | 404 => Ok(None),
            _ => Ok(Some(answer.done()?.read::<One>()?.issue)),
        }
    }

    fn at(&self, id: &str, query: &[(&str, &str)]) -> url::Url {
        self.site.url(&["issues", &format!("{id}.json")], query)
    }

    fn change(&self, id: &str, change: &Value, by: Instant) -> Result<(), Trouble> {
        let body = json!({"issue": change});
        self.site.send(Method::Put, self.at(id, &[]), Some(&body), by)?.done()?;
        Ok(())
    }

    /// A status that the workflow lets our role set: the one that the config names, else the first.
    fn next_status(&self, issue: &RawIssue, is_open: bool, by: Instant) -> Result<Status, Trouble> {
        let known = self.known(by)?;
        let statuses = issue.allowed_statuses.as_ref().unwrap_or(&known.statuses);
        let named = if is_open { &self.wanted.open_status } else { &self.wanted.closed_status };
        let fits = |status: &&Status| {
            known.is_closed(status) != is_open
                && named.as_ref().is_none_or(|name| *name == status.name)
        };
        statuses.iter().find(fits).cloned().ok_or_else(|| {
            let (verb, what) = if is_open { ("reopen", "open") } else { ("close", "closed") };
            let named = named.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            Trouble::Refused(format!(
                "issue {} cannot be set to the {what} status{named}: give our role that transition in the workflow \
                 of its tracker, so that it can {verb} what it has filed",
                issue.id
            ))
        })
    }
}

impl Tracker for Redmine {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    /// Lists come from the database.
    fn settle(&self) -> Duration {
        Duration::ZERO
    }

    fn has_block(&self) -> bool {
        true
    }

    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let filter = known.filter();
        let query = [("status_id", "*"), ("sort", "id"), (&filter, key.as_str())];
        let mut found = self.list(&known, &query, |_| true, by)?;
        // A field that is no filter is passed over, and every issue comes.
        found.retain(|issue| issue.key.as_ref() == Some(key));
        Ok(found)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let is_recent = |issue: &Stored| issue.created_at.is_none_or(|at| at >= since);
        let query = [("status_id", "*"), ("sort", "id:desc")];
        let mut found = self.list(&known, &query, is_recent, by)?;
        found.retain(is_recent);
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let filter = known.filter();
        let query = [("status_id", "open"), ("sort", "id"), (&filter, "*")];
        let mut found = self.list(&known, &query, |_| true, by)?;
        found.retain(|issue| issue.is_labelled);
        Ok(found)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        let known = self.known(by)?;
        let mut fields = vec![json!({"id": known.key_field, "value": issue.key.as_str()})];
        if let Some(field) = known.state_field.filter(|_| !issue.block.is_empty()) {
            fields.push(json!({"id": field, "value": issue.block}));
        }
        let mut body = json!({
            "project_id": known.project.id,
            "subject": title(&issue.title, SUBJECT),
            "description": self.markup.write(&issue.body),
            "custom_fields": fields,
        });
        for (name, id) in [("tracker_id", known.tracker), ("priority_id", known.priority)] {
            if let Some(id) = id {
                body[name] = id.into();
            }
        }
        let url = self.site.url(&["issues.json"], &[]);
        let answer = self.site.send(Method::Post, url, Some(&json!({"issue": body})), by)?;
        Ok(answer.done()?.read::<One>()?.issue.id.to_string())
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        Ok(match self.issue(id, by)? {
            Some(issue) => Found::Here(Box::new(self.stored(issue, &known))),
            None => Found::Gone,
        })
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        self.change(id, &json!({"notes": self.markup.write(text)}), by)
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let issue = self.issue(id, by)?;
        let issue = issue.ok_or_else(|| Trouble::Refused(format!("issue {id} is not there")))?;
        if self.known(by)?.is_closed(&issue.status) != open {
            return Ok(());
        }
        let status = self.next_status(&issue, open, by)?;
        self.change(id, &json!({"status_id": status.id}), by)
    }

    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let known = self.known(by)?;
        let field = known.state_field.ok_or_else(|| Trouble::Refused(self.wanted.no_state()))?;
        let fields = json!({"custom_fields": [{"id": field, "value": block}]});
        self.change(id, &fields, by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}
