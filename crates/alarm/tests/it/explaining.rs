//! Why something is or is not told.

use std::time::Duration;

use certvigil_alarm::{Event, Order, Rules, explain};
use certvigil_model::{DeliveryState, Foreign, Observation};

use crate::site::*;
use crate::testing::*;

fn lines(world: &World, what: &str) -> String {
    explain(&world.state, &world.rules, world.now, what).join("\n")
}

#[test]
fn it_says_what_is_quiet_and_until_when() {
    let mut world = World::new(rules());
    world.round(vec![good(1)]);
    for what in ["www.example.org", "192.0.2.1:443", &endpoint(1).to_string(), "good"] {
        let said = lines(&world, what);
        assert!(said.contains("no incident: it was seen good"), "{said}");
        let ends = certificate("good", DAY * 80).ends;
        let next =
            format!("a warning from {}, critical from {}", ends.warning_from, ends.critical_from);
        assert!(said.contains(&next), "{said}");
        assert!(said.contains("owner ops at redmine certificates (production)"), "{said}");
    }
}

#[test]
fn it_says_what_is_told_where_and_what_comes_next() {
    let mut world = World::new(rules());
    world.round(vec![soon(1), good(2)]);
    let said = lines(&world, "192.0.2.1:443");
    assert!(said.contains("(expiry, warning): open since"), "{said}");
    assert!(said.contains("issue: asked for since"), "{said}");
    assert!(said.contains("next: file at redmine certificates, queued, due"), "{said}");
    let delivery = world.delivery();
    world.deliver_as(&delivery, DeliveryState::Queued, None);
    let said = lines(&world, "192.0.2.1:443");
    assert!(said.contains("after 1 attempts: 500"), "{said}");
    world.pass(HOUR).deliver();
    let said = lines(&world, &fingerprint("old").to_string()[..8]);
    assert!(said.contains("issue: https://tracker.example.org/"), "{said}");
    let critical = certificate("old", DAY * 20).ends.critical_from;
    assert!(said.contains(&format!("next: critical from {critical}")), "{said}");
    assert!(said.contains("next: closed when every place was seen free of it twice"), "{said}");
}

#[test]
fn it_says_why_something_waits_is_held_is_silent_or_has_nobody() {
    let mut world = World::new(rules());
    world.round(vec![unreachable(1)]);
    let said = lines(&world, "www.example.org");
    assert!(said.contains("waiting at 1 of 1 places: a second look has to see it too"), "{said}");

    let mut world = World::first(rules());
    world.rules.limits.new_issues_per_round = 0;
    world.round(vec![soon(1)]);
    let said = lines(&world, "www.example.org");
    assert!(said.contains(&format!("only observed until {}", NOW.plus(DAY))), "{said}");

    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let order = Order::Silence {
        incident: world.expiry("old").key.clone(),
        by: Foreign::new("ann"),
        reason: "moving".to_owned(),
        until: NOW.plus(DAY * 5),
    };
    world.take(&Event::Order(order));
    let said = lines(&world, "www.example.org");
    let until = NOW.plus(DAY * 5);
    assert!(said.contains(&format!("nobody is told of it: ann until {until} (moving)")), "{said}");

    let mut world = World::new(rules());
    world.round(vec![Observation { owner: Some("web".to_owned()), ..soon(1) }]);
    let said = lines(&world, "www.example.org");
    assert!(said.contains("owner web has no tracker: nobody can confirm"), "{said}");
}

#[test]
fn what_is_not_known_is_said_and_nothing_hostile_comes_out() {
    let world = World::new(rules());
    assert_eq!(lines(&world, "x\u{1b}[2J"), "nothing that is remembered is called x\\u{1b}[2J");
}

/// What is told ahead is what happens.
#[test]
fn it_says_whom_it_is_told_to_if_nobody_does_anything() {
    let mut world = filed_at(site(), "2027-01-21T15:00:00Z", DAY * 12);
    world.send();
    let said = lines(&world, "www.example.org");
    let (_, ahead) = said.split_once("  if nobody does anything:\n").expect("steps");
    let ahead: Vec<String> = ahead
        .lines()
        .take_while(|line| line.starts_with("    "))
        .flat_map(|line| {
            let (step, whom) = line.split_once(": ").expect("whom");
            let (purpose, whom) = whom.split_once(" to ").expect("whom");
            let at = step.trim().get(..16).expect("a time");
            let each = whom.split(", ").map(|channel| format!("{at} {purpose} to {channel}"));
            each.collect::<Vec<_>>()
        })
        .collect();
    assert!(ahead.len() > 12, "{said}");
    let happens = told_until(&mut world, "2027-02-03T15:00:00Z");
    assert_eq!(ahead, happens[..ahead.len()]);
}

#[test]
fn a_verdict_older_than_twice_its_interval_is_unknown_and_not_good() {
    let mut world = World::new(rules());
    world.round(vec![good(1)]);
    world.now = world.now.plus(HOUR * 2);
    assert!(lines(&world, "192.0.2.1:443").contains("it was seen good"));
    world.now = world.now.plus(Duration::from_secs(60));
    let said = lines(&world, "192.0.2.1:443");
    assert!(said.contains("  unknown: stale: looked at last"), "{said}");
    assert!(!said.contains("seen good") && !said.contains("it shows"), "{said}");
    assert!(said.contains("as last seen it showed"), "{said}");

    // Where the config wants it once a day, a day is not long.
    let mut world = World::new(Rules { interval: Some(DAY), ..rules() });
    world.round(vec![good(1)]);
    world.now = world.now.plus(DAY);
    assert!(lines(&world, "192.0.2.1:443").contains("it was seen good"));
    world.now = world.now.plus(DAY + Duration::from_secs(60));
    assert!(lines(&world, "192.0.2.1:443").contains("unknown: stale"));
}
