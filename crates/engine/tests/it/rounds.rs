//! What the tests share: a round over some targets, and what it told.

use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use certvigil_engine::{Checked, Progress, Round, Settings, Stopper, reader_pool};
use certvigil_inventory::{Defaults, Listed, parse};
use certvigil_model::{Clock, Endpoint, Finding, Policy, Presented, Time};
use certvigil_reader::Pool;
use certvigil_report::{Closed, EndpointLine, PoolSeen, Report, Summary, TargetFinding};

/// Settings for quick rounds, with nobody to trust.
pub(crate) fn settings(deadline: Duration, concurrency: usize) -> Settings {
    Settings {
        deadline: Some(deadline),
        connect_timeout: deadline,
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        rate_per_address: NonZeroU32::MAX,
        first_address: false,
        first_certificate: true,
        client_certificates: certvigil_probe::ClientCertificates::default(),
        ehlo_name: None,
        profiles: Arc::new([]),
        policy: Policy::default(),
        acceptances: Arc::new([]),
        at: None,
        off: None,
    }
}

/// What a round told.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    lines: Vec<Line>,
    of_targets: Vec<TargetFinding>,
    closed: Option<Closed>,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) outcome: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) reason: String,
    pub(crate) elapsed: Duration,
    pub(crate) endpoint: Endpoint,
    pub(crate) pool: Option<PoolSeen>,
    pub(crate) presented: Vec<Presented>,
    pub(crate) findings: Vec<Finding>,
}

impl Told {
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().lines.clone()
    }

    pub(crate) fn of_targets(&self) -> Vec<Finding> {
        self.said().into_iter().map(|said| said.finding).collect()
    }

    pub(crate) fn said(&self) -> Vec<TargetFinding> {
        self.0.lock().unwrap().of_targets.clone()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.lock().unwrap().closed.is_some()
    }

    pub(crate) fn closed(&self) -> Closed {
        self.0.lock().unwrap().closed.clone().unwrap()
    }
}

impl Report for Told {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        let ended = &line.capture.ended;
        self.0.lock().unwrap().lines.push(Line {
            target: line.targets[0].raw().to_owned(),
            outcome: ended.outcome.name(),
            verdict: line.judgement.verdict().name(),
            reason: ended.reason.clone().unwrap_or_default(),
            elapsed: line.capture.elapsed,
            endpoint: line.endpoint.clone(),
            pool: line.pool,
            presented: line.capture.presented.clone(),
            findings: line.judgement.findings.clone(),
        });
        Ok(())
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.0.lock().unwrap().of_targets.push(said.clone());
        Ok(())
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        self.0.lock().unwrap().closed = Some(closed.clone());
        Ok(())
    }
}

pub(crate) struct Quiet;

impl Progress for Quiet {
    fn moved(&mut self, _summary: &Summary) {}
    fn over(&mut self) {}
}

/// Runs a round over `targets`, read by `pool`.
pub(crate) fn round(
    settings: Settings,
    pool: Pool,
    clock: Arc<dyn Clock>,
    targets: &[String],
) -> (Checked, Told) {
    round_with(settings, pool, clock, targets, |_| {})
}

/// Like [`round`]; `meet` gets what ends the round early.
pub(crate) fn round_with(
    settings: Settings,
    pool: Pool,
    clock: Arc<dyn Clock>,
    targets: &[String],
    meet: impl FnOnce(Stopper),
) -> (Checked, Told) {
    let round = Round::new(settings, pool, clock).unwrap();
    meet(round.stopper());
    let told = Told::default();
    let targets = targets.iter().map(|target| listed(target));
    let checked = run(round, targets, &told);
    (checked, told)
}

/// Runs `round` over `targets` and tells `told`.
pub(crate) fn run(round: Round, targets: impl Iterator<Item = Listed>, told: &Told) -> Checked {
    run_into(round, targets, Box::new(told.clone()))
}

pub(crate) fn run_into(
    round: Round,
    targets: impl Iterator<Item = Listed>,
    report: Box<dyn Report>,
) -> Checked {
    round.run(targets, vec![report], &mut Quiet, &mut ()).unwrap()
}

pub(crate) fn listed(target: &str) -> Listed {
    parse(target, None, &Defaults::default())
}

/// A pool whose children are never needed.
pub(crate) fn idle_pool(clock: Arc<dyn Clock>) -> Pool {
    reader_pool(clock).unwrap()
}

/// A clock of the system's that does something first.
pub(crate) struct Hooked<F>(pub(crate) F);

impl<F: Fn() + Send + Sync> Clock for Hooked<F> {
    fn wall(&self) -> Time {
        (self.0)();
        certvigil_doors::SystemClock.wall()
    }

    fn monotonic(&self) -> std::time::Instant {
        (self.0)();
        certvigil_doors::SystemClock.monotonic()
    }
}
