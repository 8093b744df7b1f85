//! For every outcome that a look can have, a server that brings it about and one that nearly does.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use certvigil_model::Outcome::{
    Captured, Closed, NoCertificate, NotTls, OverBudget, ProtocolError, Refused, Reset, Timeout,
    TlsAlert,
};
use certvigil_model::Phase::{Certificate, Connect, Finished, Hello};
use certvigil_model::{Capture, Outcome, Phase};
use rustls::version::{TLS12, TLS13};

use crate::client_certificate::wanting;
use crate::flight::{
    ECDSA_SUITE, HANDSHAKE, RSA_SUITE, alert, certificate, hello_request, plaintext, record,
    records, server_hello, server_hello_done,
};
use crate::identity::{Identity, shows, speaks};
use crate::server::Given::{AllButLast, ServerHello};
use crate::server::Then::{self, Hold};
use crate::server::{Act, Server, at_once, repeat, say, tls, tls_cut};
use crate::support::{AMPLE, endpoint, look, prober, seen};

/// Short enough for a test that waits for its end, long enough for all that is not meant to.
const BRIEF: Duration = Duration::from_millis(1500);

struct Case {
    name: &'static str,
    given: fn(&Identity) -> Vec<Act>,
    within: Duration,
    want: (Outcome, Option<Phase>),
    /// Whether the certificate was seen all the same.
    seen: bool,
    /// Words of the reason.
    says: &'static str,
}

