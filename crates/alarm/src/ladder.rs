//! How an incident becomes louder until a person answers: which steps are taken, when, and whom they reach.
//!
//! What an incident presses by ([`certvigil_model::Tier`]) follows from what it is and from the time left; each tier has
//! steps of its own. They are told to contacts of its owner and of operations, and to nobody else.

mod contacts;
mod relief;
mod rung;
mod tier;

use std::time::Duration;

use certvigil_model::{
    ChannelName, Climb, Incident, Notice, NoticeState, Purpose, Status, Tier, Time,
};

use crate::time::{HOUR, has_passed};
use crate::turn::Turn;
use crate::{Rules, State, channels, deliver, kinds, notify};

pub(crate) use contacts::{Level, Reach};
pub(crate) use relief::{hurry, note_call};
pub use rung::{Deed, Rung};

/// What happens next to `incident` if nobody does anything, and when; what is past is due. None: nothing more.
pub fn next_step(state: &State, rules: &Rules, incident: &Incident, now: Time) -> Option<Rung> {
    steps(state, rules, incident, now).next()
}

/// All steps that are to come if nobody does anything, as far as dates tell: those that repeat never end.
pub(crate) fn steps(
    state: &State,
    rules: &Rules,
    incident: &Incident,
    now: Time,
) -> impl Iterator<Item = Rung> {
    let mut incident = incident.clone();
    // When an acknowledgement ends, its steps begin anew.
    let resumed = incident.acknowledged.take().map(|it| it.until.max(now));
    let mut at = resumed.unwrap_or(now);
    if resumed.is_some() {
        restart(&mut incident, at);
    }
    let climbs = tier::may_climb(state, rules, &incident, now);
    std::iter::from_fn(move || {
        for _ in 0..TIERS {
            let climb = aligned(&incident, tier::tier(&incident, rules, at), at);
            let rung = rung::next(&incident, &climb, rules, at);
            let rises = tier::rises_at(&incident, at);
            let first = rung.filter(|rung| rises.is_none_or(|rises| rung.at < rises));
            if let Some(rung) = first {
                at = at.max(rung.at);
                incident.climb = Some(taken(climb, rung.number, at));
                return Some(rung);
            }
            incident.climb = Some(climb);
            at = rises?;
        }
        None
    })
    .take_while(move |_| climbs)
}

/// An incident rises at most so often.
const TIERS: usize = 4;

/// Takes every step that is due, and tells those who were called when they need not act any more.
pub(crate) fn climb(turn: &mut Turn<'_>) {
    if turn.rules.is_time_in_doubt {
        return;
    }
    relief::drop_untrue(turn);
    let concerned = turn.state.incidents.values().filter(|it| concerns(turn, it));
    let keys: Vec<_> = concerned.map(|incident| incident.key.clone()).collect();
    for key in keys {
        let Some(incident) = turn.state.incidents.get(&key).cloned() else { continue };
        match incident.status {
            Status::Open if incident.acknowledged.is_none() => ascend(turn, incident),
            _ => relief::relieve(turn, incident),
        }
    }
}

/// Asked of every incident in every step.
fn concerns(turn: &Turn<'_>, incident: &Incident) -> bool {
    match (incident.status, &incident.climb) {
        (Status::Open, _) if incident.acknowledged.is_some() => relief::is_owed(incident),
        (Status::Open, Some(climb)) => {
            let tier = tier::tier(incident, turn.rules, turn.now);
            let is_due = tier != climb.tier || rung::may_be_due(incident, climb, turn.now);
            is_due && tier::may_climb(&turn.state, turn.rules, incident, turn.now)
        }
        (Status::Open, None) => tier::may_climb(&turn.state, turn.rules, incident, turn.now),
        (Status::Resolved, climb) => climb.is_some(),
        (Status::Waiting, _) => false,
    }
}

fn ascend(turn: &mut Turn<'_>, mut incident: Incident) {
    let (rules, now) = (turn.rules, turn.now);
    let climb = aligned(&incident, tier::tier(&incident, rules, now), now);
    let due = rung::next(&incident, &climb, rules, now)
        .filter(|rung| rung.at <= now && channels::may_tell(turn, &incident));
    let before = incident.climb.replace(climb.clone());
    let Some(rung) = due else {
        if before != incident.climb {
            turn.keep(incident);
        }
        return;
    };
    match rung.deed {
        Deed::Comment => incident.changes = incident.changes.saturating_add(1),
        Deed::Tell(purpose) => tell(turn, &incident, &climb, &rung, purpose),
    }
    incident.climb = Some(taken(climb, rung.number, now));
    turn.keep(incident);
}

