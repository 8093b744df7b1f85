//! Promise 1: every endpoint gets a verdict, on time, whatever the runtime and the looks do.

use std::collections::HashSet;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_engine::Round;
use certvigil_inventory::{Defaults, parse, parse_resolve};
use certvigil_model::Clock;
use certvigil_report::{Closed, EndpointLine, Report, TargetFinding};

use crate::rounds::{
    Hooked, Quiet, Told, idle_pool, listed, round, round_with, run, run_into, settings,
};

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

/// One name, sixteen addresses: a look in their midst never comes back.
#[test]
fn an_address_that_hangs_hides_no_other_of_its_name() {
    let calls = AtomicUsize::new(0);
    let clock: Arc<dyn Clock> = Arc::new(Hooked(move || {
        if on_the_runtime() && calls.fetch_add(1, Ordering::SeqCst) == 10 {
            loop {
                thread::park();
            }
        }
    }));
    let resolve = |host: u8| parse_resolve(&format!("a.lab.test:1:127.0.0.{host}")).unwrap();
    let defaults = Defaults { resolve: (1..=16).map(resolve).collect(), ..Defaults::default() };
    let pool = idle_pool(Arc::new(SystemClock));
    let round = Round::new(settings(Duration::from_millis(300), 32), pool, clock).unwrap();
    let told = Told::default();
    run(round, std::iter::once(parse("tls://a.lab.test:1", None, &defaults)), &told);
    let outcomes: Vec<_> = told.lines().iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes.len(), 16, "{outcomes:?}");
    let local = outcomes.iter().filter(|outcome| **outcome == "local").count();
    assert_eq!((local, outcomes.len() - local), (1, 15), "{outcomes:?}");
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

/// A report may be slow to write, to a pipe for instance: those who have spoken meanwhile are not late.
#[test]
fn a_slow_report_makes_nobody_late() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = idle_pool(Arc::clone(&clock));
    let round = Round::new(settings(Duration::from_millis(300), 4), pool, clock).unwrap();
    let told = Told::default();
    let slow = Slow { told: told.clone(), pause: Duration::from_millis(1_500) };
    let targets: Vec<_> = (0..8).map(|n| format!("127.0.0.1:1#n{n}.lab.test")).collect();
    run_into(round, targets.iter().map(|target| listed(target)), Box::new(slow));
    let outcomes: Vec<_> = told.lines().iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, ["refused"; 8]);
}

/// Takes its time over the first line.
struct Slow {
    told: Told,
    pause: Duration,
}

impl Report for Slow {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        thread::sleep(std::mem::take(&mut self.pause));
        self.told.endpoint(line)
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.told.target(said)
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        Box::new(self.told).finish(closed)
    }
}

/// A disk may be full half way: what was written must not pass for the whole.
#[test]
fn a_report_that_lacks_a_line_is_not_finished() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = idle_pool(Arc::clone(&clock));
    let round = Round::new(settings(Duration::from_millis(300), 4), pool, clock).unwrap();
    let (told, other) = (Told::default(), Told::default());
    let full = Full { told: told.clone(), lines_left: 2 };
    let reports: Vec<Box<dyn Report>> = vec![Box::new(full), Box::new(other.clone())];
    let targets = (0..5).map(|_| listed("no target"));
    let error = round.run(targets, reports, &mut Quiet, &mut ()).unwrap_err();
    assert!(matches!(error, certvigil_engine::Error::Report(_)), "{error}");
    assert_eq!((told.lines().len(), told.is_closed()), (2, false));
    assert_eq!((other.lines().len(), other.is_closed()), (5, true), "the others have all");
}

/// Has room for a few lines.
struct Full {
    told: Told,
    lines_left: usize,
}

impl Report for Full {
    fn endpoint(&mut self, line: &EndpointLine) -> io::Result<()> {
        self.lines_left = self.lines_left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        self.told.endpoint(line)
    }

    fn target(&mut self, said: &TargetFinding) -> io::Result<()> {
        self.told.target(said)
    }

    fn finish(self: Box<Self>, closed: &Closed) -> io::Result<()> {
        Box::new(self.told).finish(closed)
    }
}
