//! Who is told, when, and how loud: each step by one moment that gives it and one just before that does not.

use std::time::Duration;

use certvigil_alarm::{Contacts, Event, Order};
use certvigil_model::{Act, Family, Foreign, NoticeState, Purpose, Severity, Status, Tier, Time};

use crate::site::*;
use crate::testing::*;

// 18 January 2027 is a Monday.

#[test]
fn with_time_left_a_copy_then_after_two_and_five_working_days_mail() {
    // Thursday afternoon: a weekend counts for nothing.
    let mut world = filed_at(site(), "2027-01-21T15:00:00Z", DAY * 25);
    assert_eq!(
        told_until(&mut world, "2027-02-05T00:00:00Z"),
        [
            "2027-01-21T15:00 copy to channel of web",
            "2027-01-25T15:00 reminder to mail of web",
            "2027-01-28T15:00 reminder to second of web",
        ]
    );
}

#[test]
fn what_is_found_outside_of_working_hours_counts_from_their_next_beginning() {
    // Saturday.
    let mut world = filed_at(site(), "2027-01-23T03:00:00Z", DAY * 25);
    assert_eq!(
        told_until(&mut world, "2027-02-05T00:00:00Z"),
        [
            "2027-01-23T03:00 copy to channel of web",
            "2027-01-27T09:00 reminder to mail of web",
            "2027-02-01T09:00 reminder to second of web",
        ]
    );
}

#[test]
fn who_has_little_time_hears_after_a_part_of_it() {
    // Warnings begin 30 d before the end: half of that is after Christmas holidays of three weeks.
    let mut rules = site();
    let holidays = (1..=23).map(|day| jiff::civil::date(2027, 2, day)).collect();
    let web = rules.owners.get_mut("web").expect("an owner");
    web.calendar.holidays = holidays;
    let mut world = filed_at(rules, "2027-01-29T16:00:00Z", DAY * 29);
    assert_eq!(
        told_until(&mut world, "2027-02-14T00:00:00Z"),
        [
            "2027-01-29T16:00 copy to channel of web",
            "2027-02-06T04:00 reminder to mail of web",
            "2027-02-13T16:00 reminder to second of web",
        ]
    );
}

#[test]
fn an_issue_that_is_not_proven_to_be_filed_is_told_after_ten_minutes() {
    let mut world = World::new(site());
    world.round(vec![ending(DAY * 20)]);
    assert_eq!(world.pass(MINUTE * 10 - Duration::from_secs(1)).take(&Event::Tick).notices, []);
    assert_eq!(world.pass(Duration::from_secs(1)).take(&Event::Tick).notices.len(), 1);
    assert_eq!(world.send(), [(Purpose::Copy, "channel of web".to_owned())]);
    // The proof is no reason to tell it again.
    world.deliver();
    assert_eq!(world.send(), []);
}

#[test]
fn inside_the_critical_window_somebody_is_called_in_working_hours() {
    // Friday evening, with six days left.
    let mut world = filed_at(site(), "2027-01-22T20:00:00Z", DAY * 6);
    assert_eq!(
        told_until(&mut world, "2027-01-27T20:00:00Z"),
        [
            "2027-01-25T09:00 page to page of web",
            "2027-01-26T09:00 page to second of web",
            "2027-01-27T09:00 page to page of web",
            "2027-01-27T09:00 page to second of web",
            // Less than a day is left.
            "2027-01-27T20:00 page to page of web",
        ]
    );
}

#[test]
fn inside_a_day_somebody_is_called_at_any_hour_and_then_everybody() {
    let mut world = filed_at(site(), "2027-01-23T02:00:00Z", DAY);
    assert_eq!(
        told_until(&mut world, "2027-01-23T07:30:00Z"),
        [
            "2027-01-23T02:00 page to page of web",
            "2027-01-23T02:30 page to page of web",
            "2027-01-23T03:00 page to second of web",
            "2027-01-23T03:30 page to page of web",
            "2027-01-23T03:30 page to second of web",
            "2027-01-23T03:30 page to group of web",
            "2027-01-23T03:30 page to page of ops",
            "2027-01-23T03:30 page to second of ops",
            "2027-01-23T03:30 page to group of ops",
            "2027-01-23T07:30 page to page of web",
            "2027-01-23T07:30 page to second of web",
            "2027-01-23T07:30 page to group of web",
            "2027-01-23T07:30 page to page of ops",
            "2027-01-23T07:30 page to second of ops",
            "2027-01-23T07:30 page to group of ops",
        ]
    );
}

