//! Any tracker that speaks JSON over HTTP, by templates from the config.
//!
//! Requests are written `METHOD /path?name=value`, bodies as JSON, both with blanks: `{project}`, `{key}`, `{id}`,
//! `{title}`, `{body}`, `{text}`, `{block}`, `{since}` (RFC 3339), `{since_date}` and `{since_time}`. A blank is filled
//! in where it stands, inside one part of a path, one value of a query or one string of a body, and can end none of
//! them. What is read is pointed at (RFC 6901).
//!
//! | key | what it says | without it |
//! |---|---|---|
//! | `header` | the field that lets us in, with `{token}` | `authorization: Bearer {token}` |
//! | `headers` | more fields, parted by commas | none |
//! | `if_match` | `yes` where changes need the `ETag` (RFC 9110) of what they change | not sent |
//! | `account` | our name, as issues show their author | is needed |
//! | `settle` | seconds that the search may lag | 0 |
//! | `markup` | `plain`, `markdown`, `textile` or `jira` | `plain` |
//! | `create`, `create_body` | makes an issue | are needed |
//! | `create_first`, `create_first_body`, `comment_first`, `comment_first_body` | makes what has to be there before; its id is `{first}` | nothing |
//! | `find` | all issues with `{key}`, by a filter | is needed |
//! | `recent` | all issues since `{since}`, the newest first | is needed |
//! | `ours` | all open issues with our label | is needed |
//! | `read` | the issue `{id}` | is needed |
//! | `comment`, `comment_body` | adds `{text}` to it | are needed |
//! | `close`, `close_body`, `reopen`, `reopen_body` | does so | are needed |
//! | `remember`, `remember_body` | overwrites `{block}` | no state is kept there |
//! | `examine` | answers 200 where the project is there and we are let in | is needed |
//! | `issue`, `issues` | where an answer has the issue, or the list of them | the whole answer |
//! | `list_id` | where an entry of a list has its id, if it has little else: each is then read | entries are whole |
//! | `issue_id` `issue_title` `issue_author` `issue_state` `issue_created` | where an issue has these | are needed |
//! | `open_states` | the states, parted by commas, in which work is not over | is needed |
//! | `issue_project` | its project | it is where we asked for it |
//! | `issue_key`, or `issue_labels` and `label_name` | the key, in a field or as one of the labels | one is needed |
//! | `issue_block`, `issue_locked` | the block of state; whether nobody can write to it | nowhere |
//! | `page` | where people see it, with `{id}` | its address in the API |
//! | `comments` | reads its comments | they are in the issue |
//! | `issue_comments`, `comment_text`, `comment_author` | where the comments are, and what one has | are needed |

mod ask;
mod shape;

use std::time::{Duration, Instant};

use certvigil_doors::Secret;
use certvigil_fetch::Client;
use certvigil_model::{Document, Foreign, IncidentKey, Time, TrackerName};
use serde_json::Value;

use self::ask::{Ask, fill};
use self::shape::Shape;
use super::http::{Answer, Site};
use super::settings::{Keys, Unusable};
use super::{Found, Issue, Stored, Tracker, Trouble, ident};
use crate::markup::{Markup, title};

/// A tracker by templates.
#[derive(Clone, Debug)]
pub struct Templated {
    name: TrackerName,
    site: Site,
    project: String,
    settle: Duration,
    markup: Markup,
    asks: Asks,
    shape: Shape,
    is_matched: bool,
}

/// What it is asked.
#[derive(Clone, Debug)]
struct Asks {
    create: Ask,
    find: Ask,
    recent: Ask,
    ours: Ask,
    read: Ask,
    comment: Ask,
    comments: Option<Ask>,
    close: Ask,
    reopen: Ask,
    remember: Option<Ask>,
    examine: Ask,
}

/// Characters of a title.
const TITLE: usize = 200;

impl Templated {
    pub(crate) fn new(keys: &mut Keys, client: Client) -> Result<Self, Unusable> {
        let settle = keys.take("settle").unwrap_or_else(|| "0".to_owned());
        let settle = settle.parse().map_err(|_| keys.wrong("settle", "is a number of seconds"))?;
        let site = Site::new(client, keys.base().clone(), secret(keys)?);
        Ok(Self {
            name: keys.name(),
            site: more_headers(keys, site)?,
            is_matched: keys.take("if_match").as_deref() == Some("yes"),
            project: keys.project().to_owned(),
            settle: Duration::from_secs(settle),
            markup: markup(keys)?,
            asks: Asks::of(keys)?,
            shape: Shape::of(keys)?,
        })
    }

