//! What GitLab answers with, as far as it is read, and what that says of an issue.

use certvigil_model::{Foreign, Time};
use serde::Deserialize;

use super::Known;
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;
use crate::tracker::{LABEL, Stored, body_block, key_of_labels};

#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) iid: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Project {
    id: u64,
    pub(super) path_with_namespace: String,
    #[serde(default)]
    pub(super) archived: bool,
    /// `enabled`, `private` or `disabled`.
    pub(super) issues_access_level: Option<String>,
    #[serde(default)]
    permissions: Permissions,
}

#[derive(Debug, Default, Deserialize)]
struct Permissions {
    project_access: Option<Access>,
    group_access: Option<Access>,
}

#[derive(Debug, Deserialize)]
struct Access {
    access_level: u64,
}

impl Project {
    /// The higher of the two roles that we have there: 10 is a guest, 15 a planner, 20 a reporter.
    pub(super) fn access(&self) -> Option<u64> {
        let both = self.permissions.project_access.iter().chain(&self.permissions.group_access);
        both.map(|access| access.access_level).max()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) username: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawIssue {
    iid: u64,
    project_id: u64,
    title: String,
    pub(super) description: Option<String>,
    state: String,
    created_at: Option<String>,
    author: Option<User>,
    #[serde(default)]
    labels: Vec<String>,
    web_url: String,
    /// It stands in another project now, and is closed here.
    moved_to_id: Option<u64>,
}

impl RawIssue {
    pub(super) fn created_at(&self) -> Option<Time> {
        self.created_at.as_deref().and_then(moment)
    }
}

/// A comment, or what GitLab itself says of a change.
#[derive(Debug, Deserialize)]
pub(super) struct Note {
    body: String,
    author: Option<User>,
    created_at: Option<String>,
    #[serde(default)]
    system: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct StateEvent {
    user: Option<User>,
    created_at: Option<String>,
    state: String,
}

/// All that was read besides an issue itself.
pub(super) struct Reading<'a> {
    pub(super) known: &'a Known,
    pub(super) bots: &'a [String],
    pub(super) notes: &'a [Note],
    pub(super) states: &'a [StateEvent],
}

impl Reading<'_> {
    pub(super) fn stored(&self, issue: RawIssue) -> Stored {
        let created_at = issue.created_at();
        let Acts { taken, closed } = acts(created_at, &self.events());
        let labels: Vec<&str> = issue.labels.iter().map(String::as_str).collect();
        let key = key_of_labels(&labels);
        let is_here = issue.project_id == self.known.project.id && issue.moved_to_id.is_none();
        let elsewhere =
            issue.moved_to_id.map(|to| format!("another project, as issue {to} of the site"));
        let project = elsewhere.unwrap_or_else(|| self.known.project.path_with_namespace.clone());
        Stored {
            id: issue.iid.to_string(),
            project: Foreign::new(project),
            is_in_project: is_here,
            is_ours: self.is_us(issue.author.as_ref()),
            is_labelled: key.is_some() && labels.contains(&LABEL),
            key,
            is_open: issue.state == "opened",
            is_locked: self.known.project.archived,
            created_at,
            block: issue.description.as_deref().and_then(body_block::of).map(Foreign::new),
            our_comments: self.our_comments(),
            taken,
            closed,
            url: issue.web_url,
            title: Foreign::new(issue.title),
        }
    }

    fn is_us(&self, user: Option<&User>) -> bool {
        user.is_some_and(|user| user.username == self.known.account)
    }

    fn our_comments(&self) -> Vec<Foreign> {
        let ours = self.notes.iter().filter(|one| !one.system && self.is_us(one.author.as_ref()));
        ours.map(|one| Foreign::new(&one.body)).collect()
    }

    /// Assignments are told by notes, in English whatever the language; states by a list of their own.
    fn events(&self) -> Vec<Event> {
        let notes = self.notes.iter().filter(|one| one.system).filter_map(|one| {
            let act = if one.body.starts_with("assigned to ") {
                Act::Assigned
            } else if one.body.starts_with("unassigned ") || one.body == "removed assignee" {
                Act::Unassigned
            } else {
                return None;
            };
            Some(self.event(one.created_at.as_deref(), one.author.as_ref(), act))
        });
        let states = self.states.iter().filter_map(|one| {
            let act = match one.state.as_str() {
                "closed" => Act::Closed,
                "reopened" => Act::Reopened,
                _ => return None,
            };
            Some(self.event(one.created_at.as_deref(), one.user.as_ref(), act))
        });
        notes.chain(states).collect()
    }

    fn event(&self, at: Option<&str>, user: Option<&User>, act: Act) -> Event {
        let by = user.map(|user| user.username.clone()).unwrap_or_default();
        let is_person =
            !by.is_empty() && by != self.known.account && !is_bot(&by) && !self.bots.contains(&by);
        Event { at: at.and_then(moment), by: Foreign::new(by), is_person, act }
    }
}

/// Access tokens of projects and groups act as users of these names; the others are GitLab's own.
fn is_bot(username: &str) -> bool {
    let is_of_token = ["project_", "group_"].iter().any(|begin| username.starts_with(begin))
        && username.contains("_bot");
    is_of_token || matches!(username, "alert-bot" | "support-bot" | "ghost" | "GitLab-Security-Bot")
}
