//! Incidents made by hand, one for each finding of the contract and of what comes beside it.

use certvigil_model::{
    CertificateSeen, EndpointId, Ends, Family, Filing, Foreign, Incident, IncidentKey, Origin,
    Place, Problem, Severity, Status, Subject, Time,
};
use certvigil_report::issue::{ClockSeen, Context, Link, Next, Renewer, RenewerKind};

use crate::sample::{NOW, fingerprint};

const DAY: i64 = 86_400;

/// What a rule says, in its own words as the lab's endpoints draw them.
pub(crate) struct Said {
    pub(crate) id: &'static str,
    pub(crate) message: &'static str,
    pub(crate) hint: Option<&'static str>,
}

const fn said(id: &'static str, message: &'static str, hint: &'static str) -> Said {
    Said { id, message, hint: Some(hint) }
}

#[rustfmt::skip]
const SAID: &[Said] = &[
    said("expired", "the certificate ended 2026-11-21T16:37:00Z (3 d ago)", "install a new certificate and reload the server"),
    said("expires-soon", "the certificate expires 2026-12-22T10:00:00Z (in 27 d)", "renew it now, install it at every address and reload the servers"),
    said("renewal-overdue", "certbot was to renew it by 2026-11-22T10:00:00Z and has not", "see why it did not run"),
    said("path-expires-first", "the best path in profile system expires 2026-12-22T10:00:00Z (in 27 d), before the certificate itself (2027-02-01T10:00:00Z): the trust anchor CN=Example Root expires first", "ask the issuer for its newer intermediate and send that, or renew from another one"),
    said("not-yet-valid", "the certificate begins to be valid only 2026-12-02T00:00:00Z (in 7 d)", "serve the certificate before this one, or wait; check this machine's clock too"),
    said("name-mismatch", "the certificate is not for www.example.org: it is for other.example.org; only its common name matches, which no client reads", "serve the certificate that has www.example.org in its subjectAltName, or have one issued"),
    said("untrusted", "no trust profile has a path for the certificate: system: the issuer \u{201c}CN=Example CA 1\u{201d} was not sent and is no root of this profile (the server sent 1 certificate)", "send the whole chain of an authority that your clients trust; for a private authority name its root with --trust"),
    said("client-auth-only", "the certificate is valid for clients only: its extendedKeyUsage lacks serverAuth", "have it issued with serverAuth; one certificate for both roles is going away"),
    said("chain-incomplete", "the chain stops at CN=www.example.org: its issuer CN=Example CA 1 was neither sent nor is it a trust anchor", "send the intermediates too, each after the certificate it issued"),
    said("malformed", "CN=www.example.org is ill-formed: tbsCertificate.version: version 1 has no extensions (byte 215)", "have it issued again by software that keeps to RFC 5280"),
    said("odd-date", "CN=www.example.org: tbsCertificate.validity.notAfter (byte 85): `280101240000Z`: the hour is above 23", "have it issued again: clients read such a date differently, or not at all"),
    said("staple-revoked", "the stapled OCSP response says that the certificate was revoked 2026-11-20T00:00:00Z", "find out why it was revoked, make a new key, get and install a new certificate"),
    said("stale-staple", "the stapled OCSP response was to be renewed 2026-11-14T10:00:00Z (10 d ago)", "find out why the server gets no fresh response from its authority's responder"),
    said("must-staple-unstapled", "the certificate demands a stapled OCSP response, and the server sent none", "switch stapling on, or have the certificate issued without must-staple: clients that keep to it refuse the connection"),
    said("wrong-key", "the handshake is signed by another key than that of the certificate", "install the key that belongs to the certificate, and reload the server"),
    said("addresses-differ", "192.0.2.9:443 serves a certificate that ends 62 days before the others'", "install the newest certificate at every address, and reload the servers there"),
    said("second-certificate", "besides the certificate 713cc95f\u{2026}, clients of another key type get the RSA certificate cfcf514d\u{2026}, which expired 2026-11-23T20:37:00Z (24 h ago)", "renew it too, or take it off the server"),
    said("unresolved", "the name has no address: NXDOMAIN", "correct the name, or its DNS records; --resolve looks at an address without DNS"),
    said("refused", "the connection was refused, twice", "start the service, or correct the port"),
    said("timeout", "the server sent 1562 bytes, then nothing for 1.9 s", "see whether the service hangs or a firewall drops packets; --deadline gives more time"),
    said("not-tls", "the server does not speak TLS here; it said \u{201c}220 mail.example.org ESMTP\u{201d}", "correct the port or the service: what answers does not begin with TLS"),
    said("unreadable", "the certificate cannot be judged: its names cannot be told (byte 0: it does not look like a certificate)", "have the certificate issued again; strict clients refuse it"),
    said("watcher-blind", "I cannot see: resolver 10.0.0.53 has not answered since 12:03 UTC; 412 of 415 endpoints unknown. This says nothing about them. As last seen at 11:58, www.example.org ends first, on 14 Dec.", "see what the sentinels have in common"),
    said("long-dead", "3 certificates had ended more than 30 days before they were first seen", "take them off their servers, or renew them"),
    said("issues-held", "27 issues are held back", "`incidents release --all` files them"),
    said("handshake-unfinished", "the certificate was seen, but the look ended early in phase finished: the server ended the handshake with the alert unknown_ca (48)", "see the server's log; where it wants a client certificate, look with one"),
];

