//! Hand-made flights, read by the legacy hello's reader (RFC 5246).

use std::sync::Arc;

use certvigil_probe::legacy::{Fault, Progress, ServerHello, Transcript};
use proptest::prelude::*;

use crate::flight::{
    ALERT, HANDSHAKE, RSA_SUITE, alert, certificate, hello_request, message, plaintext, record,
    records, server_hello, server_hello_done,
};
use crate::support::now;

const CHAIN: &[&[u8]] = &[b"one", b"two"];

type Told = Result<Progress, Fault>;

struct Case {
    name: &'static str,
    given: fn() -> Vec<u8>,
    want: fn() -> Told,
}

#[test]
fn each_flight_is_read_as_the_standard_says() {
    for case in CASES {
        let want = (case.want)();
        assert_eq!(whole(&(case.given)()), want, "{}", case.name);
        assert_eq!(in_pieces(&(case.given)(), |_| 1), want, "{}, byte by byte", case.name);
    }
}

fn shown() -> Told {
    Ok(Progress::Certificate(CHAIN.iter().map(|der| Arc::from(*der)).collect()))
}

fn hello() -> Vec<u8> {
    server_hello(0x0303, RSA_SUITE, &[])
}

const CASES: &[Case] = &[
    Case { name: "nothing", given: Vec::new, want: || Ok(Progress::WantsMore) },
    Case {
        name: "two messages in one record (section 6.2.1)",
        given: || plaintext(0x0303, RSA_SUITE, CHAIN),
        want: shown,
    },
    Case {
        name: "a record for each message",
        given: || [record(HANDSHAKE, &hello()), record(HANDSHAKE, &certificate(CHAIN))].concat(),
        want: shown,
    },
    Case {
        name: "messages in records of two bytes",
        given: || records(&[hello(), certificate(CHAIN)].concat(), 2),
        want: shown,
    },
    Case {
        name: "empty records between",
        given: || {
            let empty = record(HANDSHAKE, &[]);
            [records(&hello(), 9), empty.clone(), empty, records(&certificate(CHAIN), 9)].concat()
        },
        want: shown,
    },
    Case {
        name: "the whole flight of a server with RSA key exchange",
        given: || records(&[hello(), certificate(CHAIN), server_hello_done()].concat(), 16_384),
        want: shown,
    },
    Case {
        name: "HelloRequests, which are ignored (section 7.4.1.1)",
        given: || {
            let request = hello_request();
            let all = [&request[..], &hello(), &request, &request, &certificate(CHAIN)].concat();
            records(&all, 16_384)
        },
        want: shown,
    },
    Case {
        name: "eight warnings",
        given: || [alert(1, 112).repeat(8), plaintext(0x0303, RSA_SUITE, CHAIN)].concat(),
        want: shown,
    },
    Case {
        name: "nine warnings",
        given: || [alert(1, 112).repeat(9), plaintext(0x0303, RSA_SUITE, CHAIN)].concat(),
        want: || Err(Fault::Alert(112)),
    },
    Case {
        name: "a warning in the middle of a message",
        given: || [records(&hello(), 9).as_slice(), &alert(1, 112)].concat(),
        want: || Ok(Progress::WantsMore),
    },
    Case {
        name: "a fatal alert",
        given: || [records(&hello(), 16_384), alert(2, 40)].concat(),
        want: || Err(Fault::Alert(40)),
    },
    Case {
        name: "an alert behind the chain, which counts",
        given: || [plaintext(0x0303, RSA_SUITE, CHAIN), alert(2, 40)].concat(),
        want: shown,
    },
    Case {
        name: "rubbish behind the chain, which counts",
        given: || [plaintext(0x0303, RSA_SUITE, CHAIN), b"HTTP/1.1".to_vec()].concat(),
        want: shown,
    },
    Case {
        name: "half an alert",
        given: || record(ALERT, &[2]),
        want: || Err(Fault::BadLength("alert")),
    },
    Case {
        name: "an empty list",
        given: || plaintext(0x0303, RSA_SUITE, &[]),
        want: || Ok(Progress::Certificate(Vec::new())),
    },
    Case {
        name: "an empty certificate",
        given: || plaintext(0x0303, RSA_SUITE, &[b""]),
        want: || Ok(Progress::Certificate(vec![Arc::from(*b"")])),
    },
    Case {
        name: "no Certificate",
        given: || records(&[hello(), server_hello_done()].concat(), 16_384),
        want: || Err(Fault::NoCertificate),
    },
    Case {
        name: "a ServerKeyExchange in its place",
        given: || records(&[hello(), message(12, b"")].concat(), 16_384),
        want: || Err(Fault::NoCertificate),
    },
    Case {
        name: "a Certificate without ServerHello",
        given: || records(&certificate(CHAIN), 16_384),
        want: || Err(Fault::Unexpected("handshake message", 11)),
    },
    Case {
        name: "two ServerHellos",
        given: || records(&[hello(), hello()].concat(), 16_384),
        want: || Err(Fault::Unexpected("handshake message", 2)),
    },
    Case {
        name: "a client's hello",
        given: || records(&message(1, b"\x03\x03"), 16_384),
        want: || Err(Fault::Unexpected("handshake message", 1)),
    },
    Case {
        name: "application data",
        given: || record(23, b"data"),
        want: || Err(Fault::Unexpected("record", 23)),
    },
    Case {
        name: "ChangeCipherSpec",
        given: || [records(&hello(), 99), record(20, &[1])].concat(),
        want: || Err(Fault::Unexpected("record", 20)),
    },
    Case {
        name: "SSL 2.0 by its record",
        given: || vec![22, 2, 0, 0, 1, 0],
        want: || Err(Fault::Version(2, 0)),
    },
    Case {
        name: "SSL 3.0 chosen",
        given: || records(&server_hello(0x0300, RSA_SUITE, &[]), 16_384),
        want: || Err(Fault::Version(3, 0)),
    },
    Case {
        name: "a version of the future chosen",
        given: || records(&server_hello(0x0304, RSA_SUITE, &[]), 16_384),
        want: || Err(Fault::Version(3, 4)),
    },
    Case {
        name: "a record at the limit of 2^14 + 2048 (section 6.2.3)",
        given: || [&[HANDSHAKE, 3, 3, 0x48, 0][..], &[0; 100]].concat(),
        want: || Ok(Progress::WantsMore),
    },
    Case {
        name: "a record above it",
        given: || vec![HANDSHAKE, 3, 3, 0x48, 1],
        want: || Err(Fault::BadLength("record")),
    },
    Case {
        name: "a message of sixteen megabytes",
        given: || records(&[&hello()[..], &[11, 0xff, 0xff, 0xff]].concat(), 16_384),
        want: || Err(Fault::TooLong),
    },
    Case {
        name: "an unknown message of sixteen megabytes, which is rubbish",
        given: || records(&[&hello()[..], b"rubbish"].concat(), 16_384),
        want: || Err(Fault::Unexpected("handshake message", b'r')),
    },
    Case {
        name: "a ServerHello that ends early",
        given: || records(&message(2, &[3, 3, 0, 0]), 16_384),
        want: || Err(Fault::BadLength("ServerHello")),
    },
    Case {
        name: "an empty ServerHello",
        given: || records(&message(2, &[]), 16_384),
        want: || Err(Fault::BadLength("ServerHello")),
    },
    Case {
        name: "a session longer than its ServerHello",
        given: || records(&message(2, &[&[3, 3][..], &[0; 32], &[255, 0, 5, 0]].concat()), 99),
        want: || Err(Fault::BadLength("ServerHello")),
    },
    Case {
        name: "an extension longer than its ServerHello",
        given: || {
            let mut hello = server_hello(0x0303, RSA_SUITE, &[(16, b"abc")]);
            let at = hello.len() - 4;
            hello[at] = 200;
            records(&hello, 16_384)
        },
        want: || Err(Fault::BadLength("ServerHello extension")),
    },
    Case {
        name: "a list that is longer than its message",
        given: || records(&[hello(), message(11, &[0, 0, 9, 0, 0, 1, 7])].concat(), 99),
        want: || Err(Fault::BadLength("Certificate message")),
    },
    Case {
        name: "a list that is shorter than its message",
        given: || records(&[hello(), message(11, &[0, 0, 0, 0])].concat(), 99),
        want: || Err(Fault::BadLength("Certificate message")),
    },
    Case {
        name: "a certificate that is longer than its list",
        given: || records(&[hello(), message(11, &[0, 0, 4, 0, 0, 2, 7])].concat(), 99),
        want: || Err(Fault::BadLength("Certificate message")),
    },
    Case {
        name: "a Certificate message without a list",
        given: || records(&[hello(), message(11, &[0, 0])].concat(), 99),
        want: || Err(Fault::BadLength("Certificate message")),
    },
    Case {
        name: "ten thousand certificates",
        given: || plaintext_long(10_000),
        want: || Ok(Progress::Certificate(vec![Arc::from(*b"x"); 10_000])),
    },
    Case { name: "one more", given: || plaintext_long(10_001), want: || Err(Fault::TooMany) },
];

