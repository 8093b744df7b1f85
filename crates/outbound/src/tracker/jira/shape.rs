//! What Jira answers with, as far as it is read, and what that says of an issue.

use certvigil_model::{Foreign, Time};
use serde::Deserialize;
use serde_json::Value;

use super::examine::Known;
use super::{Jira, PROPERTY};
use crate::markup::jira_wiki;
use crate::tracker::people::{Act, Acts, Event, acts};
use crate::tracker::when::moment;
use crate::tracker::{LABEL, Stored, ident, key_of_labels};

#[derive(Debug, Deserialize)]
pub(super) struct Made {
    #[serde(deserialize_with = "ident::of_text")]
    pub(super) key: String,
}

/// A page of a search in either edition.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    #[serde(default)]
    pub(super) issues: Vec<RawIssue>,
    pub(super) next_page_token: Option<String>,
    #[serde(default)]
    pub(super) total: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawIssue {
    #[serde(deserialize_with = "ident::of_text")]
    pub(super) key: String,
    fields: Fields,
    #[serde(default)]
    properties: Value,
    pub(super) changelog: Option<Changelog>,
}

#[derive(Debug, Deserialize)]
struct Fields {
    #[serde(default)]
    summary: String,
    status: Status,
    #[serde(default)]
    labels: Vec<String>,
    creator: Option<User>,
    created: Option<String>,
    project: Project,
}

#[derive(Debug, Deserialize)]
struct Project {
    key: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) name: String,
    status_category: Category,
}

#[derive(Clone, Debug, Deserialize)]
struct Category {
    /// `new`, `indeterminate`, `done`.
    key: String,
}

impl Status {
    pub(super) fn is_done(&self) -> bool {
        self.status_category.key == "done"
    }

    pub(super) fn is_begun(&self) -> bool {
        self.status_category.key == "indeterminate"
    }
}

/// Cloud knows accounts by an opaque id, Data Center by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    account_id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    display_name: String,
    /// In Cloud: `atlassian`, `app`, `customer`.
    account_type: Option<String>,
}

impl User {
    pub(super) fn id(&self) -> &str {
        self.account_id.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Changelog {
    #[serde(default)]
    pub(super) histories: Vec<History>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Changes {
    #[serde(default)]
    pub(super) values: Vec<History>,
    #[serde(default)]
    pub(super) total: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct History {
    author: Option<User>,
    created: Option<String>,
    #[serde(default)]
    items: Vec<Item>,
}

impl History {
    pub(super) fn at(&self) -> Option<Time> {
        self.created.as_deref().and_then(moment)
    }
}

#[derive(Debug, Deserialize)]
struct Item {
    field: String,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Comments {
    #[serde(default)]
    pub(super) comments: Vec<Comment>,
    #[serde(default)]
    pub(super) total: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    author: Option<User>,
    body: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Transitions {
    #[serde(default)]
    pub(super) transitions: Vec<Transition>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Transition {
    pub(super) id: String,
    pub(super) to: Status,
}

impl RawIssue {
    pub(super) fn is_open(&self) -> bool {
        !self.fields.status.is_done()
    }
}

/// A property's value, which is ours as long as it is a text.
pub(super) fn block(value: &Value) -> Option<Foreign> {
    value.as_str().filter(|text| !text.is_empty()).map(Foreign::new)
}

/// All that was read besides an issue itself.
pub(super) struct Reading<'a> {
    pub(super) jira: &'a Jira,
    pub(super) known: &'a Known,
    pub(super) history: &'a [History],
    pub(super) comments: &'a [Comment],
}

impl Reading<'_> {
    pub(super) fn stored(&self, issue: &RawIssue, url: String) -> Stored {
        let fields = &issue.fields;
        let created_at = fields.created.as_deref().and_then(moment);
        let events: Vec<Event> = self.history.iter().flat_map(|one| self.events(one)).collect();
        let Acts { taken, closed } = acts(created_at, &events);
        let labels: Vec<&str> = fields.labels.iter().map(String::as_str).collect();
        let key = key_of_labels(&labels);
        Stored {
            id: issue.key.clone(),
            url,
            project: Foreign::new(&fields.project.key),
            is_in_project: fields.project.key == self.jira.project,
            is_ours: self.is_us(fields.creator.as_ref()),
            title: Foreign::new(&fields.summary),
            is_labelled: key.is_some() && labels.contains(&LABEL),
            key,
            is_open: issue.is_open(),
            is_locked: self.known.is_archived,
            created_at,
            block: block(&issue.properties[PROPERTY]),
            our_comments: self.our_comments(),
            taken,
            closed,
        }
    }

    fn is_us(&self, user: Option<&User>) -> bool {
        user.is_some_and(|user| user.id() == self.known.account)
    }

    fn our_comments(&self) -> Vec<Foreign> {
        let ours = self.comments.iter().filter(|one| self.is_us(one.author.as_ref()));
        ours.map(|one| Foreign::new(text(&one.body))).collect()
    }

    fn events(&self, one: &History) -> Vec<Event> {
        let acts = one.items.iter().filter_map(|item| self.act(item));
        acts.map(|act| self.event(one, act)).collect()
    }

    fn act(&self, item: &Item) -> Option<Act> {
        let status = |id: &Option<String>| self.known.status(id.as_deref()?);
        match item.field.as_str() {
            "assignee" if item.to.is_some() => Some(Act::Assigned),
            "assignee" => Some(Act::Unassigned),
            "status" => {
                let was_done = status(&item.from).is_some_and(Status::is_done);
                let to = status(&item.to)?;
                Some(match (was_done, to.is_done(), to.is_begun()) {
                    (_, true, _) => Act::Closed,
                    (true, false, _) => Act::Reopened,
                    (false, false, true) => Act::Begun,
                    (false, false, false) => Act::PutBack,
                })
            }
            _ => None,
        }
    }

    fn event(&self, one: &History, act: Act) -> Event {
        let name = one.author.as_ref().map(|user| user.display_name.clone()).unwrap_or_default();
        let is_program = |user: &User| user.account_type.as_deref() == Some("app");
        let is_person = one.author.as_ref().is_some_and(|user| !is_program(user))
            && !self.is_us(one.author.as_ref())
            && !self.jira.bots.contains(&name);
        Event { at: one.at(), by: Foreign::new(name), is_person, act }
    }
}

/// The words of a comment: Data Center sends a text, Cloud a tree whose leaves have them.
fn text(body: &Value) -> String {
    match body {
        Value::String(text) => jira_wiki::plain(text),
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Object(node) => match node.get("text").and_then(Value::as_str) {
            Some(leaf) => leaf.to_owned(),
            None => node.get("content").map(text).unwrap_or_default(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}
