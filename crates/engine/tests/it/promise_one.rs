//! Promise 1: every endpoint gets a verdict, on time, whatever the runtime and the looks do.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_engine::Round;
use certvigil_model::Clock;

use crate::rounds::{Hooked, Told, idle_pool, listed, round, round_with, run, settings};

/// Whether this thread belongs to the runtime, and not to the round or the test.
fn on_the_runtime() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with("tokio"))
}

/// A listener that never answers, and `count` targets that lead there.
fn silent(count: usize) -> (TcpListener, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // A server name each keeps the targets apart.
    let targets = (0..count).map(|number| format!("{address}#n{number}.lab.test")).collect();
    (listener, targets)
}

#[test]
fn a_runtime_that_hangs_for_ever_costs_no_verdict() {
    let clock: Arc<dyn Clock> = Arc::new(Hooked(|| {
        if on_the_runtime() {
            loop {
                thread::park();
            }
        }
    }));
    let (_listener, targets) = silent(50);
    let begun = SystemClock.monotonic();
    let deadline = Duration::from_millis(300);
    let (checked, told) =
        round(settings(deadline, 16), idle_pool(Arc::new(SystemClock)), clock, &targets);
    let lines = told.lines();
    assert_eq!(lines.len(), 50);
    let distinct: HashSet<_> = lines.iter().map(|line| &line.target).collect();
    assert_eq!(distinct.len(), 50);
    for line in &lines {
        assert_eq!((line.outcome, line.verdict), ("local", "unknown"));
        assert!(line.reason.contains("our own delay"), "{}", line.reason);
    }
    assert!(checked.we_failed, "all of it was our own fault");
    let bound = told.closed().bound;
    let took = SystemClock.monotonic() - begun;
    assert!(took <= bound, "{took:?}, bound {bound:?}");
}

#[test]
fn a_look_that_panics_is_told_and_costs_the_others_nothing() {
    let armed = Arc::new(AtomicBool::new(true));
    let hook = Arc::clone(&armed);
    let clock: Arc<dyn Clock> = Arc::new(Hooked(move || {
        if on_the_runtime() && hook.swap(false, Ordering::SeqCst) {
            panic!("the look's own fault");
        }
    }));
    let (_listener, targets) = silent(10);
    let deadline = Duration::from_millis(300);
    let (checked, told) =
        round(settings(deadline, 16), idle_pool(Arc::new(SystemClock)), clock, &targets);
    assert!(!armed.load(Ordering::SeqCst));
    let lines = told.lines();
    assert_eq!(lines.len(), 10);
    let local: Vec<_> = lines.iter().filter(|line| line.outcome == "local").collect();
    assert_eq!(local.len(), 1, "{lines:?}");
    assert!(local[0].reason.contains("the look's own fault"), "{}", local[0].reason);
    assert_eq!(lines.iter().filter(|line| line.outcome == "timeout").count(), 9);
    assert!(!checked.we_failed, "one of ten is no failure of the round");
}

#[test]
fn a_stopped_round_says_what_it_has_not_looked_at() {
    let (listener, targets) = silent(500);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let deadline = Duration::from_secs(60);
    let meet = |stopper: certvigil_engine::Stopper| {
        thread::spawn(move || {
            let first = listener.accept();
            stopper.stop("the test");
            drop(first);
        });
    };
    let pool = idle_pool(Arc::clone(&clock));
    let (checked, told) = round_with(settings(deadline, 4), pool, clock, &targets, meet);
    let lines = told.lines();
    assert_eq!(lines.len(), 500);
    assert!(lines.iter().all(|line| line.outcome == "not-attempted"));
    assert!(lines[0].reason.contains("ended by the test"), "{}", lines[0].reason);
    let closed = told.closed();
    assert_eq!((closed.expected, closed.attempted, closed.checked), (500, 0, 0));
    assert!(checked.we_failed);
}

/// With fewer slots than targets, waiting for a turn is no delay of the endpoint's or of ours.
#[test]
fn waiting_for_a_turn_uses_up_nobodys_time() {
    let (_listener, targets) = silent(12);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = idle_pool(Arc::clone(&clock));
    let deadline = Duration::from_millis(600);
    let (checked, told) = round(settings(deadline, 2), pool, clock, &targets);
    assert!(told.lines().iter().all(|line| line.outcome == "timeout"), "{:?}", told.lines());
    assert!(!checked.we_failed);
    assert!(told.closed().bound >= Duration::from_millis(6 * 600));
}

/// A list may go on for ever with what is no target.
#[test]
fn lines_that_are_no_targets_keep_no_verdict_waiting() {
    let (_listener, targets) = silent(1);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = idle_pool(Arc::clone(&clock));
    let round = Round::new(settings(Duration::from_millis(300), 4), pool, clock).unwrap();
    let told = Told::default();
    let is_told = || told.lines().iter().any(|line| line.outcome == "timeout");
    let endless = (0..1_000_000).take_while(|at| at % 1_000 > 0 || !is_told());
    let list = targets.iter().map(String::as_str).chain(endless.map(|_| "no target"));
    run(round, list.map(listed), &told);
    let lines = told.lines();
    assert!(lines.len() < 1_000_000, "its verdict came last");
    assert_eq!(lines.iter().filter(|line| line.outcome == "timeout").count(), 1);
}
