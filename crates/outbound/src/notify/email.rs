//! Mail: text and HTML, one thread for each incident, and no answer from robots.

use std::time::{Duration, Instant, UNIX_EPOCH};

use certvigil_model::{ChannelName, Severity, Time};
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::smtp::{Envelope, Smtp};
use super::{Channel, Message};
use crate::Trouble;
use crate::markup::{Markup, html, title};

/// A mailbox, and the server that carries mails to it.
#[derive(Clone, Debug)]
pub struct Email {
    pub(super) name: ChannelName,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) server: Smtp,
}

impl Channel for Email {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn send(&self, message: &Message, by: Instant) -> Result<(), Trouble> {
        let data = self.written(message)?;
        let (from, to) = (self.from.to_string(), self.to.to_string());
        self.server.send(&Envelope { from: &from, to: &to, data: &data }, by)
    }

    fn examine(&self, by: Instant) -> Result<Vec<String>, Trouble> {
        self.server.examine(by).map(|()| Vec::new())
    }
}

impl Email {
    fn written(&self, message: &Message) -> Result<Vec<u8>, Trouble> {
        let id = |what: &str| format!("<{}@{}>", inert(what), self.from.domain());
        let sender = Mailbox::new(Some("certvigil".to_owned()), self.from.clone());
        let mut mail = lettre::Message::builder()
            .from(sender)
            .to(Mailbox::new(None, self.to.clone()))
            .subject(title(&message.title, SUBJECT))
            .date(moment(message.at))
            .message_id(Some(id(&message.id)));
        if let Some(key) = &message.incident {
            // A thread needs no first mail: RFC 5322 section 3.6.4 lets anything be referred to.
            let thread = id(key.as_str());
            mail = mail.in_reply_to(thread.clone()).references(thread);
        }
        for (name, value) in headers(message, self.from.domain()) {
            mail = mail.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let text = Markup::Plain.write(&message.body);
        let parts = MultiPart::alternative_plain_html(text, html::write(&message.body));
        let refused = |error| Trouble::Refused(format!("the mail cannot be written: {error}"));
        Ok(mail.multipart(parts).map_err(refused)?.formatted())
    }
}

/// RFC 3834: robots do not answer robots; RFC 2919: a list that filters can know; and what Exchange heeds.
fn headers(message: &Message, domain: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("List-Id", format!("certvigil <certvigil.{domain}>")),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("X-Certvigil-Purpose", message.purpose.name().to_owned()),
    ];
    if let Some(key) = &message.incident {
        headers.push(("X-Certvigil-Incident", key.to_string()));
    }
    if message.purpose.is_loud() && message.severity == Severity::Critical {
        headers.push(("Importance", "high".to_owned()));
        headers.push(("X-Priority", "1".to_owned()));
    }
    headers
}

/// What may stand to the left of a message's identity: RFC 5322 section 3.6.4.
fn inert(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().filter(is_plain).take(200).collect()
}

fn moment(at: Time) -> std::time::SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(at.seconds()).unwrap_or_default())
}

/// Characters of a subject.
const SUBJECT: usize = 200;
