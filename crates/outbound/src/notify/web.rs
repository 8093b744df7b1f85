//! What the channels share that are spoken to over HTTP: one request, and what its answer means.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certvigil_doors::Secret;
use certvigil_fetch::{Client, Error, Method, Request, Response};
use certvigil_model::Foreign;
use serde_json::Value;
use url::Url;

use super::settings::{Settings, Unusable};
use crate::Trouble;

/// A service's address and what lets us in there. Neither is ever shown: some addresses are secrets.
#[derive(Clone)]
pub(super) struct Site {
    client: Client,
    base: Url,
    secret: Option<(&'static str, Secret)>,
    hidden: Vec<String>,
}

impl Site {
    /// The service at `url`, which is needed; `example` shows how it is written.
    pub(super) fn of(settings: &Settings, client: Client, example: &str) -> Result<Self, Unusable> {
        let wrong = |why: &str| settings.wrong("url", format!("{why}: write {example}"));
        let text = settings.url.as_ref().ok_or_else(|| wrong("is needed"))?;
        Self::at(text.reveal(), settings, client).map_err(wrong)
    }

    /// The same where most use one service, which is at `usual`.
    pub(super) fn or(settings: &Settings, client: Client, usual: &str) -> Result<Self, Unusable> {
        let text = settings.url.as_ref().map_or(usual, Secret::reveal);
        Self::at(text, settings, client)
            .map_err(|why| settings.wrong("url", format!("{why}: write {usual}")))
    }

    fn at(text: &str, settings: &Settings, client: Client) -> Result<Self, &'static str> {
        let base: Url = text.parse().map_err(|_| "is no address")?;
        if !matches!(base.scheme(), "https" | "http") || base.host().is_none() {
            return Err("is no web address");
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err("holds a password, which belongs into token");
        }
        let hidden = secrets(&base, settings.token.as_ref());
        Ok(Self { client, base, secret: None, hidden })
    }

    /// The same, let in by `token`, or by `user` and `token`; by nothing where there is no token.
    pub(super) fn let_in(mut self, settings: &Settings) -> Self {
        let Some(token) = settings.token.as_ref().map(Secret::reveal) else { return self };
        let value = match &settings.user {
            Some(user) => {
                let both = STANDARD.encode(format!("{user}:{token}"));
                self.hidden.insert(0, both.clone());
                format!("Basic {both}")
            }
            None => format!("Bearer {token}"),
        };
        Self { secret: Some(("authorization", Secret::new(value))), ..self }
    }

    /// The address itself.
    pub(super) fn itself(&self) -> Url {
        self.base.clone()
    }

    /// The address of `path` below it, each of whose parts is escaped.
    pub(super) fn below(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Whether anything answers at its host, whatever it says: for services that cannot be asked for more without a
    /// message.
    pub(super) fn reach(&self, by: Instant) -> Result<(), Trouble> {
        let mut url = self.base.clone();
        url.set_path("/");
        url.set_query(None);
        let request = Request { secret: None, ..self.request(Method::Get, url, by) };
        self.ask(&request).map(drop)
    }

    /// Reads what has to be there.
    pub(super) fn get(&self, url: Url, by: Instant) -> Result<Response, Trouble> {
        let response = self.ask(&self.request(Method::Get, url, by))?;
        self.done(response, false)
    }

    /// Hands `body` over.
    pub(super) fn hand(
        &self,
        method: Method,
        url: Url,
        body: &Value,
        by: Instant,
    ) -> Result<Response, Trouble> {
        self.hand_with(method, url, Vec::new(), body.to_string().into_bytes(), by)
    }

    /// The same with header fields and the bytes as they are.
    pub(super) fn hand_with(
        &self,
        method: Method,
        url: Url,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        by: Instant,
    ) -> Result<Response, Trouble> {
        let body = Some(("application/json", body));
        let request = Request { headers, body, ..self.request(method, url, by) };
        let response = self.ask(&request)?;
        self.done(response, true)
    }

    fn request(&self, method: Method, url: Url, by: Instant) -> Request {
        let secret = self.secret.clone();
        Request { method, url, headers: Vec::new(), secret, body: None, by, most: MOST }
    }

    fn ask(&self, request: &Request) -> Result<Response, Trouble> {
        let is_write = request.method != Method::Get;
        self.client.send(request).map_err(|error| {
            let why = self.without_secrets(&error.to_string());
            match error {
                error if error.is_doubtful() && is_write => Trouble::Doubtful(why),
                error if error.is_doubtful() => Trouble::Later { after: None, why },
                Error::Forbidden { .. } => Trouble::Refused(why),
                _ => Trouble::NotSent(why),
            }
        })
    }

    /// What a status says about what was handed over. One that says that it failed there may have come after it was done.
    fn done(&self, response: Response, is_write: bool) -> Result<Response, Trouble> {
        if response.is_success() {
            return Ok(response);
        }
        let (why, after) = (self.said(&response), retry_after(&response));
        Err(match response.status {
            429 | 503 => Trouble::Later { after, why },
            500..=599 if after.is_some() || !is_write => Trouble::Later { after, why },
            // 424: something behind it failed; RFC 4918 section 11.4.
            408 | 424 | 500..=599 => Trouble::Doubtful(why),
            425 => Trouble::Later { after, why },
            300..=499 => Trouble::Refused(why),
            _ => Trouble::Strange(why),
        })
    }

    fn said(&self, response: &Response) -> String {
        let host = self.base.host_str().unwrap_or_default();
        let body = String::from_utf8_lossy(&response.body);
        // Cut only after secrets are gone: half of one is one too.
        let body = self.without_secrets(&body);
        let body = Foreign::new(body.trim()).shown_within(SAID).to_string();
        let meaning = match response.status {
            300..=399 => ", a redirect, which is not followed: write the final address as url",
            401 | 403 => ", it does not let us in: look at token, user and url",
            404 | 410 => ", nothing is there: look at url and to",
            _ => "",
        };
        let colon = if body.is_empty() { "" } else { ": " };
        format!("{host} answered {}{meaning}{colon}{body}", response.status)
    }

    fn without_secrets(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, hidden| text.replace(hidden, "(hidden)"))
    }
}

/// Whatever lets somebody in: services are free to repeat any part of it.
fn secrets(base: &Url, token: Option<&Secret>) -> Vec<String> {
    let parts = base.path_segments().into_iter().flatten().map(str::to_owned);
    let values = base.query_pairs().map(|(_, value)| value.into_owned());
    let mut secrets: Vec<String> =
        parts.chain(values).filter(|it| it.len() >= SHORTEST_SECRET).collect();
    if let Some(token) = token.map(Secret::reveal).filter(|it| !it.is_empty()) {
        secrets.push(token.to_owned());
        secrets.extend(token.strip_prefix("whsec_").map(str::to_owned));
    }
    // One that holds another goes first, or its rest would stay.
    secrets.sort_by_key(|it| std::cmp::Reverse(it.len()));
    secrets
}

/// RFC 9110 section 10.2.3, in seconds; a date is not obeyed.
fn retry_after(response: &Response) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// Bytes of an answer that are taken.
const MOST: usize = 1 << 20;
/// Characters of an answer that are shown.
const SAID: usize = 300;
/// Bytes of a part of an address that may be a secret: what is shorter is a word.
const SHORTEST_SECRET: usize = 12;
