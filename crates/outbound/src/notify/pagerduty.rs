//! `PagerDuty`, Events API v2: one alert for each incident. Being taken on acknowledges it, being over resolves it.

use std::time::Instant;

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Method};
use certvigil_model::{ChannelName, Purpose, Severity};
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::{bare_line, links, subject};
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::{Markup, title};

/// A service's integration.
pub(super) struct PagerDuty {
    name: ChannelName,
    site: Site,
    routing_key: Secret,
}

impl PagerDuty {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["url", "token"])?;
        let site = Site::or(&settings, client, "https://events.pagerduty.com/v2/enqueue")?;
        let Some(routing_key) = settings.token else {
            let why = "is needed: the integration key of the service's Events API v2";
            return Err(settings.wrong("token", why));
        };
        Ok(Self { name: settings.name, site, routing_key })
    }

    fn event(&self, message: &Message) -> Value {
        let mut event = json!({
            "routing_key": self.routing_key.reveal(),
            "event_action": action(message.purpose),
            "dedup_key": subject(message),
        });
        if action(message.purpose) == "trigger" {
            let links = links(message).into_iter();
            event["client"] = "certvigil".into();
            event["links"] =
                links.map(|(text, href)| json!({"href": href, "text": text})).collect();
            event["payload"] = json!({
                "summary": title(bare_line(message), SUMMARY),
                "source": "certvigil",
                "severity": severity(message),
                "timestamp": message.since.to_string(),
                "class": message.purpose.name(),
                "custom_details": {
                    "text": Markup::Plain.write(&message.body),
                    "message": message.id,
                },
            });
        }
        event
    }
}

impl Channel for PagerDuty {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        self.site.hand(Method::Post, self.site.itself(), &self.event(message), by).map(drop)
    }

    /// It has no call that checks a key without raising an alert.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.reach(by).map(|()| Vec::new())
    }
}

const fn action(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Taken | Purpose::Accepted => "acknowledge",
        Purpose::Over => "resolve",
        Purpose::Copy
        | Purpose::Reminder
        | Purpose::Page
        | Purpose::Breaker
        | Purpose::Digest
        | Purpose::Test => "trigger",
    }
}

/// A page is at least an error: services may ring for these alone.
fn severity(message: &Message) -> &'static str {
    match (message.severity, message.purpose) {
        (Severity::Critical, _) => "critical",
        (_, Purpose::Page) | (Severity::Unknown, _) => "error",
        (Severity::Warning, _) => "warning",
        (Severity::Info, _) => "info",
    }
}

/// Characters of a summary that are taken.
const SUMMARY: usize = 1024;
