//! A whole TLS handshake by rustls, driven over a [`Wire`] so that what was seen before a bad end
//! is kept.

use std::sync::Arc;

use certvigil_model::{Ended, Foreign, KeyProof, Phase, Presented, Tls};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SignatureScheme};
use rustls_pki_types::ServerName;

use crate::verifier::Capturing;
use crate::wire::Wire;
use crate::words::tls_error;

/// The largest TLS record with its header (RFC 9846 section 5.2).
const RECORD: usize = 16_384 + 256 + 5;

/// The key type a server used, as far as asking for the other one needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Ecdsa,
    Rsa,
}

/// What a handshake tells beside the capture, for what to ask next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    /// The type of the key that the server used.
    pub(crate) key_type: Option<KeyType>,
    /// The server asked for what our client cannot do, rather than broke a rule.
    pub(crate) incompatible: bool,
}

/// One handshake under way.
pub(crate) struct Handshake {
    connection: ClientConnection,
    verifier: Arc<Capturing>,
}

impl Handshake {
    pub(crate) fn new(
        config: Arc<ClientConfig>,
        verifier: Arc<Capturing>,
        server_name: ServerName<'static>,
    ) -> Result<Self, rustls::Error> {
        Ok(Self { connection: ClientConnection::new(config, server_name)?, verifier })
    }

    /// Shakes hands over `wire` until all is done or nothing more can come. `presented` always
    /// holds all that was seen so far, even when this future is dropped half way.
    pub(crate) async fn run(mut self, mut wire: Wire, presented: &mut Presented) -> Met {
        let mut met = Met::default();
        let ended = self.drive(&mut wire, presented, &mut met).await;
        presented.ended = match ended {
            Ok(()) => Ended::captured(),
            Err(ended) => ended,
        };
        self.connection.send_close_notify();
        wire.leave(&self.outgoing());
        met
    }

    async fn drive(
        &mut self,
        wire: &mut Wire,
        presented: &mut Presented,
        met: &mut Met,
    ) -> Result<(), Ended> {
        let mut buffer = vec![0; RECORD];
        while self.connection.is_handshaking() {
            let data = self.outgoing();
            if !data.is_empty() {
                wire.write_all(&data, self.phase()).await?;
            }
            let count = wire.read(&mut buffer, self.phase()).await?;
            let taken = self.take_in(&buffer[..count]);
            self.keep(presented, met);
            if let Err(error) = taken {
                met.incompatible = is_incompatible(&error);
                return Err(tls_error(&error, wire.head(), self.phase()));
            }
        }
        // The server has done its part; whether our last flight still leaves says nothing more.
        let data = self.outgoing();
        wire.write_all(&data, Phase::Finished).await.or(Ok(()))
    }

    fn take_in(&mut self, mut data: &[u8]) -> Result<(), rustls::Error> {
        while !data.is_empty() {
            let read = self.connection.read_tls(&mut data);
            self.connection.process_new_packets()?;
            if !matches!(read, Ok(1..)) {
                break;
            }
        }
        Ok(())
    }

    fn outgoing(&mut self) -> Vec<u8> {
        let mut data = Vec::new();
        while self.connection.wants_write() {
            if self.connection.write_tls(&mut data).is_err() {
                break;
            }
        }
        data
    }

    fn phase(&self) -> Phase {
        if self.verifier.has_chain() || self.chain_was_taken() {
            Phase::Finished
        } else if self.connection.negotiated_cipher_suite().is_some() {
            Phase::Certificate
        } else {
            Phase::Hello
        }
    }

    fn chain_was_taken(&self) -> bool {
        self.connection.peer_certificates().is_some()
    }

    /// Copies what is known by now into the capture.
    fn keep(&self, presented: &mut Presented, met: &mut Met) {
        let seen = self.verifier.take();
        if let Some(mut chain) = seen.chain {
            presented.chain_total = chain.len();
            chain.truncate(Presented::CHAIN_KEPT);
            presented.chain = chain;
            presented.ocsp_response = seen.ocsp_response;
        }
        met.key_type = seen.scheme.and_then(key_type_of).or(met.key_type);
        let proof = match (seen.key_proof, &presented.tls) {
            (Some(proof), _) => proof,
            (None, Some(tls)) => tls.key_proof,
            (None, None) => KeyProof::NotChecked,
        };
        presented.tls = self.agreed(proof);
    }

    fn agreed(&self, key_proof: KeyProof) -> Option<Tls> {
        let suite = self.connection.negotiated_cipher_suite()?;
        let group = self.connection.negotiated_key_exchange_group();
        Some(Tls {
            version: version_name(self.connection.protocol_version()?),
            cipher_suite: suite_name(suite.suite()),
            named_group: group.map(|group| format!("{:?}", group.name())),
            alpn_protocol: self.connection.alpn_protocol().map(protocol_name),
            key_proof,
        })
    }
}

/// The server wants a version, suite or group that our client has not, so that another client
/// may well do better.
fn is_incompatible(error: &rustls::Error) -> bool {
    use rustls::{AlertDescription, Error};
    match error {
        Error::PeerIncompatible(_) => true,
        Error::AlertReceived(alert) => matches!(
            alert,
            AlertDescription::HandshakeFailure
                | AlertDescription::ProtocolVersion
                | AlertDescription::InsufficientSecurity
        ),
        _ => false,
    }
}

/// The registered name of a cipher suite; the TLS library's own differs for TLS 1.3.
pub(crate) fn suite_name(suite: rustls::CipherSuite) -> String {
    format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
}

pub(crate) fn protocol_name(protocol: &[u8]) -> String {
    Foreign::from_bytes(protocol).shown_within(32).to_string()
}

fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "1.3",
        _ => "1.2",
    }
}

fn key_type_of(scheme: SignatureScheme) -> Option<KeyType> {
    match scheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
        | SignatureScheme::ECDSA_NISTP384_SHA384
        | SignatureScheme::ECDSA_NISTP521_SHA512
        | SignatureScheme::ECDSA_SHA1_Legacy => Some(KeyType::Ecdsa),
        SignatureScheme::RSA_PKCS1_SHA1
        | SignatureScheme::RSA_PKCS1_SHA256
        | SignatureScheme::RSA_PKCS1_SHA384
        | SignatureScheme::RSA_PKCS1_SHA512
        | SignatureScheme::RSA_PSS_SHA256
        | SignatureScheme::RSA_PSS_SHA384
        | SignatureScheme::RSA_PSS_SHA512 => Some(KeyType::Rsa),
        _ => None,
    }
}
