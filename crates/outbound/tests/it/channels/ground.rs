//! A channel of each kind, and messages for it.

use std::time::{Duration, Instant};

use certvigil_doors::{Secret, SystemClock};
use certvigil_fetch::{Http, Proxy};
use certvigil_model::{
    Block, ChannelName, Clock as _, Document, Foreign, Purpose, Severity, Span, Time,
};
use certvigil_outbound::notify::{Settings, open};
use certvigil_outbound::{Channel, Message};

use crate::trackers::ground::client;

/// Kinds that speak HTTP.
pub(crate) const WEB: &[&str] = &[
    "alertmanager",
    "apprise",
    "matrix",
    "mattermost",
    "ntfy",
    "pagerduty",
    "slack",
    "teams",
    "webhook",
];

/// In the address or the token of each: nobody may see it.
pub(crate) const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ1";

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// What a config needs to say at least, for a service at `base`.
pub(crate) fn settings(kind: &str, base: &str) -> Settings {
    let secret = || Some(Secret::new(SECRET));
    let path = match kind {
        "slack" | "mattermost" | "teams" => format!("/hooks/{SECRET}"),
        "pagerduty" => "/v2/enqueue".to_owned(),
        _ => String::new(),
    };
    let (to, token) = match kind {
        "ntfy" => (Some("certs-4f1c".to_owned()), secret()),
        "matrix" => (Some("!room:lab.test".to_owned()), secret()),
        "apprise" | "pagerduty" | "alertmanager" => (None, secret()),
        "webhook" => (None, Some(Secret::new(format!("whsec_{SECRET}")))),
        _ => (None, None),
    };
    Settings { to, token, url: Some(Secret::new(format!("{base}{path}"))), ..empty(kind) }
}

/// Nothing but its kind.
pub(crate) fn empty(kind: &str) -> Settings {
    Settings {
        kind: kind.to_owned(),
        name: ChannelName(format!("{kind} lab")),
        to: None,
        from: None,
        via: None,
        url: None,
        user: None,
        token: None,
        command: Vec::new(),
        http: Http { proxy: Proxy::None, ..Http::default() },
    }
}

pub(crate) fn channel(settings: Settings) -> Box<dyn Channel> {
    open(settings, client()).unwrap()
}

pub(crate) fn within(millis: u64) -> Instant {
    SystemClock.monotonic() + Duration::from_millis(millis)
}

/// A page about an incident.
pub(crate) fn page() -> Message {
    saying("www.example.org ends in 20 h")
}

/// The same in other words.
pub(crate) fn saying(words: &str) -> Message {
    let answer = "https://certvigil.example.org/answer/abc";
    Message {
        id: "n-41".to_owned(),
        purpose: Purpose::Page,
        incident: Some(KEY.parse().unwrap()),
        severity: Severity::Critical,
        line: format!("{words}. Renew it, answer: {answer}"),
        title: words.to_owned(),
        body: Document(vec![Block::Paragraph(vec![
            Span::from("Served: "),
            Span::Foreign(Foreign::new(words)),
        ])]),
        answer: Some(answer.to_owned()),
        issue: Some("https://tracker.example.org/issues/7".to_owned()),
        at: Time::from_text("2026-11-25T08:30:00Z").unwrap(),
        since: Time::from_text("2026-11-24T12:00:00Z").unwrap(),
    }
}
