//! Chats that take a message at a secret address: Slack's incoming webhooks, Mattermost's by nearly the same shape, and
//! the workflows of Teams. A name in a text calls nobody, and no preview is fetched.

use std::time::Instant;

use certvigil_fetch::{Client, Method};
use certvigil_model::{Block, ChannelName, Document, Foreign, Span};
use serde_json::{Value, json};

use super::settings::{Settings, Unusable};
use super::web::Site;
use super::words::{bare_line, links};
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::{Markup, title};

/// A chat's address.
pub(super) struct Chat {
    name: ChannelName,
    site: Site,
    write: fn(&Message) -> Value,
}

impl Chat {
    pub(super) fn slack(settings: Settings, client: Client) -> Result<Self, Unusable> {
        Self::new(settings, client, "https://hooks.slack.com/services/…", slack)
    }

    pub(super) fn mattermost(settings: Settings, client: Client) -> Result<Self, Unusable> {
        Self::new(settings, client, "https://HOST/hooks/…", mattermost)
    }

    pub(super) fn teams(settings: Settings, client: Client) -> Result<Self, Unusable> {
        Self::new(settings, client, "the address that the workflow shows", teams)
    }

    fn new(
        settings: Settings,
        client: Client,
        example: &str,
        write: fn(&Message) -> Value,
    ) -> Result<Self, Unusable> {
        settings.only(&["url"])?;
        let site = Site::of(&settings, client, example)?;
        Ok(Self { name: settings.name, site, write })
    }
}

impl Channel for Chat {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        self.site.hand(Method::Post, self.site.itself(), &(self.write)(message), by).map(drop)
    }

    /// Such an address cannot be asked for anything without a message to everybody there.
    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.site.reach(by).map(|()| Vec::new())
    }
}

/// The line stands where Slack looks for no markup; only our own links are markup.
fn slack(message: &Message) -> Value {
    let line = title(bare_line(message), LINE);
    let links: Vec<String> = links(message)
        .iter()
        .map(|(label, url)| format!("<{}|{label}>", slack_text(url)))
        .collect();
    let mut blocks = vec![json!({
        "type": "section",
        "text": {"type": "plain_text", "text": line, "emoji": false},
    })];
    if !links.is_empty() {
        let text = links.join(" · ");
        blocks.push(
            json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}}),
        );
    }
    json!({
        // What a notification shows.
        "text": slack_text(&line),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// The three characters that begin anything in Slack's texts, mentions included.
fn slack_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn mattermost(message: &Message) -> Value {
    let mut spans = vec![Span::Code(Foreign::new(title(bare_line(message), LINE)))];
    for (label, url) in links(message) {
        spans.extend([format!(" {label}: ").into(), Span::Link(url)]);
    }
    json!({"text": Markup::Markdown.write(&Document(vec![Block::Paragraph(spans)]))})
}

/// An adaptive card whose text is no Markdown: text runs are none, text blocks are.
fn teams(message: &Message) -> Value {
    let open = |(label, url): (&str, String)| json!({"type": "Action.OpenUrl", "title": label, "url": url});
    let run =
        json!({"type": "TextRun", "text": title(bare_line(message), LINE), "weight": "Bolder"});
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [{"type": "RichTextBlock", "inlines": [run]}],
                "actions": links(message).into_iter().map(open).collect::<Vec<_>>(),
            },
        }],
    })
}

/// Characters of a line.
const LINE: usize = 400;
