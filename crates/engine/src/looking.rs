//! What the runtime does for one target: resolve, look, read, judge.

use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use certvigil_inventory::starttls_hint;
use certvigil_judge::{
    Acceptances, Look, Profile, Signatures, judge_endpoint, judge_target, unread,
};
use certvigil_model::{
    Addresses, Capture, Clock, Ended, Endpoint, Finding, Fingerprint, Foreign, Host, Judgement,
    Outcome, Phase, Policy, Service, Target, Time,
};
use certvigil_probe::{Prober, Resolved, Resolver, has_route};
use certvigil_reader::Pool;
use certvigil_report::{EndpointLine, NotLooked, TargetFinding};
use certvigil_x509::{Certificate, Reading};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout_at;

use crate::gate::Gate;
use crate::ledger::{Job, Note, Ticket};

/// The part of a deadline that is kept for what comes after the look: reading, judging, and the next
/// one's turn. Else a thousand silent endpoints behind each other would be late by seconds.
const SPARE: u32 = 50;

/// What answers at all has mostly done so within this time.
const BRISK: Duration = Duration::from_millis(300);

/// Everything that looks share.
pub(crate) struct Looking {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) deadline: Duration,
    pub(crate) first_address: bool,
    pub(crate) slots: Semaphore,
    pub(crate) patience: Semaphore,
    pub(crate) gate: Gate,
    pub(crate) resolver: Resolver,
    pub(crate) prober: Prober,
    pub(crate) pool: Arc<Pool>,
    pub(crate) judging: Judging,
    pub(crate) notes: Sender<Note>,
}

/// What verdicts rest on.
pub(crate) struct Judging {
    pub(crate) profiles: Arc<[Profile]>,
    pub(crate) policy: Policy,
    pub(crate) acceptances: Arc<Acceptances>,
    pub(crate) signatures: Signatures,
    pub(crate) at: Option<Time>,
}

/// A target's endpoints, and how much of their time went into finding them.
struct Expansion {
    endpoints: Vec<Endpoint>,
    not_looked: Vec<NotLooked>,
    failed: Option<Ended>,
    spent: Duration,
}

impl Looking {
    /// Takes targets until the ledger hands out no more.
    pub(crate) async fn serve(self: Arc<Self>, mut jobs: UnboundedReceiver<Job>) {
        while let Some(job) = jobs.recv().await {
            tokio::spawn(Arc::clone(&self).target(job));
        }
    }

    async fn target(self: Arc<Self>, Job { ticket, target }: Job) {
        if let Host::File(path) = &target.host {
            return self.on_disk(ticket, &target, path).await;
        }
        let expansion = self.expand(ticket, &target).await;
        let endpoints = expansion.endpoints.clone();
        self.tell(Note::Opened { ticket, endpoints, not_looked: expansion.not_looked });
        let looks: Vec<(Endpoint, JoinHandle<Arc<EndpointLine>>)> = expansion
            .endpoints
            .into_iter()
            .enumerate()
            .map(|(index, endpoint)| {
                let place = Place { ticket, index, spent: expansion.spent };
                let look = Arc::clone(&self).endpoint_told(
                    place,
                    Arc::clone(&target),
                    endpoint.clone(),
                    expansion.failed.clone(),
                );
                (endpoint, tokio::spawn(look))
            })
            .collect();
        let mut lines = Vec::with_capacity(looks.len());
        for (index, (endpoint, look)) in looks.into_iter().enumerate() {
            lines.push(look.await.unwrap_or_else(|error| {
                let line = self.line(&target, endpoint, self.broken(error), Vec::new());
                self.tell(Note::Seen { ticket, index, line: Arc::clone(&line) });
                line
            }));
        }
        let this = Arc::clone(&self);
        let judged = tokio::spawn(async move { this.judge_together(&target, &lines) }).await;
        self.tell(Note::Closed { ticket, findings: judged.unwrap_or_default() });
    }

    /// The endpoints of a target: every address of its present answer.
    async fn expand(&self, ticket: Ticket, target: &Target) -> Expansion {
        let (resolved, spent) = self.addresses(ticket, target).await;
        let addresses = match resolved {
            Ok(addresses) => addresses,
            Err(ended) => {
                let endpoints = vec![target.endpoint(None, None)];
                return Expansion { endpoints, not_looked: Vec::new(), failed: Some(ended), spent };
            }
        };
        let (mut addresses, not_looked) = split_by_route(addresses);
        match target.options.addresses {
            _ if self.first_address => addresses.truncate(1),
            Addresses::Some(most) => addresses.truncate(most),
            Addresses::All | Addresses::These(_) => {}
        }
        let at = |ip| target.endpoint(Some(SocketAddr::new(ip, target.port)), None);
        let endpoints = addresses.into_iter().map(at).collect();
        Expansion { endpoints, not_looked, failed: None, spent }
    }

