//! Matrix: a room, by the client-server API v1.11. The homeserver knows a second copy by its transaction.

use std::time::Instant;

use certvigil_fetch::{Client, Method};
use certvigil_model::{Block, ChannelName, Document, Foreign, Span};
use serde::Deserialize;
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::{bare_line, links};
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::{html, title};

/// A room, and our account at its homeserver.
pub(super) struct Matrix {
    name: ChannelName,
    site: Site,
    room: String,
}

impl Matrix {
    pub(super) fn new(settings: Settings, client: Client) -> Result<Self, Unusable> {
        settings.only(&["to", "url", "token"])?;
        let site = Site::of(&settings, client, "the homeserver, https://HOST")?.let_in(&settings);
        if settings.token.is_none() {
            return Err(settings.wrong("token", "is needed: the access token of an account"));
        }
        match settings.to {
            Some(room) if room.starts_with('!') => Ok(Self { name: settings.name, site, room }),
            _ => {
                Err(settings
                    .wrong("to", "is no room's id: write !ID:HOST, as its settings show it"))
            }
        }
    }

    fn event(message: &Message) -> Value {
        let line = title(bare_line(message), LINE);
        let mut spans = vec![Span::Foreign(Foreign::new(line.as_str()))];
        let mut text = line;
        for (label, url) in links(message) {
            text.push_str(&format!("\n{label}: {url}"));
            spans.extend([format!(" {label}: ").into(), Span::Link(url)]);
        }
        json!({
            "msgtype": if message.purpose.is_loud() { "m.text" } else { "m.notice" },
            "body": text,
            "format": "org.matrix.custom.html",
            "formatted_body": html::part(&Document(vec![Block::Paragraph(spans)])),
            // Nobody is called by a name in the text.
            "m.mentions": {},
        })
    }
}

impl Channel for Matrix {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let path =
            ["_matrix", "client", "v3", "rooms", &self.room, "send", "m.room.message", &message.id];
        self.site.hand(Method::Put, self.site.below(&path), &Self::event(message), by).map(drop)
    }

    /// Whether the account is let in, and is in the room. Whether it may speak there only a message shows.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        let joined = self.site.below(&["_matrix", "client", "v3", "joined_rooms"]);
        let answer = self.site.get(joined, by)?;
        let Joined { joined_rooms } = serde_json::from_slice(&answer.body)
            .map_err(|_| Trouble::Strange("the homeserver names no rooms".to_owned()))?;
        let is_there = joined_rooms.contains(&self.room);
        let lack =
            || format!("the account is not in the room {}: invite it, and let it join", self.room);
        Ok(if is_there { Vec::new() } else { vec![lack()] })
    }
}

#[derive(Deserialize)]
struct Joined {
    joined_rooms: Vec<String>,
}

/// Characters of a line.
const LINE: usize = 400;
