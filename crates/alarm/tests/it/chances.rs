//! What holds of messages whatever happens: time, people and channels by chance.

use std::collections::BTreeSet;
use std::time::Duration;

use certvigil_alarm::{Event, Order, due_notices, step};
use certvigil_model::{Foreign, NoticeState, Purpose, Severity};
use proptest::prelude::*;
use proptest::sample::select;

use crate::site::*;
use crate::testing::*;

#[derive(Clone, Debug)]
enum Deed {
    Pass(u64),
    Send(bool),
    Acknowledge,
    Renew,
    Fail,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        12 => select(&[300_u64, 1800, 3600, 7200][..]).prop_map(Deed::Pass),
        8 => prop::bool::weighted(0.8).prop_map(Deed::Send),
        1 => Just(Deed::Acknowledge),
        1 => Just(Deed::Renew),
        2 => Just(Deed::Fail),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn nobody_outside_no_step_twice_and_no_silence(
        left in select(&[3600_u64, 20 * 3600, 3 * 86_400, 20 * 86_400][..]),
        deeds in proptest::collection::vec(deed(), 1..120)
    ) {
        let mut world = filed_at(site(), "2027-01-18T02:00:00Z", Duration::from_secs(left));
        let mut ids = BTreeSet::new();
        let mut last = world.now;
        for deed in deeds {
            let event = match deed {
                Deed::Pass(seconds) => {
                    world.pass(Duration::from_secs(seconds));
                    Event::Tick
                }
                Deed::Send(arrives) => {
                    let Some(notice) = due_notices(&world.state, world.now).first().map(|it| (*it).clone()) else { continue };
                    let state = if arrives { NoticeState::HandedOver } else { NoticeState::Queued };
                    world.send_as(&notice, state);
                    Event::Tick
                }
                Deed::Fail => {
                    let Some(notice) = due_notices(&world.state, world.now).first().map(|it| (*it).clone()) else { continue };
                    world.send_as(&notice, NoticeState::Failed);
                    Event::Tick
                }
                Deed::Acknowledge => {
                    let (incident, by) = (key(&world), Foreign::new("ann"));
                    Event::Order(Order::Acknowledge { incident, by, until: None })
                }
                Deed::Renew => {
                    world.round(vec![shows(1, certificate("new", DAY * 900), vec![])]);
                    Event::Tick
                }
            };
            let before = world.state.clone();
            let one = step(before.clone(), &event, world.now, &world.rules);
            let other = step(before.clone(), &event, world.now, &world.rules);
            prop_assert_eq!(&one.notices, &other.notices, "the same step makes the same messages");
            world.state = one.state;
            for notice in one.notices.iter().filter(|it| it.created_at == world.now && it.attempts == 0) {
                if before.notices.contains_key(&notice.id) || notice.state != NoticeState::Queued {
                    continue;
                }
                let is_of_db = notice.channel.0.ends_with(" of db");
                prop_assert!(notice.incident.is_none() || !is_of_db, "{}", notice.channel);
                prop_assert!(ids.insert(notice.id.clone()), "twice: {}", notice.id);
                if notice.purpose == Purpose::Page {
                    last = world.now;
                }
            }
            let incident = world.expiry("old");
            let is_answered = incident.acknowledged.is_some() || incident.resolved_at.is_some();
            if is_answered || incident.severity < Severity::Critical || !world.state.notices.is_empty() {
                last = world.now;
            }
            // Working hours begin within 65 hours of every moment, but for what one step takes.
            prop_assert!(world.now.seconds_since(last) <= 67 * 3600, "silent since {last}");
        }
    }
}
