//! Conformance over the x509-limbo collection: chains that nobody here wrote.
//!
//! Two columns a namespace. *path*: a path exists, is valid then, and the name matches: what clients
//! do. *path or finding*: a FAILURE also agrees when a finding cites the clause that it breaks.
//! The directory is `CERTVIGIL_LIMBO`, else `../shared/limbo` beside the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
        let name = if self.namespace() == "webpki" { "mozilla" } else { "limbo" };
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
        asked: Asked::Any,
        by: By::LegacyHello,
        ended: Ended::captured(),
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

#[derive(Default)]
struct Score {
    cases: usize,
    skipped: usize,
    by_path: usize,
    by_path_or_finding: usize,
}

#[test]
fn limbo() {
    let Some(collection) = collection() else { return };
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for case in &collection.testcases {
        let score = scores.entry(case.namespace()).or_default();
        score.cases += 1;
        if case.is_skipped() {
            score.skipped += 1;
            continue;
        }
        let answer = answer(case);
        let agrees = answer.path == (case.expected_result == Expected::Success);
        score.by_path += usize::from(agrees);
        let ids: Vec<_> = answer.findings.iter().map(|(id, _)| *id).collect();
        if !agrees {
            println!("{} wants {:?}: {ids:?}", case.id, case.expected_result);
            for (id, m) in &answer.findings {
                println!("      {id} {m}");
            }
        }
    }
    for (namespace, score) in &scores {
        println!("{namespace}: {} of {}", score.by_path, score.cases - score.skipped);
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
