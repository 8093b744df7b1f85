//! GitHub and GitHub Enterprise Server by the REST API, version 2022-11-28.
//!
//! The key stands in a label of its own, by which issues are listed; the block at the end of the body. GitHub drops
//! labels from whoever may not set them and answers 201 all the same, lists pull requests among issues, and answers 301
//! for what was moved.

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

use self::shape::{Comment, Made, RawEvent, RawIssue, Reading};
use super::http::{Pages, Site};
use super::settings::{Keys, Unusable};
use super::{Found, Issue, LABEL, Stored, Tracker, Trouble, body_block, key_label};
use crate::markup::{Markup, title};

/// A repository's issues.
#[derive(Debug)]
pub struct GitHub {
    name: TrackerName,
    site: Site,
    owner: String,
    repository: String,
    wanted: Wanted,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the config names.
#[derive(Debug)]
struct Wanted {
    /// Our account, where it cannot be asked for: `github-actions[bot]`.
    account: Option<String>,
    /// Accounts that are no persons, by login.
    bots: Vec<String>,
}

/// What is asked once.
#[derive(Debug)]
struct Known {
    /// Our login.
    account: String,
    repository: shape::Repository,
}

/// Characters of a title.
const TITLE: usize = 250;

impl GitHub {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let whole = keys.project().to_owned();
        let parts = whole
            .split_once('/')
            .filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'));
        let (owner, repository) =
            parts.ok_or_else(|| keys.wrong("project", "is written OWNER/REPOSITORY"))?;
        let wanted = Wanted { account: keys.take("account"), bots: keys.take_list("bots") };
        let token = Secret::new(format!("Bearer {}", keys.token().reveal()));
        let site = Site::new(client, api(keys.base()), ("authorization", token))
            .with("accept", "application/vnd.github+json")
            .with("x-github-api-version", "2022-11-28");
        Ok(Self {
            name: keys.name(),
            site,
            owner: owner.to_owned(),
            repository: repository.to_owned(),
            wanted,
            known: Mutex::new(None),
        })
    }

    fn known(&self, by: Instant) -> Result<Arc<Known>, Trouble> {
        let mut slot = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(Known {
            account: examine::account(self, by)?,
            repository: examine::repository(self, by)?,
        });
        *slot = Some(Arc::clone(&known));
        Ok(known)
    }

    fn at(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut whole = vec!["repos", &self.owner, &self.repository];
        whole.extend_from_slice(path);
        self.site.url(&whole, query)
    }

    /// Pages of a list, as long as `goes_on` says so of the last entry.
    fn all<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        goes_on: impl Fn(&T) -> bool,
        by: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let mut whole = vec!["repos", &self.owner, &self.repository];
        whole.extend_from_slice(path);
        let list = Pages { path: &whole, query, size_key: "per_page", may_be_short: false };
        self.site.pages(&list, goes_on, by)
    }

    fn list(
        &self,
        query: &[(&str, &str)],
        goes_on: impl Fn(&RawIssue) -> bool,
        by: Instant,
    ) -> Result<Vec<Stored>, Trouble> {
        let known = self.known(by)?;
        let issues: Vec<RawIssue> = self.all(&["issues"], query, goes_on, by)?;
        let issues = issues.into_iter().filter(|issue| issue.pull_request.is_none());
        Ok(issues.map(|issue| self.stored(issue, &[], &[], &known)).collect())
    }

    fn stored(
        &self,
        issue: RawIssue,
        events: &[RawEvent],
        comments: &[Comment],
        known: &Known,
    ) -> Stored {
        let project = format!("{}/{}", self.owner, self.repository);
        Reading { project: &project, known, wanted: &self.wanted, events, comments }.stored(issue)
    }

    /// The issue, also where it was moved to; none where it is no more.
    fn issue(&self, id: &str, by: Instant) -> Result<Option<RawIssue>, Trouble> {
        let mut answer = self.site.get(self.at(&["issues", id], &[]), by)?;
        if matches!(answer.status(), 301 | 302 | 307 | 308) {
            let Some(to) = answer.header("location").and_then(|to| self.site.same(to)) else {
                return Ok(None);
            };
            answer = self.site.get(to, by)?;
        }
        match answer.status() {
            404 | 410 => Ok(None),
            _ => Ok(Some(answer.done()?.read()?)),
        }
    }

    fn change(&self, id: &str, change: &Value, by: Instant) -> Result<(), Trouble> {
        let url = self.at(&["issues", id], &[]);
        self.site.send(Method::Patch, url, Some(change), by)?.done()?;
        Ok(())
    }
}

