//! The connection itself, or what is spoken on it instead of TLS.

use std::time::Duration;

use super::{NAMED, any, flight_of};
use crate::case::{Case, How, unknown};
use crate::serve::Step::{Close, Drip, Hang, Hear, Repeat, Reset, Send};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "refused",
        does: "has nobody behind its port: the kernel refuses",
        at: NAMED,
        how: How::Refused,
        expect: unknown(&["refused"], "connect", "RFC 9293 3.10.7.1: RST in answer to SYN"),
    },
    Case {
        name: "blackhole",
        does: "listens but never accepts, its queue full: requests go unanswered",
        at: NAMED,
        how: How::Blackhole,
        expect: unknown(&["timeout"], "connect", "RFC 9293 3.8.3: SYN without an answer"),
    },
    Case {
        name: "reset",
        does: "breaks the connection when it hears the hello",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Reset])),
        expect: unknown(&["reset"], "hello", "RFC 9293 3.5.2: RST"),
    },
    Case {
        name: "close-at-once",
        does: "ends the connection in order as soon as it is open",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Close])),
        expect: unknown(&["closed"], "hello", "RFC 9293 3.6: FIN"),
    },
    Case {
        name: "close-on-hello",
        does: "ends the connection in order when it hears the hello",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Close])),
        expect: unknown(&["closed"], "hello", "RFC 9293 3.6: FIN"),
    },
    Case {
        name: "silent",
        does: "accepts the connection and never says a word",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hang])),
        expect: unknown(&["timeout"], "hello", "the watch of 31 March 2017 hung on such a peer"),
    },
    Case {
        name: "drip",
        does: "sends a good answer, one byte in half a second",
        at: NAMED,
        how: How::Script(|mint| {
            Ok(vec![Hear(any), Drip(flight_of(&mint.issued(mint.leaf()?)?), HALF_A_SECOND)])
        }),
        expect: unknown(&["timeout"], "hello", "a limit that restarts with each byte never ends"),
    },
    Case {
        name: "half-a-header",
        does: "sends three bytes of a TLS record and stops",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(vec![22, 3, 3])])),
        expect: unknown(&["timeout"], "hello", "RFC 9846 5.1: a record header has five bytes"),
    },
    Case {
        name: "garbage",
        does: "answers the hello with bytes that are no protocol",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(garbage())])),
        expect: unknown(&["not-tls"], "hello", "RFC 9846 5.1: no record type has this number"),
    },
    Case {
        name: "plain-http",
        does: "answers the hello as a plain HTTP server does",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(HTTP.into()), Close])),
        expect: unknown(&["not-tls"], "hello", "RFC 9112: 400 Bad Request in plaintext"),
    },
    Case {
        name: "smtp-banner",
        does: "greets as a mail server that waits for STARTTLS",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Send(b"220 mail.lab.example ESMTP\r\n".into())])),
        expect: unknown(&["not-tls"], "hello", "RFC 5321 4.2: the greeting comes first"),
    },
    Case {
        name: "endless-text",
        does: "sends plaintext without end",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Repeat(b"All work and no play.\n".repeat(64), usize::MAX)])),
        expect: unknown(&["not-tls"], "hello", "RFC 864: the character generator protocol"),
    },
];

/// Bytes that look like nothing: a fixed mixture that begins with no record type.
fn garbage() -> Vec<u8> {
    (0..512_u32).map(|n| (n.wrapping_mul(167).wrapping_add(143) >> 1) as u8 | 0x40).collect()
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);

const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
