//! One run, made by hand, with something of everything.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use certvigil_model::{
    Asked, By, Capture, Datum, Ended, Endpoint, FailOn, Family, Finding, Fingerprint, Foreign,
    Judgement, KeyProof, Origin, Outcome, Phase, Presented, Service, Severity, Time, Tls,
    Transport, Trust,
};
use certvigil_report::{
    Closed, EndpointLine, Format, NotLooked, Opened, Output, Report, Style, Summary, TargetFinding,
    open,
};
use certvigil_x509::{
    Certificate, Defect, DefectId, Extensions, Facts, GeneralName, KeyKind, Name, PublicKey,
    Reading, Recovered,
};

/// 2026-11-24T20:37:00Z.
pub(crate) const NOW: Time = Time::from_seconds(1_795_552_620);
const DAY: i64 = 86_400;

/// The whole run in one wording.
pub(crate) fn render(format: Format, style: Style) -> String {
    let lines = lines();
    render_run(format, style, &opened(), &lines, &closed(&lines))
}

/// Any run in one wording.
pub(crate) fn render_run<'a>(
    format: Format,
    style: Style,
    opened: &Opened,
    lines: impl IntoIterator<Item = &'a EndpointLine>,
    closed: &Closed,
) -> String {
    let out = Shared::default();
    let mut report = open_one(format, opened, &out, style);
    for line in lines {
        report.endpoint(line).unwrap();
    }
    let (of_targets, of_round): (Vec<_>, Vec<_>) =
        closed.findings.iter().cloned().partition(|said| !said.targets.is_empty());
    for said in &of_targets {
        report.target(said).unwrap();
    }
    report.finish(&Closed { findings: of_round, ..closed.clone() }).unwrap();
    out.text()
}

/// One report that writes to `out`.
pub(crate) fn open_one(
    format: Format,
    opened: &Opened,
    out: &Shared,
    style: Style,
) -> Box<dyn Report> {
    let output = Output { format, out: Box::new(out.clone()), style };
    open(vec![output], opened, None).unwrap().pop().unwrap()
}

/// A writer whose text can be read while a report owns it.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn opened() -> Opened {
    Opened {
        tool: "certvigil 0.1.0".into(),
        id: "0193c9f1a7b2".into(),
        started_at: NOW,
        location: None,
        trust_profiles: vec!["system".into(), "mozilla".into()],
        targets: 9,
        bound: Duration::from_secs(41),
        at: None,
        fail_on: FailOn::Warning,
        accept_until: Some(Time::from_seconds(NOW.seconds() + 40 * DAY)),
    }
}

/// The end of the round of `lines`, none missing.
pub(crate) fn closed(lines: &[EndpointLine]) -> Closed {
    let mut summary = Summary::default();
    for line in lines {
        summary.add(line.judgement.verdict());
    }
    let expected = lines.len() as u64;
    Closed {
        finished_at: NOW.plus(Duration::from_millis(10_240)),
        judged_at: None,
        bound: Duration::from_secs(41),
        expected,
        attempted: expected,
        checked: lines.iter().filter(|line| line.was_checked()).count() as u64,
        not_looked: vec![NotLooked { family: 6, addresses: 2, why: "no route from here".into() }],
        accepted: 0,
        accepted_until: None,
        summary,
        findings: findings_of_the_round(),
        acted: None,
    }
}

fn findings_of_the_round() -> Vec<TargetFinding> {
    let differ = Finding {
        certificate: Some(fingerprint("stale")),
        hint: Some("install the certificate that ends last at 192.0.2.9 too".into()),
        ..finding(
            "addresses-differ",
            Family::Spread,
            Severity::Warning,
            "192.0.2.9:443 serves a certificate that ends 62 days before the others'",
        )
    };
    let unwatched = Finding {
        data: BTreeMap::from([(
            "names",
            Datum::List(vec![Datum::Foreign(Foreign::new("beta.example.org"))]),
        )]),
        ..finding(
            "seen-not-watched",
            Family::Round,
            Severity::Info,
            "1 name that no target covers stands in a certificate: beta.example.org",
        )
    };
    vec![
        TargetFinding::of(differ, vec![Foreign::new("www.example.org")]),
        TargetFinding::of(unwatched, Vec::new()),
    ]
}

