//! An Apprise API: a gateway to whatever else there is.

use std::time::Instant;

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Method};
use certvigil_model::{ChannelName, Purpose, Severity};
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::title;

/// A gateway, and where it carries to.
pub(super) struct Apprise {
    name: ChannelName,
    site: Site,
    to: Target,
}

enum Target {
    /// Addresses of Apprise, which hold secrets.
    Urls(Secret),
    /// The name of a configuration that the gateway keeps.
    Key(String),
}

impl Apprise {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["to", "url", "token"])?;
        let site = Site::of(&settings, client, "http://HOST:8000")?;
        let to = match (&settings.to, &settings.token) {
            (Some(key), None) => Target::Key(key.clone()),
            (None, Some(urls)) => Target::Urls(urls.clone()),
            _ => {
                let why = "names the gateway's configuration; else token holds Apprise's addresses: write one of both";
                return Err(settings.wrong("to", why));
            }
        };
        Ok(Self { name: settings.name, site, to })
    }

    fn note(&self, message: &Message) -> Value {
        let mut note = json!({
            "title": title(&message.title, LINE),
            "body": title(&message.line, LINE),
            "type": kind(message),
            "format": "text",
        });
        if let Target::Urls(urls) = &self.to {
            note["urls"] = urls.reveal().into();
        }
        note
    }
}

impl Channel for Apprise {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    /// Where one of several receivers failed it answers 424, and the message comes again, for the others too.
    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let at = match &self.to {
            Target::Key(key) => self.site.below(&["notify", key]),
            Target::Urls(_) => self.site.below(&["notify"]),
        };
        let handed = self.site.hand(Method::Post, at, &self.note(message), by)?;
        match handed.status {
            // It has no configuration of that name, and says so as a success.
            204 => Err(Trouble::Refused(
                "the gateway has nobody to tell: look at to and token".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Whether it is well; whom it reaches only a message shows.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.get(self.site.below(&["status"]), by).map(|_| Vec::new())
    }
}

fn kind(message: &Message) -> &'static str {
    match (message.purpose, message.severity) {
        (Purpose::Over, _) => "success",
        (_, Severity::Critical | Severity::Unknown) => "failure",
        (_, Severity::Warning) => "warning",
        (_, Severity::Info) => "info",
    }
}

/// Characters of a title or a line.
const LINE: usize = 400;
