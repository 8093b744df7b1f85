//! Stand-ins that judge every request by the published shape. No service of these was asked; the documents, as they
//! were on 2026-11-25:
//!
//! - Standard Webhooks: spec/standard-webhooks.md, 1.0.0.
//! - Slack: docs.slack.dev, "Text object" of Block Kit and "Formatting message text".
//! - Alertmanager: api/v2/openapi.yaml; a real one is asked in `real.rs`.
//! - Matrix: the client-server API v1.11; a real homeserver is asked in `real.rs`.
//! - ntfy: docs.ntfy.sh/publish, "Publish as JSON".
//! - `PagerDuty`: the Events API v2 as documents of its clients give it: members, actions, severities, 255 characters of a
//!   key, 1,024 of a summary. Its own pages were not at hand.
//! - Teams: the envelope of "Create incoming webhooks" (MicrosoftDocs/msteams-docs); adaptive cards, schema 1.4.
//! - Mattermost and Apprise: what their manuals say of `text`, and of `urls`, `title`, `body`, `type`, `format`.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use certvigil_model::{Purpose, Severity, Time, hmac};
use certvigil_outbound::Message;
use serde_json::{Value, json};

use crate::channels::ground::{KEY, SECRET, WEB, channel, page, saying, settings, within};
use crate::trackers::hostile;
use crate::trackers::standin::{Asked, Reply, Standin};

/// What a service of that kind is asked when `messages` are sent.
fn asked(kind: &str, messages: &[Message]) -> Vec<Asked> {
    let all = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&all);
    let standin = Standin::start(move |asked| {
        heard.lock().unwrap().push(asked.clone());
        Reply::ok(json!({}))
    });
    let channel = channel(settings(kind, &standin.base));
    for message in messages {
        channel.send(message, within(20_000)).unwrap();
    }
    drop(standin);
    let asked = all.lock().unwrap().clone();
    assert_eq!(asked.len(), messages.len());
    asked
}

fn one(kind: &str, message: &Message) -> Asked {
    asked(kind, std::slice::from_ref(message)).remove(0)
}

fn purpose(purpose: Purpose) -> Message {
    Message { purpose, ..page() }
}

/// Every member of `value` is one of `known`, and those that are `needed` are there.
#[track_caller]
fn assert_members(value: &Value, needed: &[&str], known: &[&str]) {
    let members = value.as_object().unwrap();
    for name in needed {
        assert!(members.contains_key(*name), "{name} is missing: {value}");
    }
    for name in members.keys() {
        assert!(
            needed.contains(&name.as_str()) || known.contains(&name.as_str()),
            "{name}: {value}"
        );
    }
}

/// Whatever somebody else chose, once with a link and once without.
fn hostile_messages() -> Vec<Message> {
    hostile::TEXTS
        .iter()
        .map(|words| Message { answer: None, issue: None, ..saying(words) })
        .collect()
}

#[test]
fn the_same_message_has_the_same_identity_each_time() {
    for kind in WEB {
        let asked = asked(kind, &[page(), page()]);
        assert_eq!(asked[0].path, asked[1].path, "{kind}");
        assert_eq!(asked[0].bytes, asked[1].bytes, "{kind}");
        assert_eq!(asked[0].header("content-type"), "application/json", "{kind}");
    }
}

/// No text that a service is given holds what a terminal or a page would act upon.
#[test]
fn what_is_unsafe_to_show_is_sent_to_nobody() {
    fn texts(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Array(all) => all.iter().flat_map(texts).collect(),
            Value::Object(all) => all.values().flat_map(texts).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
        }
    }
    let is_unsafe = |c: char| c != '\n' && certvigil_model::is_unsafe_to_show(c);
    for kind in WEB {
        for asked in asked(kind, &hostile_messages()) {
            for text in texts(&asked.body) {
                assert!(!text.contains(is_unsafe), "{kind}: {text:?}");
            }
        }
    }
}

