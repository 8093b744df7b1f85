//! Other processes: this very test program, started once more for one test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const STORE: &str = "CERTVIGIL_TEST_STORE";

/// Where the store is, in a process that another test started.
pub(crate) fn store_of_child() -> Option<PathBuf> {
    certvigil_doors::env::read_named(STORE).map(PathBuf::from)
}

/// The program and arguments that run the test `name` (its path below this crate) as a child.
pub(crate) fn arguments(name: &str) -> Vec<String> {
    let program = std::env::current_exe().unwrap().display().to_string();
    let rest = ["--exact", name, "--nocapture", "--test-threads=1"];
    std::iter::once(program).chain(rest.map(str::to_owned)).collect()
}

/// `arguments` with the store's path in the environment.
#[expect(clippy::disallowed_methods, reason = "a test starts itself once more")]
pub(crate) fn command(arguments: &[String], store: &Path) -> Command {
    let mut command = Command::new(&arguments[0]);
    command.args(&arguments[1..]).env(STORE, store).stdin(Stdio::null());
    command
}

/// A child that runs the test `name`, killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Running {
    pub(crate) fn start(name: &str, store: &Path) -> Self {
        let mut command = command(&arguments(name), store);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line that begins with `head`, without it; none when the child has ended.
    pub(crate) fn line(&mut self, head: &str) -> Option<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.strip_prefix(head) {
                return Some(rest.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    /// `kill -9`; what it had still said.
    pub(crate) fn kill(mut self, head: &str) -> Option<String> {
        self.child.kill().unwrap();
        let mut last = None;
        while let Some(line) = self.line(head) {
            last = Some(line);
        }
        self.child.wait().unwrap();
        last
    }

    /// Waits for its end, which must be a good one.
    pub(crate) fn finish(mut self) {
        while self.line("\0").is_some() {}
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All that a finished child said.
pub(crate) fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}")
}
