//! The same questions and orders, asked of a service that runs: over its socket, or at an address.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use certvigil_fetch::{Client, Http, Method, Proxy, Request, Response};
use certvigil_model::{Clock, Foreign, Time};
use certvigil_report::incidents::{Listed, Whole};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Candidate, Error, Given, Report, Reported, Wish};

/// A service that runs.
pub struct Remote {
    client: Client,
    base: Url,
    at: String,
    clock: Arc<dyn Clock>,
}

/// What `GET /api/v1/incidents` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listing {
    /// When.
    pub now: Time,
    /// The worst first.
    pub incidents: Vec<Listed>,
}

/// What `GET /api/v1/explanations` answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Lines, escaped.
    pub lines: Vec<String>,
}

impl Remote {
    /// The service behind `socket`.
    ///
    /// # Errors
    /// In words: no client can be made.
    pub fn at_socket(socket: PathBuf, tool: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let at = socket.display().to_string();
        let http = Http { socket: Some(socket), proxy: Proxy::None, ..Http::default() };
        Self::new(&http, "http://localhost/", at, tool, clock)
    }

    /// The service at `url`.
    ///
    /// # Errors
    /// As those of [`Remote::at_socket`], and that `url` is none.
    pub fn at_url(
        url: &str,
        http: &Http,
        tool: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::new(http, url, url.to_owned(), tool, clock)
    }

    fn new(
        http: &Http,
        base: &str,
        at: String,
        tool: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let at = Foreign::new(at).shown_within(200).to_string();
        let fail = |why: String| Error::Remote { at: at.clone(), why };
        let base = base.parse().map_err(|_| fail("has no address like https://HOST".to_owned()))?;
        let client = Client::new(http, tool);
        let client = client.map_err(|error| fail(format!("cannot be asked: {error}")))?;
        Ok(Self { client, base, at, clock })
    }

    /// As [`super::Desk::list`].
    ///
    /// # Errors
    /// It does not answer; so for all below, and what their likes of a store give.
    pub fn list(&self, resolved: bool) -> Result<Vec<Listed>, Error> {
        let all = if resolved { "true" } else { "false" };
        let url = self.url(&["incidents"], &[("all", all)])?;
        Ok(self.ask::<Listing>(Method::Get, url, None)?.incidents)
    }

    /// As [`super::Desk::show`], by a key or the head of one.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn show(&self, head: &str) -> Result<Whole, Error> {
        self.ask(Method::Get, self.url(&["incidents", head], &[])?, None)
    }

    /// As [`super::Desk::explain`].
    ///
    /// # Errors
    /// Several incidents have such a key.
    pub fn explain(&self, what: &str) -> Result<Vec<String>, Error> {
        let url = self.url(&["explanations"], &[("of", what)])?;
        Ok(self.ask::<Answer>(Method::Get, url, None)?.lines)
    }

    /// As [`super::Desk::grant`].
    ///
    /// # Errors
    /// There is no such incident, or there are several.
    pub fn grant(&self, wish: &Wish) -> Result<Given, Error> {
        self.ask(Method::Post, self.url(&["orders"], &[])?, Some(json(wish)))
    }

    /// Has a person's report written down, and what it is about looked at.
    ///
    /// # Errors
    /// It names nothing that can be looked at.
    pub fn report(&self, report: &Report) -> Result<Reported, Error> {
        self.ask(Method::Post, self.url(&["reports"], &[])?, Some(json(report)))
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().extend(["api", "v1"]).extend(path);
            }
            Err(()) => return Err(self.fail("has no address like https://HOST")),
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<T, Error> {
        let response = self.client.send(&Request {
            method,
            url,
            headers: Vec::new(),
            secret: None,
            body: body.map(|body| ("application/json", body)),
            by: self.clock.monotonic() + PATIENCE,
            most: MOST,
        });
        let response = response.map_err(|error| self.fail(&format!("does not answer: {error}")))?;
        if !response.is_success() {
            return Err(self.refused(&response));
        }
        let strange = |error| self.fail(&format!("answers strangely: {error}"));
        serde_json::from_slice(&response.body).map_err(strange)
    }

    /// An answer that is no yes: a problem as RFC 9457 has it.
    fn refused(&self, response: &Response) -> Error {
        let problem: Problem = serde_json::from_slice(&response.body).unwrap_or_default();
        let detail = Foreign::new(problem.detail).shown_within(500).to_string();
        match (response.status, problem.asked) {
            (404, Some(head)) => Error::Unknown(Foreign::new(head).shown_within(200).to_string()),
            (400, Some(text)) => Error::NotAKey(Foreign::new(text).shown_within(200).to_string()),
            (409, Some(head)) if !problem.candidates.is_empty() => {
                let head = Foreign::new(head).shown_within(200).to_string();
                Error::Ambiguous { head, candidates: problem.candidates }
            }
            (status, _) => self.fail(&format!("answers {status}: {detail}")),
        }
    }

    fn fail(&self, why: &str) -> Error {
        Error::Remote { at: self.at.clone(), why: why.to_owned() }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    detail: String,
    asked: Option<String>,
    candidates: Vec<Candidate>,
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // No map key but text and no number but integers: it cannot fail.
    serde_json::to_value(value).as_ref().map(Value::to_string).unwrap_or_default().into_bytes()
}

/// A report is answered after a look.
const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes of an answer: a hundred thousand incidents in full.
const MOST: usize = 512 << 20;