#[test]
fn each_ends_as_it_must() {
    let identity = Identity::ecdsa();
    thread::scope(|scope| {
        let looks: Vec<_> =
            CASES.iter().map(|case| (case, scope.spawn(|| capture(case, &identity)))).collect();
        let wrong = looks
            .into_iter()
            .filter_map(|(case, look)| objection(case, &identity, &look.join().unwrap()));
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

fn capture(case: &Case, identity: &Identity) -> Capture {
    let server = Server::start((case.given)(identity));
    look(&prober(), &endpoint(server.address), case.within)
}

fn objection(case: &Case, identity: &Identity, capture: &Capture) -> Option<String> {
    let ended = &capture.ended;
    let reason = ended.reason.as_deref().unwrap_or_default();
    let sees = seen(capture);
    let is_right = (ended.outcome, ended.phase) == case.want
        && sees.is_some() == case.seen
        && sees.is_none_or(|der| der == identity.der() || der.is_empty())
        && reason.contains(case.says)
        && reason.is_empty() == (ended.outcome == Captured);
    (!is_right).then(|| format!("{}: {ended:?}, sees {:?}", case.name, sees.map(<[u8]>::len)))
}

const CASES: &[Case] = &[
    // captured
    Case {
        name: "a whole handshake",
        given: |identity| vec![tls(shows(&[identity]))],
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    Case {
        name: "TLS 1.0 only: refused to one, shown to the other",
        given: |identity| {
            let shown = plaintext(0x0301, RSA_SUITE, &[identity.der()]);
            vec![say(alert(2, 70), Then::Close), say(shown, Hold)]
        },
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    Case {
        name: "a stall that only the legacy hello gets past stays one",
        given: |identity| {
            let shown = plaintext(0x0303, ECDSA_SUITE, &[identity.der()]);
            vec![at_once(Hold), say(shown, Hold)]
        },
        within: BRIEF,
        want: (Timeout, Some(Hello)),
        seen: true,
        says: "accepted the connection and then sent nothing for",
    },
    // timeout
    Case {
        name: "silence",
        given: |_| vec![at_once(Hold)],
        within: BRIEF,
        want: (Timeout, Some(Hello)),
        seen: false,
        says: "the server accepted the connection and then sent nothing for 7",
    },
    Case {
        name: "slow, but in time",
        given: |identity| {
            let act = tls(shows(&[identity]));
            vec![Box::new(move |stream| {
                thread::sleep(Duration::from_millis(300));
                act(stream);
            })]
        },
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    Case {
        name: "a stall behind ServerHello",
        given: |identity| {
            let cut = tls_cut(speaks(&[&TLS13], &[identity]), ServerHello, Hold);
            vec![cut, at_once(Hold)]
        },
        within: BRIEF,
        want: (Timeout, Some(Certificate)),
        seen: false,
        says: "bytes, then nothing for",
    },
    Case {
        name: "a stall before the end of Finished",
        given: |identity| vec![tls_cut(speaks(&[&TLS13], &[identity]), AllButLast, Hold)],
        within: BRIEF,
        want: (Timeout, Some(Finished)),
        seen: true,
        says: "then nothing for",
    },
    Case {
        name: "in TLS 1.2 a stall before the end of ServerHelloDone; the legacy hello has enough",
        given: |identity| vec![tls_cut(speaks(&[&TLS12], &[identity]), AllButLast, Hold)],
        within: BRIEF,
        want: (Timeout, Some(Certificate)),
        seen: true,
        says: "then nothing for",
    },
    Case {
        name: "one byte too few",
        given: |_| vec![say([HANDSHAKE, 3, 3, 0], Hold)],
        within: BRIEF,
        want: (Timeout, Some(Hello)),
        seen: false,
        says: "the server sent 4 bytes, then nothing for",
    },
    // reset, closed
    Case {
        name: "a reset before a word",
        given: |_| vec![at_once(Then::Reset)],
        within: AMPLE,
        want: (Reset, Some(Hello)),
        seen: false,
        says: "the server broke the connection after sending nothing",
    },
    Case {
        name: "a reset behind the chain",
        given: |identity| vec![tls_cut(speaks(&[&TLS13], &[identity]), AllButLast, Then::Reset)],
        within: AMPLE,
        want: (Reset, Some(Finished)),
        seen: true,
        says: "the server broke the connection after sending",
    },
    Case {
        name: "an end before a word",
        given: |_| vec![at_once(Then::Close)],
        within: AMPLE,
        want: (Closed, Some(Hello)),
        seen: false,
        says: "the server closed the connection after sending nothing",
    },
    Case {
        name: "an end after some bytes",
        given: |_| vec![say([HANDSHAKE, 3, 3], Then::Close)],
        within: AMPLE,
        want: (Closed, Some(Hello)),
        seen: false,
        says: "after sending 3 bytes",
    },
    Case {
        name: "an end behind the chain",
        given: |identity| vec![tls_cut(speaks(&[&TLS13], &[identity]), AllButLast, Then::Close)],
        within: AMPLE,
        want: (Closed, Some(Finished)),
        seen: true,
        says: "the server closed the connection after sending",
    },
    // not-tls, protocol-error
    Case {
        name: "plain HTTP",
        given: |_| vec![say(*b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", Then::Close)],
        within: AMPLE,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "“HTTP/1.1 400 Bad Request”",
    },
    Case {
        name: "two letters, and silence",
        given: |_| vec![say(*b"hi", Hold)],
        within: BRIEF,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "its first bytes were 6869",
    },
    Case {
        name: "two letters, and the end",
        given: |_| vec![say(*b"hi", Then::Close)],
        within: AMPLE,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "its first bytes were 6869",
    },
    Case {
        name: "words, and a reset",
        given: |_| vec![say(*b"220 mail.example ESMTP\r\n", Then::Reset)],
        within: AMPLE,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "“220 mail.example ESMTP”",
    },
    Case {
        name: "bytes that are no text",
        given: |_| vec![say([0x4a, 0, 0, 0, 0x0a, 0x35, 0x2e, 0x37], Hold)],
        within: AMPLE,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "its first bytes were 4a0000000a352e37",
    },
    Case {
        name: "words that would drive a terminal",
        given: |_| vec![say(*b"\x1b]0;owned\x07\x1b[31m", Hold)],
        within: AMPLE,
        want: (NotTls, Some(Hello)),
        seen: false,
        says: "its first bytes were 1b5d303b6f776e65",
    },
    Case {
        name: "TLS by its first bytes, rubbish behind",
        given: |_| vec![say(record(HANDSHAKE, b"rubbish of all kinds"), Hold)],
        within: AMPLE,
        want: (ProtocolError, Some(Hello)),
        seen: false,
        says: "the server broke the rules of TLS",
    },
    Case {
        name: "rubbish behind ServerHello",
        given: |_| {
            let hello = server_hello(0x0303, ECDSA_SUITE, &[]);
            vec![say([records(&hello, 16_384), record(HANDSHAKE, b"rubbish")].concat(), Hold)]
        },
        within: AMPLE,
        want: (ProtocolError, Some(Certificate)),
        seen: false,
        says: "the server broke the rules of TLS",
    },
    // tls-alert
    Case {
        name: "an alert at once",
        given: |_| vec![say(alert(2, 80), Then::Close)],
        within: AMPLE,
        want: (TlsAlert, Some(Hello)),
        seen: false,
        says: "the server ended the handshake with the alert internal_error (80)",
    },
    Case {
        name: "an alert at once, and a reset behind it",
        given: |_| vec![say(alert(2, 80), Then::Close), say(alert(2, 112), Then::Close)],
        within: AMPLE,
        want: (TlsAlert, Some(Hello)),
        seen: false,
        says: "internal_error (80)",
    },
    Case {
        name: "an alert behind the chain",
        given: |identity| vec![tls(wanting(&[&TLS12], identity))],
        within: AMPLE,
        want: (TlsAlert, Some(Finished)),
        seen: true,
        says: "the server ended the handshake with the alert",
    },
    Case {
        name: "a warning, then the chain",
        given: |identity| {
            let shown = plaintext(0x0302, RSA_SUITE, &[identity.der()]);
            let warned = [alert(1, 112), shown].concat();
            vec![say(alert(2, 40), Then::Close), say(warned, Hold)]
        },
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    // over-budget
    Case {
        name: "an endless flight",
        given: |_| {
            let hello = records(&server_hello(0x0301, RSA_SUITE, &[]), 16_384);
            let endless = records(&hello_request(), 16_384);
            vec![say(alert(2, 70), Then::Close), repeat(hello, endless)]
        },
        within: AMPLE,
        want: (TlsAlert, Some(Hello)),
        seen: false,
        says: "protocol_version (70)",
    },
    Case {
        name: "a chain above 64 KiB, which ends it for most clients",
        given: |identity| vec![tls(shows(&[&heavy(identity, 70_000)]))],
        within: AMPLE,
        want: (OverBudget, Some(Certificate)),
        seen: true,
        says: "more than 64 KiB",
    },
    Case {
        name: "a chain of 40 kB in records of two bytes, whose headers are what is too much",
        given: |identity| {
            let filler = vec![0x5a; 40_000];
            let flight =
                [server_hello(0x0303, ECDSA_SUITE, &[]), certificate(&[identity.der(), &filler])];
            vec![say(records(&flight.concat(), 2), Hold)]
        },
        within: AMPLE,
        want: (OverBudget, Some(Certificate)),
        seen: true,
        says: "more than 64 KiB",
    },
    Case {
        name: "more than 64 KiB in TLS 1.3 only, where no other hello gets at it",
        given: |identity| vec![tls(speaks(&[&TLS13], &[&heavy(identity, 70_000)]))],
        within: AMPLE,
        want: (OverBudget, Some(Certificate)),
        seen: false,
        says: "more than 64 KiB",
    },
    Case {
        name: "a chain just below 64 KiB",
        given: |identity| vec![tls(shows(&[&heavy(identity, 64_000)]))],
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    // no-certificate
    Case {
        name: "an empty list of certificates",
        given: |identity| vec![tls(speaks(&[&TLS13], &[&identity.clone().showing(Vec::new())]))],
        within: AMPLE,
        want: (NoCertificate, Some(Certificate)),
        seen: false,
        says: "empty list of certificates",
    },
    Case {
        name: "a list of one empty certificate",
        given: |identity| {
            vec![tls(speaks(&[&TLS13], &[&identity.clone().showing(vec![Vec::new()])]))]
        },
        within: AMPLE,
        want: (Captured, None),
        seen: true,
        says: "",
    },
    Case {
        name: "a flight without Certificate, which TLS 1.2 does not allow here",
        given: |_| {
            let flight = [server_hello(0x0303, ECDSA_SUITE, &[]), server_hello_done()].concat();
            vec![say(records(&flight, 16_384), Hold)]
        },
        within: AMPLE,
        want: (ProtocolError, Some(Certificate)),
        seen: false,
        says: "ServerHelloDone",
    },
];

/// What the legacy hello itself meets stands in its own answer; the look ends as the first did.
#[test]
fn each_question_keeps_its_own_end() {
    let hello = || records(&server_hello(0x0301, RSA_SUITE, &[]), 16_384);
    for (name, act, want, says) in [
        (
            "an endless flight",
            repeat(hello(), records(&hello_request(), 16_384)),
            (OverBudget, Some(Certificate)),
            "the server sent more than 1.0 MiB without finishing the handshake",
        ),
        (
            "an empty list",
            say([hello(), records(&certificate(&[]), 64)].concat(), Hold),
            (NoCertificate, Some(Certificate)),
            "an empty list of certificates",
        ),
        (
            "none at all",
            say([hello(), records(&server_hello_done(), 64)].concat(), Hold),
            (NoCertificate, Some(Certificate)),
            "went on without sending a certificate",
        ),
        (
            "an alert behind ServerHello",
            say([hello(), alert(2, 47)].concat(), Then::Close),
            (TlsAlert, Some(Certificate)),
            "illegal_parameter (47)",
        ),
        (
            "rubbish",
            say(record(HANDSHAKE, b"rubbish"), Hold),
            (ProtocolError, Some(Hello)),
            "a handshake message of type 114, which has no place there",
        ),
    ] {
        let server = Server::start(vec![say(alert(2, 70), Then::Close), act]);
        let capture = look(&prober(), &endpoint(server.address), AMPLE);
        assert_eq!(capture.ended.outcome, TlsAlert, "{name}");
        assert_eq!(capture.presented.len(), 2, "{name}");
        let ended = &capture.presented[1].ended;
        assert_eq!((ended.outcome, ended.phase), want, "{name}: {ended:?}");
        assert!(ended.reason.as_deref().unwrap().contains(says), "{name}: {ended:?}");
    }
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let capture = look(&prober(), &endpoint(vacant()), AMPLE);
    let ended = &capture.ended;
    assert_eq!((ended.outcome, ended.phase), (Refused, Some(Connect)));
    assert_eq!(ended.reason.as_deref(), Some("the connection was refused, twice"));
    assert!(capture.presented.is_empty());
}

/// A port of loopback where nobody listens.
pub(crate) fn vacant() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// The identity's chain, made heavier by certificates of 1,000 bytes that are none.
fn heavy(identity: &Identity, weight: usize) -> Identity {
    let mut chain = identity.chain.clone();
    chain.extend(vec![vec![0x5a; 1000]; weight / 1003]);
    identity.clone().showing(chain)
}
