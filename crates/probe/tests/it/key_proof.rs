//! Whether the server holds the key of the certificate that it shows.

use certvigil_model::{Capture, KeyProof, Outcome};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use crate::flight::{RSA_SUITE, alert, plaintext};
use crate::identity::{Identity, speaks};
use crate::openssl::{self, OpenSsl};
use crate::server::Then::{Close, Hold};
use crate::server::{Server, say, tls};
use crate::support::{AMPLE, endpoint, look, only, prober};

struct Case {
    name: &'static str,
    given: fn() -> Identity,
    want_1_3: KeyProof,
    want_1_2: KeyProof,
}

#[test]
fn each_key_is_tried() {
    for case in CASES {
        let identity = (case.given)();
        for (version, want) in [(&TLS13, case.want_1_3), (&TLS12, case.want_1_2)] {
            let capture = shown(version, &identity);
            let name = format!("{} in {version:?}", case.name);
            assert_eq!(capture.ended.outcome, Outcome::Captured, "{name}: {:?}", capture.ended);
            let presented = only(&capture);
            assert_eq!(&*presented.chain[0], identity.der(), "{name}");
            assert_eq!(presented.tls.as_ref().unwrap().key_proof, want, "{name}");
        }
    }
}

const CASES: &[Case] = &[
    Case {
        name: "an ECDSA key",
        given: Identity::ecdsa,
        want_1_3: KeyProof::Proven,
        want_1_2: KeyProof::Proven,
    },
    Case {
        name: "an RSA key",
        given: Identity::rsa,
        want_1_3: KeyProof::Proven,
        want_1_2: KeyProof::Proven,
    },
    Case {
        name: "another key of the same type",
        given: || Identity { key: Identity::ecdsa().key, ..Identity::ecdsa() },
        want_1_3: KeyProof::Failed,
        want_1_2: KeyProof::Failed,
    },
    Case {
        name: "an ECDSA key for an RSA certificate",
        given: || Identity { key: Identity::ecdsa().key, ..Identity::rsa() },
        want_1_3: KeyProof::Failed,
        want_1_2: KeyProof::Failed,
    },
    Case {
        name: "an RSA key for an ECDSA certificate",
        given: || Identity { key: Identity::rsa().key, ..Identity::ecdsa() },
        want_1_3: KeyProof::Failed,
        want_1_2: KeyProof::Failed,
    },
    Case {
        name: "an ill-formed certificate around the right key",
        given: || broken(Identity::ecdsa()),
        want_1_3: KeyProof::Proven,
        want_1_2: KeyProof::Proven,
    },
    Case {
        name: "an ill-formed certificate around the right RSA key",
        given: || broken(Identity::rsa()),
        want_1_3: KeyProof::Proven,
        want_1_2: KeyProof::Proven,
    },
    Case {
        name: "an ill-formed certificate around another key",
        given: || Identity { key: Identity::ecdsa().key, ..broken(Identity::ecdsa()) },
        want_1_3: KeyProof::Failed,
        want_1_2: KeyProof::Failed,
    },
    Case {
        name: "no certificate at all",
        given: || Identity::ecdsa().showing(vec![vec![0x5a; 64]]),
        want_1_3: KeyProof::Undetermined,
        want_1_2: KeyProof::Undetermined,
    },
    Case {
        name: "nothing",
        given: || Identity::ecdsa().showing(vec![Vec::new()]),
        want_1_3: KeyProof::Undetermined,
        want_1_2: KeyProof::Undetermined,
    },
];

/// The provider calls a good signature by such a key a bad one; that must not become the verdict
/// that the server has another key.
#[test]
fn a_key_that_cannot_be_checked_is_not_another_one() {
    let identity = openssl::rsa(1024);
    for version in ["-tls1_2", "-tls1_3"] {
        let options = [version, "-cipher", "DEFAULT@SECLEVEL=0"];
        let server = OpenSsl::start(&[&identity], 2, &options);
        let capture = look(&prober(), &endpoint(server.address), AMPLE);
        let tls = capture.presented[0].tls.clone().unwrap();
        assert_eq!(tls.key_proof, KeyProof::Undetermined, "{version}");
    }
}

/// An octet too many behind its end: the DER of a certificate is one value (X.690 section 8.1).
fn broken(identity: Identity) -> Identity {
    let longer = [identity.der(), &[0]].concat();
    identity.showing(vec![longer])
}

#[test]
fn the_legacy_hello_checks_no_key() {
    let identity = Identity::rsa();
    let flight = plaintext(0x0301, RSA_SUITE, &[identity.der()]);
    let server = Server::start(vec![say(alert(2, 70), Close), say(flight, Hold)]);
    let capture = look(&prober(), &endpoint(server.address), AMPLE);
    let tls = capture.presented[0].tls.clone().unwrap();
    assert_eq!((tls.version, tls.key_proof), ("1.0", KeyProof::NotChecked));
    assert_eq!(tls.cipher_suite, "TLS_RSA_WITH_AES_128_CBC_SHA");
}

#[test]
fn what_is_stapled_is_kept_as_it_came() {
    let staple = b"whatever the server calls an OCSP response".to_vec();
    let identity = Identity { ocsp_response: Some(staple.clone()), ..Identity::ecdsa() };
    for version in [&TLS12, &TLS13] {
        let capture = shown(version, &identity);
        assert_eq!(only(&capture).ocsp_response.as_deref(), Some(&*staple), "{version:?}");
        let bare = shown(version, &Identity::ecdsa());
        assert_eq!(only(&bare).ocsp_response, None, "{version:?}");
    }
}

#[test]
fn what_was_agreed_on_is_told_by_its_registered_names() {
    let capture = shown(&TLS13, &Identity::ecdsa());
    let tls = only(&capture).tls.clone().unwrap();
    assert_eq!((tls.version, &*tls.cipher_suite), ("1.3", "TLS_AES_128_GCM_SHA256"));
    assert_eq!(tls.named_group.as_deref(), Some("X25519MLKEM768"));
    let capture = shown(&TLS12, &Identity::rsa());
    let tls = only(&capture).tls.clone().unwrap();
    assert_eq!((tls.version, &*tls.cipher_suite), ("1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
}

fn shown(version: &'static SupportedProtocolVersion, identity: &Identity) -> Capture {
    let server = Server::start(vec![tls(speaks(&[version], &[identity]))]);
    look(&prober(), &endpoint(server.address), AMPLE)
}
