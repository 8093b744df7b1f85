//! Made-up nouns, as hostile as a server or a person may make them.

use std::collections::BTreeMap;

use certvigil_model::{
    Acknowledged, Act, CertificateSeen, ChannelName, Climb, Delivery, DeliveryState, EndpointId,
    Ends, Family, Filing, Fingerprint, Foreign, Incident, IncidentKey, IssueRef, Notice,
    NoticeState, Observation, Origin, Outcome, Place, Problem, Purpose, Record, RoundRecord,
    Severity, Status, Subject, Tier, Time, TrackerName,
};

/// 2026-11-25T12:00:00Z.
pub(crate) const NOON: Time = Time::from_seconds(1_795_608_000);

/// `hours` after noon.
pub(crate) fn hour(hours: i64) -> Time {
    Time::from_seconds(NOON.seconds() + hours * 3600)
}

/// NUL, quotes, what turns a line round, what ends a statement, all planes of Unicode.
pub(crate) const HOSTILE: &str = "nul\0 'single' \"double\" \\back \u{202e}gro.elpmaxe \r\n\t%s $1 ?1 '); DROP TABLE x;-- \u{10ffff}";

pub(crate) fn endpoint(number: u64) -> EndpointId {
    EndpointId::from_text(&format!("{number:016x}")).unwrap()
}

pub(crate) fn fingerprint(name: &str) -> Fingerprint {
    Fingerprint::of(name.as_bytes())
}

pub(crate) fn certificate(name: &str) -> CertificateSeen {
    CertificateSeen {
        sha256: fingerprint(name),
        subject: Foreign::new(format!("CN={name}")),
        names: vec![Foreign::new(format!("DNS:{name}"))],
        names_total: 1,
        issuer: Foreign::new("CN=issuer"),
        serial_number: "0a".to_owned(),
        not_before: hour(-24),
        not_after: hour(24 * 89),
        ends: Ends { at: hour(24 * 89), warning_from: hour(24 * 59), critical_from: hour(24 * 82) },
    }
}

/// `endpoint(number)` at `at`, showing the certificate called `name`.
pub(crate) fn observation(number: u64, name: &str, at: Time) -> Observation {
    Observation {
        endpoint: endpoint(number),
        place: format!("127.0.0.1:{number}"),
        target: Foreign::new(format!("host-{number}.example.org")),
        owner: Some("ops".to_owned()),
        tags: vec!["web".to_owned()],
        origin: Some(Origin { file: "certvigil.toml".to_owned(), line: 12 }),
        port: 443,
        server_name: Some("www.example.org".to_owned()),
        looked_at: at,
        outcome: Outcome::Captured,
        chain: vec![fingerprint(name), fingerprint("issuer")],
        others: Vec::new(),
        certificate: Some(certificate(name)),
        problems: vec![problem("expires-soon")],
    }
}

/// The same endpoint when nobody answers there.
pub(crate) fn dark(number: u64, at: Time) -> Observation {
    Observation {
        outcome: Outcome::Timeout,
        chain: Vec::new(),
        certificate: None,
        ..observation(number, "", at)
    }
}

pub(crate) fn problem(id: &str) -> Problem {
    Problem {
        id: id.to_owned(),
        family: Family::Expiry,
        severity: Severity::Warning,
        certificate: Some(fingerprint("www")),
        message: HOSTILE.to_owned(),
        hint: None,
        accepted: None,
    }
}

/// A whole round that begins at `at` and takes a minute.
pub(crate) fn round(id: &str, at: Time) -> RoundRecord {
    RoundRecord {
        id: id.to_owned(),
        started_at: at,
        finished_at: Time::from_seconds(at.seconds() + 60),
        location: None,
        expected: 2,
        attempted: 2,
        checked: 2,
        bound_ms: 60_000,
        is_whole: true,
    }
}

pub(crate) fn key(name: &str) -> IncidentKey {
    IncidentKey::of("site", None, Family::Expiry, &Subject::Target(name.to_owned()))
}

pub(crate) fn incident(name: &str) -> Incident {
    let place = Place {
        shown: "127.0.0.1:1".to_owned(),
        target: Foreign::new(HOSTILE),
        tags: vec!["web".to_owned()],
        server_name: Some(HOSTILE.to_owned()),
        owner: "web".to_owned(),
        origin: None,
        first_bad: NOON,
        last_bad: hour(1),
        good_runs: 1,
        absent_since: Some(hour(1)),
        problems: vec![problem("expired")],
    };
    Incident {
        key: key(name),
        family: Family::Expiry,
        subject: Subject::Target(name.to_owned()),
        status: Status::Open,
        severity: Severity::Critical,
        owner: "ops".to_owned(),
        places: BTreeMap::from([(endpoint(1), place)]),
        certificate: Some(certificate("www")),
        first_seen: NOON,
        last_bad: hour(1),
        opened_at: Some(NOON),
        resolved_at: None,
        reopened: 2,
        unseen_since: Some(hour(2)),
        changes: 3,
        told: 2,
        block: Some("sum".to_owned()),
        closings: 1,
        filing: Filing::Confirmed { issue: issue(), at: hour(1) },
        acknowledged: Some(Acknowledged { by: Foreign::new(HOSTILE), at: hour(1), until: hour(9) }),
        climb: Some(Climb {
            tier: Tier::Now,
            since: NOON,
            steps: 2,
            last: Some(hour(1)),
            failed: false,
            told: vec![ChannelName(format!("email {HOSTILE}"))],
            relieved: vec![],
        }),
    }
}

fn issue() -> IssueRef {
    IssueRef { tracker: tracker(), id: "42".to_owned(), url: "https://t.example/42".to_owned() }
}

fn tracker() -> TrackerName {
    TrackerName("redmine https://t.example ops".to_owned())
}

pub(crate) fn delivery(id: &str, incident: &str, created_at: Time) -> Delivery {
    Delivery {
        id: id.to_owned(),
        incident: key(incident),
        tracker: tracker(),
        act: Act::Comment { change: 7 },
        state: DeliveryState::Queued,
        attempts: 0,
        created_at,
        attempted_at: None,
        due_at: created_at,
        trouble: Some(HOSTILE.to_owned()),
    }
}

pub(crate) fn notice(id: &str, incident: Option<&str>, created_at: Time) -> Notice {
    Notice {
        id: id.to_owned(),
        channel: ChannelName(format!("email {HOSTILE}")),
        purpose: Purpose::Page,
        incident: incident.map(key),
        owner: "ops".to_owned(),
        state: NoticeState::Queued,
        attempts: 0,
        created_at,
        due_at: created_at,
        trouble: Some(HOSTILE.to_owned()),
    }
}

pub(crate) fn record(kind: &str, at: Time) -> Record {
    Record {
        at,
        kind: kind.to_owned(),
        incident: None,
        data: BTreeMap::from([("what".to_owned(), HOSTILE.to_owned())]),
        body: None,
    }
}
