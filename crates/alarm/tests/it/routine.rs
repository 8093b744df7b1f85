//! What is sent by the calendar.

use certvigil_alarm::{Event, Order};
use certvigil_model::{Family, Foreign, Purpose, Status, Subject, Time};

use crate::site::*;
use crate::testing::*;

fn at(now: &str) -> World {
    let mut world = World::new(site());
    world.now = Time::from_text(now).expect("a time");
    world
}

/// Of `told_until`, what is for `purpose`.
fn of(told: &[String], purpose: Purpose) -> Vec<&str> {
    let word = format!(" {} to ", purpose.name());
    told.iter().filter(|it| it.contains(&word)).map(String::as_str).collect()
}

/// Everything that is sent until `until`, and nobody answers.
fn sent_until(world: &mut World, until: &str) -> Vec<String> {
    let mut sent = live_until(world, until, |_| ());
    sent.retain(|line| !line.ends_with(" of db"));
    sent.sort();
    sent
}

#[test]
fn a_digest_comes_when_work_begins_in_the_week() {
    // Wednesday; the Monday of the week after the next one is a holiday.
    let mut world = at("2027-01-20T12:00:00Z");
    let holidays = vec![jiff::civil::date(2027, 2, 1)];
    world.rules.owners.get_mut("web").expect("an owner").calendar.holidays = holidays;
    let told = sent_until(&mut world, "2027-02-09T00:00:00Z");
    assert_eq!(
        of(&told, Purpose::Digest),
        [
            "2027-01-25T09:00 digest to channel of ops",
            "2027-01-25T09:00 digest to channel of web",
            "2027-02-01T09:00 digest to channel of ops",
            "2027-02-02T09:00 digest to channel of web",
            "2027-02-08T09:00 digest to channel of ops",
            "2027-02-08T09:00 digest to channel of web",
        ]
    );
}

#[test]
fn who_is_called_is_tested_once_a_month_in_working_hours() {
    let mut world = at("2027-01-20T12:00:00Z");
    let first = sent_until(&mut world, "2027-01-21T12:00:00Z");
    assert_eq!(
        of(&first, Purpose::Test),
        [
            "2027-01-21T09:00 test to page of ops",
            "2027-01-21T09:00 test to page of web",
            "2027-01-21T09:00 test to second of ops",
            "2027-01-21T09:00 test to second of web",
        ]
    );
    answer(&mut world);
    let told = sent_until(&mut world, "2027-02-21T00:00:00Z");
    // 20 February is a Saturday.
    assert_eq!(of(&told, Purpose::Test), [""; 0]);
    let told = sent_until(&mut world, "2027-02-22T10:00:00Z");
    assert_eq!(of(&told, Purpose::Test).len(), 4);
    assert_eq!(of(&told, Purpose::Test)[0], "2027-02-22T09:00 test to page of ops");
}

#[test]
fn a_test_that_nobody_answers_within_a_day_is_an_incident_until_somebody_does() {
    let mut world = at("2027-01-20T12:00:00Z");
    sent_until(&mut world, "2027-01-22T08:55:00Z");
    assert_eq!(world.state.incidents.len(), 0);
    let told = sent_until(&mut world, "2027-01-22T09:30:00Z");
    let key = world.key(Family::Channel, &Subject::Channel("page of web".to_owned()));
    let incident = &world.state.incidents[&key];
    assert_eq!((incident.status, incident.owner.as_str()), (Status::Open, "ops"));
    assert!(told.contains(&"2027-01-22T09:00 copy to channel of ops".to_owned()), "{told:?}");
    // That other messages arrive there proves nobody's eyes.
    sent_until(&mut world, "2027-01-22T12:00:00Z");
    assert_eq!(world.state.incidents[&key].status, Status::Open);
    answer(&mut world);
    world.take(&Event::Tick);
    assert_eq!(world.state.incidents[&key].status, Status::Resolved);
}

#[test]
fn an_answer_to_no_test_says_so() {
    let mut world = at("2027-01-20T12:00:00Z");
    let order = Order::Answered { test: "test-1".to_owned(), by: Foreign::new("ann") };
    let step = world.take(&Event::Order(order));
    assert!(step.heard[0].is_failure && step.heard[0].text.contains("test-1"), "{:?}", step.heard);
}

#[test]
fn who_calls_nobody_is_not_tested() {
    let mut world = at("2027-01-20T12:00:00Z");
    world.rules.owners.get_mut("web").expect("an owner").env = "staging".to_owned();
    let told = sent_until(&mut world, "2027-01-22T00:00:00Z");
    assert_eq!(of(&told, Purpose::Test).len(), 2, "operations' two: {told:?}");
}

/// A test without a link would be a false alarm a day later.
#[test]
fn where_nobody_could_answer_nobody_is_tested() {
    let mut world = at("2026-11-25T10:00:00Z");
    world.rules.has_answers = false;
    let told = sent_until(&mut world, "2027-01-10T10:00:00Z");
    assert_eq!(of(&told, Purpose::Test), [""; 0]);
    assert_eq!(world.open(), []);
    world.rules.has_answers = true;
    let told = sent_until(&mut world, "2027-01-13T18:00:00Z");
    assert!(!of(&told, Purpose::Test).is_empty(), "once there is a link");
}