pub(crate) fn lines() -> Vec<EndpointLine> {
    vec![
        healthy("www.example.org", "192.0.2.1:443", 87),
        healthy("api.example.org", "[2001:db8::5]:443", 61),
        expired("192.0.2.7:443"),
        expired("[2001:db8::7]:443"),
        old(),
        hostile(),
        ended("silent.example.org", Some("192.0.2.20:443"), &silent()),
        ended("gone.example.org", None, &unresolved()),
        invalid_target(),
        stalled(),
    ]
}

/// Two certificates, all well.
pub(crate) fn healthy(name: &str, address: &str, days: i64) -> EndpointLine {
    let until = Time::from_seconds(NOW.seconds() + days * DAY);
    let leaf = certificate(name, Facts { not_after: Ok(until), ..facts(name, "Example CA 1") });
    EndpointLine {
        presented: vec![vec![leaf, issuer()]],
        judgement: Judgement {
            findings: Vec::new(),
            trust: vec![
                trusted("system", true, name, until),
                trusted("mozilla", false, name, until),
            ],
            effective_expiry: Some(until),
            ends: None,
        },
        ..line(name, Some(address), Ended::captured(), vec![presented(2)])
    }
}

/// Ended three days ago.
fn expired(address: &str) -> EndpointLine {
    expired_since("shop.example.org", address, 3 * 24 + 4)
}

/// Ended this many hours ago.
pub(crate) fn expired_since(name: &str, address: &str, hours: i64) -> EndpointLine {
    let until = Time::from_seconds(NOW.seconds() - hours * 3600);
    let leaf = certificate(name, Facts { not_after: Ok(until), ..facts(name, "Example CA 1") });
    let expired = Finding {
        certificate: Some(leaf.fingerprint),
        hint: Some("renew the certificate and install it at every address below".into()),
        data: BTreeMap::from([
            ("not_after", Datum::Time(until)),
            ("seconds", Datum::Number(-hours * 3600)),
        ]),
        ..finding(
            "expired",
            Family::Expiry,
            Severity::Critical,
            &format!("the certificate ended {until} ({} d ago)", hours / 24),
        )
    };
    let no_path = |profile: &str, decides| Trust {
        trusted: false,
        path: Vec::new(),
        expires_at: Some(until),
        reason: Some("the certificate has expired".into()),
        ..trusted(profile, decides, name, until)
    };
    EndpointLine {
        owner: Some("shop-team".into()),
        tags: vec!["env:production".into()],
        presented: vec![vec![leaf, issuer()]],
        judgement: Judgement {
            findings: vec![expired],
            trust: vec![no_path("system", true), no_path("mozilla", false)],
            effective_expiry: Some(until),
            ends: None,
        },
        ..line(name, Some(address), Ended::captured(), vec![presented(2)])
    }
}

/// TLS 1.0, nine days left, a date that is not written as it should be.
fn old() -> EndpointLine {
    let name = "old.example.org";
    let until = Time::from_seconds(NOW.seconds() + 9 * DAY);
    let read = Facts {
        recovered: Recovered::Tolerant,
        defects: vec![defect()],
        not_after: Ok(until),
        ..facts(name, "Example CA 1")
    };
    let leaf = certificate(name, read);
    let soon = Finding {
        certificate: Some(leaf.fingerprint),
        hint: Some("renew it now; the usual time for that was 21 days ago".into()),
        ..finding(
            "expires-soon",
            Family::Expiry,
            Severity::Warning,
            "the certificate ends 2026-12-03T20:37:00Z (in 9 d)",
        )
    };
    let malformed = Finding {
        certificate: Some(leaf.fingerprint),
        ..finding(
            "malformed",
            Family::Form,
            Severity::Warning,
            "a date before 2050 is written as GeneralizedTime (byte 98)",
        )
    };
    let legacy = finding(
        "legacy-tls",
        Family::Strength,
        Severity::Info,
        "the server speaks TLS 1.0 at best (RFC 8996 retired it in 2021)",
    );
    let mut by_hello = presented(1);
    by_hello.by = By::LegacyHello;
    by_hello.tls = Some(Tls {
        version: "1.0",
        cipher_suite: "TLS_RSA_WITH_AES_128_CBC_SHA".into(),
        named_group: None,
        alpn_protocol: None,
        key_proof: KeyProof::NotChecked,
    });
    let reason = "the server ended the handshake with the alert protocol_version (70)";
    let mut refused = presented(0);
    refused.ended = Ended::early(Outcome::TlsAlert, Phase::Hello, reason);
    refused.tls = None;
    EndpointLine {
        presented: vec![vec![leaf.clone()], Vec::new()],
        judgement: Judgement {
            findings: vec![soon, malformed, legacy],
            trust: vec![trusted("system", true, name, until)],
            effective_expiry: Some(until),
            ends: None,
        },
        ..line(name, Some("192.0.2.8:443"), Ended::captured(), vec![by_hello, refused])
    }
}

