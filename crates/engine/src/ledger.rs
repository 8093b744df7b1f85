//! The round's clock and its books: N endpoints in, N verdicts out.
//!
//! The ledger runs on a plain thread and no task runs on it. It hands out targets and takes
//! verdicts over channels; whoever does not answer in time gets a verdict from here, whatever the
//! runtime does. In 2017 one hung check kept all those behind it from being made.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use certvigil_inventory::Listed;
use certvigil_judge::unseen;
use certvigil_model::{
    Capture, Clock, Ended, Endpoint, Foreign, Host, Origin, Outcome, Service, Target, TargetOptions,
};
use certvigil_report::{EndpointLine, NotLooked, PoolSeen, TargetFinding};
use tokio::sync::mpsc::UnboundedSender;

use crate::bound::{Bound, Deadlines, Load};
use crate::expanding::Opening;

/// What is past its deadline by this much is our own delay. Ends with the second that a round's
/// bound has to spare, less what it takes to notice and to tell.
const GRACE: Duration = Duration::from_millis(800);

/// So much longer may the target's own rules take: a look that is given up as late must not cost
/// what the others show together.
const GRACE_OF_RULES: Duration = Duration::from_millis(100);

/// What is said within this time is listened to in one go: to be woken for each note costs two
/// system calls and a change of threads, a tenth of a look.
const BREATH: Duration = Duration::from_millis(20);

/// Up to so many targets under way, each note is listened to as it comes: nobody saves anything.
const FEW: usize = 8;

/// How often the books are gone through for what is overdue.
const TICK: Duration = Duration::from_millis(100);

/// Names a target that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(u64);

/// A target handed out.
pub(crate) struct Job {
    pub(crate) ticket: Ticket,
    pub(crate) target: Arc<Target>,
}

/// What the ledger is told.
pub(crate) enum Note {
    /// The target's name is being resolved, which must be over by `deadline`.
    Resolving { ticket: Ticket, deadline: Instant },
    /// The target has expanded to these endpoints.
    Opened { ticket: Ticket, openings: Vec<Opening>, not_looked: Vec<NotLooked> },
    /// A look at an endpoint began and must be over by `deadline`.
    Begun { ticket: Ticket, index: usize, deadline: Instant },
    /// An endpoint has its verdict.
    Seen { ticket: Ticket, index: usize, line: Arc<EndpointLine> },
    /// The target's own rules have spoken; nothing more comes.
    Closed { ticket: Ticket, findings: Vec<TargetFinding> },
    /// The round is to end now, and why.
    Stop(&'static str),
}

/// What the ledger tells.
pub(crate) enum Told {
    /// An endpoint's verdict is final; its target watches every name below this wildcard.
    Line { line: Arc<EndpointLine>, wildcard: Option<String> },
    /// A target's own finding.
    Finding(Box<TargetFinding>),
    /// Time has passed.
    Tick,
}

/// The books of one round.
pub(crate) struct Ledger {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) window: usize,
    pub(crate) jobs: UnboundedSender<Job>,
    pub(crate) notes: Receiver<Note>,
    pub(crate) bound: Bound,
    pub(crate) deadlines: Deadlines,
}

/// How the round came out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) expected: u64,
    pub(crate) not_looked: Vec<NotLooked>,
    pub(crate) bound: Duration,
    pub(crate) stopped: Option<&'static str>,
}

/// A target under way.
struct Open {
    target: Arc<Target>,
    state: State,
    findings: Option<Vec<TargetFinding>>,
}

enum State {
    /// No endpoint is known yet; overdue after the deadline, where it has begun.
    Resolving(Option<Instant>),
    Looking(Vec<Slot>),
}

struct Slot {
    endpoint: Endpoint,
    pool: Option<usize>,
    /// Looks at its addresses that have not begun.
    to_begin: usize,
    /// The last one of those that have.
    deadline: Option<Instant>,
    line: Option<Arc<EndpointLine>>,
}

