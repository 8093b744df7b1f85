//! When an incident is over, and what never ends one.

use certvigil_model::{Family, Filing, Observation, Outcome, Severity, Status};

use crate::testing::*;

#[test]
fn it_is_over_after_every_place_was_good_twice_in_a_row() {
    let mut world = World::new(rules());
    world.round(vec![soon(1), soon(2)]);
    for (round, want) in [
        (vec![good(1), soon(2)], Status::Open),
        (vec![good(1), good(2)], Status::Open),
        (vec![soon(1), good(2)], Status::Open),
        (vec![good(1), good(2)], Status::Open),
        (vec![good(1), good(2)], Status::Resolved),
    ] {
        world.pass(HOUR).round(round);
        assert_eq!(world.expiry("old").status, want);
    }
}

#[test]
fn a_second_look_is_no_good_run() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    world.second_look(vec![good(1)]);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.expiry("old").status, Status::Open);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.expiry("old").status, Status::Resolved);
}

#[test]
fn what_cannot_be_seen_is_never_good() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    for _ in 0..100 {
        world.pass(HOUR).round(vec![unreachable(1)]);
    }
    let incident = world.expiry("old");
    assert_eq!(incident.status, Status::Open);
    assert_eq!(incident.unseen_since, Some(NOW.plus(HOUR)));
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.expiry("old").status, Status::Open);
    assert_eq!(world.expiry("old").unseen_since, None);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.expiry("old").status, Status::Resolved);
}

#[test]
fn a_certificate_of_the_same_family_in_its_place_is_no_proof() {
    let mut world = World::new(no_brake());
    world.round(vec![soon(1)]);
    for _ in 0..5 {
        let next = shows(1, certificate("next", DAY * 10), vec![expires_soon()]);
        world.pass(HOUR).round(vec![next]);
    }
    assert_eq!(world.open(), [(Family::Expiry, 1), (Family::Expiry, 1)]);
    world.pass(DAY * 20).round(vec![shows(1, certificate("next", DAY * 40), vec![expires_soon()])]);
    assert_eq!(world.expiry("old").severity, Severity::Warning, "it is served nowhere any more");
}

#[test]
fn a_place_that_leaves_the_inventory_leaves_on_record() {
    let mut world = World::new(rules());
    world.round(vec![at_target("a.example", soon(1)), at_target("b.example", soon(2))]);
    let step = world.pass(HOUR).round(vec![at_target("b.example", soon(2))]);
    assert_eq!(kinds(&step), ["round-closed", "place-left", "incident-changed", "notice-queued"]);
    assert_eq!(world.open(), [(Family::Expiry, 1)]);
    let step = world.pass(HOUR).round(vec![at_target("c.example", good(3))]);
    let resolved = step.records.iter().find(|it| it.kind == "incident-resolved").expect("a record");
    assert_eq!(resolved.data["why"], "all of its places have left");
}

#[test]
fn a_round_over_a_part_lets_nobody_leave() {
    let mut world = World::new(rules());
    world.round(vec![at_target("a.example", soon(1)), at_target("b.example", good(2))]);
    world.pass(HOUR).round_with(vec![at_target("b.example", good(2))], false, &[]);
    assert_eq!(world.open(), [(Family::Expiry, 1)]);
}

#[test]
fn an_address_that_is_not_given_leaves_after_a_day_and_never_while_its_name_does_not_resolve() {
    let mut world = World::new(rules());
    world.round(vec![soon(1), good(2)]);
    let unresolved = || Observation {
        outcome: Outcome::Unresolved,
        place: "www.example.org:443".to_owned(),
        ..unreachable(9)
    };
    for _ in 0..72 {
        world.pass(HOUR).round(vec![unresolved()]);
    }
    assert_eq!(world.expiry("old").status, Status::Open);
    for hour in 0..=24 {
        assert_eq!(world.expiry("old").status, Status::Open, "after {hour} h");
        world.pass(HOUR).round(vec![good(2)]);
    }
    assert_eq!(world.expiry("old").status, Status::Resolved);
}

#[test]
fn what_comes_back_within_thirty_days_is_the_same_incident_with_the_same_issue() {
    for (days, want) in [(29, (1, true)), (31, (0, false))] {
        let mut world = World::new(rules());
        world.round(vec![unreachable(1)]);
        world.pass(HOUR).round(vec![unreachable(1)]);
        world.deliver();
        world.pass(HOUR).round(vec![good(1)]);
        world.pass(HOUR).round(vec![good(1)]);
        world.deliver();
        assert!(matches!(world.reach(1).filing, Filing::Closed { .. }));
        world.pass(DAY * days).round(vec![unreachable(1)]);
        assert_eq!(world.reach(1).status, Status::Waiting);
        world.pass(HOUR).round(vec![unreachable(1)]);
        assert_eq!(world.reach(1).status, Status::Open);
        let has_issue = world.reach(1).filing.issue().is_some();
        assert_eq!((world.reach(1).reopened, has_issue), want, "{days} days");
    }
}

#[test]
fn dates_run_on_where_nothing_can_be_seen() {
    let mut world = World::new(no_brake());
    let fine = || shows(1, certificate("ends", DAY * 40), vec![]);
    world.round(vec![fine(), good(2)]);
    for (day, want) in [
        (9, None),
        (11, Some(Severity::Warning)),
        (32, Some(Severity::Warning)),
        (34, Some(Severity::Critical)),
        (50, Some(Severity::Critical)),
    ] {
        world.now = NOW.plus(DAY * day);
        world.round(vec![unreachable(1), good(2)]);
        let key =
            world.key(Family::Expiry, &certvigil_model::Subject::Certificate(fingerprint("ends")));
        let incident = world.state.incidents.get(&key);
        assert_eq!(incident.map(|it| it.severity), want, "day {day}");
        assert!(incident.is_none_or(|it| it.unseen_since.is_some() && it.status == Status::Open));
    }
}

#[test]
fn time_alone_makes_it_climb() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    world.pass(DAY * 14).take(&certvigil_alarm::Event::Tick);
    assert_eq!(world.expiry("old").severity, Severity::Critical);
    assert_eq!(world.expiry("old").changes, 2);
}

#[test]
fn what_somebody_answers_for_is_over_and_the_record_says_so() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let answered = || shows(1, certificate("old", DAY * 20), vec![accepted(expires_soon())]);
    world.pass(HOUR).round(vec![answered()]);
    let step = world.pass(HOUR).round(vec![answered()]);
    let resolved = step.records.iter().find(|it| it.kind == "incident-resolved").expect("a record");
    assert_eq!(resolved.data["why"], "somebody answers for what is left of it");
}
