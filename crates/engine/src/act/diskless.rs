//! The state of a run that keeps nothing: what it knows is what its issues say.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use certvigil_alarm::renewers::Renewal;
use certvigil_alarm::{
    Event, Heard, IssueHeld, Rules, State, Step, begin, begin_notice, recall, step,
};
use certvigil_model::{Delivery, EndpointId, IssueRef, Notice, Sighting, Time, TrackerName};
use certvigil_outbound::{Stored, Tracker, Trouble};

use super::memory::Error;
use super::{Memory, Trackers};

/// In the trackers.
#[derive(Default)]
pub struct Diskless(State);

/// Closed issues are asked for as far back: what a person closed lately is known by its block.
const LOOKED_BACK: Duration = Duration::from_secs(60 * 86_400);

impl Memory for Diskless {
    fn open(
        &mut self,
        trackers: &Trackers,
        rules: &Rules,
        now: Time,
        by: Instant,
    ) -> Result<Vec<Heard>, Error> {
        let since = Time::from_millis(now.millis().saturating_sub(LOOKED_BACK.as_millis() as i64));
        let (mut held, mut heard) = (Vec::new(), Vec::new());
        for (name, tracker) in trackers {
            match issues(&**tracker, since, by) {
                Ok(issues) => {
                    held.extend(issues.iter().filter_map(|stored| held_issue(stored, name, now)));
                }
                // One team's tracker must not keep the others' from being told.
                Err(trouble) => heard.push(unlisted(name, &trouble)),
            }
        }
        self.0 = recall(&held, now, rules);
        Ok(heard)
    }

    fn step(&mut self, event: &Event<'_>, now: Time, rules: &Rules) -> Result<Step, Error> {
        let step = step(std::mem::take(&mut self.0), event, now, rules);
        self.0.clone_from(&step.state);
        Ok(step)
    }

    fn state(&mut self, _now: Time) -> Result<State, Error> {
        Ok(self.0.clone())
    }

    fn sightings(&mut self, _now: Time) -> Result<BTreeMap<EndpointId, Sighting>, Error> {
        Ok(BTreeMap::new())
    }

    fn renewals(
        &mut self,
        _endpoints: &[EndpointId],
        _now: Time,
    ) -> Result<BTreeMap<EndpointId, Vec<Renewal>>, Error> {
        Ok(BTreeMap::new())
    }

    fn begin(
        &mut self,
        delivery: &Delivery,
        _lease: Duration,
        now: Time,
    ) -> Result<Option<Delivery>, Error> {
        let begun = begin(delivery, now);
        self.0.deliveries.insert(begun.id.clone(), begun.clone());
        Ok(Some(begun))
    }

    fn begin_notice(
        &mut self,
        notice: &Notice,
        _lease: Duration,
        _now: Time,
    ) -> Result<Option<Notice>, Error> {
        let begun = begin_notice(notice);
        self.0.notices.insert(begun.id.clone(), begun.clone());
        Ok(Some(begun))
    }
}

fn unlisted(tracker: &TrackerName, trouble: &Trouble) -> Heard {
    let text = format!(
        "the tracker {tracker} does not list its issues, and without a store nothing else knows what is open there: {trouble}"
    );
    Heard { is_failure: true, text }
}

/// Every open one, and those made lately.
fn issues(tracker: &dyn Tracker, since: Time, by: Instant) -> Result<Vec<Stored>, Trouble> {
    let mut issues = tracker.ours(by)?;
    let recent = tracker.recent(since, by)?;
    issues.extend(recent.into_iter().filter(|one| one.is_labelled && !one.is_open));
    Ok(issues)
}

/// Only what we wrote, in the project meant, counts.
fn held_issue(stored: &Stored, tracker: &TrackerName, now: Time) -> Option<IssueHeld> {
    let key = stored.key.clone().filter(|_| stored.is_ours && stored.is_in_project)?;
    Some(IssueHeld {
        issue: IssueRef {
            tracker: tracker.clone(),
            id: stored.id.clone(),
            url: stored.url.clone(),
        },
        key,
        created_at: stored.created_at.unwrap_or(now),
        block: stored.block.clone(),
        is_open: stored.is_open,
    })
}
