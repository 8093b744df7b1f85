//! The handshake: alerts, stalls and floods.

use std::io;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};

use super::{ECDSA_SUITE, NAMED, TLS_1_2, any, plain};
use crate::case::{At, Case, Expect, How, ok, unknown, warning};
use crate::mint::{HOST, Mint};
use crate::serve::Step::{self, Close, Hang, Hear, Pause, Repeat, Reset, Send};
use crate::serve::{Script, Server, alert, certificate, messages, record, records, server_hello};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "alert-handshake-failure",
        does: "answers the hello with the alert handshake_failure",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 40)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 9846 6.2: handshake_failure"),
    },
    Case {
        name: "alert-internal-error",
        does: "answers the hello with the alert internal_error",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 80)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 9846 6.2: internal_error"),
    },
    Case {
        name: "alert-unrecognized-name",
        does: "answers the hello with the alert unrecognized_name",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(alert(2, 112)), Close])),
        expect: unknown(&["tls-alert"], "hello", "RFC 6066 3: unrecognized_name"),
    },
    Case {
        name: "alpn-refused",
        does: "speaks none of the application protocols that an HTTPS client offers",
        at: At::Service("https", HOST),
        how: How::Tls(|mint| {
            let alpn_protocols: &[&[u8]] = &[b"lab/1"];
            Ok(Server { versions: vec![&TLS12], alpn_protocols, ..plain(mint)? })
        }),
        expect: unknown(&["tls-alert"], "hello", "RFC 7301 3.2: no_application_protocol"),
    },
    Case {
        name: "stall-after-server-hello",
        does: "sends its TLS 1.2 ServerHello and stops",
        at: NAMED,
        how: How::Script(|mint| after_server_hello(mint, vec![Hang])),
        expect: unknown(&["timeout"], "certificate", HALF_SAID),
    },
    Case {
        name: "stall-after-certificate",
        does: "sends its TLS 1.2 messages up to Certificate and stops",
        at: NAMED,
        how: How::Script(|mint| after_certificate(mint, vec![Hang])),
        expect: unfinished("timeout", "certificate"),
    },
    Case {
        name: "stall-after-server-hello-done",
        does: "sends its first TLS 1.2 flight and never finishes",
        at: NAMED,
        how: How::Tls(|mint| {
            let pace = |_, flight| vec![Send(flight), Hang];
            Ok(Server { versions: vec![&TLS12], pace, ..plain(mint)? })
        }),
        expect: unfinished("timeout", "finished"),
    },
    Case {
        name: "stall-in-tls-1-3-after-server-hello",
        does: "sends its TLS 1.3 ServerHello and stops",
        at: NAMED,
        how: How::Tls(|mint| newest(mint, |_, flight| vec![Send(up_to(&flight, 0)), Hang])),
        expect: unknown(&["timeout"], "certificate", HALF_SAID),
    },
    Case {
        name: "stall-in-tls-1-3-flight",
        does: "stops in the middle of its encrypted TLS 1.3 flight",
        at: NAMED,
        how: How::Tls(|mint| newest(mint, |_, flight| vec![Send(up_to(&flight, 3)), Hang])),
        expect: unknown(&["timeout"], "certificate", HALF_SAID),
    },
    Case {
        name: "stall-in-tls-1-3-before-finished",
        does: "sends its TLS 1.3 flight but for the last record",
        at: NAMED,
        how: How::Tls(|mint| newest(mint, |_, flight| vec![Send(but_the_last(&flight)), Hang])),
        expect: unfinished("timeout", "finished"),
    },
    Case {
        name: "broken-finished",
        does: "damages the last record of its TLS 1.3 flight",
        at: NAMED,
        how: How::Tls(|mint| newest(mint, |_, flight| vec![Send(last_bit_flipped(flight))])),
        expect: unfinished("protocol-error", "finished"),
    },
    Case {
        name: "reset-after-server-hello",
        does: "breaks the connection after its TLS 1.2 ServerHello",
        at: NAMED,
        how: How::Script(|mint| after_server_hello(mint, vec![Pause(A_MOMENT), Reset])),
        expect: unknown(&["reset"], "certificate", HALF_SAID),
    },
    Case {
        name: "reset-after-certificate",
        does: "breaks the connection after its TLS 1.2 Certificate",
        at: NAMED,
        how: How::Script(|mint| after_certificate(mint, vec![Pause(A_MOMENT), Reset])),
        expect: unfinished("reset", "certificate"),
    },
    Case {
        name: "close-after-certificate",
        does: "ends the connection in order after its TLS 1.2 Certificate",
        at: NAMED,
        how: How::Script(|mint| after_certificate(mint, vec![Pause(A_MOMENT), Close])),
        expect: unfinished("closed", "certificate"),
    },
    Case {
        name: "alert-after-certificate",
        does: "sends the alert internal_error after its TLS 1.2 Certificate",
        at: NAMED,
        how: How::Script(|mint| after_certificate(mint, vec![Send(alert(2, 80)), Close])),
        expect: unfinished("tls-alert", "certificate"),
    },
    Case {
        name: "endless-empty-records",
        does: "sends handshake records with nothing in them, without end",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Repeat(record(22, &[]).repeat(200), usize::MAX)])),
        expect: unknown(&["protocol-error"], "hello", "RFC 9846 5.1: no empty handshake fragments"),
    },
    Case {
        name: "endless-warnings",
        does: "sends warning alerts without end",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Repeat(alert(1, 90).repeat(200), usize::MAX)])),
        expect: unknown(
            &["protocol-error"],
            "hello",
            "RFC 9846 6: a client bears few of them; nmap grew to 847 MiB on such a peer",
        ),
    },
    Case {
        name: "endless-hello-requests",
        does: "asks for a new hello without end",
        at: NAMED,
        how: How::Script(|_| {
            Ok(vec![Hear(any), Repeat(record(22, &[0; 4]).repeat(200), usize::MAX)])
        }),
        expect: unknown(
            &["protocol-error"],
            "hello",
            "RFC 9846 4: no message has the type 0; RFC 5246 7.4.1.1 would only ignore one",
        ),
    },
    Case {
        name: "two-byte-records",
        does: "sends its TLS 1.2 flight in records of two bytes, at full speed",
        at: NAMED,
        how: How::Tls(|mint| {
            let pace = |_, flight| vec![Send(in_two_byte_records(flight))];
            Ok(Server { versions: vec![&TLS12], pace, ..plain(mint)? })
        }),
        expect: ok("RFC 5246 6.2.1: messages may be split over records"),
    },
    Case {
        name: "two-byte-records-slowly",
        does: "sends its TLS 1.2 flight in records of two bytes, four in a second",
        at: NAMED,
        how: How::Script(|mint| {
            let chain = mint.issued(mint.leaf()?)?;
            let flight = [server_hello(TLS_1_2, ECDSA_SUITE), certificate(&chain.certificates)];
            let slowly = flight.concat();
            let steps = slowly.chunks(2).flat_map(|two| [Send(record(22, two)), Pause(QUARTER)]);
            Ok(std::iter::once(Hear(any)).chain(steps).collect())
        }),
        expect: unknown(&["timeout"], "hello", "a limit that restarts with each record never ends"),
    },
    Case {
        name: "unknown-message",
        does: "answers with a handshake message of a type that does not exist",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(record(22, &[99, 0, 0, 2, 1, 2]))])),
        expect: unknown(&["protocol-error"], "hello", "RFC 9846 4: unexpected_message"),
    },
    Case {
        name: "unknown-suite",
        does: "chooses a cipher suite that nobody offered",
        at: NAMED,
        how: How::Script(|_| {
            Ok(vec![Hear(any), Send(records(&server_hello(TLS_1_2, 0xfafa), 16_384))])
        }),
        expect: unknown(&["protocol-error"], "hello", "RFC 9846 4.1.3: illegal_parameter"),
    },
    Case {
        name: "oversized-record",
        does: "sends a record longer than a record can be",
        at: NAMED,
        how: How::Script(|_| Ok(vec![Hear(any), Send(record(22, &[2; 40_000]))])),
        expect: unknown(&["protocol-error"], "hello", "RFC 9846 5.1: record_overflow"),
    },
];

