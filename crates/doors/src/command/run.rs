//! Running a program to its end.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{ChildStderr, ChildStdout, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use certvigil_model::Clock as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use super::{Companion, Error, Program};
use crate::SystemClock;

/// What a program may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run; none for as long as it takes.
    pub deadline: Option<Duration>,
    /// Bytes kept of each of its two outputs; the rest is read and dropped.
    pub output_bytes: usize,
}

/// How a program ended, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// Whether either said more than was kept.
    pub truncated: bool,
}

/// Runs `program` with nothing to read, and waits for its end. Blocks the thread.
///
/// It has ended when its first process has: what that one left running is killed, also when it
/// still holds the output open.
///
/// # Errors
/// It cannot be started or watched, or oversteps the deadline.
pub fn run(program: &Program, limits: Limits) -> Result<Output, Error> {
    run_reading(program, Stdio::null(), limits)
}

/// The same with `input` to read, which stands in a file without a name: a program that does not read it holds nobody up.
///
/// # Errors
/// As those of [`run`], and there is no room for the file.
pub fn run_with(program: &Program, input: &[u8], limits: Limits) -> Result<Output, Error> {
    let file = nameless(input).map_err(|source| program.failed(source))?;
    run_reading(program, Stdio::from(file), limits)
}

fn nameless(content: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(content)?;
    file.rewind()?;
    Ok(file)
}

fn run_reading(program: &Program, stdin: Stdio, limits: Limits) -> Result<Output, Error> {
    let mut child = program
        .command()
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| program.failed(source))?;
    let stdout = Pipe::new(child.stdout.take(), limits.output_bytes);
    let stderr = Pipe::new(child.stderr.take(), limits.output_bytes);
    let companion = Companion { child, status: None };
    let watch = Watch { companion, stdout, stderr };
    let until = limits.deadline.and_then(|limit| SystemClock.monotonic().checked_add(limit));
    match watch.finish(until) {
        Ok(Some(output)) => Ok(output),
        Ok(None) => Err(Error::Deadline {
            program: program.path.clone(),
            limit: limits.deadline.unwrap_or_default(),
        }),
        Err(source) => Err(Error::Watch { program: program.path.clone(), source }),
    }
}

/// A child and its two outputs; dropped early, the child is killed.
struct Watch {
    companion: Companion,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
}

impl Watch {
    fn finish(mut self, until: Option<Instant>) -> io::Result<Option<Output>> {
        self.stdout.prepare()?;
        self.stderr.prepare()?;
        loop {
            let ended = self.companion.ended()?;
            // After the end is known, so that nothing said before it is missed.
            self.stdout.drain()?;
            self.stderr.drain()?;
            if let Some(status) = ended {
                let truncated = self.stdout.truncated || self.stderr.truncated;
                let (stdout, stderr) = (self.stdout.kept, self.stderr.kept);
                return Ok(Some(Output { status, stdout, stderr, truncated }));
            }
            let left = until.map(|until| until.saturating_duration_since(SystemClock.monotonic()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
            self.wait_for_output(left.map_or(STEP, |left| left.min(STEP)))?;
        }
    }

    /// Until there is something to read, or `at_most` has passed.
    fn wait_for_output(&self, at_most: Duration) -> io::Result<()> {
        let open: Vec<BorrowedFd<'_>> =
            self.stdout.fd().into_iter().chain(self.stderr.fd()).collect();
        // With both outputs closed the end is near: it is asked for at short intervals.
        let at_most = if open.is_empty() { at_most.min(SHORT_STEP) } else { at_most };
        let mut open: Vec<PollFd<'_>> =
            open.into_iter().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let timeout = Timespec {
            tv_sec: i64::try_from(at_most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(at_most.subsec_nanos()),
        };
        match poll(&mut open, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// One output, as far as it is kept.
struct Pipe<R> {
    source: Option<R>,
    kept: Vec<u8>,
    limit: usize,
    truncated: bool,
}

impl<R: Read + AsFd> Pipe<R> {
    const fn new(source: Option<R>, limit: usize) -> Self {
        Self { source, kept: Vec::new(), limit, truncated: false }
    }

    fn prepare(&self) -> io::Result<()> {
        match &self.source {
            Some(source) => Ok(ioctl_fionbio(source, true)?),
            None => Ok(()),
        }
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.source.as_ref().map(AsFd::as_fd)
    }

    /// Takes what is there now, in pieces: a program that never stops talking must not keep us
    /// from looking at the clock.
    fn drain(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        for _ in 0..PIECES {
            let Some(source) = &mut self.source else { return Ok(()) };
            match source.read(&mut buffer) {
                Ok(0) => self.source = None,
                Ok(count) => self.keep(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.limit - self.kept.len();
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.truncated |= bytes.len() > room;
    }
}

/// How long the end of a program that keeps its outputs open may go unseen.
const STEP: Duration = Duration::from_millis(20);
const SHORT_STEP: Duration = Duration::from_millis(1);
/// Pieces of 16 KiB taken at once: what a pipe holds at most by default, four times over.
const PIECES: usize = 16;