    /// The addresses to look at, and the time that finding them took.
    async fn addresses(&self, ticket: Ticket, target: &Target) -> (Resolved, Duration) {
        if let Addresses::These(addresses) = &target.options.addresses {
            return (Ok(addresses.clone()), Duration::ZERO);
        }
        let name = match &target.host {
            Host::Ip(ip) => return (Ok(vec![*ip]), Duration::ZERO),
            Host::Name(name) => name,
            Host::File(_) => return (Ok(Vec::new()), Duration::ZERO),
        };
        let _slot = self.slots.acquire().await;
        let begun = self.clock.monotonic();
        // What is left must still do for a look.
        let allowed = self.deadline / 2;
        self.tell(Note::Resolving { ticket, deadline: begun + allowed });
        let resolved = self.resolver.addresses(name, begun + allowed, allowed).await;
        (resolved, self.clock.monotonic().saturating_duration_since(begun))
    }

    /// Tells the verdict at once: one address that hangs must not hide what the others brought.
    async fn endpoint_told(
        self: Arc<Self>,
        place: Place,
        target: Arc<Target>,
        endpoint: Endpoint,
        failed: Option<Ended>,
    ) -> Arc<EndpointLine> {
        let line = Arc::clone(&self).endpoint(place, target, endpoint, failed).await;
        let Place { ticket, index, .. } = place;
        self.tell(Note::Seen { ticket, index, line: Arc::clone(&line) });
        line
    }

    async fn endpoint(
        self: Arc<Self>,
        place: Place,
        target: Arc<Target>,
        endpoint: Endpoint,
        failed: Option<Ended>,
    ) -> Arc<EndpointLine> {
        let looked_at = self.clock.wall();
        if let Some(ended) = failed {
            let mut capture = Capture::begun(looked_at, ended);
            capture.elapsed = place.spent;
            return self.line(&target, endpoint, capture, Vec::new());
        }
        let _leave = match endpoint.address {
            Some(address) => Some(self.gate.enter(address.ip()).await),
            None => None,
        };
        let slot = self.slots.acquire().await;
        let begun = self.clock.monotonic();
        let deadline = begun + self.deadline.saturating_sub(place.spent);
        self.tell(Note::Begun { ticket: place.ticket, index: place.index, deadline });
        let mut capture = Capture::begun(self.clock.wall(), out_of_time());
        let without = target.options.without_server_name;
        let until = deadline - self.deadline / SPARE;
        let _place = {
            let look = self.prober.look(&mut capture, &endpoint, without, until);
            let look = pin!(timeout_at(until.into(), look));
            self.to_the_end(look, begun, slot.ok()).await
        };
        capture.elapsed = self.clock.monotonic().saturating_duration_since(begun);
        let presented = self.read(&capture, deadline).await;
        note_unread(&mut capture, &presented);
        self.line(&target, endpoint, capture, presented)
    }