    fn ask(&self, ask: &Ask, blanks: &[(&str, &str)], by: Instant) -> Result<Answer, Trouble> {
        let mut all = vec![("project", self.project.as_str())];
        all.extend_from_slice(blanks);
        let first = ask.first.as_deref().map(|first| self.first(first, &all, by)).transpose()?;
        if let Some(first) = &first {
            all.push(("first", first));
        }
        ask.send(&self.site, &all, by)
    }

    /// What is made before is seen by nobody without what comes behind it: a doubt about it is none.
    fn first(&self, ask: &Ask, blanks: &[(&str, &str)], by: Instant) -> Result<String, Trouble> {
        let made = ask.send(&self.site, blanks, by).and_then(Answer::done);
        let id = made.and_then(|answer| self.shape.id(&answer.read::<Value>()?));
        id.map_err(|trouble| match trouble {
            Trouble::Doubtful(why) | Trouble::Strange(why) => Trouble::Later { after: None, why },
            other => other,
        })
    }

    /// Changes what is there, as it was when it was last read, where the tracker wants to know that.
    fn change(&self, ask: &Ask, blanks: &[(&str, &str)], by: Instant) -> Result<(), Trouble> {
        if !self.is_matched {
            return self.ask(ask, blanks, by)?.done().map(drop);
        }
        let read = self.ask(&self.asks.read, blanks, by)?.done()?;
        let tag = read.header("etag").unwrap_or_default().to_owned();
        let matched = Self { site: self.site.clone().with("if-match", &tag), ..self.clone() };
        let answer = matched.ask(ask, blanks, by)?;
        match answer.status() {
            412 => Err(Trouble::Later { after: None, why: answer.refused().to_string() }),
            _ => answer.done().map(drop),
        }
    }

    fn list(
        &self,
        ask: &Ask,
        blanks: &[(&str, &str)],
        by: Instant,
    ) -> Result<Vec<Stored>, Trouble> {
        let answer: Value = self.ask(ask, blanks, by)?.done()?.read()?;
        let entries = self.shape.entries(&answer)?;
        match self.shape.ids(&entries)? {
            None => entries.iter().map(|entry| self.stored(entry)).collect(),
            Some(ids) => {
                let read = |id: &String| match self.read(id, by) {
                    Ok(Found::Here(stored)) => Some(Ok(*stored)),
                    Ok(Found::Moved { .. } | Found::Gone) => None,
                    Err(trouble) => Some(Err(trouble)),
                };
                ids.iter().filter_map(read).collect()
            }
        }
    }

    fn stored(&self, issue: &Value) -> Result<Stored, Trouble> {
        let mut stored = self.shape.stored(issue, &self.project)?;
        stored.url = match &self.shape.page {
            Some(page) => fill(page, &[("id", &stored.id), ("project", &self.project)]),
            None => self
                .asks
                .read
                .url(&self.site, &[("project", &self.project), ("id", &stored.id)])
                .into(),
        };
        Ok(stored)
    }
}

impl Tracker for Templated {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    fn settle(&self) -> Duration {
        self.settle
    }

    fn has_block(&self) -> bool {
        self.asks.remember.is_some()
    }

    fn find(&self, key: &IncidentKey, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.list(&self.asks.find, &[("key", key.as_str())], by)
    }

    fn recent(&self, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
        let text = since.to_string();
        let (date, time) = (&text[..10], &text[11..19]);
        let blanks = [("since", text.as_str()), ("since_date", date), ("since_time", time)];
        self.list(&self.asks.recent, &blanks, by)
    }

    fn ours(&self, by: Instant) -> Result<Vec<Stored>, Trouble> {
        self.list(&self.asks.ours, &[], by)
    }

    fn create(&self, issue: &Issue, by: Instant) -> Result<String, Trouble> {
        let (title, body) = (title(&issue.title, TITLE), self.markup.write(&issue.body));
        let blanks = [
            ("title", title.as_str()),
            ("body", &body),
            ("key", issue.key.as_str()),
            ("block", &issue.block),
        ];
        let answer = self.ask(&self.asks.create, &blanks, by)?.done()?;
        let made: Value = answer.read()?;
        // That it was made is said by the status; by what it is called we have to know.
        self.shape.id(&made).map_err(|why| Trouble::Doubtful(why.to_string()))
    }

    fn read(&self, id: &str, by: Instant) -> Result<Found, Trouble> {
        let answer = self.ask(&self.asks.read, &[("id", id)], by)?;
        match answer.status() {
            404 | 410 => return Ok(Found::Gone),
            301 | 302 | 307 | 308 => {
                let to = answer.header("location").and_then(last_part);
                let to = to.and_then(|to| ident::id(to).ok());
                return to.map_or_else(|| Err(answer.refused()), |to| Ok(Found::Moved { to }));
            }
            _ => {}
        }
        let answer: Value = answer.done()?.read()?;
        let mut stored = self.stored(self.shape.issue(&answer)?)?;
        if let Some(comments) = &self.asks.comments {
            let answer: Value = self.ask(comments, &[("id", id)], by)?.done()?.read()?;
            stored.our_comments = self.shape.comments(&answer);
        }
        Ok(Found::Here(Box::new(stored)))
    }

