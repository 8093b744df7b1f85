//! Runs the binary as a stranger would.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The binary under test, with an environment that says nothing.
#[expect(clippy::disallowed_methods, reason = "tests start what they test")]
pub(crate) fn certvigil(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certvigil"));
    command.args(arguments).env_clear().env("CI", "1").stdin(Stdio::null());
    command
}

/// How a run came out.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }

    pub(crate) fn told(&self) -> String {
        format!("exit {:?}\n--- out\n{}\n--- err\n{}", self.code, self.out, self.err)
    }
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(certvigil(arguments).output().unwrap())
}

pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Ran {
    let mut command = certvigil(arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ran(child.wait_with_output().unwrap())
}

pub(crate) fn ran(Output { status, stdout, stderr }: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("reports are UTF-8");
    Ran { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// `check` with the JSON report, trusting `root` where there is one.
pub(crate) fn check(target: &str, root: Option<&Path>, more: &[&str]) -> (Ran, Value) {
    let root = root.map(|root| root.to_str().unwrap().to_owned());
    let mut arguments = vec!["check", target, "--format", "json", "--no-progress"];
    if let Some(root) = &root {
        arguments.extend(["--trust", root]);
    }
    arguments.extend(more);
    let ran = run(&arguments);
    let json = ran.json();
    (ran, json)
}

/// The ids of an endpoint's findings.
pub(crate) fn findings(endpoint: &Value) -> Vec<&str> {
    let findings = endpoint["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// A server of somebody else's; it ends with the test.
pub(crate) struct Peer(Child);

impl Peer {
    /// Starts `program` and waits until its `port` takes connections.
    pub(crate) fn start(program: &str, arguments: &[&str], folder: &Path, port: u16) -> Self {
        Self::start_within(Duration::from_secs(20), program, arguments, folder, port)
    }

    /// For one that needs long where other tests run beside it.
    #[expect(clippy::disallowed_methods, reason = "tests start and dial the peers that they need")]
    pub(crate) fn start_within(
        patience: Duration,
        program: &str,
        arguments: &[&str],
        folder: &Path,
        port: u16,
    ) -> Self {
        let mut peer = Self::start_unheard(program, arguments, folder, port);
        let until = SystemClock.monotonic() + patience;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || std::fs::read_to_string(folder.join(format!("{port}.log")));
            assert!(peer.0.try_wait().unwrap().is_none(), "{program} ended: {:?}", log());
            assert!(SystemClock.monotonic() < until, "{program} does not listen: {:?}", log());
            std::thread::yield_now();
        }
        peer
    }
}

impl Peer {
    /// Starts `program` and waits for nothing; what it says is in `PORT.log`.
    #[expect(clippy::disallowed_methods, reason = "tests start the peers that they need")]
    pub(crate) fn start_unheard(
        program: &str,
        arguments: &[&str],
        folder: &Path,
        port: u16,
    ) -> Self {
        let log = std::fs::File::create(folder.join(format!("{port}.log"))).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        Self(child.unwrap_or_else(|error| panic!("{program} cannot be started: {error}")))
    }
}

/// Asked first: servers of many processes end them all, and clean up.
impl Drop for Peer {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.0);
        let _ = kill_process(pid, Signal::TERM);
        let until = SystemClock.monotonic() + Duration::from_secs(5);
        while matches!(self.0.try_wait(), Ok(None)) && SystemClock.monotonic() < until {
            std::thread::yield_now();
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Says that a test could not run, in the words that `scripts/test` counts.
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
pub(crate) fn skipped(what: &str) {
    println!("SKIPPED: {what}");
}
