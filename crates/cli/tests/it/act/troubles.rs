//! Trackers that cannot be used: the run ends in its time, says what is to be done, and fails.

use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::{Fault, LabTls, On};
use certvigil_model::Clock as _;

use crate::act::world::{Lab, World};
use crate::command::Ran;

/// One run with 10 s for telling, which ends in its time and fails.
fn failing(lab: &Lab, with_store: bool) -> Ran {
    let world = World::new(lab.desk());
    world.certificate("ending", 20);
    let ending = world.serve("ending");
    world.config(&[ending.target("one")], "act_within = \"10s\"");
    let store = world.authority.path("store.db");
    let store = ["--store", store.to_str().unwrap()];
    let begun = SystemClock.monotonic();
    let ran = world.act(if with_store { &store } else { &[] });
    let took = SystemClock.monotonic() - begun;
    let bound = ran.json()["round"]["bound_ms"].as_u64().unwrap();
    let stated = Duration::from_millis(bound) + Duration::from_secs(10);
    assert!(took <= stated, "{took:?}, and {stated:?} was said: {}", ran.told());
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    assert_eq!(ran.json()["round"]["acted"]["proven"], false, "{}", ran.told());
    assert_eq!(lab.issues().len(), 0);
    ran
}

fn said(ran: &Ran) -> String {
    ran.json()["round"]["acted"]["said"].to_string()
}

#[test]
fn a_tracker_whose_certificate_has_ended_is_named() {
    for with_store in [true, false] {
        let ran = failing(&Lab::new(LabTls::Expired), with_store);
        assert!(said(&ran).contains("expired"), "{}", ran.told());
    }
}

#[test]
fn a_tracker_that_lets_us_in_no_more_is_named() {
    for with_store in [true, false] {
        let lab = Lab::new(LabTls::None);
        for on in [On::Examine, On::Find, On::Recent, On::Read, On::Create] {
            lab.tracker.fault(on, Fault::Status(401), 1000);
        }
        let ran = failing(&lab, with_store);
        assert!(said(&ran).contains("401") && said(&ran).contains("token"), "{}", ran.told());
    }
}

#[test]
fn a_tracker_that_hangs_is_named() {
    for with_store in [true, false] {
        let lab = Lab::new(LabTls::None);
        for on in [On::Examine, On::Find, On::Recent, On::Read, On::Create] {
            lab.tracker.fault(on, Fault::Hang, 1000);
        }
        let ran = failing(&lab, with_store);
        assert!(said(&ran).contains("localhost"), "{with_store} {}", said(&ran));
    }
}

#[test]
fn a_store_that_cannot_be_written_fails_the_run_and_files_nothing() {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("ending", 20);
    let ending = world.serve("ending");
    world.config(&[ending.target("one")], "");
    let full = world.act(&["--store", "/dev/full/store.db"]);
    assert_eq!(full.code, Some(2), "{}", full.told());
    assert!(full.err.contains("/dev/full/store.db"), "{}", full.told());
    let nowhere = world.act(&["--store", "/proc/certvigil.db"]);
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.told());
    assert!(nowhere.err.contains("/proc/certvigil.db"), "{}", nowhere.told());
    assert_eq!(lab.issues().len(), 0);
}
