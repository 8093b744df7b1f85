//! A whole TLS handshake by rustls, driven over a [`Wire`] so that what was seen before a bad end
//! is kept.

use std::io::Write as _;
use std::sync::Arc;

use certvigil_model::{Ended, KeyProof, Phase, Presented, Tls};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, InvalidMessage, ProtocolVersion,
};
use rustls_pki_types::ServerName;

use crate::key_type::KeyType;
use crate::verifier::Capturing;
use crate::wire::Wire;
use crate::words::{alpn_name, group_name, or_not_tls, suite_name, tls_error};

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
    ) -> Result<Self, Error> {
        Ok(Self { connection: ClientConnection::new(config, server_name)?, verifier })
    }

    /// Shakes hands over `wire` until all is done or nothing more can come; says `goodbye` inside
    /// of TLS where it was reached. `presented` always holds all that was seen so far, even when
    /// this future is dropped half way.
    pub(crate) async fn run(
        mut self,
        mut wire: Wire<'_>,
        goodbye: Option<&[u8]>,
        presented: &mut Presented,
    ) -> Met {
        let mut met = Met::default();
        presented.ended = match self.drive(&mut wire, presented, &mut met).await {
            Ok(()) => Ended::captured(),
            Err(ended) => ended,
        };
        if let Some(goodbye) = goodbye.filter(|_| !self.connection.is_handshaking()) {
            // A few bytes into a buffer of its own.
            let _ = self.connection.writer().write_all(goodbye);
            let flight = self.outgoing();
            wire.part(&flight, |data| self.is_answer(data)).await;
        }
        // Where all is done our last flight leaves together with the farewell: the server has
        // done its part, and whether ours arrives says nothing more about it.
        self.connection.send_close_notify();
        wire.leave(&self.outgoing());
        met
    }

    async fn drive(
        &mut self,
        wire: &mut Wire<'_>,
        presented: &mut Presented,
        met: &mut Met,
    ) -> Result<(), Ended> {
        while self.connection.is_handshaking() {
            let phase = self.phase(presented);
            presented.ended.phase = Some(phase);
            let flight = self.outgoing();
            let said = if flight.is_empty() { Ok(()) } else { wire.say(&flight, phase).await };
            let heard = wire.hear(phase, |data| self.take_in(data)).await;
            // A peer that broke the connection may have said why before.
            let taken = match (heard, said) {
                (Err(_), Err(unsaid)) => Err(unsaid),
                (heard, _) => heard,
            };
            let taken = taken.map_err(|ended| or_not_tls(ended, wire.head(), phase))?;
            self.keep(presented, met);
            if let Err(error) = taken {
                met.incompatible = is_incompatible(&error);
                let phase = self.phase(presented);
                return Err(or_not_tls(tls_error(&error, phase), wire.head(), phase));
            }
        }
        Ok(())
    }

    /// Reads up to the end of the handshake; what a server says after it is of no interest.
    fn take_in(&mut self, mut data: &[u8]) -> Result<(), Error> {
        while !data.is_empty() && self.connection.is_handshaking() {
            // It takes nothing only when a message, with its records' headers, outgrew its buffers.
            let Ok(1..) = self.connection.read_tls(&mut data) else {
                return Err(InvalidMessage::HandshakePayloadTooLarge.into());
            };
            self.connection.process_new_packets()?;
        }
        Ok(())
    }

    /// Whether the server says something inside of TLS, or nothing more.
    fn is_answer(&mut self, mut data: &[u8]) -> bool {
        while !data.is_empty() {
            let Ok(1..) = self.connection.read_tls(&mut data) else { return true };
            match self.connection.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                Ok(_) | Err(_) => return true,
            }
        }
        false
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

    fn phase(&self, presented: &Presented) -> Phase {
        if presented.chain_total > 0 {
            Phase::Finished
        } else if self.connection.negotiated_cipher_suite().is_some() {
            Phase::Certificate
        } else {
            Phase::Hello
        }
    }

    /// Copies what is known by now into the capture.
    fn keep(&self, presented: &mut Presented, met: &mut Met) {
        let seen = self.verifier.take();
        if seen.chain_total > 0 {
            presented.chain_total = seen.chain_total;
            presented.chain = seen.chain;
            presented.ocsp_response = seen.ocsp_response;
        }
        met.key_type = seen.scheme.and_then(KeyType::of_scheme).or(met.key_type);
        let known = presented.tls.as_ref().map(|tls| tls.key_proof);
        let proof = seen.key_proof.or(known).unwrap_or(KeyProof::NotChecked);
        presented.tls = self.agreed(proof);
    }

    fn agreed(&self, key_proof: KeyProof) -> Option<Tls> {
        let suite = self.connection.negotiated_cipher_suite()?;
        let group = self.connection.negotiated_key_exchange_group();
        Some(Tls {
            version: version_name(self.connection.protocol_version()?),
            cipher_suite: suite_name(suite.suite()),
            named_group: group.map(|group| group_name(group.name())),
            alpn_protocol: self.connection.alpn_protocol().map(alpn_name),
            key_proof,
        })
    }
}

/// The server wants a version, suite or group that our client has not, so that another client
/// may well do better.
fn is_incompatible(error: &Error) -> bool {
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

fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "1.3",
        _ => "1.2",
    }
}
