//! Sends a request.

use std::error::Error as StdError;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, Foreign};
use reqwest::blocking;
use reqwest::header::{HeaderName, HeaderValue};
use rustls::ClientConfig;

use crate::resolve::{self, Resolver};
use crate::{Dated, Error, Http, Method, Reach, Request, Response, Unusable, tls};

/// Asks one after the other; may be shared by threads. No connection outlives its request: one that the other side
/// closes meanwhile would make a doubtful write of a plain one.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    user_agent: String,
    tls: Result<ClientConfig, String>,
    dated: Arc<Mutex<Option<Dated>>>,
}

impl Client {
    /// A client that keeps to `http` and calls itself `user_agent`.
    ///
    /// # Errors
    /// The proxy's address is none, or a file of certificates cannot be read.
    pub fn new(http: &Http, user_agent: &str) -> Result<Self, Unusable> {
        let tls = match http.ca_files.as_slice() {
            // A system without a trust store can still be sent to `http` addresses.
            [] => tls::of_system(),
            files => Ok(tls::of_files(files)?),
        };
        let client = Self {
            http: http.clone(),
            user_agent: user_agent.to_owned(),
            tls,
            dated: Arc::default(),
        };
        client.proxy()?;
        Ok(client)
    }

    /// Sends `request` and reads the answer, whatever its status. Redirects are answers.
    ///
    /// # Errors
    /// There is no answer; which error it is tells whether the request may have been acted upon.
    pub fn send(&self, request: &Request) -> Result<Response, Error> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let way = Way { host: &host, by: request.by };
        if self.http.reach == Reach::Public && !resolve::may_be_public(&request.url) {
            return Err(Error::Forbidden { host, why: "it is no public address".to_owned() });
        }
        let asking = self.asking(request, &way)?;
        let response = asking.send().map_err(|error| way.failed(error))?;
        let response = way.read(response, request.most)?;
        self.note_date(&response);
        Ok(response)
    }

    /// What the last answer, to this client or a clone of it, said that the time is.
    pub fn last_date(&self) -> Option<Dated> {
        self.dated.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets it: what was heard long ago says nothing of a clock that was set since.
    pub fn forget_date(&self) {
        *self.dated.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn note_date(&self, response: &Response) {
        if let Some(text) = response.header("date") {
            let dated = Dated { text: text.to_owned(), ours: SystemClock.wall() };
            *self.dated.lock().unwrap_or_else(PoisonError::into_inner) = Some(dated);
        }
    }

    fn asking(&self, request: &Request, way: &Way<'_>) -> Result<blocking::RequestBuilder, Error> {
        let left = way.left().ok_or_else(|| way.not_sent("no time was left to ask"))?;
        let client = self.builder(request, way, left)?.build();
        let client = client.map_err(|error| way.not_sent(&causes(&error.without_url())))?;
        let mut asking = client.request(method(request.method), request.url.clone());
        for (name, value) in &request.headers {
            asking = asking.header(*name, value);
        }
        if let Some((name, secret)) = &request.secret {
            let mut value = HeaderValue::from_str(secret.reveal())
                .map_err(|_| way.not_sent("the secret has a character that no header may have"))?;
            value.set_sensitive(true);
            asking = asking.header(HeaderName::from_static(name), value);
        }
        if let Some((media_type, body)) = &request.body {
            asking = asking.header("content-type", *media_type).body(body.clone());
        }
        let left = way.left().ok_or_else(|| way.not_sent("no time was left to ask"))?;
        Ok(asking.timeout(left))
    }

    /// Everything but the request. Connecting gets a little less time than the whole: what then ends by the limit of
    /// the whole had a connection and may have been sent.
    fn builder(
        &self,
        request: &Request,
        way: &Way<'_>,
        left: Duration,
    ) -> Result<blocking::ClientBuilder, Error> {
        let connect = left.mul_f64(0.95).min(self.http.connect_limit.unwrap_or(left));
        let mut builder = blocking::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(connect)
            .local_address(self.http.source_address)
            .dns_resolver(Arc::new(Resolver { reach: self.http.reach }))
            .no_proxy();
        if let Some(socket) = &self.http.socket {
            return Ok(builder
                .unix_socket(socket.as_path())
                .tls_backend_preconfigured(tls::of_nobody()));
        }
        let proxy = self.proxy().map_err(|error| way.not_sent(&error.to_string()))?;
        if let Some(proxy) = proxy {
            builder = builder.proxy(proxy);
        }
        match &self.tls {
            Ok(tls) => Ok(builder.tls_backend_preconfigured(tls.clone())),
            Err(why) if request.url.scheme() == "https" => Err(way.not_sent(why)),
            Err(_) => Ok(builder.tls_backend_preconfigured(tls::of_nobody())),
        }
    }

    fn proxy(&self) -> Result<Option<reqwest::Proxy>, Unusable> {
        let Some((address, for_all)) = self.http.proxy() else { return Ok(None) };
        let make = if for_all { reqwest::Proxy::all } else { reqwest::Proxy::https };
        let proxy = make(address.reveal()).map_err(|_| Unusable::Proxy)?;
        let except = reqwest::NoProxy::from_string(&self.http.no_proxy());
        Ok(Some(proxy.no_proxy(except)))
    }
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// One request's way, to say how far it came.
struct Way<'a> {
    host: &'a str,
    by: Instant,
}

impl Way<'_> {
    fn left(&self) -> Option<Duration> {
        let left = self.by.saturating_duration_since(SystemClock.monotonic());
        (!left.is_zero()).then_some(left)
    }

    fn not_sent(&self, why: &str) -> Error {
        Error::NotSent { host: self.host.to_owned(), why: line(why) }
    }

    fn unanswered(&self, why: &str) -> Error {
        Error::Unanswered { host: self.host.to_owned(), why: line(why) }
    }

    fn failed(&self, error: reqwest::Error) -> Error {
        // Only what the connector itself says is known to have been said before the first byte of the request.
        let was_not_sent = error.is_connect() || error.is_builder();
        let is_over = error.is_timeout();
        let why = match causes(&error.without_url()) {
            why if is_over && was_not_sent => format!("no connection in time: {why}"),
            _ if is_over => "no whole answer in time".to_owned(),
            why => why,
        };
        if was_not_sent { self.not_sent(&why) } else { self.unanswered(&why) }
    }

    fn read(&self, response: blocking::Response, most: usize) -> Result<Response, Error> {
        let status = response.status().as_u16();
        let of = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str().to_owned(), of(value))).collect();
        let mut body = Vec::new();
        let mut rest = response.take(most as u64 + 1);
        rest.read_to_end(&mut body).map_err(|error| self.unanswered(&causes(&error)))?;
        if body.len() > most {
            return Err(self.unanswered(&format!("its answer has more than {most} bytes")));
        }
        Ok(Response { status, headers, body })
    }
}

/// What went wrong with all that led to it, each said once.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !said.iter().any(|known| known.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}

/// Errors of TLS quote the peer's certificate.
fn line(text: &str) -> String {
    Foreign::new(text).shown_within(400).to_string()
}
