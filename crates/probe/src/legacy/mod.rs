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

use crate::handshake::Met;
use crate::key_type::KeyType;
use crate::wire::Wire;
use crate::words::{alerted, alpn_name, or_not_tls, suite_name};

pub use hello::{Offer, client_hello};
pub use transcript::{Fault, Progress, ServerHello, Transcript};

/// Puts one question over `wire`; `presented` holds all that was seen so far at any moment.
pub(crate) async fn ask(mut wire: Wire<'_>, offer: &Offer<'_>, presented: &mut Presented) -> Met {
    let mut transcript = Transcript::default();
    presented.ended = match converse(&mut wire, offer, &mut transcript, presented).await {
        Ok(()) => Ended::captured(),
        Err(ended) => ended,
    };
    let hello = transcript.server_hello();
    wire.leave(&farewell(hello));
    let suite = hello.map(|hello| hello.cipher_suite.into());
    Met { key_type: suite.and_then(KeyType::of_suite), incompatible: false }
}

/// A question that has brought nothing yet.
pub(crate) fn unanswered(asked: Asked, by: By) -> Presented {
    let ended = Ended::early(Outcome::Timeout, Phase::Connect, "the look ran out of time");
    Presented::unanswered(asked, by, ended)
}

async fn converse(
    wire: &mut Wire<'_>,
    offer: &Offer<'_>,
    transcript: &mut Transcript,
    presented: &mut Presented,
) -> Result<(), Ended> {
    let said = wire.say(&client_hello(offer), Phase::Hello).await;
    loop {
        let phase = phase(transcript);
        presented.ended.phase = Some(phase);
        let heard = wire.hear(phase, |data| transcript.take_in(data)).await;
        // A peer that broke the connection may have said why before.
        let progress = match (heard, &said) {
            (Err(_), Err(unsaid)) => Err(unsaid.clone()),
            (heard, _) => heard,
        };
        let progress = progress.map_err(|ended| or_not_tls(ended, wire.head(), phase))?;
        keep(transcript, presented);
        match progress {
            Ok(Progress::WantsMore) => {}
            Ok(Progress::Certificate(chain)) => {
                presented.chain_total = chain.len();
                presented.chain = chain;
                presented.chain.truncate(Presented::CHAIN_KEPT);
                return if presented.chain.is_empty() { Err(empty()) } else { Ok(()) };
            }
            Err(fault) => {
                let phase = self::phase(transcript);
                return Err(or_not_tls(ended(&fault, phase), wire.head(), phase));
            }
        }
    }
}

/// `close_notify` (RFC 5246 section 7.2.1) in a plaintext alert record of the version agreed on.
fn farewell(hello: Option<&ServerHello>) -> [u8; 7] {
    let minor = match hello.map(|hello| hello.version) {
        Some("1.2") => 3,
        Some("1.1") => 2,
        _ => 1,
    };
    [21, 3, minor, 0, 2, 1, 0]
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
        alpn_protocol: hello.alpn_protocol.as_deref().map(alpn_name),
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
        Fault::Alert(description) => alerted(*description, phase),
        Fault::NoCertificate => {
            let reason = "the server went on without sending a certificate";
            Ended::early(Outcome::NoCertificate, Phase::Certificate, reason)
        }
        Fault::TooLong | Fault::TooMany => {
            let reason = format!("the server sent more than a look takes: {fault}");
            Ended::early(Outcome::OverBudget, phase, reason)
        }
        broken => {
            let reason = format!("the server broke the rules of TLS: {broken}");
            Ended::early(Outcome::ProtocolError, phase, reason)
        }
    }
}
