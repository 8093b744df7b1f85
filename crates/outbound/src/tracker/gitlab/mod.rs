//! GitLab by its REST API, version 4.
//!
//! The key stands in a label of its own, by which issues are listed; the block at the end of the description. Guests may
//! make issues, and GitLab drops their labels without a word. An issue that was moved stays where it was, closed.

mod examine;
mod shape;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Method};
use certvigil_model::{Document, IncidentKey, Time, TrackerName};
use serde_json::{Value, json};
use url::Url;

use self::shape::{Made, Note, Project, RawIssue, Reading, StateEvent};
use super::http::{Pages, Site};
use super::settings::{Keys, Unusable};
use super::{Found, Issue, LABEL, Stored, Tracker, Trouble, body_block, key_label};
use crate::markup::{Markup, title};

/// A project's issues.
#[derive(Debug)]
pub struct GitLab {
    name: TrackerName,
    site: Site,
    project: String,
    is_confidential: bool,
    /// Accounts that are no persons, by username.
    bots: Vec<String>,
    known: Mutex<Option<Arc<Known>>>,
}

/// What is asked once.
#[derive(Debug)]
struct Known {
    /// Our username.
    account: String,
    project: Project,
}

/// Characters of a title.
const TITLE: usize = 255;

impl GitLab {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let is_confidential = match keys.take("confidential").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(keys.wrong("confidential", "is true or false")),
        };
        let secret = ("private-token", keys.token().clone());
        Ok(Self {
            name: keys.name(),
            site: Site::new(client, keys.base().clone(), secret),
            project: keys.project().to_owned(),
            is_confidential,
            bots: keys.take_list("bots"),
            known: Mutex::new(None),
        })
    }

    fn known(&self, by: Instant) -> Result<Arc<Known>, Trouble> {
        let mut slot = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let account = examine::account(self, by)?;
        let known = Arc::new(Known { account, project: examine::project(self, by)? });
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    /// A path below the project, which is one part of it whatever slashes it has.
    fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut whole = vec!["api", "v4", "projects", &self.project];
        whole.extend_from_slice(rest);
        whole
    }

    fn at(&self, rest: &[&str]) -> Url {
        self.site.url(&self.path(rest), &[])
    }

    fn list(
        &self,
        query: &[(&str, &str)],
        goes_on: impl Fn(&RawIssue) -> bool,
        by: Instant,
    ) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let list = Pages {
            path: &self.path(&["issues"]),
            query,
            size_key: "per_page",
            may_be_short: false,
        };
        let issues: Vec<RawIssue> = self.site.pages(&list, goes_on, by)?;
        Ok(issues.into_iter().map(|issue| self.stored(issue, &[], &[], &known)).collect())
    }

    fn stored(
        &self,
        issue: RawIssue,
        notes: &[Note],
        states: &[StateEvent],
        known: &Known,
    ) -> Stored {
        Reading { known, bots: &self.bots, notes, states }.stored(issue)
    }

    fn issue(&self, id: &str, by: Instant) -> Result<Option<RawIssue>, Trouble> {
        let answer = self.site.get(self.at(&["issues", id]), by)?;
        match answer.status() {
            404 => Ok(None),
            _ => Ok(Some(answer.done()?.read()?)),
        }
    }

    fn change(&self, id: &str, change: &Value, by: Instant) -> Result<(), Trouble> {
        let url = self.at(&["issues", id]);
        self.site.send(Method::Put, url, Some(change), by)?.done()?;
        Ok(())
    }
}

impl Tracker for GitLab {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    /// Lists come from the database, of which large sites have copies that lag.
    fn settle(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn has_block(&self) -> bool {
        true
    }

    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let label = key_label(key);
        let mut found = self.list(&[("labels", &label), ("state", "all")], |_| true, by)?;
        found.retain(|issue| issue.key.as_ref() == Some(key));
        Ok(found)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let query = [("state", "all"), ("order_by", "created_at"), ("sort", "desc")];
        let is_recent = |issue: &RawIssue| issue.created_at().is_none_or(|at| at >= since);
        let mut found = self.list(&query, is_recent, by)?;
        found.retain(|issue| issue.created_at.is_none_or(|at| at >= since));
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.list(&[("labels", LABEL), ("state", "opened")], |_| true, by)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        self.known(by)?;
        let mut body = json!({
            "title": title(&issue.title, TITLE),
            "description": body_block::with(&Markup::Markdown.write(&issue.body), &issue.block),
            "labels": format!("{LABEL},{}", key_label(&issue.key)),
        });
        if self.is_confidential {
            body["confidential"] = true.into();
        }
        let answer = self.site.send(Method::Post, self.at(&["issues"]), Some(&body), by)?;
        Ok(answer.done()?.read::<Made>()?.iid.to_string())
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        let Some(issue) = self.issue(id, by)? else { return Ok(Found::Gone) };
        let of_issue = |what| self.path(&["issues", id, what]);
        let query = [("sort", "asc"), ("order_by", "created_at")];
        let list = Pages {
            path: &of_issue("notes"),
            query: &query,
            size_key: "per_page",
            may_be_short: false,
        };
        let notes: Vec<Note> = self.site.pages(&list, |_| true, by)?;
        let path = of_issue("resource_state_events");
        let list = Pages { path: &path, query: &[], size_key: "per_page", may_be_short: false };
        let states: Vec<StateEvent> = self.site.pages(&list, |_| true, by)?;
        Ok(Found::Here(Box::new(self.stored(issue, &notes, &states, &known))))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let body = json!({"body": Markup::Markdown.write(text)});
        let url = self.at(&["issues", id, "notes"]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let event = if open { "reopen" } else { "close" };
        self.change(id, &json!({"state_event": event}), by)
    }

    /// The description is read and written whole: what a person changes in between is lost.
    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let issue = self.issue(id, by)?;
        let issue = issue.ok_or_else(|| Trouble::Refused(format!("issue {id} is not there")))?;
        let body = body_block::with(issue.description.as_deref().unwrap_or_default(), block);
        self.change(id, &json!({"description": body}), by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}
