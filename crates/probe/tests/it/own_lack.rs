//! When this machine has nothing left to look with, that is its own fault and told as that.

use std::fs;
use std::os::fd::AsRawFd as _;
use std::process::Command;
use std::time::Duration;

use certvigil_model::{Ended, Outcome, Phase};
use certvigil_probe::Resolver;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::outcomes::vacant;
use crate::support::{AMPLE, block_on, endpoint, look_now, now, prober};

/// Marks the process that may be robbed of its descriptors.
const MARK: &str = "CERTVIGIL_TEST_WITHOUT_DESCRIPTORS";

/// In a process of its own: other tests of this one need their descriptors.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test starts itself once more, marked")]
fn without_descriptors_it_is_our_own_lack() {
    if std::env::var_os(MARK).is_some() {
        return robbed();
    }
    let name = "own_lack::without_descriptors_it_is_our_own_lack";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn robbed() {
    block_on(async {
        let (prober, endpoint) = (prober(), endpoint(vacant()));
        let resolver = Resolver::asking(vec![vacant()]);
        let within = Duration::from_secs(2);
        // What is opened once is open from here on.
        let _ = resolver.addresses("www.example.org", now() + within, within).await;

        let free = free();
        limit(free);
        let capture = look_now(&prober, &endpoint, false, AMPLE).await;
        assert_local(&capture.ended, Phase::Connect);
        assert!(capture.presented.is_empty());
        let unresolved = resolver.addresses("www.example.net", now() + within, within).await;
        assert_local(&unresolved.unwrap_err(), Phase::Resolve);

        // With one to spare it is the endpoint again that is found wanting.
        limit(free + 1);
        let capture = look_now(&prober, &endpoint, false, AMPLE).await;
        assert_eq!(capture.ended.outcome, Outcome::Refused, "{:?}", capture.ended);
    });
}

fn assert_local(ended: &Ended, phase: Phase) {
    assert_eq!((ended.outcome, ended.phase), (Outcome::Local, Some(phase)), "{ended:?}");
    assert!(ended.reason.as_deref().unwrap().contains("Too many open files"), "{ended:?}");
}

/// Descriptors are given lowest first, so a limit at the first that is free leaves none.
fn free() -> u64 {
    let file = fs::File::open("/dev/null").unwrap();
    file.as_raw_fd().try_into().unwrap()
}

fn limit(count: u64) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(count), maximum }).unwrap();
}
