//! Gitea and Forgejo by their REST API, version 1.
//!
//! The key stands in a label of its own, by which issues are listed; the block at the end of the body. Labels are set by
//! number and have to be there first; two may have one name. A page may be shorter than asked for.

mod examine;
mod shape;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Method};
use certvigil_model::{Document, IncidentKey, Time, TrackerName};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use self::shape::{Entry, Label, Made, RawIssue, Reading, Repository};
use super::http::{Pages, Site};
use super::settings::{Keys, Unusable};
use super::{Found, Issue, LABEL, Stored, Tracker, Trouble, body_block, key_label};
use crate::markup::{Markup, title};

/// A repository's issues.
#[derive(Debug)]
pub struct Gitea {
    name: TrackerName,
    site: Site,
    owner: String,
    repository: String,
    /// Accounts that are no persons, by login.
    bots: Vec<String>,
    known: Mutex<Option<Arc<Known>>>,
}

/// What is asked once.
#[derive(Debug)]
struct Known {
    /// Our login.
    account: String,
    repository: Repository,
}

/// Characters of a title.
const TITLE: usize = 255;

impl Gitea {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let whole = keys.project().to_owned();
        let parts = whole
            .split_once('/')
            .filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'));
        let (owner, repository) =
            parts.ok_or_else(|| keys.wrong("project", "is written OWNER/REPOSITORY"))?;
        let token = Secret::new(format!("token {}", keys.token().reveal()));
        Ok(Self {
            name: keys.name(),
            site: Site::new(client, keys.base().clone(), ("authorization", token)),
            owner: owner.to_owned(),
            repository: repository.to_owned(),
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
        let known = Arc::new(Known { account, repository: examine::repository(self, by)? });
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut whole = vec!["api", "v1", "repos", &self.owner, &self.repository];
        whole.extend_from_slice(rest);
        whole
    }

    fn at(&self, rest: &[&str]) -> Url {
        self.site.url(&self.path(rest), &[])
    }

    fn all<T: DeserializeOwned>(
        &self,
        rest: &[&str],
        query: &[(&str, &str)],
        goes_on: impl Fn(&T) -> bool,
        by: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let path = self.path(rest);
        let list = Pages { path: &path, query, size_key: "limit", may_be_short: true };
        self.site.pages(&list, goes_on, by)
    }

    fn list(
        &self,
        query: &[(&str, &str)],
        goes_on: impl Fn(&RawIssue) -> bool,
        by: Instant,
    ) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let mut whole = vec![("type", "issues")];
        whole.extend_from_slice(query);
        let issues: Vec<RawIssue> = self.all(&["issues"], &whole, goes_on, by)?;
        Ok(issues.into_iter().map(|issue| self.stored(issue, &[], &known)).collect())
    }

    fn stored(&self, issue: RawIssue, timeline: &[Entry], known: &Known) -> Stored {
        Reading { known, bots: &self.bots, timeline }.stored(issue)
    }

    fn issue(&self, id: &str, by: Instant) -> Result<Option<RawIssue>, Trouble> {
        let answer = self.site.get(self.at(&["issues", id]), by)?;
        match answer.status() {
            404 => Ok(None),
            _ => Ok(Some(answer.done()?.read()?)),
        }
    }

    /// The numbers of the labels of those names, which are made where they are not there.
    fn labels(&self, names: &[&str], by: Instant) -> Result<Vec<u64>, Trouble> {
        let known: Vec<Label> = self.all(&["labels"], &[], |_| true, by)?;
        let number = |name: &&str| match known.iter().find(|label| label.name == **name) {
            Some(label) => Ok(label.id),
            None => self.make_label(name, by),
        };
        names.iter().map(number).collect()
    }

    fn make_label(&self, name: &str, by: Instant) -> Result<u64, Trouble> {
        let body = json!({"name": name, "color": COLOUR, "description": "set by certvigil"});
        let answer = self.site.send(Method::Post, self.at(&["labels"]), Some(&body), by)?;
        Ok(answer.done()?.read::<Label>()?.id)
    }

    fn change(&self, id: &str, change: &Value, by: Instant) -> Result<(), Trouble> {
        let url = self.at(&["issues", id]);
        self.site.send(Method::Patch, url, Some(change), by)?.done()?;
        Ok(())
    }
}

const COLOUR: &str = "#5b6770";

impl Tracker for Gitea {
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
        let label = key_label(key);
        let mut found = self.list(&[("labels", &label), ("state", "all")], |_| true, by)?;
        // A label that is not there is passed over, and every issue comes.
        found.retain(|issue| issue.key.as_ref() == Some(key));
        Ok(found)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let is_recent = |issue: &RawIssue| issue.created_at().is_none_or(|at| at >= since);
        let mut found = self.list(&[("state", "all")], is_recent, by)?;
        found.retain(|issue| issue.created_at.is_none_or(|at| at >= since));
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let mut found = self.list(&[("labels", LABEL), ("state", "open")], |_| true, by)?;
        found.retain(|issue| issue.is_labelled);
        Ok(found)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        self.known(by)?;
        let labels = self.labels(&[LABEL, &key_label(&issue.key)], by);
        // Nothing of the issue itself can have been done.
        let labels = labels.map_err(|trouble| match trouble {
            Trouble::Doubtful(why) => Trouble::Later { after: None, why },
            other => other,
        })?;
        let body = json!({
            "title": title(&issue.title, TITLE),
            "body": body_block::with(&Markup::Markdown.write(&issue.body), &issue.block),
            "labels": labels,
        });
        let answer = self.site.send(Method::Post, self.at(&["issues"]), Some(&body), by)?;
        Ok(answer.done()?.read::<Made>()?.number.to_string())
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        let Some(issue) = self.issue(id, by)? else { return Ok(Found::Gone) };
        let timeline: Vec<Entry> = self.all(&["issues", id, "timeline"], &[], |_| true, by)?;
        Ok(Found::Here(Box::new(self.stored(issue, &timeline, &known))))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let body = json!({"body": Markup::Markdown.write(text)});
        let url = self.at(&["issues", id, "comments"]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        self.change(id, &json!({"state": if open { "open" } else { "closed" }}), by)
    }

    /// The body is read and written whole: what a person changes in between is lost.
    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let issue = self.issue(id, by)?;
        let issue = issue.ok_or_else(|| Trouble::Refused(format!("issue {id} is not there")))?;
        self.change(id, &json!({"body": body_block::with(&issue.body, block)}), by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}
