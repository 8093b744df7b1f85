//! Conformance over the x509-limbo collection: chains that nobody here wrote.
//!
//! Two columns a namespace. *path*: a path exists, is valid then, and the name matches: what clients
//! do. *path or finding*: a FAILURE also agrees when a finding cites the clause that it breaks.
//! The directory is `CERTVIGIL_LIMBO`, else `../shared/limbo` beside the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use certvigil_judge::{Look, Profile, Signatures, judge_endpoint, trust};
use certvigil_model::{
    Asked, By, Capture, Ended, Fingerprint, Foreign, Host, Policy, Presented, Service, Target,
    TargetOptions, Time,
};
use certvigil_x509::{Certificate, Reading};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Collection {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    features: Vec<String>,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: Expected,
    expected_peer_name: Option<PeerName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Expected {
    Failure,
    Success,
}

#[derive(Deserialize)]
struct PeerName {
    value: String,
}

impl Case {
    /// Client certificates, CRLs, a limit of depth: none of it is ours yet.
    fn is_skipped(&self) -> bool {
        let foreign = ["has-crl", "max-chain-depth"];
        self.validation_kind != "SERVER"
            || self.features.iter().any(|feature| foreign.contains(&feature.as_str()))
    }

    fn namespace(&self) -> &str {
        self.id.split("::").next().expect("a namespace")
    }

    fn now(&self) -> Time {
        match &self.validation_time {
            Some(text) => moment(text),
            None => NOW,
        }
    }

    /// The CA/Browser Forum's rules bind what ends at a public anchor.
    fn profile(&self) -> Profile {
        let name =
            if ["online", "webpki"].contains(&self.namespace()) { "mozilla" } else { "limbo" };
        let roots = self.trusted_certs.iter().map(|pem| certificate(pem)).collect();
        Profile::new(name, true, roots)
    }

    fn chain(&self) -> Vec<Certificate> {
        let rest = self.untrusted_intermediates.iter();
        std::iter::once(&self.peer_certificate).chain(rest).map(|pem| certificate(pem)).collect()
    }

    fn target(&self) -> Target {
        let name = self.expected_peer_name.as_ref().map_or("", |name| name.value.as_str());
        Target {
            written: Foreign::new(name),
            host: name.parse().map_or_else(|_| Host::Name(name.to_owned()), Host::Ip),
            port: 443,
            service: Service::Tls,
            options: TargetOptions::default(),
            origin: None,
            owner: None,
            tags: Vec::new(),
            also: Vec::new(),
        }
    }
}

fn certificate(pem: &str) -> Certificate {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM of one certificate");
    Certificate {
        der: der.as_ref().into(),
        fingerprint: Fingerprint::of(&der),
        reading: Reading::Facts(certvigil_x509::read(&der).into()),
    }
}

struct Answer {
    /// A path, valid then, and no `name-mismatch`.
    path: bool,
    findings: Vec<(&'static str, String)>,
}

fn answer(case: &Case) -> Answer {
    let (chain, profiles, signatures) = (case.chain(), [case.profile()], Signatures::default());
    let trusted = trust(&chain, &profiles, &signatures, case.now())[0].trusted;
    let target = case.target();
    let capture = capture(&chain, case.now());
    let look = Look {
        target: &target,
        endpoint: &target.endpoint(None, None),
        capture: &capture,
        presented: &[chain],
    };
    let judged = judge_endpoint(&look, &Policy::default(), &profiles, &signatures, case.now());
    let findings: Vec<_> =
        judged.findings.into_iter().map(|found| (found.id, found.message)).collect();
    let named =
        case.expected_peer_name.is_none() || !findings.iter().any(|(id, _)| *id == "name-mismatch");
    Answer { path: trusted && named, findings }
}

fn capture(chain: &[Certificate], now: Time) -> Capture {
    let presented = Presented {
        address: None,
        asked: Asked::Any,
        by: By::LegacyHello,
        ended: Ended::captured(),
        injected: Vec::new(),
        tls: None,
        chain: chain.iter().map(|certificate| certificate.der.clone()).collect(),
        chain_total: chain.len(),
        ocsp_response: None,
        scts: Vec::new(),
    };
    Capture {
        looked_at: now,
        elapsed: Duration::from_millis(1),
        ended: Ended::captured(),
        presented: vec![presented],
    }
}

/// Agreement of one namespace, and how it fails.
#[derive(Default)]
struct Score {
    cases: usize,
    skipped: usize,
    by_path: Column,
    by_path_or_finding: Column,
}

#[derive(Default)]
struct Column {
    agree: usize,
    false_success: usize,
    false_failure: usize,
}

impl Column {
    fn add(&mut self, success: bool, expected: Expected) {
        match (success, expected) {
            (true, Expected::Success) | (false, Expected::Failure) => self.agree += 1,
            (true, Expected::Failure) => self.false_success += 1,
            (false, Expected::Success) => self.false_failure += 1,
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a case takes is part of what is judged")]
fn limbo() {
    let Some(collection) = collection() else { return };
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut surprises = Vec::new();
    for case in &collection.testcases {
        let score = scores.entry(case.namespace()).or_default();
        score.cases += 1;
        if case.is_skipped() {
            score.skipped += 1;
            continue;
        }
        let began = Instant::now();
        let answer = answer(case);
        if began.elapsed() > Duration::from_secs(5) {
            surprises.push(format!("{}: took {:?}", case.id, began.elapsed()));
        }
        let told = answer.path && case.expected_result == Expected::Failure && answer.tells(case);
        score.by_path.add(answer.path, case.expected_result);
        score.by_path_or_finding.add(answer.path && !told, case.expected_result);
        surprises.extend(surprise(case, &answer, told));
        surprises.extend(noise(case, &answer));
    }
    print(&scores);
    surprises.extend(vanished(&collection));
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

impl Answer {
    /// Whether a finding cites the clause that the case breaks.
    fn tells(&self, case: &Case) -> bool {
        let wanted = BROKEN_CLAUSES.iter().filter(|(id, ..)| *id == case.id);
        wanted.into_iter().any(|(_, finding, words)| {
            self.findings.iter().any(|(id, message)| id == finding && message.contains(words))
        })
    }
}

/// What this case does that no list explains.
fn surprise(case: &Case, answer: &Answer, told: bool) -> Option<String> {
    let listed = FALSE_FAILURES.iter().any(|(id, _)| *id == case.id);
    match (answer.path, case.expected_result) {
        (false, Expected::Success) if !listed => {
            Some(format!("{}: no path, {:?}", case.id, answer.findings))
        }
        (true, Expected::Success) if listed => Some(format!("{}: listed, and has a path", case.id)),
        (true, Expected::Failure) if !told => {
            Some(format!("{}: a path, and nothing told: {:#?}", case.id, answer.findings))
        }
        (false, Expected::Failure) if BROKEN_CLAUSES.iter().any(|(id, ..)| *id == case.id) => {
            Some(format!("{}: listed, and has no path", case.id))
        }
        _ => None,
    }
}

/// What is told of the form of a chain that a well-known site really served.
fn noise(case: &Case, answer: &Answer) -> Option<String> {
    let form = |id: &str| id.starts_with("profile-") && !TOLD_OF_GOOD.contains(&(&case.id, id));
    let told = answer.findings.iter().find(|(id, _)| case.namespace() == "online" && form(id));
    told.map(|(id, message)| format!("{}: {id}: {message}", case.id))
}

/// Cases that a list names and the collection has not.
fn vanished(collection: &Collection) -> impl Iterator<Item = String> {
    let listed = BROKEN_CLAUSES.iter().map(|(id, ..)| id);
    let listed = listed.chain(FALSE_FAILURES.iter().map(|(id, _)| id));
    let there = |id: &&&str| collection.testcases.iter().any(|case| case.id == **id);
    listed.filter(move |id| !there(id)).map(|id| format!("{id}: listed, and not in the collection"))
}

fn print(scores: &BTreeMap<&str, Score>) {
    println!(
        "namespace      judged skipped | path: agree false+ false- | or finding: agree false+ false-"
    );
    for (namespace, score) in scores {
        let Score { cases, skipped, by_path, by_path_or_finding: or_finding } = score;
        println!(
            "{namespace:<14} {:>6} {skipped:>7} | {:>11} {:>6} {:>6} | {:>17} {:>6} {:>6}",
            cases - skipped,
            by_path.agree,
            by_path.false_success,
            by_path.false_failure,
            or_finding.agree,
            or_finding.false_success,
            or_finding.false_failure,
        );
    }
}

fn collection() -> Option<Collection> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/limbo");
    #[expect(
        clippy::disallowed_methods,
        reason = "where test data lies is told by the environment"
    )]
    let named = std::env::var_os("CERTVIGIL_LIMBO").map(PathBuf::from);
    let file = named.unwrap_or(beside).join("limbo.json");
    let Ok(text) = std::fs::read(&file) else {
        println!("SKIPPED: no limbo collection at {}", file.display());
        return None;
    };
    Some(serde_json::from_slice(&text).expect("the collection's JSON"))
}

/// RFC 3339 as the collection writes it: `2024-03-01T00:00:00+00:00`, fractions allowed.
fn moment(text: &str) -> Time {
    let number = |from: usize, to: usize| text[from..to].parse::<i32>().expect("a number");
    let civil = certvigil_model::Civil {
        year: number(0, 4),
        month: number(5, 7) as u8,
        day: number(8, 10) as u8,
        hour: number(11, 13) as u8,
        minute: number(14, 16) as u8,
        second: number(17, 19) as u8,
    };
    let whole = Time::from_civil(civil).expect("a moment");
    let fraction = text[19..].strip_prefix('.').unwrap_or_default();
    let digits: String = fraction.chars().take_while(char::is_ascii_digit).take(3).collect();
    let millis =
        if digits.is_empty() { 0 } else { format!("{digits:0<3}").parse().expect("a number") };
    whole.plus(Duration::from_millis(millis))
}

/// 2026-11-24T00:00:00Z.
const NOW: Time = Time::from_seconds(1_795_478_400);

/// SUCCESS cases without a path, each with the reason. It only shrinks.
const FALSE_FAILURES: &[(&str, &str)] = &[];

/// Well-known sites that break a clause: these names are a public suffix, and the site's own.
const TOLD_OF_GOOD: &[(&str, &str)] = &[("online::s3.amazonaws.com", "profile-wildcard")];

/// FAILURE cases that clients let pass: the finding that cites the clause, and words of it.
const BROKEN_CLAUSES: &[(&str, &str, &str)] = &[
    (
        "rfc5280::aki::intermediate-missing-aki",
        "profile-key-identifier",
        "has no authorityKeyIdentifier",
    ),
    (
        "rfc5280::aki::cross-signed-root-missing-aki",
        "profile-key-identifier",
        "has no authorityKeyIdentifier",
    ),
    (
        "rfc5280::nc::permitted-dns-match-noncritical",
        "profile-anchor",
        "nameConstraints: it must be critical",
    ),
    (
        "rfc5280::nc::invalid-dnsname-leading-period",
        "profile-anchor",
        "nameConstraints.permittedSubtrees[0]",
    ),
    ("rfc5280::nc::not-allowed-in-ee-noncritical", "malformed", "name constraints are for a CA"),
    ("rfc5280::pc::ica-noncritical-pc", "malformed", "policyConstraints: it must be critical"),
    ("rfc5280::san::underscore-dns", "malformed", "subjectAltName[0]: it is no host name"),
    ("rfc5280::serial::too-long", "malformed", "serialNumber: it has 22 octets"),
    ("rfc5280::serial::zero", "malformed", "serialNumber: it is zero"),
    ("rfc5280::serial::negative", "malformed", "serialNumber: it is negative"),
    (
        "rfc5280::ski::intermediate-missing-ski",
        "profile-key-identifier",
        "has no subjectKeyIdentifier",
    ),
    ("rfc5280::ca-empty-subject", "profile-anchor", "subject: a CA must have a name"),
    (
        "rfc5280::unknown-critical-extension-root",
        "profile-anchor",
        "it is critical and not one that this reader knows",
    ),
    (
        "rfc5280::root-non-critical-basic-constraints",
        "profile-anchor",
        "basicConstraints: it must be critical",
    ),
    (
        "webpki::aki::root-with-aki-authoritycertserialnumber",
        "profile-key-identifier",
        "issuer's issuer and serial number",
    ),
    (
        "webpki::aki::root-with-aki-all-fields",
        "profile-key-identifier",
        "issuer's issuer and serial number",
    ),
    (
        "webpki::aki::root-with-aki-ski-mismatch",
        "profile-key-identifier",
        "another key than its issuer's",
    ),
    ("webpki::cn::ipv4-leading-zeros-mismatch", "profile-common-name", "192.168.001.001"),
    ("webpki::cn::ipv6-non-rfc5952-mismatch", "profile-common-name", "2001:db8:0:0:1:0:0:1"),
    ("webpki::cn::punycode-not-in-san", "profile-common-name", "xn--nxasmq6b.com"),
    ("webpki::cn::utf8-vs-punycode-mismatch", "profile-common-name", "commonName “test-"),
    ("webpki::cn::not-in-san", "profile-common-name", "notinsan.example.com"),
    (
        "webpki::eku::ee-critical-eku",
        "profile-criticality",
        "extKeyUsage that must not be critical",
    ),
    ("webpki::eku::ee-without-eku", "profile-extended-key-usage", "has no extKeyUsage"),
    ("webpki::eku::root-has-eku", "profile-extended-key-usage", "is a root and has an extKeyUsage"),
    (
        "webpki::nc::intermediate-permitted-excluded-subtrees-both-null",
        "malformed",
        "nameConstraints: nothing is permitted or excluded",
    ),
    (
        "webpki::nc::intermediate-permitted-excluded-subtrees-both-empty-sequences",
        "malformed",
        "nameConstraints.permittedSubtrees: the list is empty",
    ),
    (
        "webpki::san::public-suffix-private-namespace-wildcard-san",
        "profile-wildcard",
        "all names under a public suffix: *.s3.amazonaws.com",
    ),
    ("webpki::malformed-aia", "malformed", "authorityInfoAccess"),
    ("webpki::forbidden-p192-leaf", "profile-public-key", "p192"),
    ("webpki::forbidden-weak-rsa-in-leaf", "profile-public-key", "1024 bits"),
    ("webpki::forbidden-rsa-not-divisible-by-8-in-root", "profile-public-key", "2052 bits"),
    ("webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf", "profile-public-key", "2052 bits"),
    ("webpki::ca-as-leaf", "profile-basic-constraints", "is a server's and is marked as a CA's"),
];