/// A server of TLS 1.3 alone, in records too small for a whole Finished of any suite: the last one
/// holds nothing else.
fn newest(mint: &Mint, pace: fn(usize, Vec<u8>) -> Vec<Step>) -> io::Result<Server> {
    Ok(Server { versions: vec![&TLS13], fragment: Some(40), pace, ..plain(mint)? })
}

fn after_server_hello(_: &Mint, then: Script) -> io::Result<Script> {
    let said = records(&server_hello(TLS_1_2, ECDSA_SUITE), 16_384);
    Ok([vec![Hear(any), Send(said)], then].concat())
}

fn after_certificate(mint: &Mint, then: Script) -> io::Result<Script> {
    let chain = mint.issued(mint.leaf()?)?;
    let said = [server_hello(TLS_1_2, ECDSA_SUITE), certificate(&chain.certificates)].concat();
    Ok([vec![Hear(any), Send(records(&said, 16_384))], then].concat())
}

/// A certificate was seen, but no client could go on.
const fn unfinished(outcome: &'static str, phase: &'static str) -> Expect {
    warning(&["handshake-unfinished"], SEEN_BEFORE).without(&["untrusted"]).ended(outcome, phase)
}

/// The handshake bytes of the server's first flight in the smallest records; later ones, which are
/// encrypted, as they are.
fn in_two_byte_records(flight: Vec<u8>) -> Vec<u8> {
    match messages(&flight) {
        all if all.first() == Some(&2) => records(&all, 2),
        _ => flight,
    }
}

/// The records in plaintext, and so many of the encrypted ones.
fn up_to(flight: &[u8], encrypted: usize) -> Vec<u8> {
    let all = split(flight);
    let in_plaintext = all.iter().take_while(|record| record[0] != APPLICATION_DATA).count();
    all[..all.len().min(in_plaintext + encrypted)].concat()
}

fn but_the_last(flight: &[u8]) -> Vec<u8> {
    split(flight).split_last().map_or_else(Vec::new, |(_, rest)| rest.concat())
}

fn last_bit_flipped(mut flight: Vec<u8>) -> Vec<u8> {
    if let Some(last) = flight.last_mut() {
        *last ^= 1;
    }
    flight
}

/// The records of a flight.
fn split(mut flight: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while let [_, _, _, high, low, ..] = flight {
        let length = 5 + usize::from(u16::from_be_bytes([*high, *low]));
        let (record, rest) = flight.split_at(length.min(flight.len()));
        all.push(record);
        flight = rest;
    }
    all
}

/// The record type of all that TLS 1.3 encrypts.
const APPLICATION_DATA: u8 = 23;

/// Long enough for what was sent to arrive apart from what comes next.
const A_MOMENT: Duration = Duration::from_millis(50);
const QUARTER: Duration = Duration::from_millis(250);

const HALF_SAID: &str = "RFC 9846 2: a handshake has more messages; what was not sent is unknown";
const SEEN_BEFORE: &str = "a certificate seen before a bad end is judged, the bad end is told";
