use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_doors::command::{Companion, Error, Limits, Program, run, run_with};
use certvigil_model::Clock as _;

const LIMITS: Limits = Limits { deadline: Some(Duration::from_secs(20)), output_bytes: 1000 };

fn shell(script: &str) -> Program {
    Program::new("/bin/sh", ["-c", script])
}

/// Whether a process with this number is there, dead and unreaped ones included.
fn is_there(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

/// Gone or waiting to be reaped by whoever adopted it.
fn runs(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim_start().starts_with('Z'))
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = SystemClock.monotonic() + Duration::from_secs(20);
    while !condition() {
        assert!(SystemClock.monotonic() < deadline, "not in 20 s: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn arguments_and_environment_are_what_was_given_and_nothing_else() {
    let mut program = Program::new("/usr/bin/env", [""; 0]);
    program.variables.push(("ONLY".into(), "this; $HOME".into()));
    let output = run(&program, LIMITS).unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "ONLY=this; $HOME\n");
}

#[test]
fn status_and_both_outputs_come_back() {
    let output = run(&shell("echo out; echo err >&2; exit 3"), LIMITS).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!((output.stdout, output.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
    assert!(!output.truncated);
}

#[test]
fn output_at_the_limit_is_whole_and_one_byte_more_is_cut() {
    for (length, truncated) in [(1000, false), (1001, true), (3_000_000, true)] {
        let script = format!("head -c {length} /dev/zero");
        let output = run(&shell(&script), LIMITS).unwrap();
        assert_eq!((output.stdout.len(), output.truncated), (1000, truncated), "{length}");
    }
}

#[test]
fn a_program_that_never_ends_is_killed_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("pids");
    let script = format!("sleep 1000 & echo $! > {0}; echo $$ >> {0}; wait", list.display());
    let limits = Limits { deadline: Some(Duration::from_millis(500)), ..LIMITS };
    let error = run(&shell(&script), limits).unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    let pids = std::fs::read_to_string(&list).unwrap();
    let pids: Vec<u32> = pids.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(pids.len(), 2);
    wait_until("both are gone", || !pids.iter().any(|&pid| runs(pid)));
}

#[test]
fn what_talks_without_end_is_ended_too() {
    let limits = Limits { deadline: Some(Duration::from_millis(300)), ..LIMITS };
    let error = run(&Program::new("/usr/bin/yes", [""; 0]), limits).unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
}

#[test]
fn a_left_over_that_holds_the_output_open_does_not_keep_us() {
    let started: Instant = SystemClock.monotonic();
    let output = run(&shell("echo $$; sleep 1000 & exit 0"), LIMITS).unwrap();
    assert!(output.status.success());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn what_it_is_given_to_read_is_read_whole_or_not_at_all() {
    let input = vec![b'x'; 1 << 20];
    let counted = run_with(&shell("wc -c"), &input, LIMITS).unwrap();
    assert_eq!(String::from_utf8_lossy(&counted.stdout).trim(), "1048576");
    assert!(run_with(&shell("true"), &input, LIMITS).unwrap().status.success());
}

#[test]
fn what_is_not_there_is_named() {
    let error = run(&Program::new("/nonexistent/program", [""; 0]), LIMITS).unwrap_err();
    assert_eq!(error.to_string(), "/nonexistent/program cannot be started");
}

#[test]
fn a_companion_talks_and_goes_with_its_handle() {
    let (mut companion, mut socket) = Companion::start(&Program::new("/bin/cat", [""; 0])).unwrap();
    socket.write_all(b"hello").unwrap();
    let mut answer = [0; 5];
    socket.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"hello");
    assert_eq!(companion.ended().unwrap(), None);
    let pid = companion.id();
    drop(companion);
    assert!(!is_there(pid));
}

#[test]
fn a_companion_sees_our_end_and_is_reaped() {
    let (mut companion, socket) = Companion::start(&Program::new("/bin/cat", [""; 0])).unwrap();
    drop(socket);
    let deadline = SystemClock.monotonic() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = companion.ended().unwrap() {
            break status;
        }
        assert!(SystemClock.monotonic() < deadline);
        std::thread::yield_now();
    };
    assert!(status.success());
    assert!(!is_there(companion.id()));
}

#[test]
fn processor_time_is_counted() {
    let (companion, _socket) = Companion::start(&shell("while :; do :; done")).unwrap();
    wait_until("it has used 50 ms", || companion.cpu_time().unwrap() >= Duration::from_millis(50));
    let (idle, _socket) = Companion::start(&Program::new("/bin/cat", [""; 0])).unwrap();
    assert!(idle.cpu_time().unwrap() < Duration::from_millis(50));
}

#[test]
fn this_program_is_this_one() {
    let output =
        run(&Program::this(["--list"]).unwrap(), Limits { output_bytes: 100_000, ..LIMITS });
    let listed = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(listed.contains("this_program_is_this_one: test"), "{listed}");
}
