//! The one way in.

use certvigil_model::Time;

use crate::turn::Turn;
use crate::{
    Event, Rules, State, Step, acknowledge, deliver, ladder, long_dead, notify, outcome, passing,
    reconcile,
};

/// What follows from `event`, given all that went before. Pure: the same arguments give the same step, `now` is the only
/// clock, and whoever keeps what the step says, all or nothing, can be killed at any moment.
pub fn step(state: State, event: &Event<'_>, now: Time, rules: &Rules) -> Step {
    let mut turn = Turn::new(state, now, rules);
    match event {
        Event::Round(seen) => reconcile::round(&mut turn, seen),
        Event::SecondLook(observations) => reconcile::second_look(&mut turn, observations),
        Event::Delivered(delivered) => outcome::take_in(&mut turn, delivered),
        Event::Noticed(noticed) => notify::take_in(&mut turn, noticed),
        Event::Issue(issue) => acknowledge::issue(&mut turn, issue),
        Event::Order(order) => acknowledge::order(&mut turn, order),
        Event::Tick => {}
    }
    passing::pass(&mut turn);
    long_dead::list(&mut turn, event);
    ladder::climb(&mut turn);
    deliver::derive(&mut turn, event);
    turn.end()
}
