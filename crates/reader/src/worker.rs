//! A child as its parent sees it: a line of jobs, a socket, a budget.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use certvigil_doors::command::{Companion, Program};
use rustix::event::{PollFd, PollFlags};
use rustix::net::{SendFlags, send};

use crate::budget::Watch;
use crate::desk::Desk;
use crate::frame::{self, Begins, Kind};
use crate::job::{Job, What};
use crate::words::{self, Death};

/// One child.
#[derive(Debug)]
pub(crate) struct Worker {
    companion: Companion,
    socket: UnixStream,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    chunk: Box<[u8]>,
    /// What it said that is no frame: its runtime's last words, or rubbish.
    said: Option<Vec<u8>>,
    /// The socket has ended, so the process is about to.
    closed: bool,
    /// Not yet ready; it has until then.
    starting_until: Option<Instant>,
    /// Jobs given and not answered, the one being read first.
    line: VecDeque<Job>,
    watch: Watch,
    /// When it last said something that was expected.
    heard: Instant,
    given: usize,
}

/// Why a child is of no more use.
#[derive(Debug)]
pub(crate) enum Loss {
    /// It went while nothing was asked of it, or has done its share.
    Idle,
    /// It never got ready, for this reason.
    NotStarted(String),
    /// The first job in line used this budget up.
    Stalled(Duration),
    /// The first job in line ended it, so.
    Crashed(String),
    /// Somebody else ended it, so.
    Killed(String),
    /// It says what cannot be understood.
    Garbled,
}

impl Worker {
    /// Starts a child, which has to get ready.
    ///
    /// # Errors
    /// What the system refused, in words.
    pub(crate) fn start(program: &Program, now: Instant) -> Result<Self, String> {
        let (companion, socket) =
            Companion::start(program).map_err(|error| words::chain(&error))?;
        socket.set_nonblocking(true).map_err(|error| error.to_string())?;
        Ok(Self {
            companion,
            socket,
            outgoing: Vec::new(),
            incoming: Vec::new(),
            chunk: vec![0; CHUNK].into(),
            said: None,
            closed: false,
            starting_until: Some(now + START),
            line: VecDeque::with_capacity(LINE),
            watch: Watch::begin(now),
            heard: now,
            given: 0,
        })
    }

    pub(crate) const fn is_starting(&self) -> bool {
        self.starting_until.is_some()
    }

    pub(crate) fn has_container(&self) -> bool {
        self.line.front().is_some_and(|job| matches!(job.what, What::Container { .. }))
    }

    /// Whether it may be given a certificate now; not behind a container or a job that looks slow.
    pub(crate) fn has_room(&self) -> bool {
        self.is_idle() || self.is_useful() && self.line.len() < LINE && !self.is_held_up()
    }

