//! The outage of 31 March 2017, as a drill: a checker that hung on one certificate, and filed nothing.
//!
//! Pages do not exist yet: what cannot be filed is told by the report and by the exit code.

use std::net::TcpListener;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::Lab as Zoo;
use certvigil_lab::tracker::{Fault, LabTls, On};
use certvigil_model::Clock as _;
use serde_json::Value;

use crate::act::world::{Desk, Lab, Shown, World, count, counts};
use crate::command::Ran;

/// Twenty targets: the third is silent, the fourth sends half a certificate, the fifth names that are none, and the last
/// ends in 29 days.
pub(crate) struct Drill {
    pub(crate) world: World,
    targets: Vec<String>,
    _held: (TcpListener, Zoo, [Shown; 2]),
}

impl Drill {
    pub(crate) fn new(desk: Desk) -> Self {
        let world = World::new(desk);
        world.certificate("good", 90);
        world.certificate("ending", 29);
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let broken = ["cut-in-half", "broken-names"];
        let now = SystemClock.wall().seconds();
        let zoo = Zoo::start(now, |case| broken.contains(&case.name)).unwrap();
        let broken = broken.map(|name| {
            let place = zoo.places().iter().find(|place| place.case.name == name);
            place.unwrap_or_else(|| panic!("no case {name}")).target.clone()
        });
        let (good, ending) = (world.serve("good"), world.serve("ending"));
        let mut targets: Vec<_> = (1..=19).map(|n| good.target(&format!("n{n}"))).collect();
        targets[2] = format!("{}#n3.lab.test", silent.local_addr().unwrap());
        [targets[3], targets[4]] = broken;
        targets.push(ending.target("n20"));
        Self { world, targets, _held: (silent, zoo, [good, ending]) }
    }

    /// One run, which ends inside the time that it states.
    pub(crate) fn run(&self, act_within: u64) -> Ran {
        self.world.config(&self.targets, &format!("act_within = \"{act_within}s\""));
        let begun = SystemClock.monotonic();
        let ran = self.world.act(&[]);
        let took = SystemClock.monotonic() - begun;
        let report = ran.json();
        let bound = Duration::from_millis(report["round"]["bound_ms"].as_u64().unwrap());
        let stated = bound + Duration::from_secs(act_within);
        assert!(took <= stated, "{took:?}, and {stated:?} was said: {}", ran.told());
        self.assert_looked(&ran, &report);
        ran
    }

    fn assert_looked(&self, ran: &Ran, report: &Value) {
        let round = &report["round"];
        assert_eq!((&round["expected"], &round["attempted"]), (&20.into(), &20.into()));
        assert_eq!(round["checked"], 17, "{}", ran.told());
        for (number, phase) in [(3, "hello"), (4, "read"), (5, "read")] {
            let endpoint = self.endpoint(report, number);
            assert_eq!(endpoint["verdict"], "unknown", "no. {number}: {endpoint:#}");
            assert_eq!(endpoint["phase"], phase, "no. {number}: {endpoint:#}");
            assert!(endpoint["reason"].as_str().is_some_and(|why| !why.is_empty()), "{endpoint:#}");
        }
    }

    fn endpoint(&self, report: &Value, number: usize) -> Value {
        let target = &self.targets[number - 1];
        let endpoints = report["endpoints"].as_array().unwrap();
        let is_it =
            |it: &&Value| it["targets"].as_array().unwrap().contains(&target.as_str().into());
        endpoints.iter().find(is_it).unwrap_or_else(|| panic!("no {target}: {report:#}")).clone()
    }

    /// The line of the report about the issue of no. 20.
    pub(crate) fn ending(&self, ran: &Ran) -> Value {
        let report = ran.json();
        let issues = report["round"]["acted"]["issues"].as_array().unwrap().clone();
        let title = &self.targets[19];
        let is_it = |it: &Value| it["title"].as_str().unwrap().starts_with(title.as_str());
        issues.into_iter().find(is_it).unwrap_or_else(|| panic!("{}", ran.told()))
    }
}

#[test]
fn the_outage_of_2017_is_told_although_the_tracker_keeps_nothing() {
    let lab = Lab::new(LabTls::None);
    let drill = Drill::new(lab.desk());
    lab.tracker.fault(On::Create, Fault::Status(500), 1);
    lab.tracker.fault(On::Create, Fault::NothingStored, 100);
    let ran = drill.run(100);
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    assert!(lab.tracker.count(On::Create) >= 2, "it was tried: {}", ran.told());
    assert_eq!(lab.issues().len(), 0);
    assert_eq!((count(&ran, "filed"), count(&ran, "stored")), (0, 0), "{}", ran.told());
    let ending = drill.ending(&ran);
    assert_eq!(ending["state"], "not-confirmed", "{}", ran.told());
    assert!(ending["trouble"].as_str().is_some(), "{}", ran.told());
    let acted = &ran.json()["round"]["acted"];
    assert_eq!(acted["proven"], false);
    let said = acted["said"].as_array().unwrap();
    assert!(said.iter().any(|one| one["failure"] == true), "{}", ran.told());

    // The tracker is well again: the next run files what this one could not.
    let well = Lab::new(LabTls::None);
    let drill = Drill::new(well.desk());
    let ran = drill.run(60);
    assert_eq!(ran.code, Some(1), "{}: {}", counts(&ran), ran.told());
    assert_eq!(drill.ending(&ran)["state"], "filed", "{}", ran.told());
}
