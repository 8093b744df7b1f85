//! Ways to tell people that fail, and too much to tell.

use certvigil_alarm::{Event, Step, breaker_is_open};
use certvigil_model::{
    ChannelName, Family, Incident, Notice, NoticeState, Purpose, Status, Subject, Time,
};

use crate::site::*;
use crate::testing::*;

fn failure<'a>(world: &'a World, channel: &str) -> Option<&'a Incident> {
    let key = world.key(Family::Channel, &Subject::Channel(channel.to_owned()));
    world.state.incidents.get(&key)
}

fn is_open(world: &World, channel: &str) -> bool {
    failure(world, channel).is_some_and(|it| it.status == Status::Open)
}

fn queued(world: &World) -> Vec<Notice> {
    world.state.notices.values().cloned().collect()
}

/// A world in which the copy of an issue is on its way to the channel of `web`.
fn copied() -> (World, Notice) {
    let world = filed_at(site(), "2027-01-18T10:00:00Z", DAY * 20);
    let notice = queued(&world).remove(0);
    assert_eq!(notice.channel.0, "channel of web");
    (world, notice)
}

#[test]
fn a_message_that_is_refused_or_tried_too_often_is_one_incident_of_operations() {
    let (mut world, notice) = copied();
    for attempt in 1..=5 {
        let before = world.state.notices[&notice.id].clone();
        world.send_as(&before, NoticeState::Queued);
        assert_eq!(failure(&world, "channel of web"), None, "{attempt} attempts");
    }
    let before = world.state.notices[&notice.id].clone();
    world.send_as(&before, NoticeState::Queued);
    let incident = failure(&world, "channel of web").expect("an incident");
    assert_eq!((incident.status, incident.owner.as_str()), (Status::Open, "ops"));

    let (mut world, notice) = copied();
    world.send_as(&notice, NoticeState::Failed);
    assert!(is_open(&world, "channel of web"));
    world.deliver();
    let told = told_until(&mut world, "2027-01-18T10:20:00Z");
    assert!(told.iter().any(|it| it.ends_with("copy to channel of ops")), "{told:?}");
    assert!(told.iter().any(|it| it.ends_with("reminder to mail of web")), "{told:?}");
}

#[test]
fn a_failure_is_told_on_another_channel_and_what_tells_of_it_opens_nothing() {
    let mut rules = site();
    // Operations shares the channel that fails.
    rules.owners.get_mut("ops").expect("an owner").contacts.channel = Some(name("channel of web"));
    let mut world = filed_at(rules, "2027-01-18T10:00:00Z", DAY * 20);
    let copy = queued(&world).remove(0);
    world.send_as(&copy, NoticeState::Failed);
    world.deliver();
    world.take(&Event::Tick);
    let key = failure(&world, "channel of web").expect("an incident").key.clone();
    let of_it = |world: &World| -> Vec<Notice> {
        queued(world).into_iter().filter(|it| it.incident.as_ref() == Some(&key)).collect()
    };
    let notice = of_it(&world).remove(0);
    assert_eq!(notice.channel.0, "mail of ops");
    world.send_as(&notice, NoticeState::Failed);
    assert_eq!(failure(&world, "mail of ops"), None);
}

#[test]
fn a_failure_is_over_an_hour_after_a_message_arrives() {
    let (mut world, notice) = copied();
    world.send_as(&notice, NoticeState::Failed);
    world.deliver();
    let arrives = |world: &mut World| {
        let id = format!("later at {}", world.now);
        world.state.notices.insert(id.clone(), Notice { id: id.clone(), ..notice.clone() });
        let later = world.state.notices[&id].clone();
        world.send_as(&later, NoticeState::HandedOver)
    };
    arrives(&mut world);
    world.pass(HOUR - MINUTE).take(&Event::Tick);
    assert!(is_open(&world, "channel of web"), "it may fail again");
    world.pass(MINUTE).take(&Event::Tick);
    assert!(!is_open(&world, "channel of web"));
    // Without one that arrives it stays.
    let (mut world, notice) = copied();
    world.send_as(&notice, NoticeState::Failed);
    world.pass(DAY).take(&Event::Tick);
    assert!(is_open(&world, "channel of web"));
}

