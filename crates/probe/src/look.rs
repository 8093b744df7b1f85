//! The order in which an endpoint is asked, under one budget.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use certvigil_model::{Asked, By, Capture, Ended, Endpoint, Outcome, Phase, Presented};
use rustls_pki_types::{IpAddr, ServerName};

use crate::Prober;
use crate::budget::{Budget, Share};
use crate::dialect;
use crate::handshake::{Handshake, Met};
use crate::key_type::KeyType;
use crate::legacy::{self, Offer, unanswered};
use crate::wire::Wire;

/// What an endpoint is asked beyond what it shows today's client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Questions {
    /// Whether to ask for a certificate of the other key type too; none: as the prober is set.
    pub second_certificate: Option<bool>,
    /// Whether to ask once more without a server name.
    pub without_server_name: bool,
    /// Which of the prober's other client certificates to show; none: the one for everybody.
    pub client_certificate: Option<usize>,
}

impl Prober {
    /// Looks at `endpoint` until `deadline` and keeps in `capture` what it saw; a future that is
    /// dropped half way loses nothing.
    ///
    /// Asks by a whole handshake first, with at most half of the time and bytes left; then, where
    /// that brought no chain, by the legacy hello; then by a whole handshake once more, where a new
    /// connection may mend how the first one ended; then what `questions` wants.
    pub async fn look(
        &self,
        capture: &mut Capture,
        endpoint: &Endpoint,
        questions: Questions,
        deadline: Instant,
    ) {
        let Some(address) = endpoint.address else { return };
        let Questions { client_certificate: client, .. } = questions;
        let look = Look { prober: self, endpoint, address, client, budget: Budget::new(deadline) };
        let found = look.ask(capture, Asked::Any).await;
        capture.ended = found.ended;
        if !found.connected {
            capture.presented.clear();
        }
        if !capture.presented.iter().any(|presented| !presented.chain.is_empty()) {
            return;
        }
        if questions.second_certificate.unwrap_or(self.settings.second_certificate)
            && let Some(key_type) = found.key_type
        {
            look.ask_second(capture, key_type.other()).await;
        }
        if questions.without_server_name && endpoint.server_name.is_some() {
            look.ask(capture, Asked::NoServerName).await;
        }
    }
}

/// One look under way.
struct Look<'a> {
    prober: &'a Prober,
    endpoint: &'a Endpoint,
    address: SocketAddr,
    client: Option<usize>,
    budget: Budget,
}

/// How much of what is left.
#[derive(Clone, Copy)]
enum Part {
    Half,
    Rest,
}

/// What a question brought beside the capture.
struct Found {
    ended: Ended,
    connected: bool,
    key_type: Option<KeyType>,
}

