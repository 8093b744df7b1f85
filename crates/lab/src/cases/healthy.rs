//! Nothing is wrong: what a client meets every day.

use rustls::version::{TLS12, TLS13};

use super::{NAMED, plain};
use crate::case::{At, Case, How, ok};
use crate::key::Key;
use crate::mint::HOST;
use crate::serve::Server;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "healthy-p256",
        does: "presents a good certificate with a P-256 key",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf()?)),
        expect: ok(GOOD).without(NOTHING),
    },
    Case {
        name: "healthy-p384",
        does: "presents a good certificate with a P-384 key",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf_with(&Key::p384()?)?)),
        expect: ok(GOOD).without(NOTHING),
    },
    Case {
        name: "healthy-rsa-2048",
        does: "presents a good certificate with an RSA key of 2048 bits",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf_with(mint.rsa()?)?)),
        expect: ok(GOOD).without(NOTHING),
    },
    Case {
        name: "healthy-ed25519",
        does: "presents a good certificate with an Ed25519 key",
        at: NAMED,
        how: How::Chain(|mint| mint.issued(mint.leaf_with(&Key::ed25519()?)?)),
        expect: ok("RFC 8410; RFC 9846 4.2.3 has ed25519").without(NOTHING),
    },
    Case {
        name: "healthy-ipv6",
        does: "presents a good certificate on an IPv6 address",
        at: At::V6(HOST),
        how: How::Chain(|mint| mint.issued(mint.leaf()?)),
        expect: ok(GOOD).without(NOTHING),
    },
    Case {
        name: "tls-1-2-only",
        does: "speaks TLS 1.2 and nothing newer",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS12], ..plain(mint)? })),
        expect: ok("RFC 9325 3.1.1: TLS 1.2 is still a good version").without(&["legacy-tls"]),
    },
    Case {
        name: "tls-1-3-only",
        does: "speaks TLS 1.3 and nothing older",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { versions: vec![&TLS13], ..plain(mint)? })),
        expect: ok("RFC 9846").without(NOTHING),
    },
    Case {
        name: "small-records",
        does: "sends its TLS 1.3 flight in records of 64 bytes",
        at: NAMED,
        how: How::Tls(|mint| Ok(Server { fragment: Some(64), ..plain(mint)? })),
        expect: ok("RFC 9846 5.1: messages may be split over records").without(NOTHING),
    },
];

const GOOD: &str = "RFC 5280 6.1: a path that is valid now; RFC 9525 6.3: the name is in it";

/// What no rule may say of a certificate written as RFC 5280 asks.
const NOTHING: &[&str] =
    &["malformed", "odd-date", "untrusted", "name-mismatch", "weak-key", "chain-out-of-order"];
