//! What Gitea answers with, as far as it is read, and what that says of an issue.

use certvigil_model::{Foreign, Time};
use serde::Deserialize;

use super::Known;
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;
use crate::tracker::{LABEL, Stored, body_block, key_of_labels};

#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) number: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    #[serde(default)]
    pub(super) id: u64,
    pub(super) name: String,
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
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawIssue {
    number: u64,
    html_url: String,
    title: String,
    #[serde(default)]
    pub(super) body: String,
    user: Option<User>,
    #[serde(default)]
    labels: Vec<Label>,
    state: String,
    created_at: Option<String>,
    repository: Option<RepositoryName>,
}

#[derive(Debug, Deserialize)]
struct RepositoryName {
    full_name: String,
}

impl RawIssue {
    pub(super) fn created_at(&self) -> Option<Time> {
        self.created_at.as_deref().and_then(moment)
    }
}

/// A comment or any other entry of an issue's timeline.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    body: String,
    user: Option<User>,
    created_at: Option<String>,
    #[serde(default)]
    removed_assignee: bool,
}

/// All that was read besides an issue itself.
pub(super) struct Reading<'a> {
    pub(super) known: &'a Known,
    pub(super) bots: &'a [String],
    pub(super) timeline: &'a [Entry],
}

impl Reading<'_> {
    pub(super) fn stored(&self, issue: RawIssue) -> Stored {
        let created_at = issue.created_at();
        let events: Vec<Event> = self.timeline.iter().filter_map(|one| self.event(one)).collect();
        let Acts { taken, closed } = acts(created_at, &events);
        let labels: Vec<&str> = issue.labels.iter().map(|label| label.name.as_str()).collect();
        let key = key_of_labels(&labels);
        let meant = &self.known.repository.full_name;
        let project = issue.repository.map_or_else(|| meant.clone(), |one| one.full_name);
        Stored {
            id: issue.number.to_string(),
            is_in_project: project.eq_ignore_ascii_case(meant),
            project: Foreign::new(project),
            is_ours: self.is_us(issue.user.as_ref()),
            is_labelled: key.is_some() && labels.contains(&LABEL),
            key,
            is_open: issue.state == "open",
            is_locked: self.known.repository.archived,
            created_at,
            block: body_block::of(&issue.body).map(Foreign::new),
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
        let comments = self.timeline.iter().filter(|one| one.kind == "comment");
        let ours = comments.filter(|one| self.is_us(one.user.as_ref()));
        ours.map(|one| Foreign::new(&one.body)).collect()
    }

    fn event(&self, one: &Entry) -> Option<Event> {
        let act = match one.kind.as_str() {
            "assignees" if one.removed_assignee => Act::Unassigned,
            "assignees" => Act::Assigned,
            "close" => Act::Closed,
            "reopen" => Act::Reopened,
            _ => return None,
        };
        let by = one.user.as_ref().map(|user| user.login.clone()).unwrap_or_default();
        // Gitea's own users have names in brackets or none.
        let is_person = !by.is_empty()
            && by != self.known.account
            && !matches!(by.as_str(), "Ghost" | "gitea-actions" | "forgejo-actions")
            && !self.bots.contains(&by);
        let at = one.created_at.as_deref().and_then(moment);
        Some(Event { at, by: Foreign::new(by), is_person, act })
    }
}
