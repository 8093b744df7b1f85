//! A request, and what can come of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use certvigil_doors::Secret;
use certvigil_model::Time;
use thiserror::Error as ThisError;
use url::Url;

/// One request.
#[derive(Clone)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// Header fields; names as written, values without line ends.
    pub headers: Vec<(&'static str, String)>,
    /// A header field whose value lets us in: never shown, never logged.
    pub secret: Option<(&'static str, Secret)>,
    /// The body and its media type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// All of it is over by then: resolving, connecting, sending, reading.
    pub by: Instant,
    /// Bytes of a response body that are taken.
    pub most: usize,
}

/// Whom and how, and no more: addresses, fields and bodies may hold what lets somebody in.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Make.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Response {
    /// The first field of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status says that it was done: 200 to 299.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// What an answer's `Date` field said, and what our clock showed when it came (RFC 9110 section 6.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The field as it came.
    pub text: String,
    /// Our time.
    pub ours: Time,
}

/// Why there can be no client.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Unusable {
    /// The address may hold a password and is not repeated.
    #[error("the proxy's address is none: it is written http://HOST:PORT")]
    Proxy,
    /// A file of certificates.
    #[error("{path}: no certificates can be read from it: {why}", path = path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The TLS library refuses its own provider.
    #[error("TLS cannot be used: {why}")]
    Tls {
        /// What it says.
        why: String,
    },
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot have reached anybody: no address, no connection, no TLS.
    #[error("{host} cannot be reached: {why}")]
    NotSent {
        /// Whom.
        host: String,
        /// Why, with every cause.
        why: String,
    },
    /// The request may have been received and acted upon: no answer in time, a broken connection, an answer that is
    /// too large or no HTTP.
    #[error("{host} gave no answer that can be used: {why}")]
    Unanswered {
        /// Whom.
        host: String,
        /// What happened, with every cause.
        why: String,
    },
    /// The address is one that we may not go to.
    #[error("{host} is not asked: {why}")]
    Forbidden {
        /// Whom.
        host: String,
        /// Why.
        why: String,
    },
}

impl Error {
    /// Whether what was asked for may have been done all the same.
    pub const fn is_doubtful(&self) -> bool {
        matches!(self, Self::Unanswered { .. })
    }
}
