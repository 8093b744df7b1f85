//! What the trackers share that are spoken to in JSON over HTTP: addresses, and what an answer's status means.

use std::time::{Duration, Instant};

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Error, Method, Request, Response};
use certvigil_model::Foreign;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::Trouble;

/// A tracker's address and what lets us in there.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    client: Client,
    base: Url,
    secret: (&'static str, Secret),
    headers: Vec<(&'static str, String)>,
}

/// An answer's body, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    whom: String,
    is_write: bool,
    response: Response,
}

/// A list in pages that are counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages<'a> {
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// The parameter that says how many entries a page has.
    pub(crate) size_key: &'static str,
    /// A page may be short though another one follows: only an empty one is the end.
    pub(crate) may_be_short: bool,
}

/// Entries of a page.
const PAGE: usize = 100;
/// Pages that are read: ten thousand entries.
const PAGES: usize = 100;

/// Bytes of an answer that are taken: a hundred issues with long texts.
const MOST: usize = 16 << 20;

impl Site {
    /// The tracker at `base`, under whose path its own paths stand.
    pub(crate) fn new(client: Client, base: Url, secret: (&'static str, Secret)) -> Self {
        Self { client, base, secret, headers: vec![("accept", "application/json".to_owned())] }
    }

    /// The same with another header field in every request.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// An address that the tracker named, where it is one of the same tracker: nobody else gets our secret.
    pub(crate) fn same(&self, address: &str) -> Option<Url> {
        let url = self.base.join(address).ok()?;
        (url.origin() == self.base.origin()).then_some(url)
    }

    /// The address of `path`, each of whose parts is escaped, with `query`.
    pub(crate) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Reads, whatever the answer.
    pub(crate) fn get(&self, url: Url, by: Instant) -> Result<Answer, Trouble> {
        self.send(Method::Get, url, None, by)
    }

    /// Reads what has to be there.
    pub(crate) fn fetch<T: DeserializeOwned>(&self, url: Url, by: Instant) -> Result<T, Trouble> {
        self.get(url, by)?.done()?.read()
    }

    /// Asks with a body what changes nothing.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: &Value,
        by: Instant,
    ) -> Result<T, Trouble> {
        let doubtless = |trouble| match trouble {
            Trouble::Doubtful(why) => Trouble::Later { after: None, why },
            other => other,
        };
        let answer = self.send(method, url, Some(body), by).and_then(Answer::done);
        answer.map_err(doubtless)?.read().map_err(doubtless)
    }

    /// Entries of a list that comes in pages, as long as `goes_on` says so of the last one.
    pub(crate) fn pages<T: DeserializeOwned>(
        &self,
        list: &Pages<'_>,
        goes_on: impl Fn(&T) -> bool,
        by: Instant,
    ) -> Result<Vec<T>, Trouble> {
        let mut all = Vec::new();
        let size = PAGE.to_string();
        for page in 1..=PAGES {
            let page = page.to_string();
            let mut query = vec![(list.size_key, size.as_str()), ("page", &page)];
            query.extend_from_slice(list.query);
            let entries: Vec<T> = self.fetch(self.url(list.path, &query), by)?;
            // A server may give fewer than it was asked for.
            let is_last = entries.is_empty() || !list.may_be_short && entries.len() < PAGE;
            all.extend(entries);
            if is_last || !all.last().is_some_and(&goes_on) {
                break;
            }
        }
        Ok(all)
    }

    /// Sends `body`; the answer may have any status.
    pub(crate) fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        by: Instant,
    ) -> Result<Answer, Trouble> {
        let whom = url.host_str().unwrap_or_default().to_owned();
        let request = Request {
            method,
            url,
            headers: self.headers.clone(),
            secret: Some(self.secret.clone()),
            body: body.map(|body| ("application/json", body.to_string().into_bytes())),
            by,
            most: MOST,
        };
        let is_write = method != Method::Get;
        match self.client.send(&request) {
            Ok(response) => Ok(Answer { whom, is_write, response }),
            Err(error) => Err(unanswered(&error, is_write)),
        }
    }
}

fn unanswered(error: &Error, is_write: bool) -> Trouble {
    let why = error.to_string();
    match error {
        error if error.is_doubtful() && is_write => Trouble::Doubtful(why),
        error if error.is_doubtful() => Trouble::Later { after: None, why },
        Error::Forbidden { .. } => Trouble::Refused(why),
        _ => Trouble::NotSent(why),
    }
}

impl Answer {
    /// The status code.
    pub(crate) const fn status(&self) -> u16 {
        self.response.status
    }

    /// The first header field of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// Itself, where the status says that it was done.
    pub(crate) fn done(self) -> Result<Self, Trouble> {
        if self.response.is_success() { Ok(self) } else { Err(self.refused()) }
    }

    /// Its body, as the tracker's kind writes it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.response.body).map_err(|error| {
            let why = format!(
                "{} answered {} with something else than expected: {error}",
                self.whom,
                self.status()
            );
            // What was asked for may have been done before this was said.
            if self.is_write { Trouble::Doubtful(why) } else { Trouble::Strange(why) }
        })
    }

    /// What a status other than 2xx means for what was asked.
    pub(crate) fn refused(&self) -> Trouble {
        let why = format!("{} answered {}{}", self.whom, self.status(), self.meaning());
        match self.status() {
            429 | 503 => Trouble::Later { after: self.retry_after(), why },
            408 | 500..=599 if self.is_write => Trouble::Doubtful(why),
            408 | 425 | 500..=599 => Trouble::Later { after: self.retry_after(), why },
            300..=499 => Trouble::Refused(why),
            _ => Trouble::Strange(why),
        }
    }

    fn meaning(&self) -> String {
        let said = self.said();
        match self.status() {
            300..=399 => {
                let to = Foreign::new(self.header("location").unwrap_or_default());
                format!(", a redirect to {}: write the tracker's own address as url", to.shown())
            }
            401 => format!(": the token lets nobody in; make a new one{said}"),
            _ => said,
        }
    }

    /// What it says itself, where it says it as JSON.
    fn said(&self) -> String {
        let value: Value = serde_json::from_slice(&self.response.body).unwrap_or_default();
        let words = words(&value).join("; ");
        if words.is_empty() {
            String::new()
        } else {
            format!(": {}", Foreign::new(words).shown_within(400))
        }
    }

    /// RFC 9110 section 10.2.3, in seconds; a date is not obeyed.
    fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// All texts of an error's document, outermost first.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::Object(fields) => {
            let is_told =
                |name: &str| !matches!(name, "documentation_url" | "status" | "_hyperlinks");
            let told = fields.iter().filter(|(name, _)| is_told(name));
            told.flat_map(|(name, value)| of_field(name, value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// A field's name says what its text is about, save where it only says that it is an error.
fn of_field(name: &str, value: &Value) -> Vec<String> {
    let is_plain =
        matches!(name, "message" | "error" | "errors" | "errorMessages" | "error_description");
    let texts = words(value).into_iter();
    if is_plain { texts.collect() } else { texts.map(|text| format!("{name}: {text}")).collect() }
}
