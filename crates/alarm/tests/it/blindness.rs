//! Blind is not broken.

use certvigil_alarm::{Event, Sentinel, SentinelSeen, is_suspicious};
use certvigil_model::{Act, Family, Observation, Severity, Status, Subject};

use crate::testing::*;

fn resolver(answered: bool) -> SentinelSeen {
    SentinelSeen {
        sentinel: Sentinel::Resolver("10.0.0.53:53".parse().expect("an address")),
        answered: if answered { Ok(()) } else { Err("it does not answer".to_owned()) },
    }
}

fn seen(count: u64) -> Vec<Observation> {
    (0..count).map(|number| at_target(&format!("n{number}.example"), good(number))).collect()
}

fn dark(count: u64) -> Vec<Observation> {
    (0..count).map(|number| at_target(&format!("n{number}.example"), unreachable(number))).collect()
}

fn blind(world: &World) -> Option<Status> {
    let subject = Subject::Cause("watcher-blind".to_owned());
    let key = world.key(Family::Round, &subject);
    world.state.incidents.get(&key).map(|it| it.status)
}

#[test]
fn all_dark_is_one_incident_and_none_for_any_endpoint() {
    let mut world = World::new(rules());
    world.round(seen(100));
    let round = dark(100);
    world.pass(HOUR);
    assert!(is_suspicious(&world.state, &round));
    let step = world.round_at(round.clone(), true, &[], &[resolver(false)]);
    assert!(kinds(&step).contains(&"blind"));
    assert_eq!(world.state.incidents.len(), 1);
    assert_eq!(blind(&world), Some(Status::Open));
    assert_eq!(world.deliver(), [Act::File]);
    // It lasts: nothing is newly unknown any more, and the sentinels are asked all the same.
    for _ in 0..5 {
        world.pass(HOUR);
        assert!(is_suspicious(&world.state, &round));
        world.round_at(round.clone(), true, &[], &[resolver(false)]);
        assert_eq!(world.state.incidents.len(), 1);
        assert_eq!(world.deliver(), []);
    }
    let step = world.pass(HOUR).round(seen(100));
    assert!(kinds(&step).contains(&"sighted-again"));
    world.pass(HOUR).round(seen(100));
    assert_eq!(blind(&world), Some(Status::Resolved));
}

#[test]
fn a_blind_round_closes_nothing_and_lets_nobody_leave() {
    let mut world = World::new(no_brake());
    let mut round = seen(20);
    round.push(at_target("old.example", soon(100)));
    world.round(round.clone());
    world.deliver();
    let mut blind = dark(20);
    blind.push(at_target("old.example", unreachable(100)));
    for _ in 0..5 {
        world.pass(HOUR).round_at(blind.clone(), true, &[], &[resolver(false)]);
    }
    assert_eq!(world.expiry("old").status, Status::Open);
    assert_eq!(world.expiry("old").places.len(), 1);
    assert!(world.expiry("old").unseen_since.is_some());
}

#[test]
fn what_crosses_its_thresholds_while_we_are_blind_is_told_on_time() {
    let mut world = World::new(no_brake());
    let mut round = seen(20);
    round.push(at_target("ends.example", shows(100, certificate("ends", DAY * 31), vec![])));
    world.round(round);
    let mut blind = dark(20);
    blind.push(at_target("ends.example", unreachable(100)));
    for day in 1..40_u32 {
        world.now = NOW.plus(DAY * day);
        world.round_at(blind.clone(), true, &[], &[resolver(false)]);
        let key = world.key(Family::Expiry, &Subject::Certificate(fingerprint("ends")));
        let severity = world.state.incidents.get(&key).map(|it| it.severity);
        let want = match day {
            1..24 => Severity::Warning,
            _ => Severity::Critical,
        };
        assert_eq!(severity, Some(want), "day {day}");
    }
}

#[test]
fn some_dark_is_one_incident_for_the_cause_they_share() {
    let mut world = World::new(rules());
    let at = |number: u64, observation: Observation| {
        let net = if number < 50 { "192.0.2" } else { "198.51.100" };
        let place = format!("{net}.{}:443", number % 50 + 1);
        at_target(&format!("n{number}.example"), Observation { place, ..observation })
    };
    let all = || (0..100).map(|number| at(number, good(number))).collect::<Vec<_>>();
    world.round(all());
    let some: Vec<_> = (0..100)
        .map(|number| at(number, if number < 50 { unreachable(number) } else { good(number) }))
        .collect();
    let sentinel = SentinelSeen {
        sentinel: Sentinel::Endpoint {
            id: endpoint(1),
            address: "192.0.2.2:443".parse().expect("an address"),
        },
        answered: Err("timeout".to_owned()),
    };
    let other = SentinelSeen {
        sentinel: Sentinel::Endpoint {
            id: endpoint(60),
            address: "198.51.100.11:443".parse().expect("an address"),
        },
        answered: Ok(()),
    };
    let sentinels = [sentinel, other];
    for _ in 0..3 {
        world.pass(HOUR);
        assert!(is_suspicious(&world.state, &some));
        world.round_at(some.clone(), true, &[], &sentinels);
        // 50 endpoints, and the sentence about what they share.
        assert_eq!(world.open(), [(Family::Reach, 51)]);
    }
    let acts = world.deliver();
    assert_eq!(acts, [Act::File]);
    world.pass(HOUR).round(all());
    world.pass(HOUR).round(all());
    assert_eq!(world.open(), []);
}

#[test]
fn none_dark_is_an_incident_for_each() {
    let mut world = World::new(no_brake());
    world.round(seen(30));
    world.pass(HOUR).round_at(dark(30), true, &[], &[resolver(true)]);
    assert_eq!(blind(&world), None);
    world.second_look(dark(30));
    assert_eq!(world.open(), [], "looked at within the same millisecond: that is one look");
    world.pass(HOUR / 120).second_look(dark(30));
    assert_eq!(world.open().len(), 30);
}

#[test]
fn on_recovery_what_is_to_be_told_is_derived_anew() {
    let mut world = World::new(no_brake());
    let mut round = seen(20);
    round.push(at_target("old.example", soon(100)));
    world.round(round);
    assert_eq!(world.delivery().act, Act::File);
    let mut blind = dark(20);
    blind.push(at_target("old.example", unreachable(100)));
    world.pass(HOUR).round_at(blind, true, &[], &[resolver(false)]);
    let mut round = seen(20);
    round.push(at_target("old.example", good(100)));
    world.pass(HOUR).round(round.clone());
    world.pass(HOUR).round(round);
    assert_eq!(world.take(&Event::Tick).deliveries, []);
    assert_eq!(world.deliver(), [], "neither the certificate nor our blindness is news any more");
}
