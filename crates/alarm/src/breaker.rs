//! The breaker on messages: where so much is to be said that nobody reads it, only calls are made.

use certvigil_model::{Notice, NoticeState, Purpose, Time};

use crate::ladder::{Level, Reach};
use crate::time::{HOUR, has_passed};
use crate::turn::Turn;
use crate::{State, kinds, notify};

/// Whether nothing but calls is sent, because too much was to be sent: the outgoing beat says so.
pub fn breaker_is_open(state: &State, now: Time) -> bool {
    let memory = &state.memory;
    // With no message for an hour there is room again, whoever looks.
    memory.breaker_since.is_some()
        && memory.messages.iter().any(|at| !has_passed(*at, HOUR, now) || *at > now)
}

/// Whether `notice` may be sent. Calls are, and what is said to those who were called.
pub(crate) fn admits(turn: &mut Turn<'_>, notice: &Notice) -> bool {
    pass(turn);
    if !is_held(notice.purpose) {
        count(turn);
        return true;
    }
    let memory = &turn.state.memory;
    if memory.breaker_since.is_none()
        && memory.messages.len() >= turn.rules.limits.messages_per_hour
    {
        open(turn);
    }
    let is_open = turn.state.memory.breaker_since.is_some();
    if !is_open {
        count(turn);
    }
    !is_open
}

const fn is_held(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Copy | Purpose::Reminder | Purpose::Digest)
}

/// Keeps no more of them than the limit asks for.
fn count(turn: &mut Turn<'_>) {
    let limit = turn.rules.limits.messages_per_hour;
    let messages = &mut turn.state.memory.messages;
    messages.push(turn.now);
    if messages.len() > limit.max(1) {
        messages.remove(0);
    }
}

/// Forgets what is older than an hour; with half of the limit free again, all is sent as before. What was counted by a
/// clock that was ahead counts as sent now.
pub(crate) fn pass(turn: &mut Turn<'_>) {
    let now = turn.now;
    let messages = &mut turn.state.memory.messages;
    messages.retain(|at| *at > now || !has_passed(*at, HOUR, now));
    for at in messages.iter_mut() {
        *at = now.min(*at);
    }
    let has_room = messages.len() <= turn.rules.limits.messages_per_hour / 2;
    if has_room && let Some(since) = turn.state.memory.breaker_since.take() {
        turn.record(kinds::BREAKER_CLOSED, None, [("since", since.to_string())]);
        turn.tell(format!("all messages are sent again; since {since} only calls were"));
    }
}

fn open(turn: &mut Turn<'_>) {
    let limit = turn.rules.limits.messages_per_hour;
    turn.state.memory.breaker_since = Some(turn.now);
    turn.record(kinds::BREAKER_OPENED, None, [("messages", limit.to_string())]);
    turn.fail(format!(
        "more than {limit} messages within an hour (messages_per_hour of [limits]): only calls are made until there is room \
         again"
    ));
    for channel in Reach::of_operations(turn.rules).at(Level::Channel) {
        let digits = notify::digits(&channel);
        let notice = Notice {
            id: format!("breaker-{}-{digits}", turn.now.millis()),
            channel,
            purpose: Purpose::Breaker,
            incident: None,
            owner: turn.rules.operations.clone(),
            state: NoticeState::Queued,
            attempts: 0,
            created_at: turn.now,
            due_at: turn.now,
            trouble: None,
        };
        notify::queue(turn, notice);
    }
}
