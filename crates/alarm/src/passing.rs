//! What time alone changes.

use crate::settle::{Edit, has_climbed, settle};
use crate::turn::Turn;
use crate::{acknowledge, breaker, channels, routine};

pub(crate) fn pass(turn: &mut Turn<'_>) {
    if turn.rules.is_time_in_doubt {
        return;
    }
    let now = turn.now;
    let due = turn
        .state
        .incidents
        .values()
        .filter(|it| has_climbed(it, now) || acknowledge::has_ended(it, now));
    let due: Vec<_> = due.map(|incident| incident.key.clone()).collect();
    for key in due {
        let Some(mut edit) = Edit::of(turn, &key) else { continue };
        acknowledge::end(turn, &mut edit.incident);
        settle(turn, edit);
    }
    acknowledge::pass_silences(turn);
    routine::pass(turn);
    channels::pass(turn);
    breaker::pass(turn);
}