impl Look<'_> {
    /// Asks, and asks once more on a new connection where that may mend what broke the first.
    async fn ask(&self, capture: &mut Capture, asked: Asked) -> Found {
        let at = capture.presented.len();
        let first = self.ask_once(capture, asked).await;
        if !first.connected || !may_mend(&first.ended, &capture.presented[at..]) {
            return first;
        }
        let mut again = unanswered(asked, By::Rustls);
        let met = self.shake_hands(asked, &mut again).await;
        match met {
            Ok(met) if is_better(&again, &capture.presented[at..]) => {
                let found =
                    Found { ended: again.ended.clone(), connected: true, key_type: met.key_type };
                let first = capture.presented.split_off(at);
                let shown =
                    first.into_iter().filter(|one| shows_more(one, &again)).collect::<Vec<_>>();
                capture.presented.push(again);
                capture.presented.extend(shown);
                found
            }
            Ok(_) | Err(_) => Found { ended: after_two_tries(first.ended), ..first },
        }
    }

    /// A whole handshake, and the legacy hello where that brings no chain.
    async fn ask_once(&self, capture: &mut Capture, asked: Asked) -> Found {
        let at = capture.presented.len();
        capture.presented.push(unanswered(asked, By::Rustls));
        let whole = &mut capture.presented[at];
        let met = match self.shake_hands(asked, whole).await {
            Ok(met) => met,
            Err(ended) => {
                whole.ended = ended.clone();
                return Found { ended, connected: false, key_type: None };
            }
        };
        let ended = whole.ended.clone();
        let found = Found { ended, connected: true, key_type: met.key_type };
        if !whole.chain.is_empty() || !worth_asking_again(&found.ended) {
            return found;
        }
        // In front of the failed one, so that what is first is what was seen.
        capture.presented.insert(at, unanswered(asked, By::LegacyHello));
        let again = self.say_hello(asked, Part::Rest, &mut capture.presented[at]).await;
        if capture.presented[at].chain.is_empty() {
            capture.presented.swap(at, at + 1);
            let again = &capture.presented[at + 1].ended;
            return if is_clearer(again, &found.ended) {
                Found { ended: again.clone(), ..found }
            } else {
                found
            };
        }
        // Where only our client lacked something, a chain got otherwise is all there was to see. A
        // stall, a reset or an oversized message would meet other clients too: it stays the end.
        let ended = if met.incompatible { Ended::captured() } else { found.ended };
        Found { ended, connected: true, key_type: again.key_type }
    }

    /// Asks for a certificate of the other key type. A server that answers by an alert has none.
    async fn ask_second(&self, capture: &mut Capture, asked: Asked) {
        let at = capture.presented.len();
        capture.presented.push(unanswered(asked, By::LegacyHello));
        self.say_hello(asked, Part::Half, &mut capture.presented[at]).await;
        if capture.presented[at].ended.outcome == Outcome::TlsAlert {
            capture.presented.pop();
        }
    }

    /// A whole handshake on a new connection. `Err`: there was no connection.
    async fn shake_hands(&self, asked: Asked, presented: &mut Presented) -> Result<Met, Ended> {
        // Some servers greet late on purpose, to be rid of impatient clients; and where there is
        // no go-ahead there is nothing to ask next.
        let Some(wire) = self.wire(Part::Rest, Part::Half, presented).await? else {
            return Ok(Met::default());
        };
        let server_name = self.server_name(asked);
        let service = self.endpoint.service;
        let (config, verifier) =
            self.prober.configs.capturing(service, server_name.is_some(), self.client);
        let handshake = Handshake::new(config, verifier, self.reference(server_name)?)
            .map_err(|error| cannot_ask(&error))?;
        Ok(handshake.run(wire, dialect::goodbye(service), presented).await)
    }

    /// A legacy hello on a new connection.
    async fn say_hello(&self, asked: Asked, part: Part, presented: &mut Presented) -> Met {
        match self.legacy_hello(asked, part, presented).await {
            Ok(met) => met,
            Err(ended) => {
                presented.ended = ended;
                Met::default()
            }
        }
    }

    async fn legacy_hello(
        &self,
        asked: Asked,
        part: Part,
        presented: &mut Presented,
    ) -> Result<Met, Ended> {
        let Some(wire) = self.wire(part, part, presented).await? else {
            return Ok(Met::default());
        };
        let random = self.prober.configs.random();
        let offer = Offer {
            asked,
            server_name: self.server_name(asked),
            alpn_protocols: self.endpoint.service.alpn_protocols(),
            random: random.ok_or_else(|| cannot_ask(&"no random bytes"))?,
        };
        Ok(legacy::ask(wire, &offer, presented).await)
    }

    /// A new connection on which TLS may begin; `before` is for what comes before it. `Err`: there
    /// is no connection. None: it does not get to TLS, and `presented` says why.
    async fn wire(
        &self,
        before: Part,
        tls: Part,
        presented: &mut Presented,
    ) -> Result<Option<Wire<'_>>, Ended> {
        let service = self.endpoint.service;
        if !service.starts_in_plaintext() {
            return self.dial(tls).await.map(Some);
        }
        let mut wire = self.dial(before).await?;
        presented.ended.phase = Some(Phase::Starttls);
        let ehlo_name = self.prober.settings.ehlo_name.as_ref();
        match dialect::start_tls(service, &mut wire, ehlo_name, self.domain()).await {
            Ok(mut injected) => {
                injected.truncate(Presented::INJECTED_KEPT);
                presented.injected = injected;
                wire.begin_tls(self.share(tls));
                Ok(Some(wire))
            }
            Err(ended) => {
                presented.ended = ended;
                if let Some(goodbye) = dialect::goodbye_to(service, &presented.ended) {
                    wire.part(goodbye, |_| true).await;
                }
                wire.leave(b"");
                Ok(None)
            }
        }
    }

    async fn dial(&self, part: Part) -> Result<Wire<'_>, Ended> {
        let share = self.share(part);
        let stream = self.prober.dialer.dial(self.address, share.until).await?;
        Ok(Wire::new(stream, Arc::clone(&self.prober.clock), share))
    }

    fn share(&self, part: Part) -> Share<'_> {
        match part {
            Part::Half => self.budget.half(self.prober.clock.monotonic()),
            Part::Rest => self.budget.rest(),
        }
    }

    /// Whom a client that has no TLS yet says it wants to talk to: the server name, also where none
    /// is sent in TLS.
    fn domain(&self) -> String {
        let name = self.server_name(Asked::Any);
        name.map_or_else(|| self.address.ip().to_string(), str::to_owned)
    }

    /// Without the root's dot, which RFC 6066 section 3 leaves out.
    fn server_name(&self, asked: Asked) -> Option<&str> {
        let name = self.endpoint.server_name.as_deref()?;
        match asked {
            Asked::NoServerName => None,
            Asked::Any | Asked::Ecdsa | Asked::Rsa => Some(name.strip_suffix('.').unwrap_or(name)),
        }
    }

    /// What rustls wants to know the peer as; nothing is judged by it.
    fn reference(&self, server_name: Option<&str>) -> Result<ServerName<'static>, Ended> {
        match server_name {
            Some(name) => ServerName::try_from(name.to_owned()).map_err(|error| cannot_ask(&error)),
            None => Ok(ServerName::IpAddress(IpAddr::from(self.address.ip()))),
        }
    }
}

