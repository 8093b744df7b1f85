//! Where an answer has what.

use certvigil_model::{Foreign, IncidentKey, Time};
use serde_json::Value;

use super::super::settings::{Keys, Unusable};
use super::super::when::moment;
use super::super::{LABEL, Stored, Trouble};

/// A JSON pointer (RFC 6901).
type Pointer = String;

/// Where an answer has what.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) page: Option<String>,
    account: String,
    open_states: Vec<String>,
    issue: Pointer,
    issues: Pointer,
    list_id: Option<Pointer>,
    id: Pointer,
    title: Pointer,
    author: Pointer,
    state: Pointer,
    created: Pointer,
    project: Option<Pointer>,
    key: Option<Pointer>,
    labels: Option<Pointer>,
    label_name: Pointer,
    block: Option<Pointer>,
    locked: Option<Pointer>,
    comments: Pointer,
    comment_text: Pointer,
    comment_author: Pointer,
}

impl Shape {
    pub(super) fn of(keys: &mut Keys) -> Result<Self, Unusable> {
        let shape = Self {
            page: keys.take("page"),
            account: needed(keys, "account")?,
            open_states: keys.take_list("open_states"),
            issue: optional(keys, "issue")?.unwrap_or_default(),
            issues: optional(keys, "issues")?.unwrap_or_default(),
            list_id: optional(keys, "list_id")?,
            id: pointer(keys, "issue_id")?,
            title: pointer(keys, "issue_title")?,
            author: pointer(keys, "issue_author")?,
            state: pointer(keys, "issue_state")?,
            created: pointer(keys, "issue_created")?,
            project: optional(keys, "issue_project")?,
            key: optional(keys, "issue_key")?,
            labels: optional(keys, "issue_labels")?,
            label_name: optional(keys, "label_name")?.unwrap_or_default(),
            block: optional(keys, "issue_block")?,
            locked: optional(keys, "issue_locked")?,
            comments: pointer(keys, "issue_comments")?,
            comment_text: pointer(keys, "comment_text")?,
            comment_author: pointer(keys, "comment_author")?,
        };
        if shape.open_states.is_empty() {
            return Err(
                keys.wrong("open_states", "is needed: write the states in which work is not over")
            );
        }
        if shape.key.is_none() && shape.labels.is_none() {
            return Err(keys
                .wrong("issue_key", "is needed, or issue_labels: by it an issue is found again"));
        }
        Ok(shape)
    }

    /// The issue in an answer.
    pub(super) fn issue<'a>(&self, answer: &'a Value) -> Result<&'a Value, Trouble> {
        answer.pointer(&self.issue).ok_or_else(|| lacks("issue", &self.issue))
    }

    /// The id of the issue in an answer.
    pub(super) fn id(&self, answer: &Value) -> Result<String, Trouble> {
        let issue = self.issue(answer)?;
        text(issue, &self.id).ok_or_else(|| lacks("issue_id", &self.id)).and_then(ident)
    }

    /// The entries of a list.
    pub(super) fn entries<'a>(&self, answer: &'a Value) -> Result<Vec<&'a Value>, Trouble> {
        let list = answer.pointer(&self.issues).and_then(Value::as_array);
        let list = list.ok_or_else(|| lacks("issues", &self.issues))?;
        Ok(list.iter().collect())
    }

    /// The ids of entries that have little else.
    pub(super) fn ids(&self, entries: &[&Value]) -> Result<Option<Vec<String>>, Trouble> {
        let Some(pointer) = &self.list_id else { return Ok(None) };
        let id = |entry: &&Value| {
            text(entry, pointer).ok_or_else(|| lacks("list_id", pointer)).and_then(ident)
        };
        entries.iter().map(id).collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn stored(&self, issue: &Value, meant: &str) -> Result<Stored, Trouble> {
        let needed =
            |key: &str, pointer: &Pointer| text(issue, pointer).ok_or_else(|| lacks(key, pointer));
        let optional = |pointer: &Option<Pointer>| text(issue, pointer.as_ref()?);
        let labels = self.labels(issue);
        let project = optional(&self.project).unwrap_or_else(|| meant.to_owned());
        let written = optional(&self.key);
        let key = written.iter().chain(&labels).find_map(|text| text.parse::<IncidentKey>().ok());
        let state = needed("issue_state", &self.state)?;
        Ok(Stored {
            id: needed("issue_id", &self.id).and_then(ident)?,
            url: String::new(),
            is_in_project: project == meant,
            project: Foreign::new(project),
            is_ours: text(issue, &self.author).as_deref() == Some(self.account.as_str()),
            title: Foreign::new(needed("issue_title", &self.title)?),
            is_labelled: match self.labels {
                Some(_) => labels.iter().any(|label| label == LABEL),
                None => key.is_some(),
            },
            key,
            is_open: self.open_states.contains(&state),
            is_locked: optional(&self.locked).is_some_and(|locked| locked == "true"),
            created_at: text(issue, &self.created).and_then(|text| created(&text)),
            block: optional(&self.block).map(Foreign::new),
            our_comments: self.comments(issue),
            taken: None,
            closed: None,
        })
    }

    /// Our comments in an answer.
    pub(super) fn comments(&self, answer: &Value) -> Vec<Foreign> {
        let comments = answer.pointer(&self.comments).and_then(Value::as_array);
        let ours = comments.into_iter().flatten().filter(|comment| {
            text(comment, &self.comment_author).as_deref() == Some(self.account.as_str())
        });
        ours.filter_map(|comment| text(comment, &self.comment_text)).map(Foreign::new).collect()
    }

    fn labels(&self, issue: &Value) -> Vec<String> {
        let Some(pointer) = &self.labels else { return Vec::new() };
        let labels = issue.pointer(pointer).and_then(Value::as_array);
        labels.into_iter().flatten().filter_map(|label| text(label, &self.label_name)).collect()
    }
}

/// What stands there, where it is one value.
fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Some write UTC without saying so.
fn created(text: &str) -> Option<Time> {
    let text = text.replacen('.', "T", usize::from(text.get(10..11) == Some(".")));
    moment(&text).or_else(|| moment(&format!("{text}Z")))
}

/// An id becomes a part of an address.
fn ident(text: String) -> Result<String, Trouble> {
    super::super::ident::id(text).map_err(Trouble::Strange)
}

fn lacks(key: &str, pointer: &str) -> Trouble {
    Trouble::Strange(format!(
        "the tracker's answer has nothing at {pointer:?}, where {key} is looked for"
    ))
}

fn needed(keys: &mut Keys, key: &'static str) -> Result<String, Unusable> {
    keys.take(key).ok_or_else(|| keys.wrong(key, "is needed"))
}

fn pointer(keys: &mut Keys, key: &'static str) -> Result<Pointer, Unusable> {
    optional(keys, key)?
        .ok_or_else(|| keys.wrong(key, "is needed: write a JSON pointer like /issue/id"))
}

fn optional(keys: &mut Keys, key: &'static str) -> Result<Option<Pointer>, Unusable> {
    let pointer = keys.take(key);
    match &pointer {
        Some(text) if !text.is_empty() && !text.starts_with('/') => {
            Err(keys.wrong(key, "is no JSON pointer: it begins with /"))
        }
        _ => Ok(pointer),
    }
}