/// What clients fail on is called at any hour; a day and a minute left, or what does not fail yet, is not.
#[test]
fn at_any_hour_only_what_clients_fail_on() {
    let night = "2027-01-23T02:00:00Z";
    let of = |family, severity, left| {
        let mut world = World::new(site());
        world.now = Time::from_text(night).expect("a time");
        let since =
            Duration::from_millis(u64::try_from(world.now.millis() - NOW.millis()).expect("later"));
        let problems = vec![problem("x", family, severity)];
        world.round(vec![shows(1, certificate("old", since + left), problems)]);
        let open = world.state.incidents.values().find(|it| it.status == Status::Open);
        open.and_then(|it| it.climb.as_ref()).map(|climb| (climb.tier, climb.steps))
    };
    use Family::{Expiry, Name, Reach, Revocation, Trust};
    use Severity::{Critical, Warning};
    for (family, severity, left, expected) in [
        (Expiry, Critical, DAY + MINUTE, (Tier::Near, 0)),
        (Expiry, Critical, DAY, (Tier::Now, 1)),
        (Name, Critical, DAY * 80, (Tier::Now, 1)),
        (Name, Warning, DAY * 80, (Tier::Early, 0)),
        (Trust, Critical, DAY * 80, (Tier::Now, 1)),
        (Trust, Warning, DAY * 80, (Tier::Early, 0)),
        (Revocation, Critical, DAY * 80, (Tier::Now, 1)),
        (Expiry, Warning, DAY * 20, (Tier::Early, 0)),
    ] {
        assert_eq!(of(family, severity, left), Some(expected), "{family:?} {severity:?} {left:?}");
    }
    assert_eq!(of(Reach, Critical, DAY * 80), None, "a second look first");
}

#[test]
fn what_is_not_for_production_gets_an_issue_and_a_comment_a_week_once_expired() {
    let mut rules = site();
    rules.owners.get_mut("web").expect("an owner").env = "staging".to_owned();
    let mut world = filed_at(rules, "2027-01-18T10:00:00Z", DAY * 10);
    let mut acts = Vec::new();
    for hour in 0..24 * 32 {
        world.take(&Event::Tick);
        let sent = world.send();
        answer(&mut world);
        assert!(
            sent.iter().all(|it| !it.1.ends_with(" of web") || it.0 == Purpose::Digest),
            "{sent:?}"
        );
        let comments = world.deliver().into_iter().filter(|act| matches!(act, Act::Comment { .. }));
        acts.extend(comments.map(|_| hour / 24));
        world.pass(HOUR);
    }
    // Critical after three days; expired after ten.
    assert_eq!(acts, [3, 10, 17, 24, 31]);
}

fn acknowledge(world: &mut World) {
    let (incident, by) = (key(world), Foreign::new("ann"));
    world.take(&Event::Order(Order::Acknowledge { incident, by, until: None }));
}

#[test]
fn an_acknowledgement_quiets_it_is_told_to_who_was_called_and_its_end_begins_anew() {
    let mut world = filed_at(site(), "2027-01-23T02:00:00Z", HOUR * 20);
    told_until(&mut world, "2027-01-23T02:40:00Z");
    acknowledge(&mut world);
    assert_eq!(
        told_until(&mut world, "2027-01-23T07:10:00Z"),
        [
            "2027-01-23T02:40 taken to page of web",
            // Four hours later nobody is on it any more.
            "2027-01-23T06:40 page to page of web",
            "2027-01-23T07:10 page to page of web",
        ]
    );
    acknowledge(&mut world);
    assert_eq!(world.send(), [(Purpose::Taken, "page of web".to_owned())], "called since then");
    for _ in 0..2 {
        let good = shows(1, certificate("new", DAY * 90), vec![]);
        world.pass(MINUTE).round(vec![good]);
    }
    assert_eq!(world.expiry("old").status, Status::Resolved);
    assert_eq!(world.send(), [(Purpose::Over, "page of web".to_owned())]);
    assert_eq!(told_until(&mut world, "2027-01-23T12:00:00Z"), [""; 0]);
}

#[test]
fn what_was_not_sent_yet_is_dropped_once_somebody_is_on_it() {
    let mut world = filed_at(site(), "2027-01-23T02:00:00Z", HOUR * 20);
    assert_eq!(world.state.notices.len(), 1);
    acknowledge(&mut world);
    assert_eq!(world.state.notices.len(), 0);
    assert_eq!(world.send(), [], "nobody was called, so nobody is told");
}

#[test]
fn what_is_under_way_is_heard_of_and_then_taken_back() {
    let mut world = filed_at(site(), "2027-01-23T02:00:00Z", HOUR * 20);
    let page = world.state.notices.values().next().expect("a page").clone();
    let begun = certvigil_alarm::begin_notice(&page);
    world.state.notices.insert(begun.id.clone(), begun.clone());
    acknowledge(&mut world);
    assert_eq!(world.state.notices.len(), 1, "it may be with its reader");
    world.send_as(&begun, NoticeState::HandedOver);
    assert_eq!(world.send(), [(Purpose::Taken, "page of web".to_owned())]);
}

