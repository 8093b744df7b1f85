//! Servers that ask who we are.

use std::sync::Arc;

use certvigil_doors::SystemClock;
use certvigil_model::{Capture, KeyProof, Outcome, Phase};
use certvigil_probe::{ClientCertificate, ClientCertificates, Error, Prober, Settings};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::identity::{Identity, builder, resolving};
use crate::server::{Server, tls};
use crate::support::{AMPLE, endpoint, look, only, prober};

/// A server that talks to nobody but the holder of its own key.
pub(crate) fn wanting(
    versions: &[&'static SupportedProtocolVersion],
    identity: &Identity,
) -> ServerConfig {
    let mut known = RootCertStore::empty();
    known.add(identity.certificates()[0].clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(known), provider);
    let builder = builder(versions).with_client_cert_verifier(verifier.build().unwrap());
    resolving(builder, &[identity])
}

fn holder_of(identity: &Identity) -> Result<Prober, Error> {
    let client = ClientCertificate { chain: identity.certificates(), key: identity.private_key() };
    let settings = Settings { connect_timeout: AMPLE, second_certificate: false, ehlo_name: None };
    Prober::new(
        settings,
        ClientCertificates { for_all: Some(client), others: Vec::new() },
        Arc::new(SystemClock),
    )
}

#[test]
fn who_is_known_gets_to_the_end() {
    let identity = Identity::ecdsa();
    for version in [&TLS12, &TLS13] {
        let server = Server::start(vec![tls(wanting(&[version], &identity))]);
        let capture = look(&holder_of(&identity).unwrap(), &endpoint(server.address), AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::Captured, "{version:?}: {:?}", capture.ended);
        assert_eq!(proof(&capture), KeyProof::Proven);
    }
}

/// In TLS 1.3 the server has finished before it learns who asks (RFC 9846 section 2).
#[test]
fn who_is_not_known_sees_the_certificate_all_the_same() {
    let identity = Identity::ecdsa();
    let stranger = Identity::ecdsa();
    for prober in [prober(), holder_of(&stranger).unwrap()] {
        let server = Server::start(vec![tls(wanting(&[&TLS13], &identity))]);
        let capture = look(&prober, &endpoint(server.address), AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::Captured);
        let server = Server::start(vec![tls(wanting(&[&TLS12], &identity))]);
        let capture = look(&prober, &endpoint(server.address), AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::TlsAlert, "{:?}", capture.ended);
        assert_eq!(capture.ended.phase, Some(Phase::Finished));
        assert_eq!(&*only(&capture).chain[0], identity.der());
        assert_eq!(proof(&capture), KeyProof::Proven);
    }
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_at_once() {
    let mut identity = Identity::ecdsa();
    identity.key = Identity::ecdsa().key;
    assert!(matches!(holder_of(&identity), Err(Error::Tls(_))));
}

fn proof(capture: &Capture) -> KeyProof {
    only(capture).tls.as_ref().unwrap().key_proof
}