fn cannot_ask(error: &dyn std::fmt::Display) -> Ended {
    let reason = format!("the TLS client refuses to ask for this name: {error}");
    Ended::early(Outcome::Local, Phase::Hello, reason)
}

/// A message too long by its header may be no message at all: rustls does not look at its type,
/// the legacy hello does.
const fn is_clearer(again: &Ended, first: &Ended) -> bool {
    matches!((again.outcome, first.outcome), (Outcome::ProtocolError, Outcome::OverBudget))
}

/// Whether a new connection may bring what `asked` did not: one that was broken off may have met a
/// server that was just being restarted. A silent one is asked again only where the legacy hello was
/// answered meanwhile; else it would be silence for twice as long.
fn may_mend(ended: &Ended, asked: &[Presented]) -> bool {
    let is_answered = |presented: &Presented| {
        presented.by == By::LegacyHello && presented.ended.outcome != Outcome::Timeout
    };
    match ended.outcome {
        Outcome::Reset | Outcome::Closed => true,
        Outcome::Timeout => asked.iter().any(is_answered),
        _ => false,
    }
}

/// Whether the second try brought a chain, and one that the first did not bring as well.
fn is_better(second: &Presented, first: &[Presented]) -> bool {
    let is_whole = |one: &Presented| one.by == By::Rustls && !one.chain.is_empty();
    is_whole(second) && (second.ended.outcome == Outcome::Captured || !first.iter().any(is_whole))
}

/// Whether the first try showed what the second does not: a good answer behind a bad one does not
/// make that unseen. Some of those who come get the bad one.
fn shows_more(first: &Presented, second: &Presented) -> bool {
    let is_other_chain = !first.chain.is_empty() && first.chain != second.chain;
    is_other_chain || (!first.injected.is_empty() && second.injected.is_empty())
}

fn after_two_tries(mut ended: Ended) -> Ended {
    ended.reason = ended.reason.map(|reason| format!("{reason}, after 2 tries"));
    ended
}

/// Whether the legacy hello may bring what a whole handshake did not. It would hear the same
/// plaintext before it.
const fn worth_asking_again(ended: &Ended) -> bool {
    let had_begun = !matches!(ended.phase, Some(Phase::Starttls));
    had_begun
        && matches!(
            ended.outcome,
            Outcome::Timeout
                | Outcome::Reset
                | Outcome::Closed
                | Outcome::TlsAlert
                | Outcome::ProtocolError
                | Outcome::OverBudget
        )
}