#[test]
fn who_cannot_be_reached_is_not_waited_for() {
    let mut world = filed_at(site(), "2027-01-23T02:00:00Z", HOUR * 20);
    let mut told = Vec::new();
    for _ in 0..3 {
        for notice in world.state.notices.clone().into_values() {
            told.push(notice.channel.0.clone());
            world.send_as(&notice, NoticeState::Failed);
        }
    }
    assert_eq!(told.first().map(String::as_str), Some("page of web"));
    assert_eq!(told.get(1).map(String::as_str), Some("second of web"));
    assert_eq!(told.len(), 8, "then everybody, at once: {told:?}");
    // Everybody failed: the next time is in four hours, not at once again.
    let calls = |told: Vec<String>| told.iter().filter(|it| it.contains(" page to ")).count();
    assert_eq!(calls(told_until(&mut world, "2027-01-23T05:55:00Z")), 0);
    assert_eq!(calls(told_until(&mut world, "2027-01-23T06:00:00Z")), 6);
}

#[test]
fn a_silence_and_the_brake_hold_messages_back_and_never_what_is_critical_near_its_end() {
    for (left, is_told) in [(DAY * 20, false), (DAY * 6, true)] {
        let mut world = World::new(site());
        world.now = Time::from_text("2027-01-18T10:00:00Z").expect("a time");
        let since =
            Duration::from_millis(u64::try_from(world.now.millis() - NOW.millis()).expect("later"));
        world.round(vec![ending(since + left)]);
        let (incident, until) = (key(&world), world.now.plus(DAY));
        let order =
            Order::Silence { incident, by: Foreign::new("ann"), reason: "r".to_owned(), until };
        world.take(&Event::Order(order));
        let told = told_until(&mut world, "2027-01-18T12:00:00Z");
        assert_eq!(!told.is_empty(), is_told, "{told:?}");
    }
    let mut rules = site();
    rules.limits.new_issues_per_round = 0;
    for (left, is_told) in [(DAY * 20, false), (DAY * 6, true)] {
        let mut world = filed_at(rules.clone(), "2027-01-18T10:00:00Z", left);
        let told = told_until(&mut world, "2027-01-18T12:00:00Z");
        let of_it = told.iter().filter(|it| it.contains("page of web")).count();
        assert_eq!(of_it > 0, is_told, "{told:?}");
    }
}

#[test]
fn who_lacks_a_contact_is_reached_by_the_next_louder_one_then_through_operations() {
    let night = "2027-01-23T02:00:00Z";
    let first = |contacts: Contacts, now: &str, left| {
        let mut rules = site();
        rules.owners.get_mut("web").expect("an owner").contacts = contacts;
        let mut world = filed_at(rules, now, left);
        let sent = world.send();
        sent.into_iter().map(|(_, channel)| channel).collect::<Vec<_>>()
    };
    let of_web = || contacts("web");
    let none = Contacts::default;
    for (contacts, left, expected) in [
        (Contacts { channel: None, ..of_web() }, DAY * 20, &["mail of web"][..]),
        (Contacts { channel: None, mail: None, ..of_web() }, DAY * 20, &["page of web"]),
        (Contacts { second: of_web().second, ..none() }, DAY * 20, &["second of web"]),
        (none(), DAY * 20, &["channel of ops"]),
        (Contacts { page: None, ..of_web() }, HOUR, &["second of web"]),
        (Contacts { page: None, second: None, ..of_web() }, HOUR, &["group of web"]),
        // Whoever can only be written to is written to, and operations is called.
        (Contacts { mail: of_web().mail, ..none() }, HOUR, &["mail of web", "page of ops"]),
        (none(), HOUR, &["page of ops"]),
    ] {
        assert_eq!(first(contacts.clone(), night, left), expected, "{contacts:?} {left:?}");
    }
}

#[test]
fn without_any_contact_that_is_said_once() {
    let mut rules = site();
    for owner in rules.owners.values_mut() {
        (owner.contacts, owner.tracker) = (Contacts::default(), None);
    }
    let mut world = World::new(rules);
    world.now = Time::from_text("2027-01-23T02:00:00Z").expect("a time");
    let since =
        Duration::from_millis(u64::try_from(world.now.millis() - NOW.millis()).expect("later"));
    let step = world.round(vec![ending(since + HOUR)]);
    let said = |step: &certvigil_alarm::Step| {
        step.heard
            .iter()
            .filter(|it| it.is_failure && it.text.contains("nobody can be told"))
            .count()
    };
    assert_eq!(said(&step), 1);
    for _ in 0..20 {
        assert_eq!(said(&world.pass(HOUR).take(&Event::Tick)), 0);
    }
}
