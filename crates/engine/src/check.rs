//! One round: targets in, a verdict for every endpoint out.

use std::borrow::Borrow;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use certvigil_alarm::clock::Off;
use certvigil_doors::limits;
use certvigil_inventory::Listed;
use certvigil_judge::{Acceptances, Profile, RoundView, Signatures, judge_round};
use certvigil_model::{
    Acceptance, Answer, Clock, FailOn, Finding, Outcome, Policy, Severity, Time,
};
use certvigil_probe::{ClientCertificates, EhloName, Prober};
use certvigil_reader::Pool;
use certvigil_report::{Closed, EndpointLine, Report, Summary, TargetFinding};
use thiserror::Error;
use tokio::sync::mpsc::unbounded_channel;

use crate::bound::{Bound, Deadlines, Load};
use crate::expanding::turn;
use crate::gate::Gate;
use crate::ledger::{Ledger, Note, Sum, Told};
use crate::looking::{Judging, Looking, permits};
use crate::resolvers::Resolvers;

/// What a round does and rests on.
pub struct Settings {
    /// The total for one endpoint, resolving and reading included; none: what its service usually
    /// needs. A target's own comes first.
    pub deadline: Option<Duration>,
    /// How long one connection request may go unanswered.
    pub connect_timeout: Duration,
    /// Looks under way at a time.
    pub concurrency: NonZeroUsize,
    /// Looks a second to one address.
    pub rate_per_address: NonZeroU32,
    /// Look only at the first address of a name.
    pub first_address: bool,
    /// Ask only for the certificate that a server prefers.
    pub first_certificate: bool,
    /// What to show a server that asks who we are.
    pub client_certificates: ClientCertificates,
    /// The name to greet mail servers with; none: our own address.
    pub ehlo_name: Option<EhloName>,
    /// The trust stores.
    pub profiles: Arc<[Profile]>,
    /// What is judged differently.
    pub policy: Policy,
    /// What somebody answers for, for a time.
    pub acceptances: Arc<[Acceptance]>,
    /// Judge as of then instead of now.
    pub at: Option<Time>,
    /// Our own clock is off so far: what is not the same by theirs is unknown.
    pub off: Option<Off>,
}

impl Settings {
    /// The defaults, with verdicts that rest on `profiles`.
    pub fn resting_on(profiles: Vec<Profile>) -> Self {
        Self {
            deadline: None,
            connect_timeout: Duration::from_secs(3),
            concurrency: CONCURRENCY,
            rate_per_address: RATE_PER_ADDRESS,
            first_address: false,
            first_certificate: false,
            client_certificates: ClientCertificates::default(),
            ehlo_name: None,
            profiles: profiles.into(),
            policy: Policy::default(),
            acceptances: Arc::new([]),
            at: None,
            off: None,
        }
    }
}

