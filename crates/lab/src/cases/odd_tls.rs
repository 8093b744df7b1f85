//! Handshakes that end well, or nearly, with something odd in them.

use std::io;
use std::sync::Arc;

use rustls::version::{TLS12, TLS13};

use super::{ECDSA_SUITE, NAMED, TLS_1_2, any, plain, rsa_exchange, unless, wants_rsa_exchange};
use crate::asn1::{oid, sequence};
use crate::case::{At, Case, How, critical, ok, unknown, warning};
use crate::draft::{CLIENT_AUTH, Draft, EXTENDED_KEY_USAGE};
use crate::key::Key;
use crate::mint::{Chain, Mint};
use crate::serve::Step::{Hear, Repeat, Send};
use crate::serve::{Hello, Script, Server, Unnamed, record, records, server_hello};
use crate::time::DAY;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "no-certificates",
        does: "sends an empty list of certificates",
        at: NAMED,
        how: How::Chain(|mint| Ok(Chain::new(Vec::new(), Arc::clone(&mint.key)))),
        expect: unknown(&["no-certificate"], "certificate", "RFC 9846 4.4.2.4: decode_error"),
    },
    Case {
        name: "hundred-certificates",
        does: "sends a good chain and 98 certificates that have nothing to do with it",
        at: NAMED,
        how: How::Chain(|mint| crowd(mint, 100)),
        expect: ok("RFC 9846 4.4.2: clients should be ready for extra certificates"),
    },
    Case {
        name: "thousand-certificates",
        does: "sends a good chain and 998 certificates that have nothing to do with it",
        at: NAMED,
        how: How::Chain(|mint| crowd(mint, 1000)),
        expect: warning(
            &["handshake-unfinished"],
            "OpenSSL's clients take 100 kB of certificates, rustls's 64 KiB: both give up",
        )
        .ended("over-budget", "certificate"),
    },
    Case {
        name: "sixteen-megabytes",
        does: "sends a chain of sixteen megabytes",
        at: NAMED,
        how: How::Script(sixteen_megabytes),
        expect: unknown(
            &["over-budget"],
            "certificate",
            "RFC 9846 4.4.2 allows up to 2^24 bytes; no client takes them",
        ),
    },
    Case {
        name: "tls-1-0-only",
        does: "speaks TLS 1.0 and nothing newer",
        at: NAMED,
        how: How::Script(|mint| legacy(mint, 0x0301, |hello| unless(hello.offers(0x0301), 70))),
        expect: ok("RFC 8996: must not be used, which is worth knowing").with(&["legacy-tls"]),
    },
    Case {
        name: "tls-1-1-only",
        does: "speaks TLS 1.1 and nothing newer",
        at: NAMED,
        how: How::Script(|mint| legacy(mint, 0x0302, |hello| unless(hello.offers(0x0302), 70))),
        expect: ok("RFC 8996: must not be used, which is worth knowing").with(&["legacy-tls"]),
    },
    Case {
        name: "rsa-key-exchange-only",
        does: "speaks TLS 1.2 with RSA key exchange and nothing else",
        at: NAMED,
        how: How::Script(|mint| legacy(mint, TLS_1_2, wants_rsa_exchange)),
        expect: ok("RFC 9325 4.1: should not be offered; the certificate is good all the same"),
    },
    Case {
        name: "client-certificate-in-tls-1-2",
        does: "wants a client certificate, in TLS 1.2, and gets one",
        at: NAMED,
        how: How::Tls(|mint| {
            Ok(Server { versions: vec![&TLS12], client: Some(client(mint)?), ..mutual(mint)? })
        }),
        expect: ok("RFC 5246 7.4.4"),
    },
    Case {
        name: "client-certificate-in-tls-1-3",
        does: "wants a client certificate, in TLS 1.3, and gets one",
        at: NAMED,
        how: How::Tls(|mint| {
            Ok(Server { versions: vec![&TLS13], client: Some(client(mint)?), ..mutual(mint)? })
        }),
        expect: ok("RFC 9846 4.3.2"),
    },
    Case {
        name: "client-certificate-refused-in-tls-1-2",
        does: "wants a client certificate of a stranger, in TLS 1.2, and gets none",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS12], ..strange(mint)? })),
        expect: warning(
            &["handshake-unfinished"],
            "RFC 5246 7.4.6: a fatal alert, after the server's certificate was seen",
        )
        .ended("tls-alert", "finished"),
    },
    Case {
        name: "client-certificate-refused-in-tls-1-3",
        does: "wants a client certificate of a stranger, in TLS 1.3, and gets none",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS13], ..strange(mint)? })),
        expect: ok("RFC 9846 2: the server has finished before it can refuse the certificate"),
    },
    Case {
        name: "server-name-given",
        does: "answers only who names it, and is named",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { refuse: nameless, ..plain(mint)? })),
        expect: ok("RFC 6066 3"),
    },
    Case {
        name: "server-name-missing",
        does: "answers only who names it, and is not named",
        at: At::Ip,
        how: How::Tls(|mint| Ok(Server { refuse: nameless, ..plain(mint)? })),
        expect: unknown(&["tls-alert"], "hello", "RFC 6066 3: unrecognized_name"),
    },
    Case {
        name: "server-name-missing-other-certificate",
        does: "presents another site's certificate to who does not name it",
        at: At::Ip,
        how: How::Tls(|mint| {
            let other = mint.issued(mint.leaf()?.named(&["default.lab.example"]))?;
            Ok(Server { unnamed: Unnamed::Chain(other), ..plain(mint)? })
        }),
        expect: critical(&["name-mismatch"], "RFC 9525 6.4: an address matches only an address"),
    },
    Case {
        name: "wrong-key-in-tls-1-3",
        does: "signs the TLS 1.3 handshake by another key than its certificate has",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS13], ..wrong_key(mint)? })),
        expect: critical(&["wrong-key", "key-not-proven"], "RFC 9846 4.4.3: decrypt_error"),
    },
    Case {
        name: "wrong-key-in-tls-1-2",
        does: "signs the TLS 1.2 handshake by another key than its certificate has",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS12], ..wrong_key(mint)? })),
        expect: critical(&["wrong-key", "key-not-proven"], "RFC 5246 7.4.3: decrypt_error"),
    },
    Case {
        name: "two-certificates",
        does: "has a good ECDSA and a good RSA certificate",
        at: NAMED,
        how: How::Tls(|mint| beside_rsa(mint, 60)),
        expect: ok("two key types on one port: both are judged")
            .without(&["expired", "expires-soon"]),
    },
    Case {
        name: "second-certificate-lapsing",
        does: "has a good ECDSA certificate, and an RSA one with ten days left",
        at: NAMED,
        how: How::Tls(|mint| beside_rsa(mint, 10)),
        expect: warning(
            &["second-certificate", "expires-soon"],
            "clients without ECDSA get the other one: it has 10 of 90 days left",
        ),
    },
    Case {
        name: "second-certificate-expired",
        does: "has a good ECDSA certificate, and an RSA one that has ended",
        at: NAMED,
        how: How::Tls(|mint| beside_rsa(mint, -1)),
        expect: critical(
            &["second-certificate", "expired"],
            "RFC 5280 4.1.2.5: clients without ECDSA get the one that has ended",
        ),
    },
];

