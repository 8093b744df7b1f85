//! What is told, and what is kept quiet.

use certvigil_alarm::windows::{Days, Maintained};
use certvigil_alarm::{Event, Rules, Window, due};
use certvigil_model::{
    Act, DeliveryState, Family, Filing, Observation, Severity, Status, TrackerName,
};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::testing::*;

#[test]
fn filed_commented_on_change_closed_on_proof_and_reopened() {
    let mut world = World::new(rules());
    world.round(vec![soon(1), good(2)]);
    assert_eq!(world.deliver(), [Act::File]);
    assert!(matches!(world.expiry("old").filing, Filing::Confirmed { .. }));
    world.pass(HOUR).round(vec![soon(1), good(2)]);
    assert_eq!(world.deliver(), [], "nothing has changed");
    world.pass(HOUR).round(vec![soon(1), soon(2)]);
    assert_eq!(world.deliver(), [Act::Comment { change: 2 }, Act::Remember]);
    world.pass(HOUR).round(vec![good(1), good(2)]);
    assert_eq!(world.deliver(), [Act::Remember], "the good runs are remembered, nobody is told");
    world.pass(HOUR).round(vec![good(1), good(2)]);
    assert_eq!(world.deliver(), [Act::Close]);
    world.pass(HOUR).round(vec![soon(1), good(2)]);
    assert_eq!(world.deliver(), [Act::Reopen, Act::Remember]);
    assert_eq!(world.expiry("old").reopened, 1);
}

#[test]
fn a_doubtful_issue_stays_under_way_and_is_never_asked_for_twice() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let delivery = world.delivery();
    let step = world.deliver_as(&delivery, DeliveryState::Doubtful, None);
    assert!(step.heard[0].is_failure);
    assert!(matches!(world.expiry("old").filing, Filing::Doubtful { .. }));
    assert_eq!(world.delivery().due_at.seconds_since(world.now), 60);
    world.pass(HOUR).round(vec![good(1)]);
    world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(world.expiry("old").status, Status::Resolved);
    assert_eq!(world.delivery().id, delivery.id, "it may be there: found out before it is closed");
    assert_eq!(world.deliver(), [Act::File, Act::Close]);
}

#[test]
fn what_was_not_sent_yet_and_is_no_longer_so_is_dropped() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    world.pass(HOUR).round(vec![good(1)]);
    let step = world.pass(HOUR).round(vec![good(1)]);
    assert_eq!(step.deliveries[0].state, DeliveryState::Dropped);
    assert_eq!(world.state.deliveries.len(), 0);
    assert_eq!(world.expiry("old").filing, Filing::None);
}

#[test]
fn what_a_tracker_refuses_is_told_and_tried_again_each_round() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let first = world.delivery();
    let step = world.deliver_as(&first, DeliveryState::Failed, None);
    assert!(step.heard.iter().any(|heard| heard.is_failure));
    assert!(matches!(world.expiry("old").filing, Filing::Failed { .. }));
    let second = world.delivery();
    assert_ne!(first.id, second.id);
    assert_eq!(second.due_at.seconds_since(world.now), 3600);
    world.pass(HOUR / 2).round(vec![soon(1)]);
    assert_eq!(world.delivery().due_at, world.now);
    assert_eq!(world.deliver(), [Act::File]);
    assert!(matches!(world.expiry("old").filing, Filing::Confirmed { .. }));
}

#[test]
fn it_is_tried_again_within_a_twentieth_of_the_time_left() {
    for (left, attempts, want) in [
        (DAY * 20, 1, 60),
        (DAY * 20, 3, 240),
        (DAY * 20, 9, 3600),
        (HOUR * 10, 9, 1800),
        (HOUR / 60, 9, 60),
    ] {
        let mut world = World::new(rules());
        world.round(vec![shows(1, certificate("old", left), vec![expires_soon()])]);
        let mut delivery = world.delivery();
        delivery.attempts = attempts - 1;
        world.deliver_as(&delivery, DeliveryState::Queued, None);
        assert_eq!(world.delivery().due_at.seconds_since(world.now), want);
    }
}

#[test]
fn a_stored_time_in_the_future_counts_as_due_now() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    world.now = certvigil_model::Time::from_seconds(1_700_000_000);
    assert_eq!(world.deliver(), [Act::File]);
}

#[test]
fn what_is_critical_what_changed_and_what_is_over_comes_before_new_issues() {
    let mut world = World::new(no_brake());
    let over = || shows(1, certificate("over", DAY * 20), vec![expires_soon()]);
    let grows = || shows(2, certificate("grows", DAY * 20), vec![expires_soon()]);
    world.round(vec![over(), grows(), good(3), good(4), good(5)]);
    world.deliver();
    world.pass(HOUR).round(vec![good(1), grows(), good(3), good(4), good(5)]);
    world.deliver();
    let expired = problem("expired", Family::Expiry, Severity::Critical);
    world.pass(HOUR).round(vec![
        good(1),
        grows(),
        shows(3, certificate("grows", DAY * 20), vec![expires_soon()]),
        shows(4, certificate("later", DAY * 15), vec![expires_soon()]),
        shows(5, certificate("sooner", DAY * 10), vec![expires_soon()]),
        shows(6, certificate("gone", DAY), vec![expired]),
    ]);
    let order: Vec<_> = due(&world.state, world.now)
        .into_iter()
        .map(|it| (it.act.clone(), world.state.incidents[&it.incident].certificate.clone()))
        .map(|(act, certificate)| (act, certificate.expect("a certificate").sha256))
        .collect();
    let file = |name| (Act::File, fingerprint(name));
    assert_eq!(order[0], file("gone"));
    let mut changes = order[1..3].to_vec();
    changes.sort_by_key(|(act, _)| act.name());
    let comment = (Act::Comment { change: 2 }, fingerprint("grows"));
    assert_eq!(changes, [(Act::Close, fingerprint("over")), comment]);
    assert_eq!(order[3..], [file("sooner"), file("later")]);
}

#[test]
fn maintenance_mutes_what_cannot_be_reached_and_never_dates() {
    let window = Window {
        name: "patching".to_owned(),
        days: Days::Weekly(vec![Weekday::Friday]),
        from: jiff::civil::time(8, 0, 0, 0),
        length: HOUR * 4,
        zone: TimeZone::UTC,
        of: Maintained { tags: vec!["web".to_owned()], ..Maintained::default() },
    };
    // A Friday, 08:00 UTC.
    assert_eq!(NOW.to_string(), "2027-01-15T08:00:00Z");
    let mut world = World::new(Rules { windows: vec![window], ..rules() });
    let tagged = |it: Observation| Observation { tags: vec!["web".to_owned()], ..it };
    let round = || vec![tagged(unreachable(1)), tagged(soon(2))];
    world.round(round());
    let step = world.pass(HOUR).round(round());
    assert!(kinds(&step).contains(&"incident-opened"), "the record is never muted");
    assert_eq!(world.open().len(), 2);
    assert_eq!(world.deliver(), [Act::File], "the date");
    world.pass(HOUR * 4).take(&Event::Tick);
    assert_eq!(world.deliver(), [Act::File], "it still cannot be reached");
}

#[test]
fn another_tracker_in_the_config_is_asked_instead_of_the_old_one() {
    let mut world = World::new(rules());
    world.round(vec![soon(1)]);
    let other = TrackerName("rt general".to_owned());
    world.rules.owners.get_mut("ops").expect("ops").tracker = Some(other.clone());
    world.pass(HOUR).round(vec![soon(1)]);
    assert_eq!(world.delivery().tracker, other);
}
