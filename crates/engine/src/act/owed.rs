//! What would be done and is not, for a service that only observes.

use std::collections::BTreeMap;
use std::fmt;

use certvigil_model::{Act, Delivery, Incident, IncidentKey, Notice, Status, Time};

use super::{Actor, MemoryError};

/// An outward act that is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Its own identity.
    pub id: String,
    /// What would be done and where: `file in redmine tracker.example.org ops`.
    pub what: String,
    /// When.
    pub at: Time,
    /// What it is about.
    pub title: String,
}

impl fmt::Display for Owed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.what, self.at, self.title)
    }
}

/// Issues that would stand in trackers if they were filed. Nobody else knows of them: what is over before it was filed
/// is owed to no tracker.
#[derive(Debug, Default)]
pub struct Imagined(BTreeMap<IncidentKey, Filed>);

#[derive(Debug)]
struct Filed {
    tracker: String,
    title: String,
}

impl Actor {
    /// The outward acts that would be made now or later: what is asked for, and the closing of issues that would have been
    /// filed.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn owed(&mut self, imagined: &mut Imagined) -> Result<Vec<Owed>, MemoryError> {
        let now = self.clock.wall();
        let state = self.memory.state(now)?;
        let titled = |key: Option<&IncidentKey>| {
            let incident = key.and_then(|key| state.incidents.get(key));
            incident.map(|incident| self.wording.title(incident, now))
        };
        let deliveries = state.deliveries.values().filter(|delivery| !delivery.state.is_over());
        let deliveries = deliveries.map(|it| of_delivery(it, titled(Some(&it.incident))));
        let notices = state.notices.values().filter(|notice| !notice.state.is_over());
        let notices = notices.map(|it| of_notice(it, titled(it.incident.as_ref())));
        let mut owed: Vec<_> = deliveries.chain(notices).collect();
        owed.extend(imagined.closed(&state.incidents, now));
        imagined.file(&state.deliveries, titled);
        Ok(owed)
    }
}

impl Imagined {
    fn file(
        &mut self,
        deliveries: &BTreeMap<String, Delivery>,
        titled: impl Fn(Option<&IncidentKey>) -> Option<String>,
    ) {
        for delivery in deliveries.values().filter(|delivery| delivery.act == Act::File) {
            let title = titled(Some(&delivery.incident)).unwrap_or_default();
            let filed = Filed { tracker: delivery.tracker.to_string(), title };
            self.0.insert(delivery.incident.clone(), filed);
        }
    }

    /// What is over by now, and leaves.
    fn closed(&mut self, incidents: &BTreeMap<IncidentKey, Incident>, now: Time) -> Vec<Owed> {
        let is_over = |key: &IncidentKey, _: &mut Filed| {
            incidents.get(key).is_none_or(|incident| incident.status == Status::Resolved)
        };
        let over = self.0.extract_if(.., is_over);
        let close = |(key, Filed { tracker, title }): (IncidentKey, Filed)| {
            let resolved = incidents.get(&key).and_then(|incident| incident.resolved_at);
            let at = resolved.unwrap_or(now);
            Owed {
                id: format!("{key}-closed-{at}"),
                what: format!("close in {tracker}"),
                at,
                title,
            }
        };
        over.map(close).collect()
    }
}

fn of_delivery(delivery: &Delivery, title: Option<String>) -> Owed {
    Owed {
        id: delivery.id.clone(),
        what: format!("{} in {}", delivery.act.name(), delivery.tracker),
        at: delivery.due_at,
        title: title.unwrap_or_else(|| delivery.incident.to_string()),
    }
}

fn of_notice(notice: &Notice, title: Option<String>) -> Owed {
    let what = match notice.purpose.is_loud() {
        true => format!("page {}", notice.channel),
        false => format!("send ({}) to {}", notice.purpose.name(), notice.channel),
    };
    Owed {
        id: notice.id.clone(),
        what,
        at: notice.due_at,
        title: title.unwrap_or_else(|| format!("for {}", notice.owner)),
    }
}

#[cfg(test)]
mod tests {
    use certvigil_model::{ChannelName, NoticeState, Purpose};

    use super::*;

    #[test]
    fn a_page_is_told_apart_from_what_wakes_nobody() {
        let page = Notice {
            id: "1".to_owned(),
            channel: ChannelName("ntfy ops".to_owned()),
            purpose: Purpose::Page,
            incident: None,
            owner: "ops".to_owned(),
            state: NoticeState::Queued,
            attempts: 0,
            created_at: Time::FIRST,
            due_at: Time::from_seconds(1_795_608_000),
            trouble: None,
        };
        let told = of_notice(&page, Some("www.example.org: ended".to_owned())).to_string();
        assert_eq!(told, "page ntfy ops at 2026-11-25T12:00:00Z: www.example.org: ended");
        let digest = Notice { purpose: Purpose::Digest, ..page };
        let told = of_notice(&digest, None).to_string();
        assert_eq!(told, "send (digest) to ntfy ops at 2026-11-25T12:00:00Z: for ops");
    }
}