    fn comment(&self, id: &str, text: &Document, by: Instant) -> Result<(), Trouble> {
        let text = self.markup.write(text);
        self.change(&self.asks.comment, &[("id", id), ("text", &text)], by)
    }

    fn set_open(&self, id: &str, open: bool, by: Instant) -> Result<(), Trouble> {
        let ask = if open { &self.asks.reopen } else { &self.asks.close };
        self.change(ask, &[("id", id)], by)
    }

    fn remember(&self, id: &str, block: &str, by: Instant) -> Result<(), Trouble> {
        let Some(ask) = &self.asks.remember else {
            return Err(Trouble::Refused("no `remember` is written for this tracker".to_owned()));
        };
        self.change(ask, &[("id", id), ("block", block)], by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        let answer = self.ask(&self.asks.examine, &[], by)?;
        Ok(match answer.status() {
            200..=299 => Vec::new(),
            401 | 403 => {
                vec![format!("we are not let in: see `token` and `header`; {}", answer.refused())]
            }
            404 | 410 => vec![format!(
                "there is no project {}; {}",
                Foreign::new(&self.project).shown(),
                answer.refused()
            )],
            _ => return Err(answer.refused()),
        })
    }
}

impl Asks {
    fn of(keys: &mut Keys) -> Result<Self, Unusable> {
        Ok(Self {
            create: Ask::behind(
                keys,
                "create",
                "create_body",
                "create_first",
                "create_first_body",
            )?,
            find: Ask::needed(keys, "find", None)?,
            recent: Ask::needed(keys, "recent", None)?,
            ours: Ask::needed(keys, "ours", None)?,
            read: Ask::needed(keys, "read", None)?,
            comment: Ask::behind(
                keys,
                "comment",
                "comment_body",
                "comment_first",
                "comment_first_body",
            )?,
            comments: Ask::of(keys, "comments", None)?,
            close: Ask::needed(keys, "close", Some("close_body"))?,
            reopen: Ask::needed(keys, "reopen", Some("reopen_body"))?,
            remember: Ask::of(keys, "remember", Some("remember_body"))?,
            examine: Ask::needed(keys, "examine", None)?,
        })
    }
}

/// Header fields that let somebody in.
const FIELDS: &[&str] =
    &["authorization", "private-token", "x-api-key", "x-auth-token", "x-token", "x-trackertoken"];

fn secret(keys: &mut Keys) -> Result<(&'static str, Secret), Unusable> {
    let header = keys.take("header").unwrap_or_else(|| "authorization: Bearer {token}".to_owned());
    let parts = header.split_once(':').filter(|(_, value)| value.contains("{token}"));
    let (name, value) = parts
        .ok_or_else(|| keys.wrong("header", "is written NAME: VALUE, with {token} in the value"))?;
    let field = FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
    let field = field.ok_or_else(|| {
        keys.wrong("header", &format!("has one of the names {}", FIELDS.join(", ")))
    })?;
    Ok((field, Secret::new(fill(value.trim(), &[("token", keys.token().reveal())]))))
}

/// Header fields that some want besides.
const MORE: &[&str] = &["accept", "origin", "referer", "x-requested-with"];

fn more_headers(keys: &mut Keys, mut site: Site) -> Result<Site, Unusable> {
    for header in keys.take_list("headers") {
        let known = header.split_once(':').and_then(|(name, value)| {
            let name = MORE.iter().find(|known| known.eq_ignore_ascii_case(name.trim()))?;
            Some((*name, value.trim()))
        });
        let (name, value) = known.ok_or_else(|| {
            keys.wrong(
                "headers",
                &format!("is a list of NAME: VALUE, with the names {}", MORE.join(", ")),
            )
        })?;
        site = site.with(name, value);
    }
    Ok(site)
}

fn markup(keys: &mut Keys) -> Result<Markup, Unusable> {
    match keys.take("markup").as_deref() {
        None | Some("plain") => Ok(Markup::Plain),
        Some("markdown") => Ok(Markup::Markdown),
        Some("textile") => Ok(Markup::Textile),
        Some("jira") => Ok(Markup::JiraWiki),
        Some(_) => Err(keys.wrong("markup", "is plain, markdown, textile or jira")),
    }
}

/// The id at the end of an address.
fn last_part(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next()?;
    path.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
}
