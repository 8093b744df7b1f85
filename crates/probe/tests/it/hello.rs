//! The ClientHello of the legacy hello, as other programs take it.

use certvigil_model::{Asked, By, Outcome};
use certvigil_probe::Settings;
use certvigil_probe::legacy::{Offer, client_hello};
use rustls::server::Acceptor;
use rustls::{CipherSuite, NamedGroup, SignatureScheme};

use crate::identity::{Identity, NAME};
use crate::openssl::OpenSsl;
use crate::support::{AMPLE, endpoint, look, with};

fn offer(asked: Asked) -> Offer<'static> {
    Offer { asked, server_name: Some(NAME), alpn_protocols: &[b"h2", b"http/1.1"], random: [7; 32] }
}

/// What rustls' server reads in it.
struct Read {
    server_name: Option<String>,
    alpn_protocols: Vec<Vec<u8>>,
    suites: Vec<CipherSuite>,
    groups: Vec<NamedGroup>,
    schemes: Vec<SignatureScheme>,
}

fn read(offer: &Offer<'_>) -> Read {
    let bytes = client_hello(offer);
    let mut acceptor = Acceptor::default();
    acceptor.read_tls(&mut bytes.as_slice()).unwrap();
    let accepted = acceptor.accept().map_err(|(error, _)| error).unwrap().unwrap();
    let hello = accepted.client_hello();
    let protocols = hello.alpn().into_iter().flatten();
    Read {
        server_name: hello.server_name().map(str::to_owned),
        alpn_protocols: protocols.map(<[u8]>::to_vec).collect(),
        suites: hello.cipher_suites().to_vec(),
        groups: hello.named_groups().unwrap().to_vec(),
        schemes: hello.signature_schemes().to_vec(),
    }
}