/// Two channels that fail in turn, each told on the other: messages of an hour are counted.
#[test]
fn two_channels_that_fail_in_turn_are_told_at_most_once_an_hour_each() {
    let mut rules = site();
    for owner in rules.owners.values_mut() {
        owner.contacts = certvigil_alarm::Contacts {
            channel: Some(name("a")),
            mail: Some(name("b")),
            ..certvigil_alarm::Contacts::default()
        };
    }
    let mut world = filed_at(rules, "2027-01-18T10:00:00Z", DAY * 20);
    let mut asked: Vec<(Time, ChannelName)> = Vec::new();
    let mut turn = false;
    for minute in 0..600 {
        // Every message fails on one channel and arrives on the other, and that changes every other minute.
        turn ^= minute % 2 == 0;
        for notice in queued(&world) {
            let fails = (notice.channel.0 == "a") == turn;
            let state = if fails { NoticeState::Failed } else { NoticeState::HandedOver };
            world.send_as(&notice, state);
        }
        // Something is always to be told.
        let id = format!("beside {minute}");
        let channel = name(if minute % 3 == 0 { "a" } else { "b" });
        let beside = Notice {
            id: id.clone(),
            channel,
            purpose: Purpose::Digest,
            incident: None,
            owner: "web".to_owned(),
            state: NoticeState::Queued,
            attempts: 0,
            created_at: world.now,
            due_at: world.now,
            trouble: None,
        };
        world.state.notices.insert(id, beside);
        let before: Vec<_> = world.state.notices.keys().cloned().collect();
        world.pass(MINUTE).take(&Event::Tick);
        world.deliver();
        let new = world.state.notices.values().filter(|it| !before.contains(&it.id));
        asked.extend(new.map(|it| (it.created_at, it.channel.clone())));
    }
    assert!(asked.len() >= 2, "{asked:?}");
    for channel in ["a", "b"] {
        let times: Vec<_> = asked.iter().filter(|it| it.1.0 == channel).map(|it| it.0).collect();
        for pair in times.windows(2) {
            assert!(pair[1].seconds_since(pair[0]) >= 3600, "{channel}: {times:?}");
        }
    }
}

fn said(step: &Step, what: &str) -> usize {
    step.heard.iter().filter(|it| it.is_failure && it.text.contains(what)).count()
}

#[test]
fn with_too_much_to_say_only_calls_are_made_and_that_is_said_once() {
    let mut rules = site();
    rules.limits.messages_per_hour = 10;
    let mut world = World::new(rules);
    world.now = Time::from_text("2027-01-18T10:00:00Z").expect("a time");
    let since = std::time::Duration::from_millis((world.now.millis() - NOW.millis()) as u64);
    let each = |left| {
        (0..30).map(move |number| {
            let problem = match left {
                HOUR => problem("expired", Family::Expiry, certvigil_model::Severity::Critical),
                _ => expires_soon(),
            };
            shows(number, certificate(&format!("{number} {left:?}"), since + left), vec![problem])
        })
    };
    world.round(each(DAY * 20).collect());
    assert!(!breaker_is_open(&world.state, world.now));
    let (mut opened, mut copies) = (0, 0);
    while let Some(delivery) = certvigil_alarm::due(&world.state, world.now).first() {
        let delivery = (*delivery).clone();
        opened += said(&world.confirm(&delivery), "only calls are made");
        let sent = world.send();
        copies += sent.iter().filter(|it| it.0 == Purpose::Copy).count();
        let said = sent.iter().filter(|it| it.0 == Purpose::Breaker).count();
        assert!(said == 0 || sent.contains(&(Purpose::Breaker, "channel of ops".to_owned())));
    }
    assert_eq!((opened, copies), (1, 10));
    assert!(breaker_is_open(&world.state, world.now));
    // Calls are made past it.
    world.pass(MINUTE).round(each(DAY * 20).chain(each(HOUR)).collect());
    let sent = world.send();
    assert_eq!(sent.iter().filter(|it| it.0 == Purpose::Page).count(), 30);
    assert!(world.state.memory.messages.len() <= 10);
    // With an hour of silence all is as before.
    let step = world.pass(HOUR).take(&Event::Tick);
    assert!(kinds(&step).contains(&"breaker-closed"), "{:?}", kinds(&step));
    assert!(!breaker_is_open(&world.state, world.now));
}
