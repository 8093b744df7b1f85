//! What GitHub answers with, as far as it is read, and what that says of an issue.

use certvigil_model::{Foreign, Time};
use serde::Deserialize;
use serde_json::Value;

use super::{Known, Wanted};
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;
use crate::tracker::{LABEL, Stored, body_block, key_of_labels};

#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) number: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) archived: bool,
    pub(super) has_issues: Option<bool>,
    #[serde(default)]
    pub(super) permissions: Permissions,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) push: bool,
    #[serde(default)]
    pub(super) triage: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
    /// `User`, `Bot`, `Organization`.
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawIssue {
    number: u64,
    html_url: String,
    #[serde(default)]
    repository_url: String,
    title: String,
    pub(super) body: Option<String>,
    user: Option<User>,
    #[serde(default)]
    labels: Vec<Label>,
    state: String,
    created_at: Option<String>,
    #[serde(default)]
    pub(super) comments: u64,
    pub(super) pull_request: Option<Value>,
}

/// GitHub describes a label as an object or as its name alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Whole { name: Option<String> },
    Name(String),
}

impl Label {
    fn name(&self) -> &str {
        match self {
            Self::Whole { name } => name.as_deref().unwrap_or_default(),
            Self::Name(name) => name,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct RawEvent {
    event: String,
    actor: Option<User>,
    created_at: Option<String>,
    performed_via_github_app: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    user: Option<User>,
    body: Option<String>,
}

impl RawIssue {
    pub(super) fn created_at(&self) -> Option<Time> {
        self.created_at.as_deref().and_then(moment)
    }

    /// Whether it stands in that repository; lists and answers name it by its address.
    pub(super) fn is_in(&self, owner: &str, repository: &str) -> bool {
        let path = format!("/repos/{owner}/{repository}");
        self.repository_url.to_lowercase().ends_with(&path.to_lowercase())
    }

    fn project(&self) -> &str {
        self.repository_url.split_once("/repos/").map_or("", |(_, project)| project)
    }
}

/// All that was read besides an issue itself.
pub(super) struct Reading<'a> {
    pub(super) project: &'a str,
    pub(super) known: &'a Known,
    pub(super) wanted: &'a Wanted,
    pub(super) events: &'a [RawEvent],
    pub(super) comments: &'a [Comment],
}

impl Reading<'_> {
    pub(super) fn stored(&self, issue: RawIssue) -> Stored {
        let created_at = issue.created_at();
        let events: Vec<Event> = self.events.iter().filter_map(|one| self.event(one)).collect();
        let Acts { taken, closed } = acts(created_at, &events);
        let labels: Vec<&str> = issue.labels.iter().map(Label::name).collect();
        let key = key_of_labels(&labels);
        Stored {
            id: issue.number.to_string(),
            project: Foreign::new(issue.project()),
            is_in_project: issue.project().eq_ignore_ascii_case(self.project),
            is_ours: self.is_us(issue.user.as_ref()),
            is_labelled: key.is_some() && labels.contains(&LABEL),
            key,
            is_open: issue.state == "open",
            is_locked: self.known.repository.archived,
            created_at,
            block: issue.body.as_deref().and_then(body_block::of).map(Foreign::new),
            our_comments: self.our_comments(),
            taken,
            closed,
            url: issue.html_url,
            title: Foreign::new(issue.title),
        }
    }

    fn is_us(&self, user: Option<&User>) -> bool {
        user.is_some_and(|user| user.login == self.known.account)
    }

    fn our_comments(&self) -> Vec<Foreign> {
        let ours = self.comments.iter().filter(|one| self.is_us(one.user.as_ref()));
        ours.filter_map(|one| one.body.as_deref()).map(Foreign::new).collect()
    }

    fn event(&self, one: &RawEvent) -> Option<Event> {
        let act = match one.event.as_str() {
            "assigned" => Act::Assigned,
            "unassigned" => Act::Unassigned,
            "closed" => Act::Closed,
            "reopened" => Act::Reopened,
            _ => return None,
        };
        let at = one.created_at.as_deref().and_then(moment);
        let by = one.actor.as_ref().map(|actor| actor.login.clone()).unwrap_or_default();
        let is_person = one.actor.as_ref().is_some_and(|actor| actor.kind == "User")
            && one.performed_via_github_app.as_ref().is_none_or(Value::is_null)
            && by != self.known.account
            && !self.wanted.bots.contains(&by);
        Some(Event { at, by: Foreign::new(by), is_person, act })
    }
}
