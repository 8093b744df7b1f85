//! A site whose owners can be reached in every way, and what they are told minute by minute.

use std::time::Duration;

use certvigil_alarm::{Calendar, Contacts, Event, Order, OwnerRule, Rules, asked_tests};
use certvigil_model::{
    ChannelName, Family, Foreign, IncidentKey, Observation, Severity, Time, TrackerName,
};

use crate::testing::*;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn name(text: &str) -> ChannelName {
    ChannelName(text.to_owned())
}

/// Each way of each owner by its own name.
pub(crate) fn contacts(owner: &str) -> Contacts {
    let one = |what: &str| Some(name(&format!("{what} of {owner}")));
    Contacts {
        channel: one("channel"),
        mail: one("mail"),
        page: one("page"),
        second: one("second"),
        group: vec![name(&format!("group of {owner}"))],
    }
}

/// `www.example.org` is of `web`, operations is `ops`; a third owner is nobody's business here.
pub(crate) fn site() -> Rules {
    let owner = |owner: &str| OwnerRule {
        tracker: Some(TrackerName("redmine certificates".to_owned())),
        env: "production".to_owned(),
        contacts: contacts(owner),
        calendar: Calendar::default(),
        is_person: false,
    };
    let owners = ["ops", "web", "db"].map(|name| (name.to_owned(), owner(name)));
    Rules { default_owner: "web".to_owned(), owners: owners.into(), ..no_brake() }
}

pub(crate) fn ending(left: Duration) -> Observation {
    let severity = if left <= DAY * 7 { Severity::Critical } else { Severity::Warning };
    shows(1, certificate("old", left), vec![problem("expires-soon", Family::Expiry, severity)])
}

/// A world at `now` whose certificate ends `left` later, with its issue filed.
pub(crate) fn filed_at(rules: Rules, now: &str, left: Duration) -> World {
    let mut world = World::new(rules);
    world.now = Time::from_text(now).expect("a time");
    let since =
        Duration::from_millis(u64::try_from(world.now.millis() - NOW.millis()).expect("later"));
    world.round(vec![ending(since + left)]);
    world.deliver();
    world
}

pub(crate) fn key(world: &World) -> IncidentKey {
    world.expiry("old").key.clone()
}

/// Everything that is sent of incidents until `until`: when, what for, where to. Test pages are answered.
pub(crate) fn told_until(world: &mut World, until: &str) -> Vec<String> {
    let is_routine = |line: &String| line.contains(" digest to ") || line.contains(" test to ");
    live_until(world, until, answer).into_iter().filter(|line| !is_routine(line)).collect()
}

/// Everything that is sent until `until`, sorted; `after` is done every five minutes.
pub(crate) fn live_until(world: &mut World, until: &str, after: fn(&mut World)) -> Vec<String> {
    let until = Time::from_text(until).expect("a time");
    let mut told = Vec::new();
    loop {
        world.take(&Event::Tick);
        world.deliver();
        for (purpose, channel) in world.send() {
            let at = world.now.to_string();
            told.push(format!("{} {} to {channel}", at.get(..16).expect("a time"), purpose.name()));
        }
        after(world);
        if world.now >= until {
            return told;
        }
        world.pass(MINUTE * 5);
    }
}

/// Answers every test page.
pub(crate) fn answer(world: &mut World) {
    for test in asked_tests(&world.state).map(str::to_owned).collect::<Vec<_>>() {
        let step = world.take(&Event::Order(Order::Answered { test, by: Foreign::new("ann") }));
        assert_eq!(kinds(&step)[0], "test-answered");
    }
}
