//! What the runtime does for one target: resolve, look, read, judge.

use std::pin::{Pin, pin};
use std::sync::mpsc::Sender;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use certvigil_alarm::clock::Off;
use certvigil_inventory::starttls_hint;
use certvigil_judge::{
    Acceptances, Beside, Look, Profile, Signatures, judge_endpoint, judge_target, unread,
};
use certvigil_model::{
    Addresses, Capture, Clock, Ended, Endpoint, Finding, Fingerprint, Foreign, Host, Judgement,
    Outcome, Phase, Policy, Target, Time,
};
use certvigil_probe::{Prober, Questions, Resolved, has_route};
use certvigil_reader::Pool;
use certvigil_report::{EndpointLine, TargetFinding};
use certvigil_x509::{Certificate, Reading};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{timeout, timeout_at};

use crate::bound::Deadlines;
use crate::expanding::{Choosing, Expansion, Spot};
use crate::gate::Gate;
use crate::ledger::{Job, Note, Ticket, our_delay};
use crate::own_clock::in_doubt;
use crate::pooling::together;
use crate::resolvers::Resolvers;

/// The part of a deadline that is kept for what comes after the look: reading, judging, and the next
/// one's turn. Else a thousand silent endpoints behind each other would be late by seconds.
const SPARE: u32 = 50;

/// What answers at all has mostly done so within this time.
const BRISK: Duration = Duration::from_millis(300);

/// Reading may use the ledger's grace, but not all of it.
const UNREAD: Duration = Duration::from_millis(500);

/// A look that is late by so much is given up by its target, which has its own rules to judge before
/// the ledger gives it up too.
const GIVEN_UP: Duration = Duration::from_millis(600);

/// Everything that looks share.
pub(crate) struct Looking {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) deadlines: Deadlines,
    pub(crate) first_address: bool,
    pub(crate) turn: u64,
    pub(crate) slots: Semaphore,
    pub(crate) patience: Semaphore,
    pub(crate) gate: Gate,
    pub(crate) resolvers: Resolvers,
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
    /// Our own clock is off: verdicts are given by theirs too.
    pub(crate) off: Option<Off>,
}

