//! The brake on new issues.

use certvigil_alarm::{Event, Limits, Order, Rules};
use certvigil_model::{Act, Family, Filing, Foreign, Observation, Severity, Status};

use crate::testing::*;

/// `count` certificates that end soon, the first one first.
fn many(count: u64) -> Vec<Observation> {
    let one = |number: u64| {
        let left = DAY * 8 + HOUR * u32::try_from(number % 400).unwrap_or(0);
        shows(number, certificate(&format!("c{number:04}"), left), vec![expires_soon()])
    };
    (0..count).map(one).collect()
}

fn filed(world: &World) -> usize {
    let incidents = world.state.incidents.values();
    incidents.filter(|it| matches!(it.filing, Filing::Confirmed { .. })).count()
}

#[test]
fn a_thousand_incidents_in_one_round_are_twenty_issues_and_a_list_soonest_end_first() {
    let mut world = World::new(rules());
    world.round(many(1000));
    assert_eq!(world.held(), 980);
    assert_eq!(world.deliver().len(), 21);
    assert_eq!(filed(&world), 21);
    let soonest =
        (0..20).map(|number| format!("c{:04}", if number < 3 { number * 400 } else { number }));
    // Ends repeat every 400: the three soonest of all are there.
    for name in soonest.take(3) {
        assert!(matches!(world.expiry(&name).filing, Filing::Confirmed { .. }), "{name}");
    }
}

#[test]
fn what_is_held_is_filed_as_the_limits_allow() {
    let mut world = World::new(rules());
    world.round(many(1000));
    world.deliver();
    world.take(&Event::Tick);
    assert_eq!(world.held(), 980, "no more before the next round");
    for (minute, want) in [(10, 960), (20, 940), (30, 940), (59, 940), (61, 920), (71, 900)] {
        world.now = NOW.plus(HOUR / 60 * minute);
        world.round(many(1000));
        world.deliver();
        assert_eq!(world.held(), want, "after {minute} min");
    }
}

#[test]
fn the_list_is_closed_when_nothing_is_held_any_more() {
    let mut world = World::new(rules());
    world.round(many(30));
    world.deliver();
    assert_eq!(world.open().iter().filter(|(family, _)| *family == Family::Round).count(), 1);
    world.pass(HOUR).round(many(30));
    assert_eq!(world.held(), 0);
    let acts = world.deliver();
    assert_eq!(acts.iter().filter(|act| **act == Act::File).count(), 10);
    assert_eq!(acts.iter().filter(|act| **act == Act::Close).count(), 1);
}

#[test]
fn the_brake_never_holds_what_is_critical() {
    let mut world = World::new(rules());
    let critical = |number: u64| {
        let expired = problem("expired", Family::Expiry, Severity::Critical);
        shows(number, certificate(&format!("x{number}"), DAY), vec![expired])
    };
    let round = (0..50).map(critical).chain((50..80).map(soon)).collect();
    world.round(round);
    let held: Vec<_> = world
        .state
        .incidents
        .values()
        .filter(|it| matches!(it.filing, Filing::Held { .. }))
        .map(|it| it.severity)
        .collect();
    assert_eq!(held, [Severity::Warning]);
    assert_eq!(world.state.deliveries.len(), 51);
}

#[test]
fn a_person_releases_one_or_all() {
    let mut world = World::new(rules());
    world.round(many(100));
    world.deliver();
    let key = world.expiry("c0099").key.clone();
    let by = Foreign::new("ann");
    world.take(&Event::Order(Order::Release { incident: Some(key), by: by.clone() }));
    assert_eq!(world.held(), 79);
    world.take(&Event::Order(Order::Release { incident: None, by }));
    assert_eq!(world.held(), 0);
    world.deliver();
    assert_eq!(filed(&world), 100);
}

#[test]
fn a_first_round_that_would_file_too_much_only_observes_what_is_not_critical() {
    for (hours, want) in [(1, 101), (23, 101), (25, 81)] {
        let mut world = World::first(rules());
        let mut round = many(100);
        let expired = problem("expired", Family::Expiry, Severity::Critical);
        round.push(shows(500, certificate("gone", DAY), vec![expired]));
        let step = world.round(round.clone());
        assert!(kinds(&step).contains(&"observing"));
        assert_eq!(world.held(), 100);
        world.deliver();
        assert!(matches!(world.expiry("gone").filing, Filing::Confirmed { .. }));
        world.pass(HOUR * hours).round(round);
        assert_eq!(world.held() + 1, want, "after {hours} h");
    }
}

#[test]
fn a_first_round_within_the_brake_files_at_once() {
    let mut world = World::first(rules());
    world.round(many(20));
    assert_eq!(world.held(), 0);
}

#[test]
fn a_round_after_another_config_observes_too_and_a_release_ends_it() {
    let mut world = World::first(rules());
    world.round(vec![]);
    world.rules = Rules { config: "other".to_owned(), ..rules() };
    let step = world.pass(HOUR).round(many(100));
    assert!(kinds(&step).contains(&"observing"));
    assert_eq!(world.held(), 100);
    let order = Order::Release { incident: None, by: Foreign::new("ann") };
    let step = world.take(&Event::Order(order));
    assert!(kinds(&step).contains(&"observed"));
    assert_eq!(world.held(), 0);
    world.pass(HOUR).round(many(130));
    assert_eq!(world.held(), 10, "from now on as the brake allows");
}

#[test]
fn five_hundred_unreachable_in_a_first_round_are_held_after_their_second_look() {
    let mut world = World::first(rules());
    let round: Vec<_> = (0..30).map(unreachable).collect();
    world.round(round.clone());
    world.pass(HOUR / 120).second_look(round);
    assert_eq!(world.held(), 30);
    let open = world.state.incidents.values().filter(|it| it.status == Status::Open);
    assert_eq!(open.count(), 31);
}

#[test]
fn a_brake_of_none_holds_all_that_is_not_critical() {
    let limits = Limits { new_issues_per_round: 0, new_issues_per_hour: 0, ..Limits::default() };
    let mut world = World::new(Rules { limits, ..rules() });
    world.round(many(3));
    assert_eq!(world.held(), 3);
    assert_eq!(world.deliver(), [Act::File], "the list");
}