/// A server and its certificate that try to write on the reader's terminal.
fn hostile() -> EndpointLine {
    hostile_with(3)
}

/// The same with this many names.
pub(crate) fn hostile_with(count: usize) -> EndpointLine {
    let subject = "CN=\u{1b}[2J\u{202e}gro.elpmaxe\0\r\nchecked 10 of 10, 0 unknown\u{e0041}";
    let names =
        (0..count).map(|n| GeneralName::Dns(Foreign::new(format!("n{n}.例え.example")))).collect();
    let read = Facts {
        subject: Ok(Name {
            text: Foreign::new(subject),
            der: Vec::new(),
            common_names: vec![Foreign::new(&subject[3..])],
        }),
        extensions: Extensions { subject_alt_name: Ok(Some(names)), ..extensions("x") },
        ..facts("x", "Example CA 1")
    };
    let leaf = certificate("hostile", read);
    let mismatch = Finding {
        certificate: Some(leaf.fingerprint),
        data: BTreeMap::from([
            ("presented", Datum::List(vec![Datum::Foreign(Foreign::new("a\u{202e}b\u{7f}"))])),
            ("wanted", Datum::Text("例え.example".into())),
        ]),
        ..finding(
            "name-mismatch",
            Family::Name,
            Severity::Critical,
            "the certificate is not for evil.example but for n0.例え.example and 2 others",
        )
    };
    EndpointLine {
        presented: vec![vec![leaf]],
        judgement: Judgement {
            findings: vec![mismatch],
            trust: Vec::new(),
            effective_expiry: None,
            ends: None,
        },
        ..line(
            "evil\u{1b}[31m.example",
            Some("192.0.2.66:8443"),
            Ended::captured(),
            vec![presented(1)],
        )
    }
}

fn invalid_target() -> EndpointLine {
    let reason = "the port is not between 1 and 65535";
    let mut line = ended(
        "broken:target:999999",
        None,
        &Ended::early(Outcome::InvalidTarget, Phase::Resolve, reason),
    );
    line.capture.ended.phase = None;
    line.origin = Some(Origin { file: "targets.txt".into(), line: 7 });
    line
}

/// A certificate came, and reading it did not end.
fn stalled() -> EndpointLine {
    let reason = "reader stalled, 100 ms, killed";
    let how = Ended::early(Outcome::ReaderStalled, Phase::Read, reason);
    let leaf = Certificate {
        reading: Reading::Stalled(reason.into()),
        ..certificate("spin", facts("spin", "x"))
    };
    EndpointLine {
        presented: vec![vec![leaf]],
        capture: Capture { presented: vec![presented(1)], ..ended("x", None, &how).capture },
        ..ended("spin.example.org", Some("192.0.2.30:443"), &how)
    }
}

fn silent() -> Ended {
    let reason = "the server accepted the connection and then sent nothing for 5 s";
    Ended::early(Outcome::Timeout, Phase::Hello, reason)
}

fn unresolved() -> Ended {
    Ended::early(Outcome::Unresolved, Phase::Resolve, "the name has no address: NXDOMAIN")
}

/// A look that ended without a certificate, for a reason of its own.
pub(crate) fn ended(name: &str, address: Option<&str>, how: &Ended) -> EndpointLine {
    let unseen = finding(
        how.outcome.name(),
        Family::Reach,
        Severity::Unknown,
        how.reason.as_deref().unwrap_or_default(),
    );
    let presented = if address.is_some() {
        vec![Presented { ended: how.clone(), tls: None, ..presented(0) }]
    } else {
        Vec::new()
    };
    EndpointLine {
        judgement: Judgement {
            findings: vec![unseen],
            trust: Vec::new(),
            effective_expiry: None,
            ends: None,
        },
        ..line(name, address, how.clone(), presented)
    }
}

pub(crate) fn line(
    name: &str,
    address: Option<&str>,
    how: Ended,
    presented: Vec<Presented>,
) -> EndpointLine {
    EndpointLine {
        targets: vec![Foreign::new(name)],
        owner: None,
        tags: Vec::new(),
        origin: None,
        pool: None,
        endpoint: Endpoint {
            service: Service::Https,
            transport: Transport::Tcp,
            address: address.map(|address| address.parse().unwrap()),
            host_port: format!("{name}:443"),
            server_name: Some(name.to_owned()),
            location: None,
        },
        capture: Capture {
            looked_at: NOW,
            elapsed: Duration::from_micros(12_420),
            ended: how,
            presented,
        },
        presented: Vec::new(),
        judgement: Judgement {
            findings: Vec::new(),
            trust: Vec::new(),
            effective_expiry: None,
            ends: None,
        },
    }
}

