//! What looking at one endpoint saw. Recorded by `probe`, judged elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Time;

/// What one endpoint showed, in the order in which it was asked.
#[derive(Clone, Debug)]
pub struct Capture {
    /// When the look began.
    pub looked_at: Time,
    /// How long all of it took.
    pub elapsed: Duration,
    /// How the look as a whole ended.
    pub ended: Ended,
    /// What each question brought; the first is what today's client gets. Empty when no
    /// connection got as far as a question.
    pub presented: Vec<Presented>,
}

impl Capture {
    /// A capture that has seen nothing yet; `ended` says what is true should nobody come to say more.
    pub const fn begun(looked_at: Time, ended: Ended) -> Self {
        Self { looked_at, elapsed: Duration::ZERO, ended, presented: Vec::new() }
    }
}

/// The answer to one question put to an endpoint.
#[derive(Clone, Debug)]
pub struct Presented {
    /// What was asked for.
    pub asked: Asked,
    /// What asked.
    pub by: By,
    /// Which of a pool's addresses was asked; none where the endpoint has but one.
    pub address: Option<SocketAddr>,
    /// How this question ended.
    pub ended: Ended,
    /// Plaintext that stood between the server's go-ahead and TLS, where none may be; raw, at most
    /// [`Presented::INJECTED_KEPT`] bytes.
    pub injected: Vec<u8>,
    /// What the handshake agreed on, as far as it got.
    pub tls: Option<Tls>,
    /// The certificates as sent, at most [`Presented::CHAIN_KEPT`], raw.
    pub chain: Vec<Arc<[u8]>>,
    /// How many the server sent.
    pub chain_total: usize,
    /// The stapled OCSP response (RFC 6066 section 8), raw.
    pub ocsp_response: Option<Arc<[u8]>>,
    /// Signed certificate timestamps sent in the handshake (RFC 6962 section 3.3.1), raw.
    pub scts: Vec<Arc<[u8]>>,
}

impl Presented {
    /// Certificates of one chain that are kept; longer chains are counted, not read.
    pub const CHAIN_KEPT: usize = 16;

    /// Bytes that are kept of plaintext where none may be.
    pub const INJECTED_KEPT: usize = 256;

    /// A question that brought nothing.
    pub const fn unanswered(asked: Asked, by: By, ended: Ended) -> Self {
        Self {
            asked,
            by,
            address: None,
            ended,
            injected: Vec::new(),
            tls: None,
            chain: Vec::new(),
            chain_total: 0,
            ocsp_response: None,
            scts: Vec::new(),
        }
    }
}

/// What a question asked the server to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Whatever the server prefers.
    Any,
    /// A certificate with an ECDSA key.
    Ecdsa,
    /// Whatever comes without a server name.
    NoServerName,
    /// A certificate with an RSA key.
    Rsa,
}

/// What put the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Nothing was asked: it was read from a file.
    File,
    /// Our own plaintext TLS ≤ 1.2 hello: reads a chain, proves no key.
    LegacyHello,
    /// A whole handshake.
    Rustls,
}

/// What a handshake agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tls {
    /// `1.0` … `1.3`.
    pub version: &'static str,
    /// The IANA name where there is one, else the number as `0xC0,0x2B`.
    pub cipher_suite: String,
    /// The IANA name of the key exchange group.
    pub named_group: Option<String>,
    /// What the server chose from our offer (RFC 7301).
    pub alpn_protocol: Option<String>,
    /// Whether the server proved that it holds the end entity's key.
    pub key_proof: KeyProof,
}

/// Whether the server proved that it holds the end entity's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyProof {
    /// The signature over the handshake is not by that key.
    Failed,
    /// The look does not go that far.
    NotChecked,
    /// The signature over the handshake is by that key.
    Proven,
    /// The key could not be read, or its kind is unknown to us.
    Undetermined,
}

/// How a look, or one question of it, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The kind of end.
    pub outcome: Outcome,
    /// Where it ended; none when nothing was left to do.
    pub phase: Option<Phase>,
    /// What happened, in plain words; none when all went well.
    pub reason: Option<String>,
}

impl Ended {
    /// Everything asked for was seen.
    pub const fn captured() -> Self {
        Self { outcome: Outcome::Captured, phase: None, reason: None }
    }

    /// Ended early, in `phase`, for `reason`.
    pub fn early(outcome: Outcome, phase: Phase, reason: impl Into<String>) -> Self {
        Self { outcome, phase: Some(phase), reason: Some(reason.into()) }
    }
}

/// How a look ended. A certificate seen before a bad end is kept and judged all the same.
///
/// The words are part of the JSON contract; each that leaves dates and names unread is also the
/// id of a finding, with the verdict unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The handshake was finished and the chain kept.
    Captured,
    /// The name gave no address.
    Unresolved,
    /// The connection was refused.
    Refused,
    /// The network says that there is no way to the address.
    Unreachable,
    /// Nothing, or not enough, came in time.
    Timeout,
    /// The peer broke the connection.
    Reset,
    /// The peer ended the connection in order, too early.
    Closed,
    /// What came is not TLS.
    NotTls,
    /// The server would not change to TLS.
    StarttlsRefused,
    /// The server ended the handshake by an alert (RFC 9846 section 6).
    TlsAlert,
    /// What came is TLS, or what comes before it, but against its rules.
    ProtocolError,
    /// The peer sent more than a look takes.
    OverBudget,
    /// The handshake ended without a certificate.
    NoCertificate,
    /// A certificate came, but neither its dates nor its names can be told.
    Unreadable,
    /// Reading the certificate did not end; the reader was killed.
    ReaderStalled,
    /// Reading the certificate crashed the reader.
    ReaderCrashed,
    /// The round ended first.
    NotAttempted,
    /// The line is no target.
    InvalidTarget,
    /// It is this machine, not the endpoint, that stood in the way.
    Local,
}

impl Outcome {
    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Unresolved => "unresolved",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::NotTls => "not-tls",
            Self::StarttlsRefused => "starttls-refused",
            Self::TlsAlert => "tls-alert",
            Self::ProtocolError => "protocol-error",
            Self::OverBudget => "over-budget",
            Self::NoCertificate => "no-certificate",
            Self::Unreadable => "unreadable",
            Self::ReaderStalled => "reader-stalled",
            Self::ReaderCrashed => "reader-crashed",
            Self::NotAttempted => "not-attempted",
            Self::InvalidTarget => "invalid-target",
            Self::Local => "local",
        }
    }

    /// Whether this end tells of our own failure rather than of the endpoint.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Local | Self::ReaderStalled | Self::ReaderCrashed | Self::NotAttempted)
    }
}

/// The steps of a look, in order; each has a limit of its own inside the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Name to addresses.
    Resolve,
    /// The TCP connection.
    Connect,
    /// The change from plaintext to TLS.
    Starttls,
    /// Until the server's choice of parameters is known.
    Hello,
    /// Until its chain is known.
    Certificate,
    /// Until the handshake is done.
    Finished,
    /// Reading the certificate, in a process of its own.
    Read,
}

impl Phase {
    /// The word of the JSON contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Starttls => "starttls",
            Self::Hello => "hello",
            Self::Certificate => "certificate",
            Self::Finished => "finished",
            Self::Read => "read",
        }
    }
}
