//! ntfy: a topic of ntfy.sh or of a server of one's own, by JSON.

use std::time::Instant;

use certvigil_fetch::{Client, Method};
use certvigil_model::{ChannelName, Purpose, Severity};
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::{bare_line, links};
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::title;

/// A topic.
pub(super) struct Ntfy {
    name: ChannelName,
    site: Site,
    topic: String,
    has_account: bool,
}

impl Ntfy {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["to", "url", "user", "token"])?;
        let site = Site::or(&settings, client, "https://ntfy.sh")?.let_in(&settings);
        let topic = settings.to.clone().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if topic.is_empty() || topic.len() > 64 || !topic.chars().all(is_plain) {
            let why = "is no topic: write up to 64 letters, digits, - and _, hard to guess";
            return Err(settings.wrong("to", why));
        }
        Ok(Self { has_account: settings.token.is_some(), name: settings.name, site, topic })
    }

    fn note(&self, message: &Message) -> Value {
        let links = links(message);
        let click = links.first().map(|(_, url)| url.clone());
        let view =
            |(label, url): (&str, String)| json!({"action": "view", "label": label, "url": url});
        let mut note = json!({
            "topic": self.topic,
            "title": title(&message.title, TITLE),
            "message": title(bare_line(message), TEXT),
            "priority": priority(message),
            "tags": ["certvigil", message.severity.name(), message.purpose.name()],
            "actions": links.into_iter().map(view).collect::<Vec<_>>(),
        });
        if let Some(click) = click {
            note["click"] = click.into();
        }
        note
    }
}

impl Channel for Ntfy {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        self.site.hand(Method::Post, self.site.below(&[]), &self.note(message), by).map(drop)
    }

    /// Whether the server is well, and knows our account. Whether that may write to the topic only a message shows.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.get(self.site.below(&["v1", "health"]), by)?;
        if self.has_account {
            self.site.get(self.site.below(&["v1", "account"]), by)?;
        }
        Ok(Vec::new())
    }
}

/// 1 to 5: five rings through, three is usual.
fn priority(message: &Message) -> u8 {
    match (message.purpose, message.severity) {
        (Purpose::Page, Severity::Critical) => 5,
        (Purpose::Page | Purpose::Test | Purpose::Breaker, _) => 4,
        (Purpose::Copy | Purpose::Reminder | Purpose::Accepted, _) => 3,
        (Purpose::Taken | Purpose::Over | Purpose::Digest, _) => 2,
    }
}

/// Characters of a title.
const TITLE: usize = 160;
/// Characters of a text; the server takes 4,096 bytes.
const TEXT: usize = 400;