/// The API's address beside the site's: another host for github.com, a path elsewhere.
fn api(base: &Url) -> Url {
    let is_root = base.path().trim_matches('/').is_empty();
    let mut api = base.clone();
    if matches!(base.host_str(), Some("github.com" | "www.github.com")) {
        let _ = api.set_host(Some("api.github.com"));
    } else if is_root && base.host_str() != Some("api.github.com") {
        api.set_path("/api/v3");
    }
    api
}

impl Tracker for GitHub {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    /// Lists by label have been seen to lag by seconds.
    fn settle(&self) -> Duration {
        Duration::from_secs(60)
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
        let query = [("state", "all"), ("sort", "created"), ("direction", "desc")];
        let is_recent = |issue: &RawIssue| issue.created_at().is_none_or(|at| at >= since);
        let mut found = self.list(&query, is_recent, by)?;
        found.retain(|issue| issue.created_at.is_none_or(|at| at >= since));
        Ok(found)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.list(&[("labels", LABEL), ("state", "open")], |_| true, by)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        self.known(by)?;
        let body = json!({
            "title": title(&issue.title, TITLE),
            "body": body_block::with(&Markup::Markdown.write(&issue.body), &issue.block),
            "labels": [LABEL, key_label(&issue.key)],
        });
        let answer = self.site.send(Method::Post, self.at(&["issues"], &[]), Some(&body), by)?;
        Ok(answer.done()?.read::<Made>()?.number.to_string())
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let known = self.known(by)?;
        let Some(issue) = self.issue(id, by)? else { return Ok(Found::Gone) };
        if !issue.is_in(&self.owner, &self.repository) {
            return Ok(Found::Here(Box::new(self.stored(issue, &[], &[], &known))));
        }
        let events: Vec<RawEvent> = self.all(&["issues", id, "events"], &[], |_| true, by)?;
        let comments: Vec<Comment> = match issue.comments {
            0 => Vec::new(),
            _ => self.all(&["issues", id, "comments"], &[], |_| true, by)?,
        };
        Ok(Found::Here(Box::new(self.stored(issue, &events, &comments, &known))))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let body = json!({"body": Markup::Markdown.write(text)});
        let url = self.at(&["issues", id, "comments"], &[]);
        self.site.send(Method::Post, url, Some(&body), by)?.done()?;
        Ok(())
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let change = match open {
            true => json!({"state": "open"}),
            false => json!({"state": "closed", "state_reason": "completed"}),
        };
        self.change(id, &change, by)
    }

    /// The body is read and written whole: what a person changes in between is lost.
    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let issue = self.issue(id, by)?;
        let issue = issue.ok_or_else(|| Trouble::Refused(format!("issue {id} is not there")))?;
        let body = body_block::with(issue.body.as_deref().unwrap_or_default(), block);
        self.change(id, &json!({"body": body}), by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        examine::examine(self, by)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn the_api_stands_beside_the_site() {
        for (site, want) in [
            ("https://github.com", "https://api.github.com/"),
            ("https://api.github.com", "https://api.github.com/"),
            ("https://git.example.org/", "https://git.example.org/api/v3"),
            ("https://git.example.org/api/v3", "https://git.example.org/api/v3"),
        ] {
            assert_eq!(api(&Url::parse(site).unwrap()).as_str(), want);
        }
    }
}
