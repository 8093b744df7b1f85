//! How a plaintext conversation ends without TLS, in plain words.

use certvigil_model::{Ended, Foreign, Outcome, Phase};

use crate::words::{bytes, said};

/// Characters of a server's own words that are shown.
const SHOWN: usize = 120;

/// The server answered no to the request for TLS.
pub(super) fn refused(words: &[u8]) -> Ended {
    no_tls(format!("the server refuses to start TLS: {}", quoted(words)))
}

/// The server says what it can do, and this is not among it.
pub(super) fn not_offered(request: &str) -> Ended {
    no_tls(format!("the server does not offer {request}"))
}

/// The server would not talk at all, or not go on.
pub(super) fn turned_away(words: &[u8]) -> Ended {
    no_tls(format!("the server turned us away before TLS: {}", quoted(words)))
}

/// The server answered no to what comes before the request for TLS.
pub(super) fn refused_command(command: &str, words: &[u8]) -> Ended {
    no_tls(format!("the server refuses {command}, which comes before TLS: {}", quoted(words)))
}

/// What came is not the dialect that was expected; `head` is how it began.
pub(super) fn stranger(protocol: &str, head: &[u8]) -> Ended {
    let reason = format!("the server does not speak {protocol} here; {}", said(head));
    Ended::early(Outcome::ProtocolError, Phase::Starttls, reason)
}

/// More plaintext than any honest server sends.
pub(super) fn too_much(what: &str) -> Ended {
    let reason = format!("the server sent {what} of plaintext without getting to TLS");
    Ended::early(Outcome::OverBudget, Phase::Starttls, reason)
}

/// The head of a message says that more follows than any honest server sends.
pub(super) fn too_long(length: usize) -> Ended {
    let length = bytes(length);
    let reason = format!("the server announced a message of {length} where a short one is due");
    Ended::early(Outcome::OverBudget, Phase::Starttls, reason)
}

fn no_tls(reason: String) -> Ended {
    Ended::early(Outcome::StarttlsRefused, Phase::Starttls, reason)
}

fn quoted(words: &[u8]) -> String {
    format!("“{}”", Foreign::from_bytes(words).shown_within(SHOWN))
}
