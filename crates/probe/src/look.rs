//! The order in which an endpoint is asked, under one budget.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use certvigil_model::{Asked, By, Capture, Ended, Endpoint, Outcome, Phase, Presented};
use rustls_pki_types::{IpAddr, ServerName};

use crate::Prober;
use crate::handshake::{Handshake, KeyType, Met};
use crate::legacy::{self, Offer, unanswered};
use crate::wire::Wire;

impl Prober {
    /// Looks at `endpoint` until `deadline` and keeps in `capture` what it saw; a future that is
    /// dropped half way loses nothing.
    ///
    /// Asks by a whole handshake first, with at most half of the time left; then, where that
    /// brought no chain, by the legacy hello; then for a certificate of the other key type; then,
    /// if `without_server_name`, once more without a server name.
    pub async fn look(
        &self,
        capture: &mut Capture,
        endpoint: &Endpoint,
        without_server_name: bool,
        deadline: Instant,
    ) {
        let Some(address) = endpoint.address else { return };
        let mut met = Met::default();
        capture.ended = match self.first(capture, endpoint, deadline, &mut met).await {
            Ok(ended) | Err(ended) => ended,
        };
        if !capture.presented.iter().any(|presented| !presented.chain.is_empty()) {
            return;
        }
        if self.settings.second_certificate
            && let Some(other) = met.key_type.map(other_type)
        {
            self.second(capture, endpoint, other, deadline).await;
        }
        if without_server_name && endpoint.server_name.is_some() {
            let question = Question { address, endpoint, asked: Asked::NoServerName };
            let until = self.half_way(deadline);
            capture.presented.push(unanswered(Asked::NoServerName, By::Rustls));
            if let Some(presented) = capture.presented.last_mut() {
                let _ = self.shake_hands(&question, until, presented).await;
            }
        }
    }

    /// The first question, and the fallback where it brings no chain.
    async fn first(
        &self,
        capture: &mut Capture,
        endpoint: &Endpoint,
        deadline: Instant,
        met: &mut Met,
    ) -> Result<Ended, Ended> {
        let address = endpoint.address.ok_or_else(Ended::captured)?;
        let question = Question { address, endpoint, asked: Asked::Any };
        capture.presented.push(unanswered(Asked::Any, By::Rustls));
        let until = self.half_way(deadline);
        let whole = capture.presented.last_mut();
        let whole = whole.ok_or_else(Ended::captured)?;
        match self.shake_hands(&question, until, whole).await {
            Ok(found) => *met = found,
            Err(ended) => {
                capture.presented.clear();
                return Err(ended);
            }
        }
        let first = whole.ended.clone();
        if !whole.chain.is_empty() || !worth_asking_again(&first) {
            return Ok(first);
        }
        // In front of the failed one, so that what is first is what was seen.
        capture.presented.insert(0, unanswered(Asked::Any, By::LegacyHello));
        let again = self.say_hello(&question, deadline, &mut capture.presented[0]).await;
        if again.is_err() || capture.presented[0].chain.is_empty() {
            capture.presented.swap(0, 1);
            return Ok(first);
        }
        // Where only our client lacked something, a chain got otherwise is all there was to see. A
        // stall, a reset or an oversized message would meet other clients too: it stays the end.
        Ok(if met.incompatible { Ended::captured() } else { first })
    }

    /// Asks for a certificate of the other key type. A server that answers by an alert has none.
    async fn second(
        &self,
        capture: &mut Capture,
        endpoint: &Endpoint,
        asked: Asked,
        deadline: Instant,
    ) {
        let Some(address) = endpoint.address else { return };
        let question = Question { address, endpoint, asked };
        let mut presented = unanswered(asked, By::LegacyHello);
        let until = self.half_way(deadline);
        let dialled = self.say_hello(&question, until, &mut presented).await;
        if dialled.is_ok() && presented.ended.outcome != Outcome::TlsAlert {
            capture.presented.push(presented);
        }
    }

    /// A whole handshake on a new connection. `Err`: there was no connection.
    async fn shake_hands(
        &self,
        question: &Question<'_>,
        until: Instant,
        presented: &mut Presented,
    ) -> Result<Met, Ended> {
        let wire = self.wire(question.address, until).await?;
        let (config, verifier) =
            self.configs.capturing(question.endpoint.service, question.server_name().is_some());
        let handshake = Handshake::new(config, verifier, question.reference()?)
            .map_err(|error| cannot_ask(&error))?;
        Ok(handshake.run(wire, presented).await)
    }

    /// A legacy hello on a new connection. `Err`: there was no connection.
    async fn say_hello(
        &self,
        question: &Question<'_>,
        until: Instant,
        presented: &mut Presented,
    ) -> Result<(), Ended> {
        let wire = self.wire(question.address, until).await?;
        let offer = Offer {
            asked: question.asked,
            server_name: question.server_name(),
            alpn_protocols: question.endpoint.service.alpn_protocols(),
            random: self.configs.random().ok_or_else(|| cannot_ask(&"no random bytes"))?,
        };
        legacy::ask(wire, &offer, presented).await;
        Ok(())
    }

    async fn wire(&self, address: SocketAddr, until: Instant) -> Result<Wire, Ended> {
        let stream = self.dialer.dial(address, until).await?;
        Ok(Wire::new(stream, Arc::clone(&self.clock), until))
    }

    /// The moment that leaves half of the time to whatever must be asked next.
    fn half_way(&self, deadline: Instant) -> Instant {
        let now = self.clock.monotonic();
        now + deadline.saturating_duration_since(now) / 2
    }
}

/// One question to one endpoint.
struct Question<'a> {
    address: SocketAddr,
    endpoint: &'a Endpoint,
    asked: Asked,
}

impl Question<'_> {
    fn server_name(&self) -> Option<&str> {
        match self.asked {
            Asked::NoServerName => None,
            Asked::Any | Asked::Ecdsa | Asked::Rsa => self.endpoint.server_name.as_deref(),
        }
    }

    /// What rustls wants to know the peer as; nothing is judged by it.
    fn reference(&self) -> Result<ServerName<'static>, Ended> {
        match self.server_name() {
            Some(name) => ServerName::try_from(name.to_owned()).map_err(|error| cannot_ask(&error)),
            None => Ok(ServerName::IpAddress(IpAddr::from(self.address.ip()))),
        }
    }
}

fn cannot_ask(error: &dyn std::fmt::Display) -> Ended {
    let reason = format!("the TLS client refuses to ask for this name: {error}");
    Ended::early(Outcome::Local, Phase::Hello, reason)
}

const fn other_type(seen: KeyType) -> Asked {
    match seen {
        KeyType::Ecdsa => Asked::Rsa,
        KeyType::Rsa => Asked::Ecdsa,
    }
}

/// Whether the legacy hello may bring what a whole handshake did not.
const fn worth_asking_again(ended: &Ended) -> bool {
    matches!(
        ended.outcome,
        Outcome::Timeout
            | Outcome::Reset
            | Outcome::Closed
            | Outcome::TlsAlert
            | Outcome::ProtocolError
            | Outcome::OverBudget
    )
}