/// Why there was no round.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The prober could not be set up.
    #[error("looking cannot be set up")]
    Probe(#[from] certvigil_probe::Error),
    /// The runtime could not be started.
    #[error("the runtime cannot be started")]
    Runtime(#[source] std::io::Error),
    /// A report could not be written.
    #[error("the report cannot be written")]
    Report(#[source] std::io::Error),
}

/// How a round came out.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The worst of all findings that nobody accepted, the targets' and the round's included.
    pub worst: Option<Severity>,
    /// Verdicts by kind.
    pub summary: Summary,
    /// Whether it is we who failed: a round that is not complete, or too many looks that ended
    /// for reasons of our own.
    pub we_failed: bool,
}

impl Checked {
    /// 0 clean, 1 findings, 2 we failed.
    pub fn exit_code(&self, fail_on: FailOn) -> u8 {
        match self.worst {
            _ if self.we_failed => 2,
            Some(worst) if fail_on.fails(worst) => 1,
            _ => 0,
        }
    }
}

/// Hears how far the round is.
pub trait Progress {
    /// Called after each verdict and now and then between.
    fn moved(&mut self, summary: &Summary);
    /// Called once, before the reports are finished.
    fn over(&mut self);
}

/// Nobody watches.
impl Progress for () {
    fn moved(&mut self, _summary: &Summary) {}

    fn over(&mut self) {}
}

/// Acts on what a round said, after its last look and before its reports are finished.
pub trait Acting {
    /// Adds to `closed` what was done. False where something that people were to be told is not proven to
    /// have reached them: then the run has failed.
    fn act(&mut self, closed: &mut Closed) -> bool;
}

/// A round that is only told.
impl Acting for () {
    fn act(&mut self, _closed: &mut Closed) -> bool {
        true
    }
}

/// Ends a round from another thread, for instance when a signal comes.
#[derive(Clone)]
pub struct Stopper(Sender<Note>);

impl Stopper {
    /// Ends the looks: what has no verdict yet was not attempted. `why` goes on the report.
    pub fn stop(&self, why: &'static str) {
        // A round that is already over needs no end.
        let _ = self.0.send(Note::Stop(why));
    }
}

/// A round whose runtime stands ready; nothing has been looked at yet.
pub struct Round {
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    stopper: Stopper,
    at: Option<Time>,
    acceptances: Arc<Acceptances>,
    pool: Arc<Pool>,
    runtime: Detached,
}

impl Round {
    /// Starts the runtime. The bytes of certificates are read by `pool`.
    pub fn new(settings: Settings, pool: Pool, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_io()
            .enable_time()
            .build()
            .map_err(Error::Runtime)?;
        let deadlines = Deadlines { of_round: settings.deadline };
        let Settings { concurrency, rate_per_address: rate, at, .. } = settings;
        let (notes_in, notes) = channel();
        let (jobs, jobs_out) = unbounded_channel();
        let pool = Arc::new(pool);
        let acceptances = Arc::new(Acceptances::new(Arc::clone(&settings.acceptances)));
        let judging = Judging {
            profiles: Arc::clone(&settings.profiles),
            policy: settings.policy.clone(),
            acceptances: Arc::clone(&acceptances),
            signatures: Signatures::default(),
            at,
            off: settings.off.clone(),
        };
        let looking = looking(settings, judging, Arc::clone(&pool), &clock, notes_in.clone())?;
        runtime.spawn(Arc::new(looking).serve(jobs_out));
        let ledger = Ledger {
            clock: Arc::clone(&clock),
            window: concurrency.get().saturating_mul(4).saturating_add(patience(concurrency)),
            jobs,
            notes,
            bound: Bound::new(concurrency, rate),
            deadlines,
        };
        let runtime = Detached(Some(runtime));
        Ok(Self { clock, ledger, stopper: Stopper(notes_in), at, acceptances, pool, runtime })
    }

    /// The most that a round over `targets` can take, if each has one address.
    pub fn bound(&self, targets: impl Iterator<Item = impl Borrow<Listed>>) -> Duration {
        let mut load = Load::default();
        for listed in targets {
            // What is no target takes no time; it is counted as the ledger counts it.
            let deadline = match &listed.borrow().target {
                Ok(target) => self.ledger.deadlines.of(target),
                Err(_) => self.ledger.deadlines.of_nothing(),
            };
            load.add(1, deadline);
        }
        self.ledger.bound.with(load)
    }

    /// What ends this round early.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Looks at every endpoint of `targets` and tells every verdict to `reports`; `acting` comes before
    /// they are finished.
    pub fn run(
        self,
        targets: impl Iterator<Item = Listed>,
        reports: Vec<Box<dyn Report>>,
        progress: &mut dyn Progress,
        acting: &mut dyn Acting,
    ) -> Result<Checked, Error> {
        let Self { clock, ledger, at, acceptances, pool, runtime, .. } = self;
        let mut tally = Tally { reports, ..Tally::default() };
        let sum = ledger.run(targets, |told| {
            match told {
                Told::Line { line, wildcard } => tally.line(&line, wildcard.as_deref()),
                Told::Finding(finding) => tally.finding(&finding),
                Told::Tick => {}
            }
            progress.moved(&tally.summary);
        });
        progress.over();
        drop(runtime);
        // A look that still runs must not keep a child alive that reads for ever.
        pool.close();
        tally.close(sum, &acceptances, clock.wall(), at, acting)
    }
}

/// Threads that look: one does the work of thousands of looks, the other goes on where one is held
/// up.
const WORKERS: usize = 2;

/// Looks that may wait for a silent server beside those under way: sixteen to each, as far as the
/// system lets us open as many connections.
fn patience(concurrency: NonZeroUsize) -> usize {
    let concurrency = concurrency.get();
    let left = limits::raise_open_files().saturating_sub(DESCRIPTORS_KEPT + concurrency);
    left.min(concurrency.saturating_mul(16))
}

/// Files that the program itself needs, as far as looks are not concerned.
const DESCRIPTORS_KEPT: usize = 64;

fn looking(
    settings: Settings,
    judging: Judging,
    pool: Arc<Pool>,
    clock: &Arc<dyn Clock>,
    notes: Sender<Note>,
) -> Result<Looking, Error> {
    let how = certvigil_probe::Settings {
        connect_timeout: settings.connect_timeout,
        second_certificate: !settings.first_certificate,
        ehlo_name: settings.ehlo_name,
    };
    Ok(Looking {
        clock: Arc::clone(clock),
        deadlines: Deadlines { of_round: settings.deadline },
        first_address: settings.first_address,
        slots: permits(settings.concurrency.get()),
        patience: permits(patience(settings.concurrency)),
        gate: Gate::new(settings.rate_per_address, Arc::clone(clock)),
        turn: turn(clock.wall()),
        resolvers: Resolvers::default(),
        prober: Prober::new(how, settings.client_certificates, Arc::clone(clock))?,
        pool,
        judging,
        notes,
    })
}

/// A runtime that is left behind instead of waited for: dropping one waits for ever on work that
/// does not return.
struct Detached(Option<tokio::runtime::Runtime>);

impl Drop for Detached {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The round's counts as they grow.
#[derive(Default)]
struct Tally {
    reports: Vec<Box<dyn Report>>,
    summary: Summary,
    view: RoundView,
    worst: Option<Severity>,
    attempted: u64,
    checked: u64,
    ours: u64,
    accepted: u64,
    accepted_until: Option<Time>,
    failed: Option<std::io::Error>,
}

impl Tally {
    fn line(&mut self, line: &EndpointLine, wildcard: Option<&str>) {
        self.summary.add(line.judgement.verdict());
        self.attempted += u64::from(line.capture.ended.outcome != Outcome::NotAttempted);
        self.checked += u64::from(line.was_checked());
        self.ours += u64::from(line.capture.ended.outcome.is_ours());
        line.judgement.findings.iter().for_each(|finding| self.weigh(finding));
        let server_name = line.endpoint.server_name.as_deref();
        self.view.add(server_name, &line.presented);
        wildcard.into_iter().for_each(|wildcard| self.view.watch_wildcard(wildcard));
        if let Some(name) = wildcard.or(server_name) {
            self.view.trouble(name, &line.judgement.findings);
        }
        // A report that lacks a line must not be brought to a good end: it would look complete.
        self.reports.retain_mut(|report| match report.endpoint(line) {
            Ok(()) => true,
            Err(error) => {
                self.failed.get_or_insert(error);
                false
            }
        });
    }

    fn finding(&mut self, found: &TargetFinding) {
        self.weigh(&found.finding);
        for report in &mut self.reports {
            if let Err(error) = report.target(found) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn weigh(&mut self, finding: &Finding) {
        match &finding.accepted {
            None => self.worst = self.worst.max(Some(finding.severity)),
            Some(Answer { until, .. }) => {
                self.accepted += 1;
                self.accepted_until = self.accepted_until.into_iter().chain([*until]).min();
            }
        }
    }

    fn close(
        mut self,
        sum: Sum,
        acceptances: &Acceptances,
        now: Time,
        at: Option<Time>,
        acting: &mut dyn Acting,
    ) -> Result<Checked, Error> {
        let of_round = judge_round(&self.view, acceptances, at.unwrap_or(now));
        of_round.iter().for_each(|finding| self.weigh(finding));
        let of_round = of_round.into_iter();
        let of_round = of_round.map(|finding| TargetFinding::of(finding, Vec::new()));
        let mut closed = Closed {
            finished_at: now,
            judged_at: at,
            bound: sum.bound,
            expected: sum.expected,
            attempted: self.attempted,
            checked: self.checked,
            not_looked: sum.not_looked,
            accepted: self.accepted,
            accepted_until: self.accepted_until,
            summary: self.summary,
            findings: of_round.collect(),
            acted: None,
        };
        let told = acting.act(&mut closed);
        for report in self.reports {
            if let Err(error) = report.finish(&closed) {
                self.failed.get_or_insert(error);
            }
        }
        if let Some(error) = self.failed {
            return Err(Error::Report(error));
        }
        let incomplete = closed.attempted != closed.expected;
        let we_failed = incomplete || !told || too_many_ours(self.ours, closed.expected);
        Ok(Checked { worst: self.worst, summary: closed.summary, we_failed })
    }
}

/// All of the endpoints, or a fifth of at least 25, ended for reasons of our own: then the fault
/// is here, whatever the verdicts say.
const fn too_many_ours(ours: u64, expected: u64) -> bool {
    (expected > 0 && ours == expected) || (expected >= 25 && ours * 5 >= expected)
}

/// Looks under way at a time where nobody says otherwise.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Looks a second to one address where nobody says otherwise.
const RATE_PER_ADDRESS: NonZeroU32 = NonZeroU32::new(50).unwrap();