/// How far it has come, where it presses by `tier` now. What presses more than before begins that tier's steps; what
/// presses less was told already.
fn aligned(incident: &Incident, tier: Tier, now: Time) -> Climb {
    match &incident.climb {
        Some(climb) if climb.tier == tier => climb.clone(),
        Some(climb) => Climb {
            tier,
            since: now,
            steps: u32::from(tier < climb.tier),
            last: climb.last.filter(|_| tier < climb.tier),
            failed: false,
            ..climb.clone()
        },
        None => Climb {
            tier,
            since: now,
            steps: 0,
            last: None,
            failed: false,
            told: Vec::new(),
            relieved: Vec::new(),
        },
    }
}

fn taken(climb: Climb, number: u32, now: Time) -> Climb {
    Climb { steps: number.saturating_add(1), last: Some(now), failed: false, ..climb }
}

/// Its steps begin anew at `now`: nobody is on it any more.
pub(crate) fn restart(incident: &mut Incident, now: Time) {
    if let Some(climb) = &mut incident.climb {
        (climb.since, climb.steps, climb.last, climb.failed) = (now, 0, None, false);
    }
}

fn tell(turn: &mut Turn<'_>, incident: &Incident, climb: &Climb, rung: &Rung, purpose: Purpose) {
    if rung.whom.is_empty() {
        return nobody(turn, incident, rung);
    }
    channels::told(turn, incident);
    for (position, channel) in rung.whom.iter().enumerate() {
        let step = format!("{}-{}-{position:02}", climb.since.millis(), rung.number);
        send(turn, incident, purpose, channel, &step);
    }
}

/// Says once in each tier that there is no way to tell anybody; with time left an issue is enough.
fn nobody(turn: &mut Turn<'_>, incident: &Incident, rung: &Rung) {
    let Incident { key, owner, .. } = incident;
    let has_issue = deliver::tracker_of(incident, turn.rules).is_some();
    if rung.number > 0 || (has_issue && rung.tier < Tier::Near) {
        return;
    }
    turn.record(kinds::NOBODY_TOLD, Some(key), [("owner", owner.clone())]);
    if has_issue {
        turn.tell(format!(
            "nobody is called about incident {key}, its issue is all: owner {owner} has no contact"
        ));
    } else {
        turn.fail(format!(
            "nobody can be told of incident {key}: neither owner {owner} nor operations has a contact"
        ));
    }
}

/// Tells the second contact that a person closed its issue twice while it was still bad, at `when`. A run that keeps
/// nothing finds that out anew each time, and says it as long as it is news.
pub(crate) fn tell_accepted(turn: &mut Turn<'_>, incident: &Incident, when: Time) {
    if when > turn.now || has_passed(when, NEWS, turn.now) {
        return;
    }
    for channel in Reach::of(incident, turn.rules).at(Level::Second) {
        send(turn, incident, Purpose::Accepted, &channel, &when.millis().to_string());
    }
}

const NEWS: Duration = HOUR.saturating_mul(2);

/// Asks for a message, unless the same is on its way there. `step` makes its identity: the same step, the same message.
fn send(
    turn: &mut Turn<'_>,
    incident: &Incident,
    purpose: Purpose,
    channel: &ChannelName,
    step: &str,
) {
    let key = &incident.key;
    let is_same = |it: &Notice| {
        it.incident.as_ref() == Some(key) && it.channel == *channel && it.purpose == purpose
    };
    if turn.state.notices.values().any(is_same) {
        return;
    }
    let id = format!("{key}-{}-{step}-{}", purpose.name(), notify::digits(channel));
    let notice = Notice {
        id,
        channel: channel.clone(),
        purpose,
        incident: Some(key.clone()),
        owner: incident.owner.clone(),
        state: NoticeState::Queued,
        attempts: 0,
        created_at: turn.now,
        due_at: turn.now,
        trouble: None,
    };
    notify::queue(turn, notice);
}
