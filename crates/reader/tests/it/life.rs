//! How children come and go.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_doors::command::{Companion, Program};
use certvigil_model::Clock as _;
use certvigil_reader::{Pool, READ};
use certvigil_x509::Reading;

use crate::support::{
    Hostile, PROGRAM, assert_read, certificates, children, new_tag, ticks, told, wait_until,
};

#[tokio::test]
async fn no_child_before_the_first_need_and_one_when_one_suffices() {
    let hostile = Hostile::new();
    assert_eq!(hostile.children(), []);
    let good = certificates(8);
    hostile.read_all(good.iter().map(Vec::as_slice)).await;
    assert_eq!(hostile.children().len(), 1);
}

#[tokio::test]
async fn a_certificate_read_before_costs_no_child() {
    let hostile = Hostile::new();
    let good = certificates(1).remove(0);
    let (first, at_once) = tokio::join!(hostile.read(&good), hostile.read(&good));
    let again = hostile.read(&good).await;
    for other in [&at_once, &again] {
        let (Reading::Facts(first), Reading::Facts(other)) = (&first, other) else { panic!() };
        assert!(Arc::ptr_eq(first, other));
    }
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_nothing_behind() {
    let hostile = Hostile::new();
    let (sleepers, good) = (["1", "2", "3", "4"], certificates(1).remove(0));
    let asleep = sleepers.map(|which| told("SLEEP", which.as_bytes()));
    let started = SystemClock.monotonic();
    let gone = async {
        tokio::join!(
            hostile.read(&asleep[0]),
            hostile.read(&asleep[1]),
            hostile.read(&asleep[2]),
            hostile.read(&asleep[3]),
        )
    };
    assert!(tokio::time::timeout(Duration::from_millis(100), gone).await.is_err());
    assert_read(&hostile.read(&good).await, &good);
    // Two children sleep for 2 s each; the other two sleepers were never begun.
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_child_retires_after_ten_thousand_jobs() {
    let hostile = Hostile::new();
    let der = certificates(1).remove(0);
    let with_number = |number: u32| [der.as_slice(), &number.to_be_bytes()].concat();
    assert!(matches!(hostile.read(&with_number(0)).await, Reading::Facts(_)));
    let first = hostile.children();
    // One after the other, so that one child has all of them.
    for number in 1..10_000 {
        assert!(matches!(hostile.read(&with_number(number)).await, Reading::Facts(_)));
    }
    wait_until("the first child is gone", || {
        !hostile.children().iter().any(|pid| first.contains(pid))
    });
    assert!(matches!(hostile.read(&with_number(10_000)).await, Reading::Facts(_)));
    assert_ne!(hostile.children(), first);
}

#[tokio::test]
async fn a_dropped_pool_kills_its_children_at_work() {
    let hostile = Hostile::new();
    let asleep = told("SLEEP", b"");
    let asked = hostile.read(&asleep);
    assert!(tokio::time::timeout(Duration::from_millis(300), asked).await.is_err());
    assert_eq!(hostile.children().len(), 1);
    let started = SystemClock.monotonic();
    assert_eq!(hostile.end(), []);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_child_killed_from_outside_is_nobodys_fault() {
    let hostile = Hostile::new();
    let good = certificates(2);
    assert_read(&hostile.read(&good[0]).await, &good[0]);
    let idle = hostile.children();
    kill(&idle);
    wait_until("it is gone", || hostile.children().is_empty());
    assert_read(&hostile.read(&good[1]).await, &good[1]);
    // At work: the first time it is asked again, the second time it is told.
    let asleep = told("SLEEP", b"");
    let killer = async {
        let mut seen = idle;
        for _ in 0..2 {
            let working = loop {
                let children = hostile.children();
                if children.iter().any(|pid| !seen.contains(pid)) {
                    break children;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            };
            // Long enough to be asleep over its job, not long enough to be stopped for it.
            tokio::time::sleep(Duration::from_millis(300)).await;
            kill(&working);
            seen.extend(working);
        }
    };
    let (reading, ()) = tokio::join!(hostile.read(&asleep), killer);
    let want = "reader crashed: it was killed from outside by signal 9, twice";
    assert_eq!(reading, Reading::Crashed(want.to_owned()));
}

fn kill(pids: &[u32]) {
    for &pid in pids {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
}

/// Whatever ends the parent, also in the midst of a job that never ends and so does not see it.
#[test]
fn children_end_with_a_parent_that_is_killed() {
    let tag = new_tag();
    let (parent, _socket) =
        Companion::start(&Program::new(PROGRAM, ["parent", &tag, "container", "LOOP"])).unwrap();
    wait_until("a child is at its job", || children(&tag).iter().any(|&pid| ticks(pid) >= 20));
    parent.kill();
    wait_until("no child is there", || children(&tag).is_empty());
}

#[test]
fn a_pool_without_work_uses_no_processor() {
    let tag = new_tag();
    let (parent, mut socket) =
        Companion::start(&Program::new(PROGRAM, ["parent", &tag, "certificate", "LOOP"])).unwrap();
    let mut answer = [0; 100];
    assert!(socket.read(&mut answer).unwrap() > 0);
    wait_until("the killed child is reaped", || children(&tag).is_empty());
    let before = ticks(parent.id());
    std::thread::sleep(Duration::from_millis(500));
    let used = ticks(parent.id()) - before;
    assert!(used <= 2, "{used} ticks in 500 ms");
}

#[tokio::test]
async fn no_program_is_our_own_failure() {
    for (program, reason) in [
        (Program::new("/nonexistent", [READ]), "/nonexistent cannot be started: No such file"),
        (Program::new("/bin/false", [READ]), "it ended by itself with exit code 1"),
    ] {
        let pool = Pool::new(program, Arc::new(SystemClock));
        let started = SystemClock.monotonic();
        let fingerprint = certvigil_model::Fingerprint::of(b"");
        let reading = pool.certificate((*b"").into(), fingerprint).await;
        let Reading::Local(words) = reading else { panic!("{reading:?}") };
        let want = format!("no reading process could be started: {reason}");
        assert!(words.starts_with(&want), "{words}");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

/// A program that starts and says nothing is told apart from one that reads.
#[tokio::test]
async fn a_child_that_does_not_get_ready_is_our_own_failure() {
    let program = Program::new("/bin/sleep", ["1000"]);
    let pool = Pool::new(program, Arc::new(SystemClock));
    let reading = pool.certificate((*b"").into(), certvigil_model::Fingerprint::of(b"")).await;
    let want = "no reading process could be started: it does not get ready";
    assert_eq!(reading, Reading::Local(want.to_owned()));
}
