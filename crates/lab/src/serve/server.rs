//! A TLS server by rustls, which sends any bytes as its chain, with odd options.

use std::io;
use std::io::Read as _;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::Hello;
use super::script::{After, Step, close, first_record, play, refuse_or_go_on};
use crate::mint::Chain;

/// What becomes of the server's n-th flight (from 0) on its way out.
pub(crate) type Pace = fn(usize, Vec<u8>) -> Vec<Step>;

/// A server to be.
pub(crate) struct Server {
    /// What it presents: the first whose key the client can check.
    pub(crate) chains: Vec<Chain>,
    /// What a client gets that names no server.
    pub(crate) unnamed: Unnamed,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
    /// The root of the client certificates that it demands, in DER.
    pub(crate) client_root: Option<Vec<u8>>,
    /// The certificate that a client should have for it.
    pub(crate) client: Option<Chain>,
    /// Protocols that it speaks (RFC 7301); none: whatever the client wants.
    pub(crate) alpn_protocols: &'static [&'static [u8]],
    /// The largest record that it sends.
    pub(crate) fragment: Option<usize>,
    /// A fatal alert instead of an answer.
    pub(crate) refuse: fn(&Hello) -> Option<u8>,
    pub(crate) pace: Pace,
}

/// What a client gets that names no server (RFC 6066 section 3).
pub(crate) enum Unnamed {
    /// What everybody gets.
    Same,
    /// Another chain.
    Chain(Chain),
}

/// A server set up.
pub(crate) struct Ready {
    config: Arc<ServerConfig>,
    refuse: fn(&Hello) -> Option<u8>,
    pace: Pace,
}

impl Server {
    /// An ordinary server of TLS 1.2 and 1.3.
    pub(crate) fn new(chain: Chain) -> Self {
        Self {
            chains: vec![chain],
            unnamed: Unnamed::Same,
            versions: rustls::ALL_VERSIONS.to_vec(),
            client_root: None,
            client: None,
            alpn_protocols: &[],
            fragment: None,
            refuse: |_| None,
            pace: |_, flight| vec![Step::Send(flight)],
        }
    }

    pub(crate) fn ready(self) -> io::Result<Ready> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions)
            .map_err(io::Error::other)?;
        let builder = match &self.client_root {
            None => builder.with_no_client_auth(),
            Some(root) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(root.clone())).map_err(io::Error::other)?;
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                builder.with_client_cert_verifier(verifier.build().map_err(io::Error::other)?)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(self.resolver()?));
        config.alpn_protocols =
            self.alpn_protocols.iter().map(|protocol| protocol.to_vec()).collect();
        config.max_fragment_size = self.fragment;
        Ok(Ready { config: Arc::new(config), refuse: self.refuse, pace: self.pace })
    }

    fn resolver(&self) -> io::Result<Resolver> {
        Ok(Resolver {
            named: self.chains.iter().map(certified).collect::<io::Result<_>>()?,
            unnamed: match &self.unnamed {
                Unnamed::Same => None,
                Unnamed::Chain(chain) => Some(certified(chain)?),
            },
        })
    }
}

impl Ready {
    /// Serves one connection until the client leaves.
    pub(super) async fn meet(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut heard = first_record(stream).await?;
        if refuse_or_go_on(stream, &heard, self.refuse).await? == After::Ended {
            return Ok(());
        }
        let mut connection =
            ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        let mut buffer = [0; 4096];
        for flight in 0.. {
            let taken = take_in(&mut connection, &heard);
            let steps = match outgoing(&mut connection)? {
                empty if empty.is_empty() => Vec::new(),
                bytes => (self.pace)(flight, bytes),
            };
            if play(stream, &steps).await? == After::Ended {
                return Ok(());
            }
            if taken.is_err() {
                break;
            }
            match stream.read(&mut buffer).await? {
                0 => break,
                count => heard = buffer[..count].to_vec(),
            }
        }
        close(stream).await
    }
}

/// Takes in what came; whatever a client says over the finished connection is dropped.
fn take_in(connection: &mut ServerConnection, mut data: &[u8]) -> io::Result<()> {
    let mut dropped = [0; 4096];
    while !data.is_empty() {
        connection.read_tls(&mut data)?;
        connection.process_new_packets().map_err(io::Error::other)?;
        while matches!(connection.reader().read(&mut dropped), Ok(1..)) {}
    }
    Ok(())
}

fn outgoing(connection: &mut ServerConnection) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut bytes)?;
    }
    Ok(bytes)
}

fn certified(chain: &Chain) -> io::Result<Arc<CertifiedKey>> {
    let certificates = chain.certificates.iter().cloned().map(CertificateDer::from).collect();
    let mut key = CertifiedKey::new(certificates, chain.key.signing()?);
    key.ocsp.clone_from(&chain.ocsp_response);
    Ok(Arc::new(key))
}

/// Picks what to present.
#[derive(Debug)]
struct Resolver {
    named: Vec<Arc<CertifiedKey>>,
    unnamed: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if let (None, Some(unnamed)) = (hello.server_name(), &self.unnamed) {
            return Some(Arc::clone(unnamed));
        }
        let fits = |certified: &&Arc<CertifiedKey>| {
            certified.key.choose_scheme(hello.signature_schemes()).is_some()
        };
        self.named.iter().find(fits).cloned()
    }
}