#[test]
fn pagerduty_opens_takes_and_closes_one_alert() {
    let purposes = [Purpose::Page, Purpose::Taken, Purpose::Over];
    let asked = asked("pagerduty", &purposes.map(purpose));
    for (asked, action) in asked.iter().zip(["trigger", "acknowledge", "resolve"]) {
        let event = &asked.body;
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v2/enqueue"));
        let known = ["payload", "links", "client", "client_url", "images"];
        assert_members(event, &["routing_key", "event_action", "dedup_key"], &known);
        assert_eq!(
            (&event["routing_key"], &event["event_action"]),
            (&SECRET.into(), &action.into())
        );
        assert_eq!(event["dedup_key"], KEY);
    }
    let payload = &asked[0].body["payload"];
    let known = ["timestamp", "component", "group", "class", "custom_details"];
    assert_members(payload, &["summary", "source", "severity"], &known);
    assert_eq!(payload["severity"], "critical");
    assert_eq!(payload["summary"], "www.example.org ends in 20 h. Renew it, answer");
    assert!(Time::from_text(payload["timestamp"].as_str().unwrap()).is_some());
    let links = asked[0].body["links"].as_array().unwrap();
    assert_eq!(
        links[0],
        json!({"href": "https://certvigil.example.org/answer/abc", "text": "I am on it"})
    );
}

#[test]
fn pagerduty_severities_are_its_own_and_its_limits_are_kept() {
    let known = ["critical", "error", "warning", "info"];
    for severity in [Severity::Critical, Severity::Unknown, Severity::Warning, Severity::Info] {
        let message = Message { severity, ..saying(&"long ".repeat(1000)) };
        let event = one("pagerduty", &message).body;
        assert!(known.contains(&event["payload"]["severity"].as_str().unwrap()), "{event}");
        assert!(event["payload"]["summary"].as_str().unwrap().chars().count() <= 1024);
        assert!(event.to_string().len() < 512 * 1024);
    }
}

#[test]
fn ntfy_rings_through_for_a_page_alone() {
    for (purpose, severity, priority) in [
        (Purpose::Page, Severity::Critical, 5),
        (Purpose::Page, Severity::Warning, 4),
        (Purpose::Test, Severity::Info, 4),
        (Purpose::Reminder, Severity::Critical, 3),
        (Purpose::Over, Severity::Critical, 2),
        (Purpose::Digest, Severity::Info, 2),
    ] {
        let asked = one("ntfy", &Message { purpose, severity, ..page() });
        let note = &asked.body;
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/"));
        assert_eq!(asked.header("authorization"), format!("Bearer {SECRET}"));
        assert_members(
            note,
            &["topic", "message"],
            &["title", "tags", "priority", "click", "actions"],
        );
        assert_eq!((&note["topic"], &note["priority"]), (&"certs-4f1c".into(), &priority.into()));
        assert_eq!(note["click"], "https://certvigil.example.org/answer/abc");
        for action in note["actions"].as_array().unwrap() {
            assert_members(action, &["action", "label", "url"], &[]);
            assert_eq!(action["action"], "view");
        }
    }
}

#[test]
fn a_webhook_is_signed_over_what_it_carries() {
    let asked = one("webhook", &page());
    let (id, at) = (asked.header("webhook-id"), asked.header("webhook-timestamp"));
    assert_eq!((id, at), ("n-41", "1795595400"));
    let signed = [format!("{id}.{at}.").as_bytes(), &asked.bytes].concat();
    let key = STANDARD.decode(SECRET).unwrap();
    let want = format!("v1,{}", STANDARD.encode(hmac(&key, &signed)));
    assert_eq!(asked.header("webhook-signature"), want);
    assert_members(&asked.body, &["type", "timestamp", "data"], &[]);
    assert_eq!(asked.body["type"], "certvigil.page");
}

