//! Looks at an endpoint as a client would, and records what it saw. It never judges.
//!
//! Read [`Prober::look`] (`look.rs`), then `handshake.rs` (a whole TLS handshake by rustls) and
//! `legacy/` (our own plaintext hello for what rustls cannot or should not talk to).
//! `resolve.rs` and `dial.rs` are the only rooms that ask a resolver and open a connection.
//! `dialect/` is what is spoken before TLS where a server starts in plaintext, one file each.

mod budget;
mod configs;
mod dial;
pub mod dialect;
mod handshake;
mod key_type;
pub mod legacy;
mod look;
mod resolve;
mod sentinel;
mod verifier;
mod wire;
mod words;

use std::sync::Arc;
use std::time::Duration;

use certvigil_model::Clock;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

pub use dialect::EhloName;
pub use look::Questions;
pub use resolve::{Answer, Resolved, Resolver, has_route};
pub use sentinel::{SENTINEL_LIMIT, resolver_answers, system_resolvers, takes_connection};

use configs::Configs;
use dial::Dialer;

/// What looks at endpoints for one round.
///
/// It remembers for the round which (address, port) pairs refused or did not answer, so that the
/// other endpoints of such a pair are told at once.
pub struct Prober {
    clock: Arc<dyn Clock>,
    configs: Configs,
    dialer: Dialer,
    settings: Settings,
}

/// How to look.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long one connection request may go unanswered.
    pub connect_timeout: Duration,
    /// Whether to ask for a certificate of the other key type too.
    pub second_certificate: bool,
    /// The name to greet mail servers with; none: our own address, as each of them sees it.
    pub ehlo_name: Option<EhloName>,
}

/// What to show a server that asks who we are (RFC 9846 section 4.3.2).
#[derive(Debug)]
pub struct ClientCertificate {
    /// The certificate and its intermediates, in the order to send.
    pub chain: Vec<CertificateDer<'static>>,
    /// The end entity's key.
    pub key: PrivateKeyDer<'static>,
}

/// The certificates that servers are shown which ask who we are.
#[derive(Debug, Default)]
pub struct ClientCertificates {
    /// For every endpoint that has none of its own.
    pub for_all: Option<ClientCertificate>,
    /// Those that [`Questions::client_certificate`] counts.
    pub others: Vec<ClientCertificate>,
}

/// Why there is no prober.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The TLS library refuses what it was given; in practice a client certificate and key that
    /// do not belong together.
    #[error("the TLS client cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl Prober {
    /// Sets up TLS once; looks share it.
    pub fn new(
        settings: Settings,
        clients: ClientCertificates,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let configs = Configs::new(clients)?;
        let dialer = Dialer::new(settings.connect_timeout, Arc::clone(&clock));
        Ok(Self { clock, configs, dialer, settings })
    }
}