/// A server that wants to know who its client is.
fn mutual(mint: &Mint) -> io::Result<Server> {
    Ok(Server { client_root: Some(mint.root.der.clone()), ..plain(mint)? })
}

/// A server that wants a client whose certificate is by an authority that the lab's clients have
/// nothing from.
fn strange(mint: &Mint) -> io::Result<Server> {
    Ok(Server { client_root: Some(mint.stranger.der.clone()), ..plain(mint)? })
}

fn client(mint: &Mint) -> io::Result<Chain> {
    let draft = Draft::server(mint.now, &["client.lab.example"], Key::p256()?)?;
    let usage = sequence(&[&oid(CLIENT_AUTH)]);
    mint.issued(draft.valid(-DAY, 90 * DAY).extension(EXTENDED_KEY_USAGE, false, &usage))
}

fn wrong_key(mint: &Mint) -> io::Result<Server> {
    Ok(Server::new(mint.issued(mint.leaf()?)?.proven_by(Key::p256()?)))
}

/// A good ECDSA certificate, and an RSA one with `days` of its 90 left.
fn beside_rsa(mint: &Mint, days: i64) -> io::Result<Server> {
    let rsa = mint.leaf_with(mint.rsa()?)?.valid((days - 90) * DAY, days * DAY);
    let mut server = plain(mint)?;
    server.chains.push(mint.issued(rsa)?);
    Ok(server)
}

/// A good chain of two, and strangers up to `count`.
fn crowd(mint: &Mint, count: usize) -> io::Result<Chain> {
    let mut chain = mint.issued(mint.leaf()?)?;
    for number in chain.certificates.len()..count {
        let name = format!("Stranger {number}");
        chain = chain.and(&mint.issuer_under(&mint.stranger, &name, -DAY, 900 * DAY)?.der);
    }
    Ok(chain)
}

/// A Certificate message whose later entries are zeros, one to a record.
fn sixteen_megabytes(mint: &Mint) -> io::Result<Script> {
    const ENTRIES: usize = 1000;
    const ENTRY: usize = 16_384;
    let first = mint.leaf()?.signed_by(&mint.issuer)?;
    let length_24 = |length: usize| (length as u32).to_be_bytes()[1..].to_vec();
    let list = 3 + first.len() + ENTRIES * ENTRY;
    let begun =
        [&[11], &length_24(3 + list)[..], &length_24(list), &length_24(first.len()), &first];
    let filling = [length_24(ENTRY - 3), vec![0; ENTRY - 3]].concat();
    Ok(vec![
        Hear(any),
        Send(records(&server_hello(TLS_1_2, ECDSA_SUITE), ENTRY)),
        Send(records(&begun.concat(), ENTRY)),
        Repeat(record(22, &filling), ENTRIES),
    ])
}

/// A server of one old version, or of RSA key exchange.
fn legacy(mint: &Mint, version: u16, refuse: fn(&Hello) -> Option<u8>) -> io::Result<Script> {
    let chain = mint.issued(mint.leaf_with(mint.rsa()?)?)?;
    Ok(rsa_exchange(&chain, version, refuse))
}

fn nameless(hello: &Hello) -> Option<u8> {
    unless(hello.has_server_name, 112)
}