fn plaintext_long(count: usize) -> Vec<u8> {
    records(&[hello(), certificate(&vec![&b"x"[..]; count])].concat(), 16_384)
}

#[test]
fn what_the_server_chose_is_told() {
    let sct = [0, 5, 0, 3, b's', b'c', b't'];
    for (version, name) in [(0x0301, "1.0"), (0x0302, "1.1"), (0x0303, "1.2")] {
        let extensions: &[(u16, &[u8])] = &[(0xff01, &[0]), (16, b"\0\x03\x02h2"), (18, &sct)];
        let mut transcript = Transcript::default();
        transcript.take_in(&records(&server_hello(version, 0x1234, extensions), 5)).unwrap();
        let want = ServerHello {
            version: name,
            cipher_suite: 0x1234,
            alpn_protocol: Some(b"h2".to_vec()),
            scts: vec![b"sct".to_vec()],
        };
        assert_eq!(transcript.server_hello(), Some(&want));
    }
}

/// Four times the bytes in the most awkward pieces take about four times as long, not sixteen.
#[test]
fn time_grows_with_the_bytes_alone() {
    let awkward = |weight: usize| {
        let der = vec![0x5a; weight];
        records(&[hello(), certificate(&[&der])].concat(), 1)
    };
    let requests = |weight: usize| records(&hello_request().repeat(weight / 4), 4);
    for flight in [&awkward as &dyn Fn(usize) -> Vec<u8>, &requests] {
        let timed = |weight: usize| {
            let flight = flight(weight);
            let once = || {
                let begun = now();
                in_pieces(&flight, |_| 1).unwrap();
                now() - begun
            };
            (0..3).map(|_| once()).min().unwrap()
        };
        let (small, large) = (timed(20_000), timed(80_000));
        assert!(large < small * 9, "{small:?}, then {large:?}");
    }
}