    /// Sees `look` to its end. One that goes on for long mostly waits: it leaves its slot to the next
    /// and takes a place among the patient, as long as there is one. So servers that say nothing,
    /// ten in a hundred, do not keep the others waiting.
    async fn to_the_end<'a>(
        &'a self,
        mut look: Pin<&mut impl Future>,
        begun: Instant,
        slot: Option<SemaphorePermit<'a>>,
    ) -> Option<SemaphorePermit<'a>> {
        if timeout_at((begun + BRISK).into(), &mut look).await.is_ok() {
            return slot;
        }
        let place = match self.patience.try_acquire() {
            Ok(place) => {
                drop(slot);
                Some(place)
            }
            Err(_) => slot,
        };
        look.await;
        place
    }

    /// Has every certificate of the capture read, in a process that may be killed.
    async fn read(&self, capture: &Capture, deadline: Instant) -> Vec<Vec<Certificate>> {
        // Reading may use the ledger's grace, but not all of it.
        let until = deadline + Duration::from_millis(600);
        // All are asked for before the first answer is waited for: they are read in one go.
        let asked = capture
            .presented
            .iter()
            .map(|presented| {
                presented
                    .chain
                    .iter()
                    .map(|der| {
                        let fingerprint = Fingerprint::of(der);
                        (der, fingerprint, self.pool.certificate(Arc::clone(der), fingerprint))
                    })
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>();
        let mut all = Vec::with_capacity(asked.len());
        for presented in asked {
            let mut chain = Vec::with_capacity(presented.len());
            for (der, fingerprint, reading) in presented {
                let reading = timeout_at(until.into(), reading).await.unwrap_or_else(|_| {
                    Reading::Local("no time was left to read the certificate".to_owned())
                });
                chain.push(Certificate { der: Arc::clone(der), fingerprint, reading });
            }
            all.push(chain);
        }
        all
    }

    pub(crate) fn line(
        &self,
        target: &Target,
        endpoint: Endpoint,
        capture: Capture,
        presented: Vec<Vec<Certificate>>,
    ) -> Arc<EndpointLine> {
        let look = Look { target, endpoint: &endpoint, capture: &capture, presented: &presented };
        let Judging { profiles, acceptances, signatures, .. } = &self.judging;
        let (policy, now) = (self.policy(target), self.now());
        let mut judgement = judge_endpoint(&look, policy, profiles, signatures, now);
        acceptances.accept(&mut judgement.findings, Some(target), now);
        hint_at_plaintext_start(target, &mut judgement);
        Arc::new(EndpointLine {
            targets: vec![target.written.clone()],
            owner: target.owner.clone(),
            tags: target.tags.clone(),
            origin: target.origin.clone(),
            endpoint,
            pool: None,
            capture,
            presented,
            judgement,
        })
    }

    fn judge_together(&self, target: &Target, lines: &[Arc<EndpointLine>]) -> Vec<TargetFinding> {
        let looks: Vec<_> = lines
            .iter()
            .map(|line| {
                let EndpointLine { endpoint, capture, presented, judgement, .. } = &**line;
                (Look { target, endpoint, capture, presented }, judgement)
            })
            .collect();
        let mut found = judge_target(&looks, self.policy(target), self.now());
        self.judging.acceptances.accept(&mut found, Some(target), self.now());
        let targets: Vec<Foreign> = vec![target.written.clone()];
        let with_targets = |finding| TargetFinding { finding, targets: targets.clone() };
        found.into_iter().map(with_targets).collect()
    }

    fn policy<'a>(&'a self, target: &'a Target) -> &'a Policy {
        target.options.policy.as_deref().unwrap_or(&self.judging.policy)
    }

    /// The moment that verdicts are for.
    fn now(&self) -> Time {
        self.judging.at.unwrap_or_else(|| self.clock.wall())
    }

    fn broken(&self, error: JoinError) -> Capture {
        let what = match error.try_into_panic() {
            Ok(panic) => match panic.downcast::<String>() {
                Ok(words) => *words,
                Err(panic) => match panic.downcast::<&str>() {
                    Ok(words) => (*words).to_owned(),
                    Err(_) => "no words".to_owned(),
                },
            },
            Err(_) => "the look was abandoned".to_owned(),
        };
        let what = Foreign::new(what);
        let reason = format!("our own fault, the look panicked: {}", what.shown());
        let ended = Ended { outcome: Outcome::Local, phase: None, reason: Some(reason) };
        Capture::begun(self.clock.wall(), ended)
    }

    pub(crate) fn tell(&self, note: Note) {
        // A ledger that is gone has already given every verdict.
        let _ = self.notes.send(note);
    }
}

/// Which look it is, and what resolving has used of its time.
#[derive(Clone, Copy)]
struct Place {
    ticket: Ticket,
    index: usize,
    spent: Duration,
}

/// So many permits, as a semaphore takes them.
pub(crate) fn permits(count: usize) -> Semaphore {
    Semaphore::new(count.min(Semaphore::MAX_PERMITS))
}

fn out_of_time() -> Ended {
    Ended::early(Outcome::Timeout, Phase::Connect, "the look ran out of time")
}

/// A port where plaintext comes first is the usual cause of "not TLS".
fn hint_at_plaintext_start(target: &Target, judgement: &mut Judgement) {
    let Some(service) = starttls_hint(target.port) else { return };
    let not_tls = |finding: &&mut Finding| finding.id == Outcome::NotTls.name();
    if let Some(finding) = judgement.findings.iter_mut().find(not_tls) {
        let usually = format!("port {} usually starts in plaintext", target.port);
        let there = target.endpoint(None, None).host_port;
        finding.hint = Some(match service.parse::<Service>() {
            Ok(service) => format!("{usually}: write {service}://{there}"),
            Err(_) => format!(
                "{usually}: this will be {service}://{there} once {service} is spoken, which it is \
                 not yet"
            ),
        });
    }
}

/// What cannot be read ends the look, however well it went on the wire.
pub(crate) fn note_unread(capture: &mut Capture, presented: &[Vec<Certificate>]) {
    let end_entity = presented.iter().flatten().next();
    if let Some(ended) = end_entity.and_then(|certificate| unread(certificate, true)) {
        capture.ended = ended;
    }
}

/// Sets apart the addresses of a family that this machine has no route for, where there is
/// another family to look at.
fn split_by_route(addresses: Vec<IpAddr>) -> (Vec<IpAddr>, Vec<NotLooked>) {
    let mixed = addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6);
    if !mixed {
        return (addresses, Vec::new());
    }
    let (routed, lost): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().copied().partition(|ip| has_route(*ip));
    if routed.is_empty() {
        return (addresses, Vec::new());
    }
    let of = |v6: bool| lost.iter().filter(|ip| ip.is_ipv6() == v6).count() as u64;
    let not_looked = [(4, of(false)), (6, of(true))]
        .into_iter()
        .filter(|(_, addresses)| *addresses > 0)
        .map(|(family, addresses)| NotLooked {
            family,
            addresses,
            why: "no route from here".to_owned(),
        })
        .collect();
    (routed, not_looked)
}
