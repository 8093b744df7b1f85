//! Jira Cloud by its REST API 3 and Jira Data Center by its REST API 2.
//!
//! The key stands in a label, by which JQL finds the issue; the block in a property of the issue, which nobody is told of
//! and no history has. Jira's index lags behind what was written, in lists of the newest too.

mod edition;
mod examine;
mod shape;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Method};
use certvigil_model::{Document, IncidentKey, Time, TrackerName};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use self::edition::Edition;
use self::examine::Known;
use self::shape::{Comments, History, Made, RawIssue, Reading, Transitions};
use super::http::Site;
use super::settings::{Keys, Unusable};
use super::{Found, Issue, LABEL, Stored, Tracker, Trouble, key_label};
use crate::markup::title;

/// A project of a Jira.
#[derive(Debug)]
pub struct Jira {
    name: TrackerName,
    site: Site,
    edition: Edition,
    project: String,
    issue_type: String,
    open_status: Option<String>,
    closed_status: Option<String>,
    /// Accounts that are no persons, by the name that Jira shows.
    bots: Vec<String>,
    known: Mutex<Option<Arc<Known>>>,
}

/// The property that holds the block.
const PROPERTY: &str = "certvigil.state";
/// What lists and answers are asked for.
const FIELDS: [&str; 6] = ["summary", "status", "labels", "creator", "created", "project"];
const PAGE: usize = 100;
/// Pages that are read: ten thousand entries.
const PAGES: usize = 100;
/// Characters of a summary.
const SUMMARY: usize = 250;

impl Jira {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !keys.project().chars().all(is_key) {
            return Err(keys.wrong("project", "is the project's key, as OPS"));
        }
        let edition = Edition::of(keys)?;
        let secret = edition.secret(keys)?;
        Ok(Self {
            name: keys.name(),
            site: Site::new(client, keys.base().clone(), ("authorization", secret)),
            edition,
            project: keys.project().to_owned(),
            issue_type: keys.take("issue_type").unwrap_or_else(|| "Task".to_owned()),
            open_status: keys.take("open_status"),
            closed_status: keys.take("closed_status"),
            bots: keys.take_list("bots"),
            known: Mutex::new(None),
        })
    }

    fn known(&self, by: Instant) -> Result<Arc<Known>, Trouble> {
        let mut slot = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(Known::ask(self, by)?);
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    fn at(&self, rest: &[&str], query: &[(&str, &str)]) -> Url {
        let mut whole = vec!["rest", "api", self.edition.version()];
        whole.extend_from_slice(rest);
        self.site.url(&whole, query)
    }

    /// Issues of the project, the newest first.
    fn list(&self, condition: &str, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let jql = format!("project = \"{}\" AND {condition} ORDER BY created DESC", self.project);
        let issues = self.edition.search(self, &jql, by)?;
        Ok(issues.into_iter().map(|issue| self.stored(&issue, &[], &[], &known)).collect())
    }

    fn stored(
        &self,
        issue: &RawIssue,
        history: &[History],
        comments: &[shape::Comment],
        known: &Known,
    ) -> Stored {
        let url = self.site.url(&["browse", &issue.key], &[]);
        let reading = Reading { jira: self, known, history, comments };
        reading.stored(issue, url.into())
    }

    fn issue(&self, id: &str, by: Instant) -> Result<Option<RawIssue>, Trouble> {
        let fields = FIELDS.join(",");
        let mut query = vec![("fields", fields.as_str()), ("properties", PROPERTY)];
        if self.edition == Edition::DataCenter {
            query.push(("expand", "changelog"));
        }
        let answer = self.site.get(self.at(&["issue", id], &query), by)?;
        match answer.status() {
            404 => Ok(None),
            _ => Ok(Some(answer.done()?.read()?)),
        }
    }

    fn comments(&self, id: &str, by: Instant) -> Result<Vec<shape::Comment>, Trouble> {
        let mut all = Vec::new();
        for _ in 0..PAGES {
            // A page may have fewer than were asked for.
            let (start, size) = (all.len().to_string(), PAGE.to_string());
            let query =
                [("startAt", start.as_str()), ("maxResults", &size), ("orderBy", "created")];
            let url = self.at(&["issue", id, "comment"], &query);
            let comments: Comments = self.site.fetch(url, by)?;
            let is_last = comments.comments.is_empty();
            all.extend(comments.comments);
            if is_last || all.len() >= comments.total {
                break;
            }
        }
        Ok(all)
    }

    /// The block, where a list does not show it.
    fn block(&self, id: &str, by: Instant) -> Result<Option<Value>, Trouble> {
        #[derive(Deserialize)]
        struct Property {
            value: Value,
        }
        let answer = self.site.get(self.at(&["issue", id, "properties", PROPERTY], &[]), by)?;
        match answer.status() {
            404 => Ok(None),
            _ => Ok(Some(answer.done()?.read::<Property>()?.value)),
        }
    }

    /// The transition that the workflow has for our account: to the status that the config names, else to any.
    fn transition(&self, id: &str, open: bool, by: Instant) -> Result<String, Trouble> {
        let all: Transitions = self.site.fetch(self.at(&["issue", id, "transitions"], &[]), by)?;
        let named = if open { &self.open_status } else { &self.closed_status };
        let fits = |one: &&shape::Transition| {
            one.to.is_done() != open && named.as_ref().is_none_or(|name| *name == one.to.name)
        };
        // What is put back to where it began needs no explaining.
        let found = all.transitions.iter().filter(fits).min_by_key(|one| one.to.is_begun());
        found.map(|one| one.id.clone()).ok_or_else(|| {
            let (verb, key) = if open { ("reopen", "open_status") } else { ("close", "closed_status") };
            Trouble::Refused(format!(
                "the workflow has no transition by which our account could {verb} {id}: give it the permission \
                 Transition issues; {key} names the status where there are several"
            ))
        })
    }
}