impl Slot {
    /// The target itself, which stands for endpoints that nobody knows of.
    fn of(target: &Target, deadline: Option<Instant>) -> Self {
        let endpoint = target.endpoint(None, None);
        Self { endpoint, pool: None, to_begin: 0, deadline, line: None }
    }

    fn begin(&mut self, deadline: Instant) {
        self.to_begin = self.to_begin.saturating_sub(1);
        self.deadline = self.deadline.max(Some(deadline));
    }

    /// When all of it must be over, as soon as that is known.
    fn last_deadline(&self) -> Option<Instant> {
        self.deadline.filter(|_| self.to_begin == 0)
    }
}

impl From<Opening> for Slot {
    fn from(Opening { endpoint, pool, looks }: Opening) -> Self {
        Self { endpoint, pool, to_begin: looks.len(), deadline: None, line: None }
    }
}

impl Ledger {
    /// Runs the round over `targets` and tells `tell` everything that becomes final.
    pub(crate) fn run(self, targets: impl Iterator<Item = Listed>, tell: impl FnMut(Told)) -> Sum {
        let started = self.clock.monotonic();
        let mut books = Books {
            ledger: self,
            started,
            scanned: started,
            next_ticket: 0,
            open: HashMap::new(),
            sum: Sum::default(),
            tell,
        };
        let mut targets = targets.fuse();
        while books.sum.stopped.is_none() {
            books.hand_out(&mut targets);
            if books.open.is_empty() {
                break;
            }
            books.listen();
        }
        if let Some(why) = books.sum.stopped {
            books.stop(&mut targets, why);
        }
        books.sum.bound = books.ledger.bound.time();
        books.sum
    }

    /// A verdict for what nobody looked at, or not in time.
    fn verdict(
        &self,
        target: &Target,
        endpoint: &Endpoint,
        pool: Option<usize>,
        ended: &Ended,
    ) -> Arc<EndpointLine> {
        let capture = Capture::begun(self.clock.wall(), ended.clone());
        let judgement = unseen(target, &capture);
        Arc::new(EndpointLine {
            targets: target.spellings().cloned().collect(),
            owner: target.owner.clone(),
            tags: target.tags.clone(),
            origin: target.origin.clone(),
            endpoint: endpoint.clone(),
            pool: pool.map(|of| PoolSeen { seen: 0, of }),
            capture,
            presented: Vec::new(),
            judgement,
        })
    }
}

/// The ledger at work.
struct Books<T> {
    ledger: Ledger,
    started: Instant,
    scanned: Instant,
    next_ticket: u64,
    open: HashMap<Ticket, Open>,
    sum: Sum,
    tell: T,
}

impl<T: FnMut(Told)> Books<T> {
    fn hand_out(&mut self, targets: &mut impl Iterator<Item = Listed>) {
        while self.open.len() < self.ledger.window && self.sum.stopped.is_none() {
            let Some(listed) = targets.next() else { return };
            let target = match listed.target {
                Ok(target) => Arc::new(target),
                Err(fault) => {
                    self.invalid(listed.text, listed.origin, listed.owner, &fault.to_string());
                    // A list may hold nothing else, and be long.
                    self.catch_up();
                    continue;
                }
            };
            let ticket = Ticket(self.next_ticket);
            self.next_ticket += 1;
            let open =
                Open { target: Arc::clone(&target), state: State::Resolving(None), findings: None };
            self.open.insert(ticket, open);
            // A runtime that is gone takes nothing; the target's time runs out here all the same.
            let _ = self.ledger.jobs.send(Job { ticket, target });
        }
    }