/// What the rule `id` says.
pub(crate) fn said_by(id: &'static str) -> Said {
    let known = SAID.iter().find(|said| said.id == id);
    known.map_or(Said { id, message: "as the rule tells it", hint: None }, |said| Said { ..*said })
}

/// The incident that the finding `id` makes, at four addresses of two owners, one of them good.
pub(crate) fn incident_of(id: &'static str, family: Family, severity: Severity) -> Incident {
    let subject = subject(id, family);
    let places = match &subject {
        Subject::Endpoint(_) => 1,
        Subject::Certificate(_) | Subject::Target(_) => 4,
        // Alarms of our own stand at no address.
        _ => 1,
    };
    let said = said_by(id);
    let problem = Problem {
        id: said.id.to_owned(),
        family,
        severity,
        certificate: None,
        message: said.message.to_owned(),
        hint: said.hint.map(str::to_owned),
        accepted: None,
    };
    let mut incident = Incident {
        key: IncidentKey::of("example", None, family, &subject),
        family,
        subject,
        status: Status::Open,
        severity,
        owner: "ops".into(),
        places: (1..=places).map(|n| place(n, &problem)).collect(),
        certificate: (!matches!(family, Family::Round | Family::CheckIn | Family::Channel)
            && id != "unresolved")
            .then(|| certificate(id)),
        first_seen: at("2026-11-22T10:37:00Z"),
        last_bad: at("2026-11-24T20:36:30Z"),
        opened_at: Some(at("2026-11-22T10:37:00Z")),
        resolved_at: None,
        reopened: 0,
        unseen_since: None,
        changes: 1,
        told: 0,
        block: None,
        closings: 0,
        filing: Filing::None,
        acknowledged: None,
        climb: None,
    };
    if let Some(good) = incident.places.values_mut().nth(3).filter(|_| family != Family::Spread) {
        good.good_runs = 2;
        good.last_bad = at("2026-11-23T10:37:00Z");
    }
    incident
}

/// Where every other name of the incident stands the same.
pub(crate) fn endpoint(n: u8) -> EndpointId {
    EndpointId::from_text(&format!("{n:016x}")).unwrap()
}

pub(crate) fn at(text: &str) -> Time {
    Time::from_text(text).unwrap()
}

fn subject(id: &str, family: Family) -> Subject {
    match (id, family) {
        ("second-certificate", _) | (_, Family::Reach) => Subject::Endpoint(endpoint(1)),
        (_, Family::Spread) => Subject::Target("www.example.org".into()),
        (_, Family::Round) => Subject::Round,
        (_, Family::CheckIn) => Subject::CheckIn("nightly-backup".into()),
        (_, Family::Channel) => Subject::Channel("mail-ops".into()),
        _ => Subject::Certificate(fingerprint("www.example.org")),
    }
}

