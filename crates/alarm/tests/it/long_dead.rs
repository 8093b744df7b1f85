//! What had ended long before anybody looked.

use std::time::Duration;

use certvigil_alarm::{Event, is_long_dead, long_dead};
use certvigil_model::{
    Act, Family, Filing, Incident, Observation, Purpose, Severity, Status, Subject,
};

use crate::site::*;
use crate::testing::*;

/// Endpoint `number`, whose certificate ended `ago` before [`NOW`].
fn dead(number: u64, ago: Duration) -> Observation {
    let mut ended = certificate(&format!("dead {number}"), DAY);
    let end = certvigil_model::Time::from_millis(NOW.millis() - ago.as_millis() as i64);
    (ended.ends.at, ended.not_after) = (end, end);
    (ended.ends.warning_from, ended.ends.critical_from) = (end, end);
    let expired = problem("expired", Family::Expiry, Severity::Critical);
    let untrusted = problem("untrusted", Family::Trust, Severity::Critical);
    shows(number, ended, vec![expired, untrusted])
}

fn list(world: &World) -> Option<&Incident> {
    let key = world.key(Family::Round, &Subject::Cause("long-dead:web".to_owned()));
    world.state.incidents.get(&key)
}

fn issues(world: &World) -> usize {
    let filed = world.state.incidents.values();
    filed.filter(|it| matches!(it.filing, Filing::Confirmed { .. })).count()
}

#[test]
fn what_ended_thirty_days_before_it_was_first_seen_is_one_issue_and_no_call() {
    let mut world = World::new(site());
    world.round((0..40).map(|number| dead(number, DAY * (30 + number as u32))).collect());
    world.deliver();
    assert_eq!(issues(&world), 1, "of all of them");
    let list = list(&world).expect("a list");
    assert_eq!((list.owner.as_str(), list.status), ("web", Status::Open));
    // Each is expired, and nobody trusts it.
    let listed = long_dead(&world.state, list).expect("it lists");
    assert_eq!(listed.len(), 80);
    assert!(listed.iter().all(|it| is_long_dead(it)));
    for _ in 0..24 * 10 {
        world.pass(HOUR).take(&Event::Tick);
        let sent = world.send();
        answer(&mut world);
        assert!(sent.iter().all(|it| matches!(it.0, Purpose::Digest | Purpose::Test)), "{sent:?}");
        assert_eq!(world.deliver(), []);
    }
}

#[test]
fn what_ended_a_minute_later_or_was_seen_before_is_called_for() {
    let mut world = World::new(site());
    world.round(vec![dead(1, DAY * 30 - MINUTE)]);
    world.deliver();
    assert_eq!(issues(&world), 2, "expired, and untrusted");
    assert_eq!(list(&world), None);
    assert!(!world.send().is_empty());
    // That it goes on being dead makes it no other.
    world.pass(DAY * 40).round(vec![dead(1, DAY * 30 - MINUTE)]);
    assert_eq!(list(&world), None);
}

#[test]
fn the_list_grows_shrinks_and_closes() {
    let mut world = World::new(site());
    world.round(vec![dead(1, DAY * 40)]);
    assert_eq!(world.deliver(), [Act::File]);
    world.pass(HOUR).round(vec![dead(1, DAY * 40), dead(2, DAY * 50)]);
    assert_eq!(world.deliver(), [Act::Comment { change: 2 }, Act::Remember]);
    let renewed = |number| shows(number, certificate("new", DAY * 80), vec![]);
    for _ in 0..2 {
        world.pass(HOUR).round(vec![renewed(1), dead(2, DAY * 50)]);
        assert_eq!(list(&world).map(|it| it.status), Some(Status::Open));
    }
    for _ in 0..2 {
        world.pass(HOUR).round(vec![renewed(1), renewed(2)]);
    }
    assert_eq!(world.deliver().last(), Some(&Act::Close));
    assert_eq!(list(&world).map(|it| it.status), Some(Status::Resolved));
}

#[test]
fn a_run_that_knows_nothing_but_the_list_keeps_it() {
    let mut world = World::new(site());
    world.round(vec![dead(1, DAY * 40)]);
    world.deliver();
    world.state.incidents.retain(|_, it| it.family == Family::Round);
    // What is no whole round says nothing of it.
    world.pass(HOUR).take(&Event::Tick);
    world.second_look(vec![]);
    assert_eq!(list(&world).map(|it| it.status), Some(Status::Open));
    world.round(vec![dead(1, DAY * 40)]);
    assert_eq!(list(&world).map(|it| (it.status, it.reopened)), Some((Status::Open, 0)));
}
