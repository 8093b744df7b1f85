//! Our own clock is wrong for a while, and the others' are right.

use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::LabTls;
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::act::world::{Lab, World, counts};
use crate::command::{Peer, Ran, ran, run, skipped};

const CHRONYD: &str = "/usr/sbin/chronyd";
pub(crate) const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// The lab's tracker dates no answers: two time servers agree here.
///
/// Fifty-five days ahead for a while, then back, then four hundred days behind, and back: servers are as they were, and so
/// is everything that people were told.
#[test]
fn a_clock_that_is_wrong_for_a_while_opens_and_closes_nothing() {
    if let Some(absent) = [CHRONYD, FAKETIME].iter().find(|program| !Path::new(program).exists()) {
        return skipped(&format!("{absent} is absent: a wrong clock is not tried"));
    }
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let ((_one, one), (_other, other)) = (chrony(&world), chrony(&world));
    world.certificate("good", 60);
    world.certificate("soon", 20);
    let (good, soon) = (world.serve("good"), world.serve("soon"));
    let clock = format!("[clock]\nntp = [{one:?}, {other:?}]\n");
    world.config(&[good.target("good"), soon.target("soon")], &clock);
    let store = world.authority.path("store.db").display().to_string();

    let first = at(&world, None, &store);
    assert_eq!((first.code, verdicts(&first)), (Some(1), [1, 1, 0]), "{}", first.err);
    let told = lab.issues();
    assert_eq!(told.len(), 1, "{}", counts(&first));

    for (offset, far) in [("+55d", "55 d"), ("-400d", "400 d")] {
        let wrong = at(&world, Some(offset), &store);
        assert_eq!((wrong.code, verdicts(&wrong)), (Some(2), [0, 0, 2]), "{}", wrong.err);
        let report: Value = wrong.json();
        for endpoint in report["endpoints"].as_array().unwrap() {
            assert_eq!(endpoint["findings"][0]["id"], "own-clock-off");
            assert_eq!(
                endpoint["findings"][0]["message"],
                format!("my clock is off by {far}"),
                "{offset}"
            );
        }
        let heard = report["round"]["acted"]["said"].to_string();
        assert_eq!(heard.matches("My clock is").count(), 1, "one message: {heard}");
        let right = at(&world, None, &store);
        assert_eq!((right.code, verdicts(&right)), (Some(1), [1, 1, 0]), "{}", right.err);
        let now = lab.issues();
        assert_eq!(now.len(), 1, "{offset}: {}", counts(&right));
        assert_eq!((now[0].open, &now[0].comments), (true, &told[0].comments), "{offset}");
    }
    let verified = run(&["journal", "verify", "--store", &store]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}

/// Verdicts of a run: ok, warning, unknown; nothing else is expected.
fn verdicts(ran: &Ran) -> [u64; 3] {
    let report: Value = ran.json();
    let summary = &report["round"]["summary"];
    assert_eq!(summary["critical"], 0, "{summary} {} {}", report["round"]["acted"], ran.err);
    ["ok", "warning", "unknown"].map(|verdict| summary[verdict].as_u64().unwrap())
}

fn chrony(world: &World) -> (Peer, String) {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = world.authority.folder().display().to_string();
    let config = format!(
        "port {port}\ncmdport 0\nbindaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 5\ndriftfile {at}/{port}.drift\npidfile {at}/{port}.pid\n"
    );
    let file = world.authority.path(&format!("chrony{port}.conf"));
    std::fs::write(&file, config).unwrap();
    let arguments = ["-x", "-d", "-U", "-f", file.to_str().unwrap()];
    let chrony = Peer::start_unheard(CHRONYD, &arguments, world.authority.folder(), port);
    let server = format!("127.0.0.1:{port}");
    let by = SystemClock.monotonic() + Duration::from_secs(20);
    // What was asked before it listened is never answered: it is asked again.
    let soon = || by.min(SystemClock.monotonic() + Duration::from_secs(1));
    while certvigil_fetch::ntp::ask(&server, soon()).is_err() {
        assert!(SystemClock.monotonic() < by, "chronyd tells no time");
    }
    (chrony, server)
}

/// A run whose clock shows another time.
fn at(world: &World, offset: Option<&str>, store: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    faked(world, folder.path(), offset, &["--store", store])
}

/// A run in `folder` with `more`, whose clock shows another time.
pub(crate) fn faked(world: &World, folder: &Path, offset: Option<&str>, more: &[&str]) -> Ran {
    let mut command = world.command(folder, more);
    if let Some(offset) = offset {
        shift(&mut command, offset);
    }
    ran(command.output().unwrap())
}

/// Lets `command` see another wall time; monotonic time stays.
pub(crate) fn shift(command: &mut Command, offset: &str) {
    command.env("LD_PRELOAD", FAKETIME).env("FAKETIME", offset);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
}