fn place(n: u8, problem: &Problem) -> (EndpointId, Place) {
    let is_ours = matches!(problem.family, Family::Round | Family::CheckIn | Family::Channel);
    let unresolved = problem.id == "unresolved" || problem.id == "invalid-target";
    let place = Place {
        shown: match (is_ours, unresolved) {
            (true, _) => String::new(),
            (_, true) => "www.example.org:443".into(),
            (..) => format!("192.0.2.{n}:443"),
        },
        target: Foreign::new(if is_ours { "" } else { "www.example.org" }),
        owner: if n == 2 { "cdn".into() } else { "ops".into() },
        origin: Some(Origin { file: "certvigil.toml".into(), line: 12 }),
        first_bad: at("2026-11-22T10:37:00Z"),
        last_bad: at("2026-11-24T20:36:30Z"),
        good_runs: 0,
        absent_since: None,
        server_name: None,
        tags: Vec::new(),
        problems: vec![problem.clone()],
    };
    (endpoint(n), place)
}

fn certificate(id: &str) -> CertificateSeen {
    let (not_before, not_after, ends) = match id {
        "expired" => ("2026-08-23T16:37:00Z", "2026-11-21T16:37:00Z", "2026-11-21T16:37:00Z"),
        "not-yet-valid" => ("2026-12-02T00:00:00Z", "2027-03-02T00:00:00Z", "2027-03-02T00:00:00Z"),
        "path-expires-first" => {
            ("2026-08-01T10:00:00Z", "2027-02-01T10:00:00Z", "2026-12-22T10:00:00Z")
        }
        _ => ("2026-09-23T10:00:00Z", "2026-12-22T10:00:00Z", "2026-12-22T10:00:00Z"),
    };
    let names = match id {
        "name-mismatch" => vec!["DNS:other.example.org"],
        _ => vec!["DNS:www.example.org", "DNS:example.org"],
    };
    let ends = at(ends);
    CertificateSeen {
        sha256: fingerprint("www.example.org"),
        subject: Foreign::new("CN=www.example.org"),
        names_total: names.len(),
        names: names.into_iter().map(Foreign::new).collect(),
        issuer: Foreign::new("CN=Example CA 1,O=Example"),
        serial_number: "00ab12".into(),
        not_before: at(not_before),
        not_after: at(not_after),
        ends: Ends {
            at: ends,
            warning_from: Time::from_seconds(ends.seconds() - 30 * DAY),
            critical_from: Time::from_seconds(ends.seconds() - 7 * DAY),
        },
    }
}

/// Everything that can be known.
pub(crate) fn context() -> Context {
    Context {
        location: Some("berlin".into()),
        config: Some("certvigil.toml".into()),
        env: Some("production".into()),
        owner_from: Some(Origin { file: "certvigil.toml".into(), line: 7 }),
        renewer: Some(Renewer {
            kind: RenewerKind::Certbot,
            from: Some(Origin { file: "certvigil.toml".into(), line: 40 }),
            advice: None,
        }),
        chain: vec![link("www.example.org", "00ab12"), link("Example CA 1", "07")],
        clock: Some(ClockSeen {
            ahead_ms: 230,
            with: vec!["tracker.example.org".into(), "beat.example.net".into()],
        }),
        journal_head: Some(format!("4711:{}", fingerprint("head"))),
        has_store: true,
        next: Some(Next {
            step: "a reminder goes to the second contact".into(),
            at: Some(at("2026-12-01T09:00:00Z")),
            whom: vec!["ops".into(), "oncall@example.org".into()],
        }),
        links: vec![("all of its timeline".into(), "https://vigil.example.org/i/1".into())],
        ..Context::new(NOW, "certvigil 0.1.0")
    }
}

fn link(name: &str, serial: &str) -> Link {
    Link {
        subject: Foreign::new(format!("CN={name}")),
        serial_number: serial.into(),
        sha256: fingerprint(name),
        not_after: Some(at("2026-12-22T10:00:00Z")),
    }
}
