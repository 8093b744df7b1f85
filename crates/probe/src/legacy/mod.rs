//! The legacy hello: a TLS ≤ 1.2 ClientHello of our own and a reader of the plaintext Certificate
//! message (RFC 5246 section 7.4; TLS 1.3 encrypts it).
//!
//! It reads the chain of what rustls cannot talk to (TLS 1.0 and 1.1, RSA key exchange, chains
//! above 64 KiB) and asks a server for its certificate of the other key type. It does no
//! cryptography and so proves no key.

mod hello;
mod transcript;

use std::sync::Arc;

use certvigil_model::{Asked, By, Ended, KeyProof, Outcome, Phase, Presented, Tls};

use crate::handshake::{protocol_name, suite_name};
use crate::wire::Wire;
use crate::words::{alerted, is_tls, not_tls};

pub use hello::{Offer, client_hello};
pub use transcript::{Fault, Progress, ServerHello, Transcript};

/// `close_notify` (RFC 5246 section 7.2.1) in a plaintext alert record.
const FAREWELL: [u8; 7] = [21, 3, 1, 0, 2, 1, 0];

/// Puts one question over `wire`; `presented` holds all that was seen so far at any moment.
pub(crate) async fn ask(mut wire: Wire, offer: &Offer<'_>, presented: &mut Presented) {
    presented.ended = match converse(&mut wire, offer, presented).await {
        Ok(()) => Ended::captured(),
        Err(ended) => ended,
    };
    wire.leave(&FAREWELL);
}

/// A question that has brought nothing yet.
pub(crate) fn unanswered(asked: Asked, by: By) -> Presented {
    Presented {
        asked,
        by,
        ended: Ended::early(Outcome::Timeout, Phase::Hello, "the look ran out of time"),
        tls: None,
        chain: Vec::new(),
        chain_total: 0,
        ocsp_response: None,
        scts: Vec::new(),
    }
}

async fn converse(
    wire: &mut Wire,
    offer: &Offer<'_>,
    presented: &mut Presented,
) -> Result<(), Ended> {
    wire.write_all(&client_hello(offer), Phase::Hello).await?;
    let mut transcript = Transcript::default();
    let mut buffer = vec![0; 16_384];
    loop {
        let phase = phase(&transcript);
        let count = wire.read(&mut buffer, phase).await?;
        if !is_tls(wire.head()) {
            return Err(not_tls(wire.head(), phase));
        }
        let progress = transcript.take_in(&buffer[..count]);
        keep(&transcript, presented);
        match progress {
            Ok(Progress::WantsMore) => {}
            Ok(Progress::Certificate(chain)) => {
                presented.chain_total = chain.len();
                presented.chain = chain;
                presented.chain.truncate(Presented::CHAIN_KEPT);
                return if presented.chain.is_empty() { Err(empty()) } else { Ok(()) };
            }
            Err(fault) => return Err(ended(&fault, self::phase(&transcript))),
        }
    }
}

fn phase(transcript: &Transcript) -> Phase {
    if transcript.server_hello().is_some() { Phase::Certificate } else { Phase::Hello }
}

fn keep(transcript: &Transcript, presented: &mut Presented) {
    let Some(hello) = transcript.server_hello() else { return };
    presented.tls = Some(Tls {
        version: hello.version,
        cipher_suite: suite_name(hello.cipher_suite.into()),
        named_group: None,
        alpn_protocol: hello.alpn_protocol.as_deref().map(protocol_name),
        key_proof: KeyProof::NotChecked,
    });
    presented.scts = hello.scts.iter().map(|sct| Arc::from(sct.as_slice())).collect();
}

fn empty() -> Ended {
    let reason = "the server sent an empty list of certificates";
    Ended::early(Outcome::NoCertificate, Phase::Certificate, reason)
}

fn ended(fault: &Fault, phase: Phase) -> Ended {
    match fault {
        Fault::Alert(description) => alerted((*description).into(), phase),
        Fault::NoCertificate => {
            let reason = "the server went on without sending a certificate";
            Ended::early(Outcome::NoCertificate, Phase::Certificate, reason)
        }
        Fault::TooLong => {
            let reason = "the server sent more than 1 MiB without finishing the handshake";
            Ended::early(Outcome::OverBudget, phase, reason)
        }
        broken => {
            let reason = format!("the server broke the rules of TLS: {broken}");
            Ended::early(Outcome::ProtocolError, phase, reason)
        }
    }
}
