//! What a run came to, for its reports and its exit code.

use std::collections::BTreeMap;
use std::time::Duration;

use certvigil_alarm::{Heard, Rules, State, Step, is_long_dead};
use certvigil_model::{
    Act, Delivery, DeliveryState, Filing, Foreign, Incident, IncidentKey, Notice, NoticeState,
    Status, Time,
};
use certvigil_report::{Acted, IssueLine, IssueState};

use super::{Trackers, Wording};

/// What was done so far.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    /// The last act on each incident that was read back.
    done: BTreeMap<IncidentKey, Act>,
    /// The title and the issue of those whose incidents are over.
    heard: Vec<Heard>,
}

impl Sum {
    pub(crate) fn take_in(&mut self, step: &Step) {
        for delivery in &step.deliveries {
            if delivery.state == DeliveryState::Confirmed && delivery.act != Act::Remember {
                self.done.insert(delivery.incident.clone(), delivery.act.clone());
            }
        }
        step.notices.iter().filter_map(of_notice).for_each(|heard| self.hear(heard));
        step.heard.iter().for_each(|heard| self.hear(heard.clone()));
    }

    /// What is said twice in a run is heard once.
    pub(crate) fn hear(&mut self, heard: Heard) {
        if !self.heard.contains(&heard) {
            self.heard.push(heard);
        }
    }

    /// For the reports: how each issue stands at the end.
    pub(crate) fn acted(
        mut self,
        state: &State,
        rules: &Rules,
        (wording, trackers): (&Wording, &Trackers),
        now: Time,
    ) -> Acted {
        let delivery_of =
            |key: &IncidentKey| state.deliveries.values().find(|it| it.incident == *key);
        let tracker_of = |incident: &Incident| {
            let of_owner = || rules.owners.get(&incident.owner)?.tracker.clone();
            incident.filing.issue().map(|issue| issue.tracker.clone()).or_else(of_owner)
        };
        let is_muted = |incident: &Incident| {
            incident.status == Status::Open
                && matches!(incident.filing, Filing::None | Filing::Closed { .. })
                && tracker_of(incident).is_some()
                && delivery_of(&incident.key).is_none()
                && !is_long_dead(incident)
        };
        let muted = state.incidents.values().filter(|it| is_muted(it)).count();
        if muted > 0 {
            let text = format!("{muted} open and not told for now, as a silence or a window asks");
            self.hear(Heard { is_failure: false, text });
        }
        let incidents = state
            .incidents
            .values()
            .filter(|it| self.is_listed(it) && !is_muted(it) && !is_long_dead(it));
        let line = |incident: &Incident| {
            let delivery = delivery_of(&incident.key);
            let issue = incident.filing.issue();
            let tracker = tracker_of(incident);
            let settle = tracker.as_ref().and_then(|name| trackers.get(name)).map(|it| it.settle());
            let is_owed = delivery.is_some_and(|it| is_owed(it, settle.unwrap_or_default(), now));
            IssueLine {
                key: incident.key.clone(),
                title: wording.title(incident, now),
                state: self.state(incident, tracker.is_some(), is_owed),
                tracker,
                id: issue.map(|issue| issue.id.clone()),
                url: issue.map(|issue| issue.url.clone()),
                trouble: delivery.and_then(|delivery| delivery.trouble.clone()),
            }
        };
        let mut issues: Vec<_> = incidents.map(line).collect();
        issues.sort_by(|a, b| (a.state, &a.title).cmp(&(b.state, &b.title)));
        let heard = self.heard.into_iter();
        let heard =
            heard.map(|Heard { is_failure, text }| certvigil_report::Heard { is_failure, text });
        Acted { issues, heard: heard.collect(), has_store: wording.has_store }
    }

    fn is_listed(&self, incident: &Incident) -> bool {
        incident.status == Status::Open
            || self.done.contains_key(&incident.key)
            || matches!(incident.filing, Filing::Confirmed { .. } | Filing::Stored { .. })
    }

    fn state(&self, incident: &Incident, has_tracker: bool, is_owed: bool) -> IssueState {
        match (&incident.filing, self.done.get(&incident.key)) {
            (Filing::None, _) if !has_tracker => IssueState::NobodyCanConfirm,
            (Filing::Held { .. }, _) => IssueState::Held,
            _ if is_owed => IssueState::NotConfirmed,
            (Filing::Stored { .. }, _) => IssueState::Stored,
            (Filing::Confirmed { .. } | Filing::Closed { .. }, Some(Act::File)) => {
                IssueState::Filed
            }
            (Filing::Confirmed { .. }, Some(Act::Reopen)) => IssueState::Reopened,
            (Filing::Confirmed { .. }, Some(Act::Comment { .. })) => IssueState::Updated,
            (Filing::Closed { .. }, _) => IssueState::Closed,
            (Filing::Confirmed { .. }, _) => IssueState::Standing,
            (
                Filing::None
                | Filing::Queued { .. }
                | Filing::Doubtful { .. }
                | Filing::Failed { .. },
                _,
            ) => IssueState::NotConfirmed,
        }
    }
}

/// What came of a message, in words.
fn of_notice(notice: &Notice) -> Option<Heard> {
    let (purpose, channel) = (notice.purpose.name(), Foreign::new(&notice.channel.0));
    let channel = channel.shown();
    let (is_failure, text) = match notice.state {
        NoticeState::HandedOver => (false, format!("{purpose} to {channel}: handed over")),
        NoticeState::Failed | NoticeState::Queued => {
            let why = notice.trouble.as_deref().filter(|_| notice.attempts > 0)?;
            let why = Foreign::new(why);
            (true, format!("{purpose} to {channel}: not handed over: {}", why.shown_within(300)))
        }
        NoticeState::Sent | NoticeState::Dropped => return None,
    };
    Some(Heard { is_failure, text })
}

/// Whether people have not been told what they should have been. An issue that was read back by its id is
/// found by its key once the tracker's search has settled; after that it is owed.
fn is_owed(delivery: &Delivery, settle: Duration, now: Time) -> bool {
    match (&delivery.act, delivery.state) {
        (Act::Remember, _) => false,
        (Act::File, DeliveryState::Stored) => now > delivery.created_at.plus(settle + LENIENCE),
        _ => true,
    }
}

/// A search that settles in no time at all is given this much.
const LENIENCE: Duration = Duration::from_secs(60);