    /// Whether it waits for work.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_useful() && self.line.is_empty()
    }

    fn is_useful(&self) -> bool {
        !self.is_starting() && !self.closed && self.said.is_none() && self.given < LIFE
    }

    fn is_held_up(&self) -> bool {
        self.has_container() || self.watch.is_slow()
    }

    /// How many jobs are before the next one.
    pub(crate) fn line_length(&self) -> usize {
        self.line.len()
    }

    /// Puts `job` last in line.
    pub(crate) fn give(&mut self, job: Job, now: Instant) {
        if self.line.is_empty() {
            self.watch = Watch::begin(now);
        }
        job.append_to(&mut self.outgoing);
        self.line.push_back(job);
        self.given += 1;
    }

    /// Sends what was given, as far as the socket takes it.
    pub(crate) fn send(&mut self) {
        let mut sent = 0;
        while sent < self.outgoing.len() {
            match send(&self.socket, &self.outgoing[sent..], SendFlags::NOSIGNAL) {
                Ok(count) => sent += count,
                Err(rustix::io::Errno::INTR) => {}
                // It is full, or gone: the latter shows when reading.
                Err(_) => break,
            }
        }
        self.outgoing.drain(..sent);
        if self.outgoing.is_empty() {
            self.outgoing.shrink_to(KEPT);
        }
    }

    /// Takes the answers that are there, then looks whether the child is still of use.
    pub(crate) fn attend(&mut self, desk: &Desk, now: Instant) -> Option<Loss> {
        match self.receive(desk, now) {
            Ok(()) => self.judge(now),
            Err(loss) => Some(loss),
        }
    }

    fn receive(&mut self, desk: &Desk, now: Instant) -> Result<(), Loss> {
        for _ in 0..CHUNKS {
            if self.closed {
                return Ok(());
            }
            match self.socket.read(&mut self.chunk) {
                Ok(0) => self.closed = true,
                Ok(count) => {
                    self.take(count, desk, now)?;
                    if count < self.chunk.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.closed = true,
            }
        }
        Ok(())
    }

    /// Takes the first `count` bytes of the chunk.
    fn take(&mut self, count: usize, desk: &Desk, now: Instant) -> Result<(), Loss> {
        let bytes = &self.chunk[..count];
        if let Some(said) = &mut self.said {
            said.extend_from_slice(&bytes[..count.min(SAID - said.len())]);
            return Ok(());
        }
        self.incoming.extend_from_slice(bytes);
        let mut incoming = std::mem::take(&mut self.incoming);
        let used = self.take_frames(&incoming, desk, now);
        incoming.drain(..used?);
        incoming.shrink_to(KEPT.max(incoming.len()));
        self.incoming = incoming;
        Ok(())
    }

    /// Takes every whole frame and says how many bytes they were.
    fn take_frames(&mut self, bytes: &[u8], desk: &Desk, now: Instant) -> Result<usize, Loss> {
        let mut at = 0;
        loop {
            let limit = self.line.front().map_or(0, Job::answer_limit);
            match frame::split(&bytes[at..], limit) {
                Begins::Frame(kind, contents, next) => {
                    self.take_frame(kind, contents, desk, now)?;
                    at += next;
                }
                Begins::Part => return Ok(at),
                Begins::TooLong if self.line.is_empty() => return Err(Loss::Garbled),
                Begins::TooLong => {
                    return Err(Loss::Crashed("its answer was longer than any may be".to_owned()));
                }
                Begins::Other => {
                    let said = &bytes[at..];
                    self.said = Some(said[..said.len().min(SAID)].to_vec());
                    return Ok(bytes.len());
                }
            }
        }
    }

    fn take_frame(
        &mut self,
        kind: Kind,
        contents: &[u8],
        desk: &Desk,
        now: Instant,
    ) -> Result<(), Loss> {
        self.heard = now;
        if self.is_starting() && kind == Kind::Ready {
            self.starting_until = None;
            return Ok(());
        }
        let job = self.line.pop_front().ok_or(Loss::Garbled)?;
        match job.answered(kind, contents) {
            Ok(conclusion) => desk.settle(conclusion),
            Err(job) => {
                self.line.push_front(job);
                return Err(Loss::Garbled);
            }
        }
        self.watch = Watch::begin(now);
        Ok(())
    }

    fn judge(&mut self, now: Instant) -> Option<Loss> {
        if self.closed
            && let Some(end) = self.companion.ended().transpose()
        {
            return Some(self.death(end.ok()));
        }
        if let Some(until) = self.starting_until {
            return (now >= until).then(|| Loss::NotStarted("it does not get ready".to_owned()));
        }
        let Some(first) = self.line.front() else {
            let is_of_use = self.is_useful() && now < self.heard + IDLE;
            return (!is_of_use).then_some(Loss::Idle);
        };
        let companion = &self.companion;
        let limit = self.watch.overstepped(first.budget(), now, || companion.cpu_time())?;
        Some(if self.said.is_some() { Loss::Garbled } else { Loss::Stalled(limit) })
    }

    fn death(&self, status: Option<ExitStatus>) -> Loss {
        let said = self.said.as_deref().unwrap_or_default();
        if self.is_starting() {
            return Loss::NotStarted(words::start(status, said));
        }
        if self.line.is_empty() {
            return Loss::Idle;
        }
        match words::death(status, said) {
            Death::Own(words) => Loss::Crashed(words),
            Death::Outside(words) => Loss::Killed(words),
        }
    }

    /// When to attend to it even if it says nothing.
    pub(crate) fn next(&self, now: Instant) -> Instant {
        if self.closed {
            return now + NEARLY_OVER;
        }
        match self.starting_until {
            Some(until) => until,
            None if self.line.is_empty() => self.heard + IDLE,
            None => self.watch.next(),
        }
    }

    /// What to wait for; nothing more comes from a closed socket.
    pub(crate) fn poll(&self) -> Option<PollFd<'_>> {
        let out = if self.outgoing.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
        let wanted = PollFlags::IN | out;
        (!self.closed).then(|| PollFd::from_borrowed_fd(self.socket.as_fd(), wanted))
    }

    /// Gives back time in which nothing ran.
    pub(crate) fn excuse(&mut self, pause: Duration) {
        self.watch.excuse(pause);
        if let Some(until) = &mut self.starting_until {
            *until += pause;
        }
    }

    /// Kills it. What comes back is to be reaped, and the jobs not answered.
    pub(crate) fn end(self) -> (Companion, VecDeque<Job>) {
        self.companion.kill();
        (self.companion, self.line)
    }
}

/// Jobs in flight in one child.
const LINE: usize = 32;
/// Jobs in a child's life: its processor limit counts all of them.
const LIFE: usize = 10_000;
/// From the start of the program to its first word.
const START: Duration = Duration::from_secs(5);
/// Without work: what it holds of the last job, a password perhaps, goes with it.
const IDLE: Duration = Duration::from_secs(60);
/// Between the end of the socket and that of the process.
const NEARLY_OVER: Duration = Duration::from_millis(1);
const CHUNK: usize = 64 * 1024;
/// Chunks taken before the others have their turn.
const CHUNKS: usize = 16;
/// Bytes kept of what is no frame.
const SAID: usize = 4096;
/// Bytes of a buffer that stay for the next job.
const KEPT: usize = 1 << 20;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use certvigil_doors::SystemClock;
    use certvigil_model::Clock as _;

    use super::*;

    #[test]
    fn one_without_work_goes_after_a_minute() {
        let program = Program::new("/bin/sh", ["-c", r"printf '\001\000\000\000\000'; cat"]);
        let start = SystemClock.monotonic();
        let mut worker = Worker::start(&program, start).unwrap();
        let desk = Desk::new().unwrap();
        while worker.is_starting() {
            assert!(worker.attend(&desk, start).is_none());
            std::thread::yield_now();
        }
        let (almost, then) = (start + IDLE - Duration::from_millis(1), start + IDLE);
        assert!(worker.is_idle() && worker.attend(&desk, almost).is_none());
        assert_eq!(worker.next(almost), then);
        assert!(matches!(worker.attend(&desk, then), Some(Loss::Idle)));
    }
}
