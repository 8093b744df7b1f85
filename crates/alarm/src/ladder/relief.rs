//! Who was called hears that somebody is on it, and that it is over; what was not sent yet is dropped.

use certvigil_model::{Incident, Notice, NoticeState, Purpose, Status};

use super::{send, tier};
use crate::notify;
use crate::turn::Turn;

/// Drops what is not under way yet and no longer called for.
pub(super) fn drop_untrue(turn: &mut Turn<'_>) {
    let untrue = turn.state.notices.values().filter(|notice| !is_true(turn, notice));
    for notice in untrue.cloned().collect::<Vec<_>>() {
        // Whoever may have been called has to hear what came of it.
        if let (true, Purpose::Page) = (notice.attempts > 0, notice.purpose) {
            note_call(turn, &notice);
        }
        let why = Some("it is no longer so".to_owned());
        notify::end(turn, Notice { state: NoticeState::Dropped, trouble: why, ..notice });
    }
}

fn is_true(turn: &Turn<'_>, notice: &Notice) -> bool {
    let Some(key) = notice.incident.as_ref() else { return true };
    let calls = matches!(notice.purpose, Purpose::Copy | Purpose::Reminder | Purpose::Page);
    if notice.state != NoticeState::Queued || !calls {
        return true;
    }
    turn.state.incidents.get(key).is_some_and(|incident| {
        incident.acknowledged.is_none()
            && tier::may_climb(&turn.state, turn.rules, incident, turn.now)
    })
}

/// Whether somebody was called who does not know yet that somebody is on it.
pub(super) fn is_owed(incident: &Incident) -> bool {
    incident.climb.as_ref().is_some_and(|it| it.told.iter().any(|to| !it.relieved.contains(to)))
}

/// Says to those who were called that somebody is on it, or that it is over.
pub(super) fn relieve(turn: &mut Turn<'_>, mut incident: Incident) {
    let Some(climb) = &mut incident.climb else { return };
    let is_over = incident.status == Status::Resolved;
    let told = climb.told.clone();
    let new = told.iter().filter(|it| is_over || !climb.relieved.contains(it));
    let new: Vec<_> = new.cloned().collect();
    climb.relieved = told;
    let (purpose, at) = match &incident.acknowledged {
        Some(taken) if !is_over => (Purpose::Taken, taken.at),
        _ => (Purpose::Over, incident.resolved_at.unwrap_or(turn.now)),
    };
    for channel in new {
        send(turn, &incident, purpose, &channel, &at.millis().to_string());
    }
    if is_over {
        incident.climb = None;
    }
    turn.keep(incident);
}

/// Somebody was called about an incident: they are to hear what comes of it.
pub(crate) fn note_call(turn: &mut Turn<'_>, notice: &Notice) {
    let Some(key) = &notice.incident else { return };
    let Some(mut incident) = turn.state.incidents.get(key).cloned() else { return };
    let tier = tier::tier(&incident, turn.rules, turn.now);
    let climb = incident.climb.take();
    let mut climb = climb.unwrap_or_else(|| super::aligned(&incident, tier, turn.now));
    climb.relieved.retain(|it| *it != notice.channel);
    if !climb.told.contains(&notice.channel) {
        climb.told.push(notice.channel.clone());
    }
    incident.climb = Some(climb);
    turn.keep(incident);
}

/// What was sent did not arrive: the next step is due at once.
pub(crate) fn hurry(turn: &mut Turn<'_>, notice: &Notice) {
    let calls = matches!(notice.purpose, Purpose::Copy | Purpose::Reminder | Purpose::Page);
    let key = notice.incident.as_ref().filter(|_| calls);
    let Some(mut incident) = key.and_then(|key| turn.state.incidents.get(key)).cloned() else {
        return;
    };
    if let Some(climb) = &mut incident.climb
        && !climb.failed
    {
        climb.failed = true;
        turn.keep(incident);
    }
}
