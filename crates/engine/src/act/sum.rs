//! What a run came to, for its reports and its exit code.

use std::collections::BTreeMap;

use certvigil_alarm::{Heard, Rules, State, Step};
use certvigil_model::{
    Act, DeliveryState, Filing, Incident, IncidentKey, Status, Time, TrackerName,
};
use certvigil_report::{Acted, IssueLine, IssueState};

use super::Wording;

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
        step.heard.iter().for_each(|heard| self.hear(heard.clone()));
    }

    /// What is said twice in a run is heard once.
    pub(crate) fn hear(&mut self, heard: Heard) {
        if !self.heard.contains(&heard) {
            self.heard.push(heard);
        }
    }

    /// For the reports: how each issue stands at the end.
    pub(crate) fn acted(self, state: &State, rules: &Rules, wording: &Wording, now: Time) -> Acted {
        let incidents = state.incidents.values().filter(|it| self.is_listed(it));
        let line = |incident: &Incident| {
            let delivery = state.deliveries.values().find(|it| it.incident == incident.key);
            let of_owner = || rules.owners.get(&incident.owner)?.tracker.clone();
            let issue = incident.filing.issue();
            let tracker: Option<TrackerName> =
                issue.map(|issue| issue.tracker.clone()).or_else(of_owner);
            let is_owed = delivery.is_some_and(|it| it.act != Act::Remember);
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
            (Filing::Stored { .. }, _) => IssueState::Stored,
            _ if is_owed => IssueState::NotConfirmed,
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
