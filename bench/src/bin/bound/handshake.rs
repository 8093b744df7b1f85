//! A whole handshake, with nothing around it.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client that trusts the anchors of one file.
#[derive(Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
}

impl Client {
    pub(crate) fn new(trust: &str) -> Result<Self, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(trust)? {
            roots.add(certificate?)?;
        }
        let mut config = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A resumed session shows no certificate.
        config.resumption = Resumption::disabled();
        Ok(Self { config: config.into() })
    }

    /// Shakes hands over `stream` with the server called by its address, and leaves by
    /// `close_notify`.
    pub(crate) async fn shake_hands(
        &self,
        mut stream: TcpStream,
        address: SocketAddr,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let name = ServerName::from(address.ip());
        let mut tls =
            ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            send(&mut tls, &mut stream).await?;
            let count = stream.read(buffer).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            take_in(&mut tls, &buffer[..count])?;
        }
        tls.send_close_notify();
        send(&mut tls, &mut stream).await
    }
}

async fn send(tls: &mut ClientConnection, stream: &mut TcpStream) -> io::Result<()> {
    let mut data = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut data)?;
    }
    stream.write_all(&data).await
}

fn take_in(tls: &mut ClientConnection, mut data: &[u8]) -> io::Result<()> {
    while !data.is_empty() {
        tls.read_tls(&mut data)?;
        tls.process_new_packets().map_err(io::Error::other)?;
    }
    Ok(())
}