#[test]
fn slack_shows_text_as_text() {
    let shown = one("slack", &page()).body;
    assert_eq!(
        shown["blocks"][1]["text"]["text"],
        "<https://certvigil.example.org/answer/abc|I am on it> · <https://tracker.example.org/issues/7|Issue>"
    );
    for asked in asked("slack", &hostile_messages()) {
        let message = &asked.body;
        assert_members(message, &["text"], &["blocks", "unfurl_links", "unfurl_media"]);
        let blocks = message["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 1, "{message}");
        assert_members(&blocks[0], &["type", "text"], &[]);
        assert_members(&blocks[0]["text"], &["type", "text"], &["emoji"]);
        assert_eq!(blocks[0]["text"]["type"], "plain_text");
        let text = blocks[0]["text"]["text"].as_str().unwrap();
        assert!((1..=3000).contains(&text.chars().count()), "{message}");
        let fallback = message["text"].as_str().unwrap();
        assert!(!fallback.contains(['<', '>', '\n', '\u{1b}', '\u{202e}']), "{fallback:?}");
    }
}

#[test]
fn mattermost_calls_nobody_and_loads_nothing() {
    for asked in asked("mattermost", &hostile_messages()) {
        assert_members(&asked.body, &["text"], &[]);
        let text = asked.body["text"].as_str().unwrap();
        let code = text.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
        let code = code.unwrap_or_else(|| panic!("all of it stands in one code span: {text}"));
        assert!(!code.contains(['`', '\n']), "{text}");
    }
}

#[test]
fn teams_shows_a_card_whose_text_is_no_markdown() {
    let mut messages = hostile_messages();
    messages.push(page());
    for asked in asked("teams", &messages) {
        assert_members(&asked.body, &["type", "attachments"], &[]);
        let attachment = &asked.body["attachments"][0];
        assert_members(attachment, &["contentType", "content"], &["contentUrl"]);
        assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
        let card = &attachment["content"];
        assert_members(card, &["type", "version", "body"], &["$schema", "actions"]);
        assert_eq!((&card["type"], &card["version"]), (&"AdaptiveCard".into(), &"1.4".into()));
        let block = &card["body"][0];
        assert_members(block, &["type", "inlines"], &[]);
        assert_eq!(block["type"], "RichTextBlock");
        assert_members(&block["inlines"][0], &["type", "text"], &["weight"]);
        for action in card["actions"].as_array().unwrap() {
            assert_members(action, &["type", "title", "url"], &[]);
            assert_eq!(action["type"], "Action.OpenUrl");
        }
        assert!(asked.bytes.len() < 28_000);
    }
}

#[test]
fn matrix_is_told_by_transaction_and_calls_nobody() {
    let asked_one = one("matrix", &page());
    let path = "/_matrix/client/v3/rooms/!room:lab.test/send/m.room.message/n-41";
    assert_eq!((asked_one.method.as_str(), asked_one.path.as_str()), ("PUT", path));
    assert_eq!(asked_one.header("authorization"), format!("Bearer {SECRET}"));
    for asked in asked("matrix", &hostile_messages()) {
        let event = &asked.body;
        assert_members(event, &["msgtype", "body"], &["format", "formatted_body", "m.mentions"]);
        assert_eq!(
            (&event["msgtype"], &event["format"]),
            (&"m.text".into(), &"org.matrix.custom.html".into())
        );
        assert_eq!(event["m.mentions"], json!({}));
        hostile::assert_harmless(event["formatted_body"].as_str().unwrap());
    }
    assert_eq!(one("matrix", &purpose(Purpose::Over)).body["msgtype"], "m.notice");
}

#[test]
fn alertmanager_hears_of_one_alert_until_it_is_over() {
    let asked = asked("alertmanager", &[page(), purpose(Purpose::Over)]);
    for asked in &asked {
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/api/v2/alerts"));
        let alert = &asked.body[0];
        assert_members(alert, &["labels"], &["annotations", "startsAt", "endsAt", "generatorURL"]);
        for texts in [&alert["labels"], &alert["annotations"]] {
            assert!(texts.as_object().unwrap().values().all(Value::is_string), "{alert}");
        }
        assert_eq!(alert["generatorURL"], "https://tracker.example.org/issues/7");
    }
    let (open, over) = (&asked[0].body[0], &asked[1].body[0]);
    assert_eq!(open["labels"], over["labels"]);
    let at = |alert: &Value, name: &str| Time::from_text(alert[name].as_str().unwrap()).unwrap();
    assert_eq!(at(over, "endsAt"), page().at);
    let repeat = channel(settings("alertmanager", "http://127.0.0.1:9")).repeat().unwrap();
    assert!(at(open, "endsAt") > page().at.plus(2 * repeat), "{open}");
}

#[test]
fn apprise_carries_to_addresses_or_to_a_configuration_of_its_own() {
    let asked = one("apprise", &page());
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/notify"));
    assert_members(&asked.body, &["urls", "body"], &["title", "type", "format", "tag"]);
    assert_eq!((&asked.body["type"], &asked.body["urls"]), (&"failure".into(), &SECRET.into()));
    let standin = Standin::start(|asked| {
        assert_eq!(asked.path, "/notify/ops");
        assert!(asked.body.get("urls").is_none());
        Reply::of(204, Value::Null)
    });
    let mut keyed = settings("apprise", &standin.base);
    (keyed.to, keyed.token) = (Some("ops".to_owned()), None);
    let told = channel(keyed).send(&page(), within(20_000));
    assert!(told.is_err(), "a gateway without a configuration has told nobody");
}
