//! What came of an attempt at a delivery.

use std::time::Duration;

use certvigil_model::{Act, Delivery, DeliveryState, Filing, Incident, IssueRef, Time};

use crate::block::checksum;
use crate::time::{HOUR, MINUTE, seconds_left};
use crate::turn::Turn;
use crate::{Delivered, deliver, kinds};

pub(crate) fn take_in(turn: &mut Turn<'_>, delivered: &Delivered) {
    let Some(before) = turn.state.deliveries.get(&delivered.id).cloned() else { return };
    let Some(incident) = turn.state.incidents.get(&before.incident).cloned() else {
        return turn.drop_delivery(before, "its incident is not remembered any more");
    };
    for note in &delivered.notes {
        let facts = [("delivery", before.id.clone()), ("note", note.clone())];
        turn.record(kinds::DELIVERY_NOTE, Some(&incident.key), facts);
    }
    let delivery = Delivery {
        state: delivered.state,
        due_at: again_at(&before, &incident, delivered, turn.now),
        trouble: delivered.trouble.clone(),
        ..before
    };
    let why = delivered.trouble.clone().unwrap_or_else(|| "it did not say why".to_owned());
    turn.keep_delivery(delivery.clone());
    match delivered.state {
        DeliveryState::Confirmed => confirmed(turn, &delivery, incident, delivered),
        DeliveryState::Stored => stored(turn, &delivery, incident, delivered),
        DeliveryState::Doubtful => doubtful(turn, &delivery, incident, &why),
        DeliveryState::Failed => failed(turn, &delivery, incident, &why),
        DeliveryState::Queued | DeliveryState::Sent => delayed(turn, &delivery, &incident, &why),
        DeliveryState::Dropped => dropped(turn, &delivery, incident, &why),
    }
}

/// When to try again: when the tracker asks for it, else after a minute, then twice as long each time; never later than
/// a twentieth of the time left, or an hour.
fn again_at(delivery: &Delivery, incident: &Incident, delivered: &Delivered, now: Time) -> Time {
    let longest = longest(incident, now);
    let doubled = MINUTE.saturating_mul(1 << delivery.attempts.saturating_sub(1).min(6));
    let at = delivered.not_before.unwrap_or_else(|| now.plus(doubled));
    at.clamp(now, now.plus(longest))
}

fn longest(incident: &Incident, now: Time) -> Duration {
    let twentieth = seconds_left(incident, now).map(|left| u64::try_from(left / 20).unwrap_or(0));
    twentieth.map_or(HOUR, |seconds| Duration::from_secs(seconds).clamp(MINUTE, HOUR))
}

fn confirmed(
    turn: &mut Turn<'_>,
    delivery: &Delivery,
    mut incident: Incident,
    delivered: &Delivered,
) {
    let issue = delivered.issue.clone().or_else(|| incident.filing.issue().cloned());
    let Some(issue) = issue else {
        turn.fail(format!(
            "{} was confirmed without an issue: nothing counts as filed",
            delivery.id
        ));
        turn.keep(Incident { filing: Filing::Queued { since: delivery.created_at }, ..incident });
        return;
    };
    let facts = facts(delivery, &issue);
    turn.record(kinds::ISSUE_CONFIRMED, Some(&incident.key), facts);
    incident.filing = match (&delivery.act, incident.filing) {
        (Act::Close, _) => Filing::Closed { issue, at: turn.now },
        (Act::Comment { .. } | Act::Remember, filing) if filing.issue() == Some(&issue) => filing,
        // Where an issue was gone, another one says it all.
        _ => Filing::Confirmed { issue, at: turn.now },
    };
    if delivery.act != Act::Remember {
        let told = match (&delivered.told, &delivery.act) {
            (Some(told), _) => told.change,
            (None, Act::Comment { change }) => *change,
            (None, _) => incident.changes,
        };
        incident.told = incident.told.max(told);
    }
    // Comments, closing and reopening leave the block as it is.
    if matches!(delivery.act, Act::File | Act::Remember) {
        incident.block = delivered.told.as_ref().and_then(|told| told.block.clone());
    }
    turn.keep(incident);
}

