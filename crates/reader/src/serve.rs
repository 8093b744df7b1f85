//! The child: limits itself, then reads what it is given until there is no more.

use std::fs::File;
use std::io::{self, BufReader, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::thread;

use certvigil_x509::{Facts, Found};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stderr, stdin, stdout};

use crate::confine;
use crate::frame::{self, Kind};
use crate::job::CONTAINER_LIMIT;
use crate::words;

/// Reads what the parent sends on standard input and answers on standard output, until the input
/// ends: the whole life of a child. To be called before anything else that the program does.
///
/// `read` gives a certificate's facts, `find` the certificates in a container. When either
/// panics, overflows its stack or runs out of memory, the process ends there and then, and the
/// parent knows which job it was.
pub fn serve(read: fn(&[u8]) -> Facts, find: fn(&[u8], Option<&str>) -> Vec<Found>) -> ExitCode {
    match live(Reader { read, find }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent reads it as the reason why there is no child.
            let _ = writeln!(io::stderr(), "{}", words::chain(&error));
            ExitCode::FAILURE
        }
    }
}

#[derive(Clone, Copy)]
struct Reader {
    read: fn(&[u8]) -> Facts,
    find: fn(&[u8], Option<&str>) -> Vec<Found>,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Confine(#[from] confine::Error),
    #[error("the reading process lost its parent")]
    Pipe(#[from] io::Error),
}

fn live(reader: Reader) -> Result<(), Error> {
    let input = File::from(fcntl_dupfd_cloexec(stdin(), 3).map_err(io::Error::from)?);
    let output = File::from(fcntl_dupfd_cloexec(stdout(), 3).map_err(io::Error::from)?);
    // What the runtime says of a panic, a full stack or missing memory goes to the parent too.
    dup2_stderr(&output).map_err(io::Error::from)?;
    abort_on_panic();
    confine::limit()?;
    // The thread is there before the filter and works after it.
    let gate = Arc::new(Barrier::new(2));
    let thread = {
        let gate = Arc::clone(&gate);
        let work = move || {
            gate.wait();
            gate.wait();
            answer_all(reader, input, output)
        };
        thread::Builder::new().name("reader".to_owned()).stack_size(STACK).spawn(work)?
    };
    gate.wait();
    confine::filter()?;
    gate.wait();
    match thread.join() {
        Ok(done) => Ok(done?),
        Err(_panic) => std::process::abort(),
    }
}

/// A reader that has panicked once is not asked a second time.
fn abort_on_panic() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print(panic);
        std::process::abort();
    }));
}

fn answer_all(reader: Reader, input: File, mut output: File) -> io::Result<()> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let (mut job, mut answer) = (Vec::new(), Vec::new());
    frame::append(&mut answer, Kind::Ready, &[]);
    output.write_all(&answer)?;
    while let Some(kind) = frame::read(&mut input, &mut job, JOB_LIMIT)? {
        answer.clear();
        reader.answer(kind, &job, &mut answer)?;
        // At once, before the next job: whoever is unanswered when this process dies did it.
        output.write_all(&answer)?;
        job.shrink_to(KEPT);
        answer.shrink_to(KEPT);
    }
    Ok(())
}

impl Reader {
    fn answer(self, kind: Kind, job: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match kind {
            Kind::Certificate => encode(Kind::Facts, &(self.read)(job), out),
            Kind::Container => encode(Kind::Found, &(self.find)(job, None), out),
            Kind::ContainerWithPassword => {
                let (password, bytes) = split_password(job).ok_or(io::ErrorKind::InvalidData)?;
                encode(Kind::Found, &(self.find)(bytes, Some(password)), out)
            }
            Kind::Ready | Kind::Facts | Kind::Found => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn encode(kind: Kind, value: &impl serde::Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    let begun = frame::begin(out, kind);
    postcard::to_io(value, &mut *out).map_err(io::Error::other)?;
    frame::finish(out, begun);
    Ok(())
}

fn split_password(job: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = job.split_first_chunk()?;
    let (password, bytes) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((std::str::from_utf8(password).ok()?, bytes))
}

/// Known and the same everywhere: the main thread's may be unlimited.
const STACK: usize = 1 << 20;
/// A container with a password of its own length, at most.
const JOB_LIMIT: usize = 2 * CONTAINER_LIMIT;
/// Bytes of a buffer that stay for the next job.
const KEPT: usize = 1 << 20;