    fn listen(&mut self) {
        match self.ledger.notes.recv_timeout(TICK) {
            Ok(note) => {
                self.take(note);
                if self.open.len() > FEW {
                    std::thread::park_timeout(BREATH);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::park_timeout(TICK),
        }
        self.catch_up();
    }

    /// Takes what was said meanwhile, waits for nothing, and then goes through the books where it is
    /// time to: who has spoken is not late because we were slow to listen.
    fn catch_up(&mut self) {
        let now = self.ledger.clock.monotonic();
        while let Ok(note) = self.ledger.notes.try_recv() {
            self.take(note);
        }
        if now.saturating_duration_since(self.scanned) >= TICK {
            self.scanned = now;
            self.overdue(now);
            (self.tell)(Told::Tick);
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Resolving { ticket, deadline } => {
                if let Some(Open { state: State::Resolving(until), .. }) =
                    self.open.get_mut(&ticket)
                {
                    *until = Some(deadline);
                }
            }
            Note::Opened { ticket, openings, not_looked } => {
                self.opened(ticket, openings, not_looked);
            }
            Note::Begun { ticket, index, deadline } => {
                if let Some(slot) = self.slot(ticket, index) {
                    slot.begin(deadline);
                }
            }
            Note::Seen { ticket, index, line } => {
                if let Some(slot) = self.slot(ticket, index) {
                    slot.line.get_or_insert(line);
                }
                self.finish_if_done(ticket);
            }
            Note::Closed { ticket, findings } => {
                if let Some(open) = self.open.get_mut(&ticket) {
                    open.findings = Some(findings);
                }
                self.finish_if_done(ticket);
            }
            Note::Stop(why) => self.sum.stopped = Some(why),
        }
    }

    fn opened(&mut self, ticket: Ticket, openings: Vec<Opening>, not_looked: Vec<NotLooked>) {
        let Some(open) = self.open.get_mut(&ticket) else { return };
        if matches!(open.state, State::Looking(_)) {
            return;
        }
        let deadline = self.ledger.deadlines.of(&open.target);
        for Opening { looks, .. } in &openings {
            self.ledger.bound.add(looks.len().max(1), deadline);
            looks.iter().for_each(|address| self.ledger.bound.add_address(*address));
        }
        open.state = State::Looking(openings.into_iter().map(Slot::from).collect());
        for one in not_looked {
            add_not_looked(&mut self.sum.not_looked, one);
        }
    }

    fn slot(&mut self, ticket: Ticket, index: usize) -> Option<&mut Slot> {
        match &mut self.open.get_mut(&ticket)?.state {
            State::Resolving(_) => None,
            State::Looking(slots) => slots.get_mut(index),
        }
    }

    /// Gives a verdict to whatever should have one by now.
    fn overdue(&mut self, now: Instant) {
        let round_is_over = now + TICK > self.started + self.bound_of_open();
        let late = |deadline: Option<Instant>, grace: Duration| {
            round_is_over || deadline.is_some_and(|deadline| now > deadline + grace)
        };
        let mut done = Vec::new();
        for (ticket, open) in &mut self.open {
            if let State::Resolving(deadline) = open.state
                && late(deadline, GRACE)
            {
                // Nobody will say more of it: the target itself stands for its endpoints.
                self.ledger.bound.add(1, self.ledger.deadlines.of(&open.target));
                open.state = State::Looking(vec![Slot::of(&open.target, deadline)]);
            }
            let State::Looking(slots) = &mut open.state else { continue };
            for slot in slots.iter_mut().filter(|slot| slot.line.is_none()) {
                if late(slot.last_deadline(), GRACE) {
                    let Slot { endpoint, pool, .. } = &*slot;
                    let line = self.ledger.verdict(&open.target, endpoint, *pool, &our_delay());
                    slot.line = Some(line);
                }
            }
            let has_begun = slots.iter().all(|slot| slot.to_begin == 0);
            let last = slots.iter().filter_map(Slot::last_deadline).max();
            let rules_are_late = late(last.filter(|_| has_begun), GRACE + GRACE_OF_RULES);
            let all_seen = slots.iter().all(|slot| slot.line.is_some());
            if all_seen && (open.findings.is_some() || rules_are_late) {
                done.push(*ticket);
            }
        }
        for ticket in done {
            self.finish(ticket);
        }
    }

    /// The most that all targets opened so far can take, each unresolved one counted as one
    /// endpoint.
    fn bound_of_open(&self) -> Duration {
        let mut load = Load::default();
        for Open { target, state, .. } in self.open.values() {
            if matches!(state, State::Resolving(_)) {
                load.add(1, self.ledger.deadlines.of(target));
            }
        }
        self.ledger.bound.with(load)
    }

    fn finish_if_done(&mut self, ticket: Ticket) {
        let Some(open) = self.open.get(&ticket) else { return };
        let State::Looking(slots) = &open.state else { return };
        if open.findings.is_some() && slots.iter().all(|slot| slot.line.is_some()) {
            self.finish(ticket);
        }
    }

    /// A target's lines leave together.
    fn finish(&mut self, ticket: Ticket) {
        let Some(open) = self.open.remove(&ticket) else { return };
        if let State::Looking(slots) = open.state {
            for line in slots.into_iter().filter_map(|slot| slot.line) {
                self.line(line, &open.target);
            }
        }
        for finding in open.findings.into_iter().flatten() {
            (self.tell)(Told::Finding(Box::new(finding)));
        }
    }

    fn line(&mut self, line: Arc<EndpointLine>, target: &Target) {
        self.sum.expected += 1;
        (self.tell)(Told::Line { line, wildcard: target.options.wildcard.clone() });
    }

    fn invalid(
        &mut self,
        text: Foreign,
        origin: Option<Origin>,
        owner: Option<String>,
        fault: &str,
    ) {
        let target = Target {
            host: Host::Name(text.shown_within(80).to_string()),
            written: text,
            port: 0,
            service: Service::Tls,
            options: TargetOptions::default(),
            origin,
            owner,
            tags: Vec::new(),
            also: Vec::new(),
        };
        let mut endpoint = target.endpoint(None, None);
        endpoint.host_port = target.written.shown_within(80).to_string();
        endpoint.server_name = None;
        self.ledger.bound.add(1, self.ledger.deadlines.of(&target));
        let ended =
            Ended { outcome: Outcome::InvalidTarget, phase: None, reason: Some(fault.to_owned()) };
        let line = self.ledger.verdict(&target, &endpoint, None, &ended);
        self.line(line, &target);
    }

    /// Ends the round at once: what has no verdict yet was not attempted.
    fn stop(&mut self, targets: &mut impl Iterator<Item = Listed>, why: &str) {
        let ended = Ended {
            outcome: Outcome::NotAttempted,
            phase: None,
            reason: Some(format!("the round was ended by {why}")),
        };
        let open: Vec<Ticket> = self.open.keys().copied().collect();
        for ticket in open {
            let Some(mut open) = self.open.remove(&ticket) else { continue };
            let slots = match &mut open.state {
                State::Looking(slots) => std::mem::take(slots),
                State::Resolving(_) => {
                    self.ledger.bound.add(1, self.ledger.deadlines.of(&open.target));
                    vec![Slot::of(&open.target, None)]
                }
            };
            for Slot { endpoint, pool, line, .. } in slots {
                let unseen = || self.ledger.verdict(&open.target, &endpoint, pool, &ended);
                let line = line.unwrap_or_else(unseen);
                self.line(line, &open.target);
            }
        }
        for listed in targets {
            match listed.target {
                Err(fault) => {
                    self.invalid(listed.text, listed.origin, listed.owner, &fault.to_string())
                }
                Ok(target) => {
                    self.ledger.bound.add(1, self.ledger.deadlines.of(&target));
                    let endpoint = target.endpoint(None, None);
                    let line = self.ledger.verdict(&target, &endpoint, None, &ended);
                    self.line(line, &target);
                }
            }
        }
    }
}

pub(crate) fn our_delay() -> Ended {
    Ended {
        outcome: Outcome::Local,
        phase: None,
        reason: Some("our own delay: the look did not come back in time".to_owned()),
    }
}

fn add_not_looked(all: &mut Vec<NotLooked>, one: NotLooked) {
    match all.iter_mut().find(|known| known.family == one.family && known.why == one.why) {
        Some(known) => known.addresses += one.addresses,
        None => all.push(one),
    }
}
