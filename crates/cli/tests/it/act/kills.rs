//! Killed at any moment, `check --act` and `serve` leave nothing that the next run does not put right.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::tracker::LabTls;
use certvigil_model::Clock as _;

use crate::act::world::{Lab, World};
use crate::command::{Ran, certvigil, run};

/// `CERTVIGIL_KILLS` says how often; the moments spread over the time that a whole run takes.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment says how long the test is")]
fn killed_at_random_each_incident_has_one_open_issue_and_the_journal_holds() {
    let kills: u64 = std::env::var("CERTVIGIL_KILLS").map_or(10, |text| text.parse().unwrap());
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let store = world.authority.path("store.db");
    let store = ["--store", store.to_str().unwrap()];
    let limits = "[limits]\nnew_issues_per_round = 10000\nnew_issues_per_hour = 10000";
    let folder = tempfile::tempdir().unwrap();
    let (mut targets, mut servers, mut killed) = (Vec::new(), Vec::new(), 0);
    for number in 0..kills {
        // Each run has something new to tell.
        let name = format!("n{number}");
        world.certificate(&name, 20);
        let server = world.serve(&name);
        targets.push(server.target(&name));
        servers.push(server);
        world.config(&targets, limits);
        let mut command = world.command(folder.path(), &store);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // By steps that share nothing with one another, from almost at once to the end of a run.
        std::thread::sleep(Duration::from_millis(50 + number * 619 % 1700));
        killed += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(killed * 2 >= kills, "only {killed} of {kills} were still running");
    assert_nothing_lost_or_doubled(&lab, &world, &store, targets.len());
}

/// The same of a service, with its rounds, its socket and its lock; each that starts finds what the last one left.
#[test]
#[expect(clippy::disallowed_methods, reason = "the environment says how long the test is")]
fn killed_at_random_a_service_leaves_each_incident_one_open_issue_and_the_journal_holds() {
    let kills: u64 = std::env::var("CERTVIGIL_KILLS").map_or(10, |text| text.parse().unwrap());
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    let path = world.authority.path("store.db");
    let store = ["--store", path.to_str().unwrap()];
    let more = format!(
        "[store]\npath = {path:?}\n[serve]\nsocket = {:?}\n\
         [limits]\nnew_issues_per_round = 10000\nnew_issues_per_hour = 10000",
        world.authority.path("socket"),
    );
    let (mut targets, mut servers) = (Vec::new(), Vec::new());
    for number in 0..kills {
        let name = format!("n{number}");
        world.certificate(&name, 20);
        let server = world.serve(&name);
        targets.push(server.target(&name));
        servers.push(server);
        let config = world.config(&targets, &more);
        let mut command = certvigil(&["serve", "--config", config.to_str().unwrap()]);
        command.env("TRACKER_TOKEN", "robot-token").current_dir(world.authority.folder());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(50 + number * 619 % 1700));
        assert!(child.try_wait().unwrap().is_none(), "the service ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_nothing_lost_or_doubled(&lab, &world, &store, targets.len());
}

fn assert_nothing_lost_or_doubled(lab: &Lab, world: &World, store: &[&str], incidents: usize) {
    let last = when_leases_are_over(world, store);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for issue in lab.issues().iter().filter(|issue| issue.open) {
        let key = issue.labels.iter().find(|label| *label != "certvigil").unwrap();
        *open.entry(key.clone()).or_default() += 1;
    }
    assert_eq!(open.len(), incidents, "{open:?}: {}", last.told());
    assert!(open.values().all(|count| *count == 1), "{open:?}: {}", last.told());
    let verified = run(&[&["journal", "verify"], store].concat());
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}

/// The first run that can prove everything. What was begun and not ended is nobody else's for the time of its lease; a
/// scheduled job comes later than that.
fn when_leases_are_over(world: &World, store: &[&str]) -> Ran {
    let until = SystemClock.monotonic() + Duration::from_secs(150);
    loop {
        let ran = world.act(store);
        if ran.json()["round"]["acted"]["proven"] == true {
            return ran;
        }
        assert!(SystemClock.monotonic() < until, "{}", ran.told());
        std::thread::sleep(Duration::from_secs(5));
    }
}