fn whole(flight: &[u8]) -> Told {
    Transcript::default().take_in(flight)
}

/// What a flight comes to in pieces of such sizes; as a look does it, up to the first news.
fn in_pieces(flight: &[u8], mut size: impl FnMut(usize) -> usize) -> Told {
    let mut transcript = Transcript::default();
    let mut rest = flight;
    let mut piece = 0;
    while !rest.is_empty() {
        let (taken, left) = rest.split_at(size(piece).clamp(1, rest.len()));
        match transcript.take_in(taken) {
            Ok(Progress::WantsMore) => (rest, piece) = (left, piece + 1),
            news => return news,
        }
    }
    Ok(Progress::WantsMore)
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let good = prop_oneof![
        Just(records(&hello(), 7)),
        Just(records(&certificate(CHAIN), 3)),
        Just(records(&hello_request(), 3)),
        Just(alert(1, 112)),
        Just(alert(2, 40)),
        Just(record(HANDSHAKE, &[])),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(good, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    /// How the network cuts a flight says nothing about the server.
    #[test]
    fn any_split_reads_the_same(
        flight in prop_oneof![Just(plaintext(0x0303, RSA_SUITE, CHAIN)), pieces()],
        sizes in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let split = in_pieces(&flight, |piece| sizes[piece % sizes.len()]);
        let by_byte = in_pieces(&flight, |_| 1);
        prop_assert_eq!(&split, &by_byte);
        prop_assert_eq!(&whole(&flight), &by_byte);
    }

    /// Rubbish ends in an error or a wish for more, in no panic.
    #[test]
    fn no_bytes_panic(
        mut flight in prop_oneof![
            Just(plaintext(0x0303, RSA_SUITE, CHAIN)),
            Just(records(&server_hello(0x0303, RSA_SUITE, &[(16, b"\0\x03\x02h2")]), 50)),
            prop::collection::vec(any::<u8>(), 0..200),
        ],
        wounds in prop::collection::vec((any::<u16>(), any::<u8>()), 0..6),
        size in 1..100_usize,
    ) {
        for (at, byte) in wounds {
            let at = usize::from(at) % flight.len().max(1);
            if let Some(place) = flight.get_mut(at) {
                *place = byte;
            }
        }
        let _ = in_pieces(&flight, |_| size);
    }
}
