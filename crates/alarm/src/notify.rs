//! Messages to people on their way: which are due, and what came of an attempt.

use std::time::Duration;

use certvigil_model::{ChannelName, Fingerprint, Notice, NoticeState, Purpose, Time, hex};

use crate::time::{HOUR, MINUTE};
use crate::turn::Turn;
use crate::{Noticed, State, breaker, channels, kinds, ladder, routine};

/// Messages that are due, pages first, then the oldest.
pub fn due_notices(state: &State, now: Time) -> Vec<&Notice> {
    let is_due = |notice: &&Notice| {
        // Nothing is put off by more than an hour: the clock was ahead.
        notice.due_at <= now || notice.due_at > now.plus(HOUR)
    };
    let mut due: Vec<_> = state.notices.values().filter(is_due).collect();
    due.sort_by_key(|notice| (!notice.purpose.is_loud(), notice.created_at, notice.id.clone()));
    due
}

/// A message as its attempt begins: to be written in the transaction that takes its lease, before anything is sent.
pub fn begin_notice(notice: &Notice) -> Notice {
    Notice {
        state: NoticeState::Sent,
        attempts: notice.attempts.saturating_add(1),
        ..notice.clone()
    }
}

/// Asks for a message, which the breaker may drop.
pub(crate) fn queue(turn: &mut Turn<'_>, notice: Notice) {
    let facts = [
        ("notice", notice.id.clone()),
        ("channel", notice.channel.0.clone()),
        ("purpose", notice.purpose.name().to_owned()),
        ("owner", notice.owner.clone()),
        ("due_at", notice.due_at.to_string()),
    ];
    turn.record(kinds::NOTICE_QUEUED, notice.incident.as_ref(), facts);
    if breaker::admits(turn, &notice) {
        turn.keep_notice(notice);
    } else {
        let why = Some("too much was to be sent within an hour".to_owned());
        end(turn, Notice { state: NoticeState::Dropped, trouble: why, ..notice });
    }
}

/// Eight digits that tell channels apart.
pub(crate) fn digits(channel: &ChannelName) -> String {
    hex(&Fingerprint::of(channel.0.as_bytes()).bytes()[..4])
}

/// Takes in what came of an attempt. What is not handed over after so many attempts has failed.
pub(crate) fn take_in(turn: &mut Turn<'_>, noticed: &Noticed) {
    let Some(before) = turn.state.notices.get(&noticed.id).cloned() else { return };
    let has_tried_enough = before.attempts >= attempts(before.purpose);
    let state = match noticed.state {
        NoticeState::Queued | NoticeState::Sent if has_tried_enough => NoticeState::Failed,
        state => state,
    };
    let notice = Notice {
        state,
        due_at: again_at(&before, noticed, turn.now),
        trouble: noticed.trouble.clone(),
        ..before
    };
    end(turn, notice.clone());
    match notice.state {
        NoticeState::HandedOver => {
            channels::arrived(turn, &notice.channel);
            routine::arrived(turn, &notice);
            if notice.purpose == Purpose::Page {
                ladder::note_call(turn, &notice);
            }
        }
        NoticeState::Failed => {
            channels::failed(turn, &notice);
            ladder::hurry(turn, &notice);
        }
        _ => {}
    }
}

/// Puts on record how a message stands.
pub(crate) fn end(turn: &mut Turn<'_>, notice: Notice) {
    record(turn, &notice);
    turn.keep_notice(notice);
}

/// After a minute, then twice as long each time, at most half an hour; not before the channel wants it, at most an hour.
fn again_at(notice: &Notice, noticed: &Noticed, now: Time) -> Time {
    let doubled = MINUTE.saturating_mul(1 << notice.attempts.saturating_sub(1).min(5));
    let at = noticed.not_before.unwrap_or_else(|| now.plus(doubled.min(LONGEST)));
    at.clamp(now, now.plus(HOUR))
}

const LONGEST: Duration = Duration::from_secs(30 * 60);

/// Whoever is to be woken is tried for longer than whoever is only to know.
const fn attempts(purpose: Purpose) -> u32 {
    if purpose.is_loud() { 12 } else { 6 }
}

fn record(turn: &mut Turn<'_>, notice: &Notice) {
    let kind = match notice.state {
        NoticeState::HandedOver => kinds::NOTICE_HANDED_OVER,
        NoticeState::Failed => kinds::NOTICE_FAILED,
        NoticeState::Dropped => kinds::NOTICE_DROPPED,
        NoticeState::Queued | NoticeState::Sent => kinds::NOTICE_DELAYED,
    };
    let facts = [
        ("notice", notice.id.clone()),
        ("channel", notice.channel.0.clone()),
        ("purpose", notice.purpose.name().to_owned()),
        ("why", notice.trouble.clone().unwrap_or_default()),
        ("attempts", notice.attempts.to_string()),
    ];
    turn.record(kind, notice.incident.as_ref(), facts);
}
