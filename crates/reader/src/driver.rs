//! The one thread that drives the children: gives them work, takes answers, ends who oversteps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_doors::command::{Companion, Program};
use certvigil_model::Clock;
use certvigil_x509::Reading;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::desk::Desk;
use crate::job::Job;
use crate::starts::Starts;
use crate::words;
use crate::worker::{Loss, Worker};

/// What the thread owns.
pub(crate) struct Driver {
    desk: Arc<Desk>,
    program: Program,
    clock: Arc<dyn Clock>,
    workers: Vec<Worker>,
    /// Children at once.
    most: usize,
    starts: Starts,
    /// Killed, not yet reaped.
    ending: Vec<Companion>,
}

impl Driver {
    pub(crate) fn new(desk: Arc<Desk>, program: Program, clock: Arc<dyn Clock>) -> Self {
        let most = std::thread::available_parallelism().map_or(FEWEST, usize::from);
        Self {
            desk,
            program,
            clock,
            workers: Vec::new(),
            most: most.clamp(FEWEST, MOST),
            starts: Starts::default(),
            ending: Vec::new(),
        }
    }

    /// Drives until the desk is closed. Who still waits when it ends, however it ends, is told.
    pub(crate) fn run(mut self) {
        let _closing = Closing(Arc::clone(&self.desk));
        while !self.desk.is_closed() {
            let now = self.clock.monotonic();
            self.attend(now);
            self.hand_out(now);
            self.start(now);
            self.wait(now);
            if self.desk.waiting() > FEW {
                std::thread::park_timeout(BREATH);
            }
        }
    }

    /// Takes what the children answered and lets go of those that are of no more use.
    fn attend(&mut self, now: Instant) {
        self.desk.bell.hear();
        self.ending.retain_mut(|companion| matches!(companion.ended(), Ok(None)));
        let mut index = 0;
        while let Some(worker) = self.workers.get_mut(index) {
            let was_starting = worker.is_starting();
            match worker.attend(&self.desk, now) {
                Some(loss) => {
                    let worker = self.workers.swap_remove(index);
                    self.lose(worker, loss, now);
                }
                None => {
                    if was_starting && !worker.is_starting() {
                        self.starts.succeeded();
                    }
                    index += 1;
                }
            }
        }
    }

    fn lose(&mut self, worker: Worker, loss: Loss, now: Instant) {
        let (companion, mut jobs) = worker.end();
        self.ending.push(companion);
        let first = jobs.pop_front();
        for job in jobs.into_iter().rev() {
            self.desk.put_back(job);
        }
        if let Some(job) = first {
            self.conclude(job, &loss);
        }
        if let Loss::NotStarted(why) = loss {
            self.not_started(&why, now);
        }
    }

    /// What becomes of the job that was first in line.
    fn conclude(&self, mut job: Job, loss: &Loss) {
        let reading = match loss {
            Loss::Stalled(limit) => Reading::Stalled(words::stalled(*limit)),
            Loss::Crashed(how) => Reading::Crashed(words::crashed(how)),
            // Whoever kills from outside does not choose by certificate; twice at the same one
            // is no chance.
            Loss::Killed(how) if job.killed_before => {
                Reading::Crashed(words::crashed(&format!("{how}, twice")))
            }
            Loss::Killed(_) => {
                job.killed_before = true;
                return self.desk.put_back(job);
            }
            Loss::Garbled | Loss::Idle | Loss::NotStarted(_) => {
                Reading::Local("the reading process gave an answer that makes no sense".to_owned())
            }
        };
        self.desk.settle(job.failed(reading));
    }

    fn hand_out(&mut self, now: Instant) {
        while self.may_take_container()
            && let Some(worker) = self.workers.iter_mut().find(|worker| worker.is_idle())
            && let Some(job) = self.desk.next_container()
        {
            worker.give(job, now);
        }
        while let Some(worker) = self
            .workers
            .iter_mut()
            .filter(|worker| worker.has_room())
            .min_by_key(|worker| worker.line_length())
            && let Some(job) = self.desk.next_certificate()
        {
            worker.give(job, now);
        }
        for worker in &mut self.workers {
            worker.send();
        }
    }

    /// Containers may take seconds: one child is always left for certificates.
    fn may_take_container(&self) -> bool {
        let busy = self.workers.iter().filter(|worker| worker.has_container()).count();
        busy + 1 < self.most
    }

    /// Starts one more child where those that are there do not suffice, one at a time.
    fn start(&mut self, now: Instant) {
        if !self.needs_another() || self.starts.not_before().is_some_and(|then| now < then) {
            return;
        }
        self.starts.tried(now);
        match Worker::start(&self.program, now) {
            Ok(worker) => self.workers.push(worker),
            Err(why) => self.not_started(&why, now),
        }
    }

    fn needs_another(&self) -> bool {
        self.workers.len() < self.most
            && !self.workers.iter().any(Worker::is_starting)
            && (self.desk.has_certificate()
                || self.desk.has_container() && self.may_take_container())
    }

    fn not_started(&mut self, why: &str, now: Instant) {
        if self.starts.failed(now) && self.workers.is_empty() {
            self.desk.fail_all(&Reading::Local(words::not_started(why)));
        }
    }

    /// Until something is asked or answered, or the next look at a budget is due.
    fn wait(&mut self, now: Instant) {
        let next = self.next(now);
        let before = self.clock.monotonic();
        let limit = next.map(|next| next.saturating_duration_since(before));
        let timeout = limit.map(|limit| Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(limit.subsec_nanos()),
        });
        let bell = PollFd::new(&self.desk.bell, PollFlags::IN);
        let mut wanted: Vec<PollFd<'_>> =
            self.workers.iter().filter_map(Worker::poll).chain([bell]).collect();
        // Interrupted or refused it has waited less, which is looked at again in the next turn.
        let _ = poll(&mut wanted, timeout.as_ref());
        if let Some(limit) = limit {
            self.excuse((self.clock.monotonic() - before).saturating_sub(limit));
        }
    }

    /// Whoever is woken much later than asked for was not running, and nor were the children.
    fn excuse(&mut self, late: Duration) {
        if late > PAUSE {
            for worker in &mut self.workers {
                worker.excuse(late);
            }
        }
    }

    fn next(&self, now: Instant) -> Option<Instant> {
        let workers = self.workers.iter().map(|worker| worker.next(now));
        let start = self.needs_another().then(|| self.starts.not_before().unwrap_or(now));
        let reap = (!self.ending.is_empty()).then(|| now + REAP);
        workers.chain(start).chain(reap).min()
    }
}

/// Closes the desk when the driver ends, also by a panic.
struct Closing(Arc<Desk>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// So that one that is held up does not hold up all.
const FEWEST: usize = 2;
/// Reading takes a twentieth of what a look costs: four keep more than any machine busy.
const MOST: usize = 4;
/// How late a wake-up may be on a busy machine.
const PAUSE: Duration = Duration::from_millis(250);
const REAP: Duration = Duration::from_millis(10);
/// What is asked and answered within this time is dealt with in one go: each turn costs changes of
/// threads and processes on both sides, more than the reading itself.
const BREATH: Duration = Duration::from_millis(5);
/// Up to so many certificates waited for, as of one chain, nobody is kept waiting for others.
const FEW: usize = 3;
