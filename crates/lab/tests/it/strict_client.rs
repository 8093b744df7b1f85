//! rustls with its own verifier, which nobody here wrote, decides who is right about a chain.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use certvigil_lab::{Lab, Place};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::openssl::dialect;
use crate::places::{address, now};

use Said::{Accepts, Refuses, Undecided};

/// What a strict client says of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Accepts,
    Refuses,
    /// It did not come to a decision about the chain.
    Undecided,
}

/// A chain that a strict client refuses is critical, and one that it accepts is not, but for the
/// cases that say why.
#[test]
fn a_strict_client_refuses_what_is_critical() {
    let lab = Lab::start(now(), |_| true).unwrap();
    let mut wrong = Vec::new();
    // It speaks no plaintext; OpenSSL does.
    let is_asked =
        |place: &&Place| place.case.expect.outcome == "captured" && dialect(place).is_none();
    for place in lab.places().iter().filter(is_asked) {
        let expect = &place.case.expect;
        let (said, words) = ask(place, lab.trust_pem());
        let agrees = match EXCEPTIONS.iter().find(|(name, ..)| *name == place.case.name) {
            Some((_, want, _)) => said == *want,
            None => said == if expect.verdict == "critical" { Refuses } else { Accepts },
        };
        if !agrees {
            wrong.push(format!("{}: {}, but {said:?}: {words}", place.case.name, expect.verdict));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Name, what the client says, and why the verdict is another.
const EXCEPTIONS: &[(&str, Said, &str)] = &[
    ("tls-1-0-only", Undecided, "it does not speak that version; the certificate is good"),
    ("tls-1-1-only", Undecided, "it does not speak that version; the certificate is good"),
    ("rsa-key-exchange-only", Undecided, "it has no RSA key exchange; the certificate is good"),
    ("rsa-1024", Undecided, "it has no RSA key exchange; the key is worth knowing"),
    ("authority-as-end-entity", Refuses, "OpenSSL and Go accept it"),
    ("second-certificate-expired", Accepts, "it is shown the good one"),
    ("expired-root", Accepts, "its anchors have no dates; OpenSSL's have"),
    ("root-ends-first", Accepts, "critical is what ends soon, not only what has ended"),
    ("three-of-ninety-days-left", Accepts, "critical is what ends soon, not only what has ended"),
    ("six-days-one-left", Accepts, "critical is what ends soon, not only what has ended"),
];

/// Whether a strict client takes what it is shown.
pub(crate) fn accepts(place: &Place, trust_pem: &str) -> bool {
    ask(place, trust_pem).0 == Accepts
}

fn ask(place: &Place, trust_pem: &str) -> (Said, String) {
    let Err(error) = shake_hands(place, trust_pem) else { return (Accepts, String::new()) };
    match error.downcast() {
        Ok(rustls::Error::AlertReceived(alert)) => (Undecided, format!("{alert:?}")),
        Ok(refusal) => (Refuses, refusal.to_string()),
        Err(error) => (Undecided, error.to_string()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test dials what it tests")]
fn shake_hands(place: &Place, trust_pem: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address(place))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let name = reference(place).map_err(io::Error::other)?;
    let mut connection =
        ClientConnection::new(config(place, trust_pem), name).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        while connection.wants_write() {
            connection.write_tls(&mut stream)?;
        }
        if connection.is_handshaking() {
            if connection.read_tls(&mut stream)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            connection.process_new_packets().map_err(io::Error::other)?;
        }
    }
    connection.writer().flush()
}

fn reference(place: &Place) -> Result<ServerName<'static>, rustls_pki_types::InvalidDnsNameError> {
    match place.target.split_once('#') {
        // What UTS 46 makes of the only name here that is not ASCII.
        Some((_, "bücher.lab.example")) => "xn--bcher-kva.lab.example".to_owned().try_into(),
        Some((_, name)) => name.to_owned().try_into(),
        None => Ok(ServerName::IpAddress(address(place).ip().into())),
    }
}

fn config(place: &Place, trust_pem: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(trust_pem.as_bytes()) {
        roots.add(der.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match &place.client {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).map(Result::unwrap);
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain.collect(), key).unwrap()
        }
    })
}
