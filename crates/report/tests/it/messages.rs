//! What a person is sent about an incident.

use certvigil_model::{Acknowledged, Family, Foreign, Purpose, Severity};
use certvigil_report::issue::{Call, Next, breaker, message};

use crate::incidents::{at, context, incident_of};
use crate::issues::plain;

const ANSWER: &str =
    "https://certvigil.example.org/answer/QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xt";
const ISSUE: (&str, bool) = ("https://tracker.example.org/issues/4711", true);

#[test]
fn each_purpose_has_its_words() {
    let mut incident = incident_of("expired", Family::Expiry, Severity::Critical);
    incident.acknowledged = Some(Acknowledged {
        by: Foreign::new("Robin Example"),
        at: at("2026-11-25T10:00:00Z"),
        until: at("2026-11-25T14:00:00Z"),
    });
    let next = Next {
        step: "the second contact is called".to_owned(),
        at: Some(at("2026-11-25T12:30:00Z")),
        whom: vec!["email lead@example.org".to_owned()],
    };
    let cx = certvigil_report::issue::Context { next: Some(next), ..context() };
    let mut text = String::new();
    for (purpose, answer, issue) in [
        (Purpose::Copy, None, Some(ISSUE)),
        (Purpose::Copy, None, None),
        (Purpose::Reminder, Some(ANSWER), Some(ISSUE)),
        (Purpose::Page, Some(ANSWER), Some((ISSUE.0, false))),
        (Purpose::Page, None, Some(ISSUE)),
        (Purpose::Taken, None, Some(ISSUE)),
        (Purpose::Accepted, None, Some(ISSUE)),
        (Purpose::Over, None, Some(ISSUE)),
    ] {
        let told = message(&incident, &Call { purpose, answer, issue }, &cx);
        assert!(told.line.chars().count() < 160, "{}", told.line);
        let head: String = plain(&told.body)
            .lines()
            .take_while(|line| !line.contains("Where"))
            .map(|line| format!("{line}\n"))
            .collect();
        text.push_str(&format!("## {}\n{}\n{}\n\n{head}\n", purpose.name(), told.line, told.title));
    }
    let stopped = breaker(200, at("2026-11-25T10:00:00Z"));
    text.push_str(&format!("## breaker\n{}\n\n{}", stopped.line, plain(&stopped.body)));
    insta::assert_snapshot!("messages", text);
}

/// Whatever a certificate or a person is called, a pager gets one line.
#[test]
fn hostile_names_stay_in_one_short_line() {
    for hostile in ["a\r\nBcc: everybody", "\u{202e}drawkcab", &"x".repeat(5000), "<@everyone>"] {
        let mut incident = incident_of("expired", Family::Expiry, Severity::Critical);
        for place in incident.places.values_mut() {
            place.target = Foreign::new(hostile);
        }
        incident.acknowledged = Some(Acknowledged {
            by: Foreign::new(hostile),
            at: at("2026-11-25T10:00:00Z"),
            until: at("2026-11-25T14:00:00Z"),
        });
        for purpose in [Purpose::Page, Purpose::Taken, Purpose::Over] {
            let call = Call { purpose, answer: Some(ANSWER), issue: Some(ISSUE) };
            let told = message(&incident, &call, &context());
            for text in [&told.line, &told.title] {
                assert!(text.chars().count() < 160, "{text}");
                assert!(!text.contains(['\r', '\n', '\u{202e}']), "{text:?}");
            }
        }
    }
}