pub(crate) fn finding(
    id: &'static str,
    family: Family,
    severity: Severity,
    message: &str,
) -> Finding {
    Finding {
        id,
        family,
        severity,
        certificate: None,
        message: message.to_owned(),
        hint: None,
        data: BTreeMap::new(),
        accepted: None,
    }
}

fn presented(sent: usize) -> Presented {
    Presented {
        asked: Asked::Any,
        by: By::Rustls,
        address: None,
        ended: Ended::captured(),
        injected: Vec::new(),
        tls: Some(Tls {
            version: "1.3",
            cipher_suite: "TLS13_AES_256_GCM_SHA384".into(),
            named_group: Some("X25519MLKEM768".into()),
            alpn_protocol: Some("h2".into()),
            key_proof: KeyProof::Proven,
        }),
        chain: vec![Arc::from(&b"the bytes"[..]); sent],
        chain_total: sent,
        ocsp_response: None,
        scts: vec![Arc::from(&b"an sct"[..]); 2],
    }
}

fn trusted(profile: &str, decides: bool, name: &str, until: Time) -> Trust {
    Trust {
        profile: profile.to_owned(),
        decides,
        trusted: true,
        path: vec![fingerprint(name), fingerprint("Example CA 1"), fingerprint("Example Root")],
        expires_at: Some(until),
        reason: None,
    }
}

fn issuer() -> Certificate {
    let read = facts("Example CA 1", "Example Root");
    let nameless = Extensions { subject_alt_name: Ok(None), ..read.extensions };
    certificate("Example CA 1", Facts { extensions: nameless, ..read })
}

pub(crate) fn certificate(identity: &str, facts: Facts) -> Certificate {
    Certificate {
        der: Arc::from(identity.as_bytes()),
        fingerprint: fingerprint(identity),
        reading: Reading::Facts(Arc::new(facts)),
    }
}

pub(crate) fn fingerprint(identity: &str) -> Fingerprint {
    Fingerprint::of(identity.as_bytes())
}

/// What a well-formed certificate for `name` says, 90 days ago to 275 days from now.
pub(crate) fn facts(name: &str, issuer: &str) -> Facts {
    Facts {
        recovered: Recovered::Strict,
        defects: Vec::new(),
        version: Ok(3),
        serial_number: Ok(vec![0x00, 0xab, 0x12]),
        signature_algorithm: Ok("ecdsa-with-sha256".into()),
        issuer: Ok(common_name(issuer)),
        not_before: Ok(Time::from_seconds(NOW.seconds() - 90 * DAY)),
        not_after: Ok(Time::from_seconds(NOW.seconds() + 275 * DAY)),
        subject: Ok(common_name(name)),
        public_key: Ok(PublicKey {
            kind: KeyKind::Ec { curve: "p256".into() },
            spki_sha256: fingerprint("a key"),
            spki_der: Vec::new(),
        }),
        extensions: extensions(name),
    }
}

fn common_name(name: &str) -> Name {
    Name {
        text: Foreign::new(format!("CN={name},O=Example")),
        der: Vec::new(),
        common_names: vec![Foreign::new(name)],
    }
}

pub(crate) fn extensions(name: &str) -> Extensions {
    Extensions {
        subject_alt_name: Ok(Some(vec![
            GeneralName::Dns(Foreign::new(name)),
            GeneralName::Ip([192, 0, 2, 1].into()),
        ])),
        basic_constraints: Ok(None),
        key_usage: Ok(None),
        extended_key_usage: Ok(None),
        authority_key_identifier: Ok(None),
        subject_key_identifier: Ok(None),
        tls_features: Ok(None),
        sct_count: Ok(0),
        ca_issuers: Vec::new(),
        ocsp: Vec::new(),
        crl_distribution_points: Vec::new(),
        policies: Vec::new(),
        has_name_constraints: false,
        all: Vec::new(),
    }
}

pub(crate) fn defect() -> Defect {
    Defect {
        id: DefectId::GeneralizedTimeBefore2050,
        offset: 98,
        field: "tbsCertificate.validity.notBefore".into(),
        message: "a date before 2050 is written as GeneralizedTime".into(),
    }
}
