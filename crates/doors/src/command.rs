//! Other programs: argument arrays, a clean environment, a group of their own that is ended whole.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

mod run;

pub use run::{Limits, Output, run, run_with};

/// What to run. No shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable's full path; no `PATH` is handed on to look a bare name up in.
    pub path: PathBuf,
    /// Its arguments, one each.
    pub args: Vec<OsString>,
    /// All that its environment holds.
    pub variables: Vec<(OsString, OsString)>,
}

impl Program {
    /// `path` with `args` and an empty environment.
    pub fn new<A: Into<OsString>>(
        path: impl Into<PathBuf>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        let args = args.into_iter().map(Into::into).collect();
        Self { path: path.into(), args, variables: Vec::new() }
    }

    /// This very program with other arguments, even when its file was replaced since it started.
    ///
    /// # Errors
    /// The system does not say where the program's file is.
    pub fn this<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> io::Result<Self> {
        let running = Path::new("/proc/self/exe");
        let path = if running.exists() { running.to_owned() } else { std::env::current_exe()? };
        Ok(Self::new(path, args))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door that processes go through")]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.args).env_clear().envs(self.variables.iter().cloned()).process_group(0);
        command
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Start { program: self.path.clone(), source }
    }
}

/// A program could not be run to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It did not end in time; its whole group was killed.
    #[error("{program} did not end within {limit:?}")]
    Deadline {
        /// The executable.
        program: PathBuf,
        /// The time that it had.
        limit: Duration,
    },
    /// It could not be started.
    #[error("{program} cannot be started")]
    Start {
        /// The executable.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It could not be watched; its whole group was killed.
    #[error("{program} cannot be watched")]
    Watch {
        /// The executable.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A running child that lives no longer than this value: dropped, it is killed with its whole
/// group and reaped.
#[derive(Debug)]
pub struct Companion {
    child: Child,
    status: Option<ExitStatus>,
}

impl Companion {
    /// Starts `program` with one end of a socket pair as its standard input and output, and
    /// returns the other end. What it writes to standard error is dropped.
    ///
    /// When this process ends, however it ends, the child sees the end of its input.
    ///
    /// # Errors
    /// No sockets or processes are left, or there is no such program.
    pub fn start(program: &Program) -> Result<(Self, UnixStream), Error> {
        let fail = |source| program.failed(source);
        let (ours, theirs) = UnixStream::pair().map_err(fail)?;
        let input = OwnedFd::from(theirs.try_clone().map_err(fail)?);
        let child = program
            .command()
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(OwnedFd::from(theirs)))
            .stderr(Stdio::null())
            .spawn()
            .map_err(fail)?;
        Ok((Self { child, status: None }, ours))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processor time that it has used, user and system, in steps of the kernel's 10 ms;
    /// none where the system does not say.
    pub fn cpu_time(&self) -> Option<Duration> {
        cpu_time(self.child.id())
    }

    /// How it ended; none while it runs.
    ///
    /// # Errors
    /// Somebody else has reaped it.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() && has_ended(&self.child)? {
            // What it may have started goes before its own number is free for others.
            kill_group(&self.child);
            self.status = self.child.try_wait()?;
        }
        Ok(self.status)
    }

    /// Kills it with its whole group; it stays to be reaped by [`Companion::ended`] or the drop.
    pub fn kill(&self) {
        if self.status.is_none() {
            kill_group(&self.child);
        }
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        if self.status.is_none() {
            kill_group(&self.child);
            // Nobody is left who could be told.
            let _ = self.child.wait();
        }
    }
}

/// Whether `child` has ended; it is not reaped, so its number and its group stay its own.
fn has_ended(child: &Child) -> io::Result<bool> {
    let Some(pid) = pid(child) else { return Ok(true) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// To be called only before `child` is reaped.
fn kill_group(child: &Child) {
    if let Some(pid) = pid(child) {
        // It fails when nobody is left in the group, which is what was wanted.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// `utime` and `stime` of `/proc/PID/stat` (proc_pid_stat(5), fields 14 and 15).
fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything, so fields
    // are counted from the last parenthesis on.
    let end_of_name = stat.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(stat.get(end_of_name + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * MILLIS_PER_TICK))
}

/// The kernel counts for programs in hundredths of a second (`USER_HZ`) on every architecture
/// that Rust's standard library runs on.
const MILLIS_PER_TICK: u64 = 10;
