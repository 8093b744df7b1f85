//! A message's words as channels need them that have little room, or that hand them to programs.

use serde_json::{Value, json};

use super::Message;
use crate::markup::{Markup, address, title};

/// Its one line without the address at its end, for channels that show links apart.
pub(super) fn bare_line(message: &Message) -> &str {
    let links = [&message.answer, &message.issue].into_iter().flatten();
    let mut stripped = links.filter_map(|link| message.line.strip_suffix(link.as_str()));
    stripped.next().map_or(&message.line, |line| line.trim_end_matches([' ', ':']))
}

/// Where its reader may go, and what is there.
pub(super) fn links(message: &Message) -> Vec<(&'static str, String)> {
    let answer = message.answer.as_deref().and_then(address).map(|url| ("I am on it", url));
    let issue = message.issue.as_deref().and_then(address).map(|url| ("Issue", url));
    answer.into_iter().chain(issue).collect()
}

/// By which its receiver knows what belongs together: the incident, or the message itself.
pub(super) fn subject(message: &Message) -> &str {
    message.incident.as_ref().map_or(&message.id, |key| key.as_str())
}

/// All of it as one JSON object: what webhooks and programs are given. `docs/channels.md` names its fields.
pub(super) fn json(message: &Message) -> Value {
    json!({
        "type": format!("certvigil.{}", message.purpose.name()),
        "timestamp": message.at.to_string(),
        "data": {
            "id": message.id,
            "purpose": message.purpose.name(),
            "incident": message.incident.as_ref().map(|key| key.as_str()),
            "severity": message.severity.name(),
            "line": title(&message.line, LINE),
            "title": title(&message.title, LINE),
            "text": Markup::Plain.write(&message.body),
            "answer": message.answer,
            "issue": message.issue,
            "since": message.since.to_string(),
        },
    })
}

/// Characters of a title or a line.
const LINE: usize = 400;
