//! What a post-mortem prints.

use certvigil_model::{Family, Incident, Record, Severity, Time};
use certvigil_report::issue::Timeline;

use crate::incidents::{at, incident_of};

/// The hour and forty minutes of 31 March 2017, as its post-mortem gives them: expired 12:00,
/// reported 12:28, the new certificate confirmed 13:40, 100 minutes dark.
#[test]
fn the_figures_of_the_first_outage() {
    let mut incident = outage();
    incident.resolved_at = Some(at("2017-03-31T13:40:00Z"));
    let records = records();
    let timeline = Timeline::new(&records, &incident, at("2017-04-03T09:00:00Z"));
    let markdown = timeline.markdown();
    for figure in [
        "| expired | 31 Mar 2017 12:00 UTC |",
        "| first seen | 31 Mar 2017 12:05 UTC |",
        "| filed | 31 Mar 2017 12:06 UTC |",
        "| read back | 31 Mar 2017 12:07 UTC |",
        "| acknowledged | 31 Mar 2017 12:31 UTC |",
        "| served everywhere | 31 Mar 2017 13:40 UTC |",
        "| minutes dark | 100 |",
        "| minutes to a person | 26 |",
    ] {
        assert!(markdown.contains(figure), "{figure} in {markdown}");
    }
    let figures = &timeline.json()["figures"];
    assert_eq!(figures["minutes_dark"], 100);
    assert_eq!(figures["served_everywhere"], "2017-03-31T13:40:00Z");
    insta::assert_snapshot!("timeline", markdown);
}

/// What the journal does not hold is unknown, never nought.
#[test]
fn what_cannot_be_told_is_unknown() {
    let mut incident = outage();
    let lonely = Timeline::new(&[], &incident, at("2017-03-31T13:00:00Z"));
    let figures = &lonely.json()["figures"];
    for name in ["filed", "read_back", "acknowledged", "served_everywhere", "minutes_to_a_person"] {
        assert!(figures[name].is_null(), "{name}: {figures}");
    }
    let markdown = lonely.markdown();
    assert!(markdown.contains("| filed | unknown |"), "{markdown}");
    assert!(markdown.contains("| minutes dark | 60 so far |"), "{markdown}");

    // Without a certificate nobody knows whether one had ended.
    incident.certificate = None;
    let figures = Timeline::new(&[], &incident, at("2017-03-31T13:00:00Z")).json();
    assert!(figures["figures"]["minutes_dark"].is_null(), "{figures}");
    assert!(figures["figures"]["expired"].is_null(), "{figures}");

    // Its places left: nobody saw the new certificate.
    let mut left = outage();
    left.resolved_at = Some(at("2017-03-31T13:40:00Z"));
    left.places.clear();
    let records = [record("13:40", "incident-resolved", &[("good", "0")])];
    let figures = Timeline::new(&records, &left, at("2017-04-03T09:00:00Z")).json();
    assert!(figures["figures"]["served_everywhere"].is_null(), "{figures}");
    assert!(figures["figures"]["minutes_dark"].is_null(), "{figures}");
}

/// Replaced in time: that it was dark for no minute is known.
#[test]
fn what_never_expired_was_dark_for_no_minute() {
    let mut incident = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    incident.resolved_at = Some(at("2026-11-30T10:00:00Z"));
    let figures = Timeline::new(&[], &incident, at("2027-01-30T10:00:00Z")).json();
    assert_eq!(figures["figures"]["expired"], "never", "{figures}");
    assert_eq!(figures["figures"]["minutes_dark"], 0, "{figures}");
}

#[test]
fn what_others_wrote_stays_inside_its_cell() {
    let hostile = "x` | @everyone <img src=x>\n\u{1b}[2J\u{202e}";
    let records = [record("12:28", "noted", &[("by", hostile), ("text", hostile)])];
    let incident = outage();
    let markdown = Timeline::new(&records, &incident, at("2017-04-03T09:00:00Z")).markdown();
    let row = markdown.lines().find(|line| line.contains("a person reports")).unwrap();
    assert_eq!(row.matches('|').count(), 4, "{row}");
    assert!(!markdown.contains(['\u{1b}', '\u{202e}']), "{markdown:?}");
    for outside in row.split('`').step_by(2) {
        assert!(!outside.contains("everyone") && !outside.contains("img"), "{row}");
    }
}

fn outage() -> Incident {
    let mut incident = incident_of("expired", Family::Expiry, Severity::Critical);
    let expired = at("2017-03-31T12:00:00Z");
    let certificate = incident.certificate.as_mut().unwrap();
    (certificate.not_after, certificate.ends.at) = (expired, expired);
    incident.first_seen = at("2017-03-31T12:05:00Z");
    incident
}

fn records() -> [Record; 7] {
    [
        record("12:05", "incident-opened", &[("first_seen", "2017-03-31T12:05:00Z")]),
        record("12:05", "delivery-queued", &[("act", "file"), ("tracker", "rt")]),
        record("12:06", "issue-stored", &[("issue", "4711")]),
        record("12:07", "issue-confirmed", &[("act", "file"), ("issue", "4711")]),
        // Written down later than it happened.
        record(
            "12:50",
            "noted",
            &[("by", "GSS"), ("when", "2017-03-31T12:28:00Z"), ("text", "customers report it")],
        ),
        record("12:31", "acknowledged", &[("by", "Robin Example")]),
        record("13:40", "incident-resolved", &[("good", "4")]),
    ]
}

fn record(time: &str, kind: &str, data: &[(&str, &str)]) -> Record {
    Record {
        at: Time::from_text(&format!("2017-03-31T{time}:00Z")).unwrap(),
        kind: kind.into(),
        incident: None,
        data: data.iter().map(|(name, fact)| ((*name).into(), (*fact).into())).collect(),
        body: None,
    }
}
