//! What real servers stand on: processes, ports, requests of persons, pages as they see them.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::{Client, Http, Method, Proxy, Request};
use certvigil_model::Clock as _;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

/// A moment by which anything here has to be over.
pub(crate) fn soon() -> Instant {
    SystemClock.monotonic() + Duration::from_secs(60)
}

/// A client that no proxy of this machine stands between.
pub(crate) fn client() -> Client {
    let http = Http { proxy: Proxy::None, ..Http::default() };
    Client::new(&http, "certvigil-tests").unwrap()
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether all that is needed is here; says so where it is not.
#[expect(clippy::print_stdout, reason = "a skip is told")]
pub(crate) fn is_here(what: &str, files: &[&str]) -> bool {
    let missing = files.iter().find(|file| !Path::new(file).exists());
    if let Some(file) = missing {
        println!("SKIPPED: {what}, {file} absent (scripts/test installs it)");
    }
    missing.is_none()
}

/// A server with all its workers, ended with the test.
pub(crate) struct Server(Child);

impl Server {
    /// Starts `command` in a process group of its own and waits until `is_ready`.
    pub(crate) fn start(mut command: Command, log: &Path, is_ready: impl Fn() -> bool) -> Self {
        use std::os::unix::process::CommandExt as _;
        let file = File::create(log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let mut server = Self(command.process_group(0).spawn().unwrap());
        let until = soon();
        while !is_ready() {
            let said = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(server.0.try_wait().unwrap().is_none(), "it ended: {}", said());
            assert!(SystemClock.monotonic() < until, "it is not ready: {}", said());
            // Its own work needs the processor.
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.0);
        let _ = kill_process_group(group, Signal::TERM);
        let until = SystemClock.monotonic() + Duration::from_secs(10);
        while matches!(self.0.try_wait(), Ok(None)) && SystemClock.monotonic() < until {
            std::thread::yield_now();
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Runs a program to its end; what it printed.
pub(crate) fn run(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {printed}{said}");
    printed
}

/// Runs statements on an SQLite database that a server has open.
#[expect(clippy::disallowed_methods, reason = "tests start what they need")]
pub(crate) fn sql(database: &Path, statements: &str) {
    let mut python = Command::new("python3");
    let program = "import sqlite3,sys\n\
                   with sqlite3.connect(sys.argv[1],timeout=30) as d: d.executescript(sys.argv[2])";
    python.args(["-c", program]).arg(database).arg(statements);
    run(python);
}

/// What a person asks a server for, outside of what is tested.
pub(crate) struct Person {
    /// Name and value of the header field that lets them in.
    pub(crate) secret: (&'static str, String),
    /// The address that paths begin at.
    pub(crate) base: String,
}

impl Person {
    /// The status and the JSON of the answer, null where there is none.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = Request {
            method,
            url: format!("{}{path}", self.base).parse().unwrap(),
            headers: Vec::new(),
            secret: Some((self.secret.0, Secret::new(&self.secret.1))),
            body: body.map(|body| ("application/json", body.to_string().into_bytes())),
            by: soon(),
            most: 10_000_000,
        };
        match client().send(&request) {
            Ok(answer) => (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()),
            Err(_) => (0, Value::Null),
        }
    }

    /// The same, where it has to be done.
    pub(crate) fn does(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, Some(body));
        assert!((200..300).contains(&status), "{method:?} {path}: {status} {answer}");
        answer
    }
}
