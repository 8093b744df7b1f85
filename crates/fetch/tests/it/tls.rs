//! With TLS: what a client refuses before it has said anything, and what it sends where it is satisfied.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use certvigil_fetch::{Client, Error, Http, Unusable};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::{Duration, OffsetDateTime};

use crate::server::{Server, post, read_request};

/// A CA in a file of its own, and servers with certificates from it.
struct Ca {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn client(&self) -> Client {
        let http = Http { ca_files: vec![self.file()], ..Http::default() };
        Client::new(&http, "certvigil/test").unwrap()
    }

    /// A server for `name`, whose certificate ended or ends `days` from now.
    fn server(&self, name: &str, days: i64) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = OffsetDateTime::now_utc() - Duration::days(30);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(days);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        Server::start(move |stream| served(&config, stream))
    }
}

/// What the client said inside of TLS.
fn served(config: &Arc<ServerConfig>, stream: TcpStream) -> String {
    let connection = ServerConnection::new(config.clone()).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    let request = read_request(&mut stream);
    let _ = stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok");
    stream.conn.send_close_notify();
    let _ = stream.flush();
    request
}

fn https(server: &Server) -> String {
    format!("https://localhost:{}/issues", server.at.port())
}

#[test]
fn a_good_server_is_asked() {
    let ca = Ca::new();
    let server = ca.server("localhost", 30);
    let response = ca.client().send(&post(&https(&server))).unwrap();
    assert_eq!((response.status, response.body.as_slice()), (201, &b"ok"[..]));
    assert!(server.saw().ends_with("{\"title\":\"a\"}"));
}

#[test]
fn a_server_that_cannot_be_believed_is_sent_nothing() {
    let ca = Ca::new();
    for (name, days, word) in [("other.example", 30, "name"), ("localhost", -1, "expired")] {
        let server = ca.server(name, days);
        let error = ca.client().send(&post(&https(&server))).unwrap_err();
        assert!(matches!(&error, Error::NotSent { why, .. } if why.contains(word)), "{error}");
        assert_eq!(server.saw(), "", "nothing was said inside of TLS");
    }
}

#[test]
fn named_certificates_take_the_place_of_all_others() {
    let (ours, other) = (Ca::new(), Ca::new());
    let server = other.server("localhost", 30);
    let error = ours.client().send(&post(&https(&server))).unwrap_err();
    assert!(
        matches!(&error, Error::NotSent { why, .. } if why.contains("invalid peer certificate")),
        "{error}"
    );
    assert_eq!(server.saw(), "", "nothing was said inside of TLS");
}

#[test]
fn a_file_without_certificates_is_told_at_once() {
    let ca = Ca::new();
    std::fs::write(ca.file(), "no certificate").unwrap();
    for path in [ca.file(), ca.folder.path().join("missing.pem")] {
        let http = Http { ca_files: vec![path.clone()], ..Http::default() };
        let error = Client::new(&http, "certvigil/test").unwrap_err();
        assert!(matches!(&error, Unusable::CaFile { path: told, .. } if *told == path), "{error}");
    }
}
