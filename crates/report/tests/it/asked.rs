//! What whoever asks at a terminal is shown, as an engineer on call reads it.

use std::collections::BTreeMap;

use certvigil_model::{
    Acknowledged, Act, Delivery, DeliveryState, EndpointId, Family, Filing, Foreign, Incident,
    IncidentKey, IssueRef, Observation, Outcome, Record, Severity, Status, Time, TrackerName,
};
use certvigil_report::Style;
use certvigil_report::incidents::{
    Listed, Silenced, Whole, Written, answer, list, list_json, show, show_json, sort,
};

use serde_json::json;

use crate::incidents::{at, incident_of};

const HOSTILE: &str = "\u{1b}[2J::error::gone\r\n\u{202e}gpj.exe";

fn written() -> Written<'static> {
    Written { tool: "certvigil 0.1.0", now: now() }
}

fn now() -> Time {
    at("2026-11-24T20:37:00Z")
}

fn issue(id: &str) -> IssueRef {
    IssueRef {
        tracker: TrackerName("redmine https://tracker.example.org ops".into()),
        id: id.into(),
        url: format!("https://tracker.example.org/issues/{id}"),
    }
}

fn confirmed(id: &str) -> Filing {
    Filing::Confirmed { issue: issue(id), at: at("2026-11-22T10:38:00Z") }
}

fn quiet(incident: Incident) -> Listed {
    Listed { incident, silenced: None, stale: BTreeMap::new() }
}

fn silenced(incident: Incident) -> Listed {
    let (by, reason) = (Foreign::new("ops"), Foreign::new("replaced on Monday"));
    let until = at("2026-12-01T00:00:00Z");
    Listed { incident, silenced: Some(Silenced { by, reason, until }), stale: BTreeMap::new() }
}

/// Of every kind one, in no order.
fn some() -> Vec<Listed> {
    let expiry = |id, severity| incident_of(id, Family::Expiry, severity);
    let taken = Acknowledged {
        by: Foreign::new(HOSTILE),
        at: at("2026-11-24T09:00:00Z"),
        until: at("2026-11-24T23:00:00Z"),
    };
    let why = format!("422 Unprocessable Entity {HOSTILE}");
    let mut listed = vec![
        quiet(Incident {
            status: Status::Resolved,
            resolved_at: Some(at("2026-11-24T12:00:00Z")),
            filing: Filing::Closed { issue: issue("4600"), at: now() },
            ..incident_of("name-mismatch", Family::Name, Severity::Critical)
        }),
        quiet(Incident {
            status: Status::Waiting,
            opened_at: None,
            ..incident_of("refused", Family::Reach, Severity::Unknown)
        }),
        silenced(Incident {
            filing: confirmed("4711"),
            ..expiry("expires-soon", Severity::Warning)
        }),
        quiet(Incident {
            acknowledged: Some(taken),
            filing: confirmed("OPS-123456789"),
            unseen_since: Some(at("2026-11-24T11:58:00Z")),
            ..expiry("expired", Severity::Critical)
        }),
        quiet(Incident {
            owner: "a-team-with-a-very-long-name-indeed".into(),
            filing: Filing::Failed { since: now(), why },
            ..incident_of("untrusted", Family::Trust, Severity::Critical)
        }),
        silenced(Incident {
            filing: Filing::Held { since: now() },
            ..expiry("expired", Severity::Critical)
        }),
    ];
    for (number, it) in listed.iter_mut().enumerate() {
        it.incident.key = key(number);
    }
    listed
}

fn key(number: usize) -> IncidentKey {
    let digit = char::from(b'a' + u8::try_from(number).unwrap());
    digit.to_string().repeat(32).parse().unwrap()
}

#[test]
fn the_list_says_who_has_to_act_and_who_already_does() {
    let mut listed = some();
    sort(&mut listed);
    let wide = Style { width: 120, ..Style::plain() };
    insta::assert_snapshot!("incidents", list(&listed, written(), wide));
    let narrow = Style { width: 80, unicode: false, ..wide };
    insta::assert_snapshot!("incidents_narrow", list(&listed, written(), narrow));
    insta::assert_snapshot!("no_incidents", list(&[], written(), wide));
}

#[test]
fn a_colour_only_repeats_what_a_word_says() {
    let mut listed = some();
    sort(&mut listed);
    let style = Style::plain();
    let colored = list(&listed, written(), Style { color: true, ..style });
    assert!(colored.contains("\u{1b}[1m\u{1b}[31m✗ critical"), "{colored:?}");
    assert_eq!(without_colour(&colored), list(&listed, written(), style));
}

/// Without SGR sequences (ECMA-48 section 8.3.117).
fn without_colour(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap().to_owned();
    first + &pieces.map(|piece| piece.split_once('m').unwrap().1).collect::<String>()
}

