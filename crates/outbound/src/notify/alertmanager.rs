//! Alertmanager, API v2: an alert for each incident, which it forgets unless it hears of it again.

use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Method};
use certvigil_model::{ChannelName, Purpose};
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::subject;
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::{Markup, address, title};

/// An Alertmanager.
pub(super) struct Alertmanager {
    name: ChannelName,
    site: Site,
}

impl Alertmanager {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["url", "user", "token"])?;
        let site = Site::of(&settings, client, "http://HOST:9093")?.let_in(&settings);
        Ok(Self { name: settings.name, site })
    }
}

impl Channel for Alertmanager {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let alerts = json!([alert(message)]);
        self.site
            .hand(Method::Post, self.site.below(&["api", "v2", "alerts"]), &alerts, by)
            .map(drop)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.get(self.site.below(&["-", "ready"]), by).map(|_| Vec::new())
    }

    fn repeat(&self) -> Option<Duration> {
        Some(REPEAT)
    }
}

/// Labels make the alert's identity, so none of them changes while an incident lasts: how bad it is stands beside them.
fn alert(message: &Message) -> Value {
    let until = match message.purpose {
        Purpose::Over => message.at,
        _ => message.at.plus(LASTS),
    };
    let mut alert = json!({
        "labels": {"alertname": "certvigil", "incident": subject(message)},
        "annotations": {
            "summary": title(&message.title, SUMMARY),
            "description": Markup::Plain.write(&message.body),
            "severity": message.severity.name(),
            "purpose": message.purpose.name(),
        },
        "startsAt": message.since.min(message.at).to_string(),
        "endsAt": until.to_string(),
    });
    if let Some(answer) = message.answer.as_deref().and_then(address) {
        alert["annotations"]["answer"] = answer.into();
    }
    if let Some(issue) = message.issue.as_deref().and_then(address) {
        alert["generatorURL"] = issue.into();
    }
    alert
}

/// Characters of a summary.
const SUMMARY: usize = 200;

/// How often it wants to hear of what lasts.
const REPEAT: Duration = Duration::from_secs(5 * 60);

/// How long an alert outlives the last word of it: the longest step between two calls of a ladder, so that it does not
/// seem to be over before the next one.
const LASTS: Duration = Duration::from_secs(4 * 3600 + 600);