impl Tracker for Jira {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    /// Every list comes from the index.
    fn settle(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn has_block(&self) -> bool {
        true
    }

    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let mut found = self.list(&format!("labels = \"{}\"", key_label(key)), by)?;
        found.retain(|issue| issue.key.as_ref() == Some(key));
        Ok(found)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        // JQL reads a day in our account's zone, which is less than a day off.
        let day = Time::from_millis(since.millis().saturating_sub(DAY_MILLIS)).to_civil();
        let day = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
        let mut found = self.list(&format!("created >= \"{day}\""), by)?;
        found.retain(|issue| issue.created_at.is_none_or(|at| at >= since));
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let mut found =
            self.list(&format!("labels = \"{LABEL}\" AND statusCategory != Done"), by)?;
        found.retain(|issue| issue.is_labelled && issue.is_open);
        if self.edition == Edition::DataCenter {
            for issue in &mut found {
                issue.block = self.block(&issue.id, by)?.as_ref().and_then(shape::block);
            }
        }
        Ok(found)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        self.known(by)?;
        let mut body = json!({"fields": {
            "project": {"key": self.project},
            "issuetype": {"name": self.issue_type},
            "summary": title(&issue.title, SUMMARY),
            "description": self.edition.text(&issue.body),
            "labels": [LABEL, key_label(&issue.key)],
        }});
        if !issue.block.is_empty() {
            body["properties"] = json!([{"key": PROPERTY, "value": issue.block}]);
        }
        let answer = self.site.send(Method::Post, self.at(&["issue"], &[]), Some(&body), by)?;
        Ok(answer.done()?.read::<Made>()?.key)
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        let Some(mut issue) = self.issue(id, by)? else { return Ok(Found::Gone) };
        // An issue that was moved answers to its old key too.
        if issue.key != id {
            return Ok(Found::Moved { to: issue.key });
        }
        let history = self.edition.history(self, &mut issue, by)?;
        let comments = self.comments(id, by)?;
        Ok(Found::Here(Box::new(self.stored(&issue, &history, &comments, &known))))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let body = json!({"body": self.edition.text(text)});
        let url = self.at(&["issue", id, "comment"], &[]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let issue = self.issue(id, by)?;
        let issue = issue.ok_or_else(|| Trouble::Refused(format!("issue {id} is not there")))?;
        if issue.is_open() == open {
            return Ok(());
        }
        let body = json!({"transition": {"id": self.transition(id, open, by)?}});
        let url = self.at(&["issue", id, "transitions"], &[]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let url = self.at(&["issue", id, "properties", PROPERTY], &[]);
        self.site.send(Method::Put, url, Some(&json!(block)), by)?.done()?;
        Ok(())
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}

const DAY_MILLIS: i64 = 24 * 3600 * 1000;