/// A look under way.
struct Started {
    index: usize,
    endpoint: Endpoint,
    deadline: Arc<OnceLock<Instant>>,
    look: JoinHandle<Arc<EndpointLine>>,
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
        let (resolved, spent) = self.addresses(ticket, &target).await;
        let choosing = Choosing { first_address: self.first_address, turn: self.turn, has_route };
        let mut expansion = choosing.expand(&target, resolved);
        let not_looked = std::mem::take(&mut expansion.not_looked);
        self.tell(Note::Opened { ticket, openings: expansion.openings(&target), not_looked });
        let Expansion { spots, pool, beside, .. } = expansion;
        let started: Vec<Started> = spots
            .into_iter()
            .enumerate()
            .map(|(index, spot)| self.start(&target, Place::of(ticket, index, pool, spent), spot))
            .collect();
        let mut lines = Vec::with_capacity(started.len());
        for one in started {
            let index = one.index;
            let line = match self.end(&target, one, spent).await {
                Ok(line) => line,
                Err(line) => {
                    if pool.is_none() {
                        self.tell(Note::Seen { ticket, index, line: Arc::clone(&line) });
                    }
                    line
                }
            };
            lines.push(line);
        }
        if let Some(of) = pool {
            let line = Arc::clone(&self).pool(&target, lines.clone(), of).await;
            self.tell(Note::Seen { ticket, index: 0, line });
        }
        let this = Arc::clone(&self);
        let judged = tokio::spawn(async move { this.judge_together(&target, &beside, &lines) });
        self.tell(Note::Closed { ticket, findings: judged.await.unwrap_or_default() });
    }

    fn start(self: &Arc<Self>, target: &Arc<Target>, place: Place, spot: Spot) -> Started {
        let endpoint = target.endpoint(spot.address, None);
        let deadline = Arc::new(OnceLock::new());
        let look = Arc::clone(self).endpoint_told(
            place,
            Arc::clone(target),
            endpoint.clone(),
            spot.failed,
            Arc::clone(&deadline),
        );
        Started { index: place.index, endpoint, deadline, look: tokio::spawn(look) }
    }

    /// Waits for a look; one that does not come back in time, or broke, costs the others of its
    /// target nothing. `Err`: what is to be said of such a one.
    async fn end(
        &self,
        target: &Target,
        started: Started,
        spent: Duration,
    ) -> Result<Arc<EndpointLine>, Arc<EndpointLine>> {
        let Started { endpoint, deadline, mut look, .. } = started;
        // A look that has not begun cannot be late before this.
        let least = self.deadlines.of(target).saturating_sub(spent).max(Duration::from_millis(1));
        let ended = loop {
            let late = deadline.get().map(|deadline| *deadline + GIVEN_UP);
            let awaited = match late {
                Some(late) => timeout_at(late.into(), &mut look).await,
                None => timeout(least, &mut look).await,
            };
            match awaited {
                Ok(Ok(line)) => return Ok(line),
                Ok(Err(error)) => break broken(error),
                Err(_) if late.is_some() => break our_delay(),
                Err(_) => {}
            }
        };
        Err(self.line(target, endpoint, Capture::begun(self.clock.wall(), ended), Vec::new()))
    }

    /// A pool's one line.
    async fn pool(
        self: Arc<Self>,
        target: &Arc<Target>,
        parts: Vec<Arc<EndpointLine>>,
        of: usize,
    ) -> Arc<EndpointLine> {
        let (this, its_target) = (Arc::clone(&self), Arc::clone(target));
        let line = tokio::spawn(async move {
            let mut line = together(&its_target, &parts, of, this.policy(&its_target));
            let Judging { acceptances, .. } = &this.judging;
            acceptances.accept(&mut line.judgement.findings, Some(&its_target), this.now());
            Arc::new(line)
        });
        line.await.unwrap_or_else(|error| {
            let capture = Capture::begun(self.clock.wall(), broken(error));
            self.line(target, target.endpoint(None, None), capture, Vec::new())
        })
    }

    /// What the target's name stands for, and the time that finding it took.
    async fn addresses(&self, ticket: Ticket, target: &Target) -> (Resolved, Duration) {
        if let Addresses::These(addresses) = &target.options.addresses {
            return (Ok(addresses.clone().into()), Duration::ZERO);
        }
        let name = match &target.host {
            Host::Ip(ip) => return (Ok(vec![*ip].into()), Duration::ZERO),
            Host::Name(name) => name,
            Host::File(_) => return (Ok(Vec::new().into()), Duration::ZERO),
        };
        let _slot = self.slots.acquire().await;
        let begun = self.clock.monotonic();
        // What is left must still do for a look.
        let allowed = self.deadlines.of(target) / 2;
        self.tell(Note::Resolving { ticket, deadline: begun + allowed });
        let resolver = self.resolvers.of(target);
        let resolved = resolver.addresses(name, begun + allowed, allowed).await;
        (resolved, self.clock.monotonic().saturating_duration_since(begun))
    }

    /// Tells the verdict at once: one address that hangs must not hide what the others brought. Of a
    /// pool there is nothing to tell before all are in.
    async fn endpoint_told(
        self: Arc<Self>,
        place: Place,
        target: Arc<Target>,
        endpoint: Endpoint,
        failed: Option<Ended>,
        deadline: Arc<OnceLock<Instant>>,
    ) -> Arc<EndpointLine> {
        let line = Arc::clone(&self).endpoint(place, target, endpoint, failed, &deadline).await;
        let Place { ticket, index, is_pool, .. } = place;
        if !is_pool {
            self.tell(Note::Seen { ticket, index, line: Arc::clone(&line) });
        }
        line
    }

    async fn endpoint(
        self: Arc<Self>,
        place: Place,
        target: Arc<Target>,
        endpoint: Endpoint,
        failed: Option<Ended>,
        told: &OnceLock<Instant>,
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
        let allowed = self.deadlines.of(&target);
        let deadline = begun + allowed.saturating_sub(place.spent);
        // Nobody else writes it.
        let _ = told.set(deadline);
        self.tell(Note::Begun { ticket: place.ticket, index: place.index, deadline });
        let mut capture = Capture::begun(self.clock.wall(), out_of_time());
        let until = deadline - allowed / SPARE;
        let _place = {
            let look = self.prober.look(&mut capture, &endpoint, questions(&target), until);
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
        let until = deadline + UNREAD;
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
        let by_time = |now| {
            let mut judgement = judge_endpoint(&look, policy, profiles, signatures, now);
            acceptances.accept(&mut judgement.findings, Some(target), now);
            judgement
        };
        let mut judgement = by_time(now);
        if let Some(off) = self.off() {
            judgement = in_doubt(judgement, &by_time(off.theirs(now)), off);
        }
        hint_at_plaintext_start(target, &mut judgement);
        Arc::new(EndpointLine {
            targets: target.spellings().cloned().collect(),
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

    fn judge_together(
        &self,
        target: &Target,
        beside: &Beside,
        lines: &[Arc<EndpointLine>],
    ) -> Vec<TargetFinding> {
        let looks: Vec<_> = lines
            .iter()
            .map(|line| {
                let EndpointLine { endpoint, capture, presented, judgement, .. } = &**line;
                (Look { target, endpoint, capture, presented }, judgement)
            })
            .collect();
        let by_time = |now| {
            let mut found = judge_target(&looks, beside, self.policy(target), now);
            self.judging.acceptances.accept(&mut found, Some(target), now);
            found
        };
        let mut found = by_time(self.now());
        if let Some(off) = self.off() {
            let theirs = by_time(off.theirs(self.now()));
            found.retain(|it| theirs.iter().any(|by| (by.id, by.severity) == (it.id, it.severity)));
        }
        let of_target = |finding| TargetFinding {
            finding,
            targets: target.spellings().cloned().collect(),
            owner: target.owner.clone(),
            origin: target.origin.clone(),
        };
        found.into_iter().map(of_target).collect()
    }

    fn policy<'a>(&'a self, target: &'a Target) -> &'a Policy {
        target.options.policy.as_deref().unwrap_or(&self.judging.policy)
    }

    /// A moment that was asked for is right, whatever our clock says.
    const fn off(&self) -> Option<&Off> {
        match self.judging.at {
            Some(_) => None,
            None => self.judging.off.as_ref(),
        }
    }

    /// The moment that verdicts are for.
    fn now(&self) -> Time {
        self.judging.at.unwrap_or_else(|| self.clock.wall())
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
    is_pool: bool,
    spent: Duration,
}

impl Place {
    /// All addresses of a pool are the ledger's first endpoint.
    const fn of(ticket: Ticket, index: usize, pool: Option<usize>, spent: Duration) -> Self {
        let is_pool = pool.is_some();
        Self { ticket, index: if is_pool { 0 } else { index }, is_pool, spent }
    }
}

const fn questions(target: &Target) -> Questions {
    Questions {
        second_certificate: target.options.second_certificate,
        without_server_name: target.options.without_server_name,
        client_certificate: target.options.client_certificate,
    }
}

/// What is said of a look that panicked.
fn broken(error: JoinError) -> Ended {
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
    Ended { outcome: Outcome::Local, phase: None, reason: Some(reason) }
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
        let there = target.endpoint(None, None).host_port;
        let usually = format!("port {} usually starts in plaintext", target.port);
        finding.hint = Some(format!("{usually}: write {service}://{there}"));
    }
}

/// What cannot be read ends the look, however well it went on the wire.
pub(crate) fn note_unread(capture: &mut Capture, presented: &[Vec<Certificate>]) {
    let end_entity = presented.iter().flatten().next();
    if let Some(ended) = end_entity.and_then(|certificate| unread(certificate, true)) {
        capture.ended = ended;
    }
}

#[cfg(test)]
mod tests {
    use certvigil_inventory::{Defaults, parse};
    use certvigil_judge::unseen;

    use super::*;

    #[test]
    fn a_port_that_starts_in_plaintext_comes_with_what_to_write() {
        let ended = Ended::early(Outcome::NotTls, Phase::Hello, "what came is not TLS");
        for (written, want) in [
            ("mail.example.org:25", Some("write smtp://mail.example.org:25")),
            ("[2001:db8::1]:143", Some("write imap://[2001:db8::1]:143")),
            ("mail.example.org:4711", None),
        ] {
            let Ok(target) = parse(written, None, &Defaults::default()).target else { panic!() };
            let capture = Capture::begun(Time::from_seconds(0), ended.clone());
            let mut judgement = unseen(&target, &capture);
            let before = judgement.findings[0].hint.clone();
            hint_at_plaintext_start(&target, &mut judgement);
            let hint = judgement.findings[0].hint.as_deref();
            match want {
                Some(want) => assert!(hint.is_some_and(|hint| hint.ends_with(want)), "{hint:?}"),
                None => assert_eq!(hint, before.as_deref()),
            }
        }
    }
}