fn stored(turn: &mut Turn<'_>, delivery: &Delivery, mut incident: Incident, delivered: &Delivered) {
    let Some(issue) = delivered.issue.clone() else {
        return doubtful(turn, delivery, incident, "it was stored, and nobody said where");
    };
    turn.record(kinds::ISSUE_STORED, Some(&incident.key), facts(delivery, &issue));
    if delivery.act == Act::File {
        incident.filing = Filing::Stored { issue, at: turn.now };
    }
    turn.keep(incident);
}

fn facts(delivery: &Delivery, issue: &IssueRef) -> [(&'static str, String); 4] {
    [
        ("delivery", delivery.id.clone()),
        ("act", delivery.act.name().to_owned()),
        ("issue", issue.id.clone()),
        ("url", issue.url.clone()),
    ]
}

fn doubtful(turn: &mut Turn<'_>, delivery: &Delivery, mut incident: Incident, why: &str) {
    let facts = [
        ("delivery", delivery.id.clone()),
        ("act", delivery.act.name().to_owned()),
        ("why", why.to_owned()),
        ("due_at", delivery.due_at.to_string()),
    ];
    turn.record(kinds::ISSUE_DOUBTFUL, Some(&incident.key), facts);
    turn.fail(said(delivery, &format!("is doubtful: {why}")));
    if delivery.act == Act::File && incident.filing.issue().is_none() {
        incident.filing = Filing::Doubtful { since: delivery.created_at };
    }
    turn.keep(incident);
}

/// Over, told, and asked for again, later: a tracker that refuses today may take it tomorrow.
fn failed(turn: &mut Turn<'_>, delivery: &Delivery, mut incident: Incident, why: &str) {
    let facts = [
        ("delivery", delivery.id.clone()),
        ("act", delivery.act.name().to_owned()),
        ("why", why.to_owned()),
    ];
    turn.record(kinds::DELIVERY_FAILED, Some(&incident.key), facts);
    turn.fail(said(delivery, &format!("failed: {why}")));
    if delivery.act == Act::File && incident.filing.issue().is_none() {
        let since = match incident.filing {
            Filing::Failed { since, .. } => since,
            _ => turn.now,
        };
        incident.filing = Filing::Failed { since, why: why.to_owned() };
    }
    let key = incident.key.clone();
    let at = turn.now.plus(longest(&incident, turn.now));
    turn.keep(incident);
    deliver::queue_at(turn, &key, delivery.act.clone(), at, Some(why.to_owned()));
}

fn delayed(turn: &mut Turn<'_>, delivery: &Delivery, incident: &Incident, why: &str) {
    let facts = [
        ("delivery", delivery.id.clone()),
        ("act", delivery.act.name().to_owned()),
        ("why", why.to_owned()),
        ("due_at", delivery.due_at.to_string()),
        ("attempts", delivery.attempts.to_string()),
    ];
    turn.record(kinds::DELIVERY_DELAYED, Some(&incident.key), facts);
    turn.fail(said(delivery, &format!("is not done yet: {why}")));
}

/// The tracker has nothing to do it to: that is as good as done for what only closes or remembers.
fn dropped(turn: &mut Turn<'_>, delivery: &Delivery, mut incident: Incident, why: &str) {
    match delivery.act {
        Act::Close => incident.filing = Filing::None,
        Act::Remember => incident.block = Some(checksum(&incident, &turn.state, turn.rules)),
        Act::File | Act::Comment { .. } | Act::Reopen => {
            return failed(turn, delivery, incident, why);
        }
    }
    let facts = [("delivery", delivery.id.clone()), ("why", why.to_owned())];
    turn.record(kinds::DELIVERY_DROPPED, Some(&incident.key), facts);
    turn.keep(incident);
}

fn said(delivery: &Delivery, what: &str) -> String {
    format!(
        "{} of incident {} at {} {what}",
        delivery.act.name(),
        delivery.incident,
        delivery.tracker
    )
}