fn whole() -> Whole {
    let listed = some().swap_remove(3);
    let incident = listed.incident.key.clone();
    let delivery = |id: &str, act, state, trouble: Option<&str>| Delivery {
        id: id.to_owned(),
        incident: incident.clone(),
        tracker: issue("").tracker,
        act,
        state,
        attempts: 1,
        created_at: at("2026-11-22T10:37:00Z"),
        attempted_at: None,
        due_at: at("2026-11-24T20:40:00Z"),
        trouble: trouble.map(str::to_owned),
    };
    let record = |time, kind: &str, facts: &[(&str, &str)]| Record {
        at: at(time),
        kind: kind.to_owned(),
        incident: Some(incident.clone()),
        data: facts.iter().map(|(name, fact)| ((*name).to_owned(), (*fact).to_owned())).collect(),
        body: None,
    };
    Whole {
        deliveries: vec![
            delivery("1", Act::File, DeliveryState::Confirmed, None),
            delivery("2", Act::Comment { change: 2 }, DeliveryState::Doubtful, Some(HOSTILE)),
        ],
        records: vec![
            record("2026-11-22T10:37:00Z", "incident-opened", &[("severity", "critical")]),
            record("2026-11-24T12:31:07Z", "noted", &[("by", "GSS"), ("text", HOSTILE)]),
        ],
        listed,
    }
}

#[test]
fn one_incident_is_shown_with_all_that_is_kept_of_it() {
    insta::assert_snapshot!("incident", show(&whole(), written(), Style::plain()));
}

#[test]
fn nothing_hostile_comes_through_to_programs_either() {
    let list = list_json(&some(), written());
    assert_eq!(list["schema"], "certvigil.incidents/1");
    assert_eq!(list["incidents"].as_array().unwrap().len(), 6);
    let one = show_json(&whole(), written());
    assert_eq!(one["incident"]["issue"]["id"], "OPS-123456789");
    for text in [list.to_string(), one.to_string()] {
        assert!(!text.contains("u001b") && !text.contains('\u{202e}'), "{text}");
    }
}

fn seen(number: u8, problem: Option<(&str, Severity)>) -> Observation {
    let incident = incident_of("expires-soon", Family::Expiry, Severity::Warning);
    let place = incident.places.values().next().unwrap();
    let problems = problem.into_iter().map(|(message, severity)| {
        let problem = place.problems[0].clone();
        certvigil_model::Problem { message: message.to_owned(), severity, ..problem }
    });
    Observation {
        endpoint: EndpointId::NOWHERE,
        place: format!("192.0.2.{number}:443"),
        target: Foreign::new("www.example.org"),
        owner: None,
        tags: Vec::new(),
        origin: None,
        port: 443,
        server_name: None,
        looked_at: now(),
        outcome: Outcome::Captured,
        chain: Vec::new(),
        others: Vec::new(),
        certificate: incident.certificate.clone(),
        problems: problems.collect(),
    }
}

#[test]
fn an_answer_says_no_more_than_was_seen() {
    let bad = Some(("the certificate has expired", Severity::Critical));
    let told = |seen: &[Observation]| answer("www.example.org", seen, now()).join("\n");
    let mut answers = BTreeMap::new();
    answers.insert("1 good", told(&[seen(1, None)]));
    answers.insert("2 good", told(&[seen(1, None), seen(2, Some(("fine", Severity::Info)))]));
    answers.insert("1 bad", told(&[seen(1, bad)]));
    answers.insert("1 of 2 bad", told(&[seen(1, None), seen(2, bad)]));
    let unseen = Some(("the connection was refused", Severity::Unknown));
    answers.insert("1 unseen", told(&[seen(1, unseen)]));
    answers.insert("1 of 2 unseen", told(&[seen(1, unseen), seen(2, None)]));
    answers.insert("1 bad, 1 unseen", told(&[seen(1, unseen), seen(2, bad)]));
    answers.insert("nothing seen", told(&[]));
    answers.insert(
        "hostile",
        answer(HOSTILE, &[seen(1, Some((HOSTILE, Severity::Critical)))], now()).join("\n"),
    );
    let text: Vec<_> = answers.iter().map(|(name, text)| format!("## {name}\n{text}\n")).collect();
    insta::assert_snapshot!("answers", text.join("\n"));
}

/// Neither green nor red: nobody has looked.
#[test]
fn a_verdict_that_is_too_old_is_unknown_wherever_it_is_shown() {
    let looked_at = at("2026-11-21T06:00:00Z");
    let mut listed = quiet(incident_of("expired", Family::Expiry, Severity::Critical));
    let (id, place) = listed.incident.places.iter_mut().next().unwrap();
    place.good_runs = 2;
    assert!(place.is_good());
    listed.stale.insert(*id, looked_at);
    let id = id.to_string();
    let told = "1 place unknown: stale, last looked at 2026-11-21 06:00 UTC";
    let table = list(std::slice::from_ref(&listed), written(), Style::plain());
    assert!(table.contains(told), "{table}");
    let all = list_json(std::slice::from_ref(&listed), written());
    assert_eq!(all["incidents"][0]["places"]["stale"], 1);
    let whole = Whole { listed, deliveries: Vec::new(), records: Vec::new() };
    let page = show(&whole, written(), Style { width: 200, ..Style::plain() });
    let line = page.lines().find(|line| line.contains("unknown: stale"));
    let line = line.unwrap_or_else(|| panic!("{page}"));
    assert!(line.trim_start().starts_with('?'), "{line}");
    assert!(line.contains("last looked at 2026-11-21 06:00"), "{line}");
    let json = show_json(&whole, written());
    let places = json["places"].as_array().unwrap();
    let place = places.iter().find(|place| place["endpoint"] == *id).unwrap();
    assert_eq!((&place["good"], &place["stale_since"]), (&json!(false), &json!(looked_at)));
}