#[test]
fn rustls_reads_in_it_what_was_meant() {
    let any = read(&offer(Asked::Any));
    assert_eq!(any.server_name.as_deref(), Some(NAME));
    assert_eq!(any.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    // OpenSSL wants the curve of the certificate here, too.
    for group in [NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp521r1] {
        assert!(any.groups.contains(&group), "{group:?}");
    }
    for suite in [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA,
        CipherSuite::TLS_DHE_DSS_WITH_AES_128_CBC_SHA,
        CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
    ] {
        assert!(any.suites.contains(&suite), "{suite:?}");
    }
    assert!(any.schemes.contains(&SignatureScheme::ED25519));
    let mut unique = any.suites.clone();
    unique.sort_by_key(|suite| u16::from(*suite));
    unique.dedup();
    assert_eq!(unique.len(), any.suites.len());
}

/// No suite or scheme of the other type may slip in: the answer would be the wrong certificate.
#[test]
fn a_question_for_one_type_offers_nothing_of_the_other() {
    for (asked, own, other) in [(Asked::Ecdsa, "ECDSA", "RSA"), (Asked::Rsa, "RSA", "ECDSA")] {
        let read = read(&offer(asked));
        let (scsv, suites) = read.suites.split_last().unwrap();
        assert_eq!(*scsv, CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        for suite in suites {
            let key = suite.as_str().unwrap().split("_WITH_").next().unwrap();
            assert!(key.ends_with(&format!("_{own}")), "{asked:?}: {key}");
        }
        for scheme in read.schemes {
            let name = scheme.as_str().unwrap_or("RSA_PSS_PSS");
            assert!(name.starts_with(own) && !name.starts_with(other), "{asked:?}: {name}");
        }
    }
}

#[test]
fn nothing_is_sent_that_was_not_asked_for() {
    let bare = Offer { server_name: None, alpn_protocols: &[], ..offer(Asked::NoServerName) };
    let bare = read(&bare);
    assert_eq!((bare.server_name, bare.alpn_protocols), (None, Vec::new()));
}

/// The longest DNS name (RFC 1035 section 2.3.4) leaves the hello one record.
#[test]
fn the_longest_name_fits() {
    let label = "a".repeat(63);
    let name = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(name.len(), 253);
    let offer = Offer { server_name: Some(&name), ..offer(Asked::Any) };
    assert_eq!(read(&offer).server_name.as_deref(), Some(&*name));
}

/// RFC 7685 section 4: a hello of 256 to 511 bytes makes some servers hang. And some refuse one
/// whose last extension is empty.
#[test]
fn no_length_is_one_that_old_servers_cannot_bear() {
    for asked in [Asked::Any, Asked::Ecdsa, Asked::Rsa] {
        for length in 0..253 {
            let name = "a".repeat(63).chars().cycle().take(length).collect::<String>();
            let server_name = (length > 0).then_some(&*name);
            for alpn_protocols in [&[][..], &[&b"h2"[..]]] {
                let offer = Offer { server_name, alpn_protocols, ..offer(asked) };
                let bytes = client_hello(&offer);
                let message = bytes.len() - 5;
                assert!(!(256..512).contains(&message), "{asked:?}, {length}: {message}");
                let last = extensions(&bytes).pop().unwrap();
                assert!(last.1 > 0, "{asked:?}, {length}: ends with {last:?}");
            }
        }
    }
}

/// The types and lengths of the extensions in one record with one ClientHello.
fn extensions(record: &[u8]) -> Vec<(u16, usize)> {
    let two = |at: usize| u16::from_be_bytes([record[at], record[at + 1]]);
    // Headers, version, random, no session, the suites, one method of compression.
    let mut at = 5 + 4 + 2 + 32 + 1;
    at += 2 + usize::from(two(at)) + 2 + 2;
    let mut found = Vec::new();
    while at < record.len() {
        let length = usize::from(two(at + 2));
        found.push((two(at), length));
        at += 4 + length;
    }
    assert_eq!(at, record.len());
    found
}

struct Case {
    name: &'static str,
    identity: fn() -> Identity,
    options: &'static [&'static str],
    version: &'static str,
}

/// What rustls cannot talk to: OpenSSL 3.0's own refusals for it stand in its manual.
#[test]
fn openssl_shows_its_certificate() {
    for case in CASES {
        let identity = (case.identity)();
        let openssl = OpenSsl::start(&[&identity], 2, case.options);
        let settings =
            Settings { connect_timeout: AMPLE, second_certificate: false, ehlo_name: None };
        let capture = look(&with(settings), &endpoint(openssl.address), AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::Captured, "{}: {capture:?}", case.name);
        let first = &capture.presented[0];
        assert_eq!((first.by, first.chain_total), (By::LegacyHello, 1), "{}", case.name);
        assert_eq!(&*first.chain[0], identity.der(), "{}", case.name);
        assert_eq!(first.tls.as_ref().unwrap().version, case.version, "{}", case.name);
    }
}

const CASES: &[Case] = &[
    Case {
        name: "TLS 1.0 only",
        identity: Identity::rsa,
        options: &["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        version: "1.0",
    },
    Case {
        name: "TLS 1.1 only",
        identity: Identity::ecdsa,
        options: &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        version: "1.1",
    },
    Case {
        name: "RSA key exchange only",
        identity: Identity::rsa,
        options: &["-tls1_2", "-cipher", "AES128-SHA"],
        version: "1.2",
    },
    Case {
        name: "DHE only",
        identity: Identity::rsa,
        options: &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
        version: "1.2",
    },
    Case {
        name: "CBC only",
        identity: Identity::ecdsa,
        options: &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
        version: "1.2",
    },
];

#[test]
fn openssl_shows_both_its_certificates() {
    let (ecdsa, rsa) = (Identity::ecdsa(), Identity::rsa());
    let settings = Settings { connect_timeout: AMPLE, second_certificate: true, ehlo_name: None };
    for (options, connections) in
        [(&["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..], 3), (&["-tls1_2"], 2), (&[], 2)]
    {
        let openssl = OpenSsl::start(&[&ecdsa, &rsa], connections, options);
        let capture = look(&with(settings.clone()), &endpoint(openssl.address), AMPLE);
        let chains = capture.presented.iter().filter_map(|one| one.chain.first());
        let mut chains: Vec<&[u8]> = chains.map(AsRef::as_ref).collect();
        chains.sort();
        let mut want = [ecdsa.der(), rsa.der()];
        want.sort();
        assert_eq!(chains, want, "{options:?}: {capture:?}");
    }
}
