//! The second question, for a certificate of the other key type; and the one without a name.

use std::time::Duration;

use certvigil_model::{Asked, By, Capture, Outcome};
use certvigil_probe::Settings;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use std::sync::Arc;

use crate::flight::{ECDSA_SUITE, RSA_SUITE, alert, plaintext};
use crate::identity::{Identity, NAME, builder, shows, speaks};
use crate::server::Then::{Close, Hold, Reset};
use crate::server::{Act, Server, at_once, say, tls};
use crate::support::{AMPLE, block_on, endpoint, look, look_now, prober, with};

fn asking_twice(acts: Vec<Act>) -> (Capture, usize) {
    let server = Server::start(acts);
    let settings = Settings {
        connect_timeout: Duration::from_secs(3),
        second_certificate: true,
        ehlo_name: None,
    };
    let capture = look(&with(settings), &endpoint(server.address), AMPLE);
    (capture, server.met())
}

/// What was asked, by what, and the certificate that came first.
fn answers(capture: &Capture) -> Vec<(Asked, By, Option<&[u8]>)> {
    let answers = capture.presented.iter();
    answers.map(|one| (one.asked, one.by, one.chain.first().map(AsRef::as_ref))).collect()
}

#[test]
fn a_server_with_both_types_shows_both() {
    let (ecdsa, rsa) = (Identity::ecdsa(), Identity::rsa());
    for (first, second, asked) in [(&ecdsa, &rsa, Asked::Rsa), (&rsa, &ecdsa, Asked::Ecdsa)] {
        let (capture, met) = asking_twice(vec![tls(shows(&[first, second]))]);
        assert_eq!(
            answers(&capture),
            [
                (Asked::Any, By::Rustls, Some(first.der())),
                (asked, By::LegacyHello, Some(second.der()))
            ]
        );
        assert_eq!((capture.ended.outcome, met), (Outcome::Captured, 2));
    }
}

#[test]
fn a_server_with_one_type_is_asked_and_has_no_other() {
    for identity in [Identity::ecdsa(), Identity::rsa()] {
        let (capture, met) = asking_twice(vec![tls(shows(&[&identity]))]);
        assert_eq!(answers(&capture), [(Asked::Any, By::Rustls, Some(identity.der()))]);
        assert_eq!(met, 2);
        let (capture, met) = asking_twice(vec![tls(speaks(&[&TLS13], &[&identity]))]);
        assert_eq!((capture.presented.len(), met), (1, 2));
    }
}

/// A first answer by the legacy hello names the key's type by its suite.
#[test]
fn a_server_first_seen_by_the_legacy_hello_is_asked_too() {
    let (ecdsa, rsa) = (Identity::ecdsa(), Identity::rsa());
    for (suite, first, other_suite, second, asked) in [
        (RSA_SUITE, &rsa, ECDSA_SUITE, &ecdsa, Asked::Ecdsa),
        (ECDSA_SUITE, &ecdsa, RSA_SUITE, &rsa, Asked::Rsa),
    ] {
        let (capture, met) = asking_twice(vec![
            say(alert(2, 70), Close),
            say(plaintext(0x0301, suite, &[first.der()]), Hold),
            say(plaintext(0x0301, other_suite, &[second.der()]), Hold),
        ]);
        assert_eq!(
            answers(&capture),
            [
                (Asked::Any, By::LegacyHello, Some(first.der())),
                (Asked::Any, By::Rustls, None),
                (asked, By::LegacyHello, Some(second.der())),
            ]
        );
        assert_eq!((capture.ended.outcome, met), (Outcome::Captured, 3));
    }
}

/// Only an alert says that there is no second certificate; other ends leave it open.
#[test]
fn an_unanswered_second_question_is_kept_with_its_end() {
    let identity = Identity::ecdsa();
    for (then, want) in [(Close, Outcome::Closed), (Reset, Outcome::Reset)] {
        let (capture, _) = asking_twice(vec![tls(shows(&[&identity])), at_once(then)]);
        assert_eq!(capture.ended.outcome, Outcome::Captured);
        assert_eq!(capture.presented.len(), 2);
        assert_eq!(capture.presented[1].ended.outcome, want);
    }
}

#[test]
fn nothing_more_is_asked_where_nothing_was_seen() {
    let (capture, met) = asking_twice(vec![say(alert(2, 80), Close)]);
    assert_eq!((capture.presented.len(), met), (2, 2));
    let (capture, met) = asking_twice(vec![say(*b"220 mail.example ESMTP\r\n", Close)]);
    assert_eq!((capture.presented.len(), met), (1, 1));
}

/// Shows one certificate to who names it, another to who names nothing.
#[derive(Debug)]
struct ByName([Arc<CertifiedKey>; 2]);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            Some(NAME) => Some(Arc::clone(&self.0[0])),
            Some(_) => None,
            None => Some(Arc::clone(&self.0[1])),
        }
    }
}

#[test]
fn what_comes_without_a_name_is_asked_for_when_wanted() {
    let (named, unnamed) = (Identity::ecdsa(), Identity::rsa());
    let by_name = || {
        let resolver = ByName([named.certified(), unnamed.certified()]);
        let builder = builder(rustls::ALL_VERSIONS).with_no_client_auth();
        vec![tls(builder.with_cert_resolver(Arc::new(resolver)))]
    };
    let server = Server::start(by_name());
    let endpoint = endpoint(server.address);
    let capture = block_on(look_now(&prober(), &endpoint, true, AMPLE));
    assert_eq!(
        answers(&capture),
        [
            (Asked::Any, By::Rustls, Some(named.der())),
            (Asked::NoServerName, By::Rustls, Some(unnamed.der())),
        ]
    );
    let capture = block_on(look_now(&prober(), &endpoint, false, AMPLE));
    assert_eq!(capture.presented.len(), 1);
}

/// Falls back like any other question, and keeps its own end.
#[test]
fn without_a_name_the_legacy_hello_helps_too() {
    let identity = Identity::rsa();
    let shown = || say(plaintext(0x0301, RSA_SUITE, &[identity.der()]), Hold);
    let refused = || say(alert(2, 70), Close);
    let server = Server::start(vec![refused(), shown(), refused(), shown()]);
    let capture = block_on(look_now(&prober(), &endpoint(server.address), true, AMPLE));
    assert_eq!(
        answers(&capture),
        [
            (Asked::Any, By::LegacyHello, Some(identity.der())),
            (Asked::Any, By::Rustls, None),
            (Asked::NoServerName, By::LegacyHello, Some(identity.der())),
            (Asked::NoServerName, By::Rustls, None),
        ]
    );
    let nameless = say(alert(2, 112), Close);
    let server = Server::start(vec![tls(shows(&[&identity])), nameless]);
    let capture = block_on(look_now(&prober(), &endpoint(server.address), true, AMPLE));
    assert_eq!(capture.ended.outcome, Outcome::Captured);
    assert_eq!(capture.presented[1].ended.outcome, Outcome::TlsAlert);
}

/// An endpoint that has no name to leave out is asked once.
#[test]
fn an_endpoint_without_a_name_is_not_asked_without_one() {
    let server = Server::start(vec![tls(shows(&[&Identity::ecdsa()]))]);
    let mut endpoint = endpoint(server.address);
    endpoint.server_name = None;
    let capture = block_on(look_now(&prober(), &endpoint, true, AMPLE));
    assert_eq!((capture.presented.len(), server.met()), (1, 1));
}
