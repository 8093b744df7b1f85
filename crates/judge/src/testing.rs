//! What the table tests of the rules are made of: certificates by their facts, endpoints by what
//! they showed. The moment to judge for is always [`NOW`].

use std::sync::Arc;
use std::time::Duration;

use certvigil_model::{
    Asked, By, Capture, Ended, Endpoint, Finding, Fingerprint, Foreign, Host, Judgement, KeyProof,
    Policy, Presented, Service, Severity, Target, TargetOptions, Time, Tls,
};
use certvigil_x509::{
    BasicConstraints, Certificate, Extensions, Facts, GeneralName, KeyKind, Name, PublicKey,
    Reading, Recovered,
};

use crate::context::Scene;
use crate::paths::{Path, Standing};
use crate::{Beside, Context, Look, Profile, Rule, Seen, Shown, Spread};

/// `2026-11-24T00:00:00Z`.
pub(crate) const NOW: Time = Time::from_seconds(1_795_478_400);

/// A rule's table: what is given, and the severity and some words of each finding wanted.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) given: Given,
    pub(crate) want: &'static [(Severity, &'static str)],
}

pub(crate) fn case(
    name: &'static str,
    given: Given,
    want: &'static [(Severity, &'static str)],
) -> Case {
    Case { name, given, want }
}

/// Asks `rule` for each case, and holds what it says against its own contract.
pub(crate) fn check(rule: &dyn Rule, cases: Vec<Case>) {
    for Case { name, given, want } in cases {
        let found = given.ask(rule);
        let said: Vec<_> = found.iter().map(|f| (f.severity, f.message.as_str())).collect();
        assert_eq!(said.len(), want.len(), "{name}: {said:?}");
        for ((severity, message), (wanted, words)) in said.iter().zip(want) {
            assert_eq!(severity, wanted, "{name}: {message}");
            assert!(message.contains(words), "{name}: {message}");
        }
        for finding in &found {
            assert_eq!(finding.id, rule.meta().id, "{name}");
            assert_eq!(finding.family, rule.meta().family, "{name}");
            assert!(rule.meta().severities.contains(&finding.severity), "{name}");
            assert!(finding.hint.is_some(), "{name}: no hint");
        }
    }
}

/// An endpoint that showed something.
pub(crate) struct Given {
    pub(crate) target: Target,
    pub(crate) capture: Capture,
    pub(crate) chains: Vec<Vec<Certificate>>,
    pub(crate) standings: Vec<Standing>,
    pub(crate) policy: Policy,
    pub(crate) profiles: Vec<Profile>,
}

/// An endpoint whose server sent `chain`, the end entity first.
pub(crate) fn sent(chain: Vec<Certificate>) -> Given {
    let capture = Capture {
        looked_at: NOW,
        elapsed: Duration::ZERO,
        ended: Ended::captured(),
        presented: Vec::new(),
    };
    let given = Given {
        target: target("www.example.org"),
        capture,
        chains: Vec::new(),
        standings: Vec::new(),
        policy: Policy::default(),
        profiles: Vec::new(),
    };
    given.also(Asked::Any, chain)
}

/// An endpoint that showed nothing.
pub(crate) fn nothing(ended: Ended) -> Given {
    let mut given = sent(Vec::new());
    given.capture.presented.clear();
    given.chains.clear();
    given.capture.ended = ended;
    given
}

impl Given {
    /// Another question, with the chain that it brought.
    pub(crate) fn also(mut self, asked: Asked, chain: Vec<Certificate>) -> Self {
        let by = match asked {
            Asked::Any | Asked::NoServerName => By::Rustls,
            Asked::Ecdsa | Asked::Rsa => By::LegacyHello,
        };
        self.capture.presented.push(Presented {
            asked,
            by,
            address: None,
            ended: Ended::captured(),
            injected: Vec::new(),
            tls: Some(tls("1.3", KeyProof::Proven)),
            chain: chain.iter().map(|held| Arc::clone(&held.der)).collect(),
            chain_total: chain.len(),
            ocsp_response: None,
            scts: Vec::new(),
        });
        self.chains.push(chain);
        self
    }

    /// Lets `edit` change the first answer.
    pub(crate) fn first(mut self, edit: impl FnOnce(&mut Presented)) -> Self {
        if let Some(first) = self.capture.presented.first_mut() {
            edit(first);
        }
        self
    }

    /// Asks for another host.
    pub(crate) fn host(mut self, host: &str) -> Self {
        self.target = target(host);
        self
    }

    /// A deciding profile with a path of these certificates.
    pub(crate) fn trusted(self, profile: &str, path: Vec<Certificate>) -> Self {
        self.standing(profile, true, Some(path))
    }

    /// A deciding profile without a path.
    pub(crate) fn refused(self, profile: &str) -> Self {
        self.standing(profile, true, None)
    }

    /// What a profile says; without a path it says that there is none.
    pub(crate) fn standing(
        mut self,
        profile: &str,
        decides: bool,
        path: Option<Vec<Certificate>>,
    ) -> Self {
        let paths: Vec<Path> = path.map(path_of).into_iter().collect();
        let trusted = paths.iter().any(|path| path.valid_now);
        self.standings.push(Standing {
            profile: profile.to_owned(),
            decides,
            trusted,
            reason: (!trusted).then(|| "nothing leads to a root".to_owned()),
            without_dates: !trusted && !paths.is_empty(),
            paths,
        });
        self
    }

    /// The findings of `rule`, as [`crate::judge_endpoint`] would ask for them.
    pub(crate) fn ask(&self, rule: &dyn Rule) -> Vec<Finding> {
        let endpoint = self.target.endpoint(None, None);
        let mut found = Vec::new();
        let seen = self.seen(&endpoint);
        for shown in &seen.shown {
            rule.judge(&Context::Certificate(shown), &mut found);
        }
        rule.judge(&Context::Endpoint(&seen), &mut found);
        found
    }

    fn seen<'a>(&'a self, endpoint: &'a Endpoint) -> Seen<'a> {
        let look = Look {
            target: &self.target,
            endpoint,
            capture: &self.capture,
            presented: &self.chains,
        };
        let scene = Scene { look, policy: &self.policy, profiles: &self.profiles, now: NOW };
        let answers = self.capture.presented.iter().zip(&self.chains);
        let shown = answers.filter_map(|(presented, chain)| {
            let end_entity = chain.first()?;
            let standings = self.standings.clone();
            Some(Shown { presented, end_entity, chain, standings, scene })
        });
        Seen { scene, shown: shown.collect() }
    }
}

/// What a target's rule says of these answers, one an address: 192.0.2.1, 192.0.2.2, …
pub(crate) fn ask_target(rule: &dyn Rule, answers: &[Given], beside: &Beside) -> Vec<Finding> {
    let judgement =
        Judgement { findings: Vec::new(), trust: Vec::new(), effective_expiry: None, ends: None };
    let endpoints: Vec<Endpoint> = (1_u8..)
        .zip(answers)
        .map(|(n, given)| given.target.endpoint(Some(([192, 0, 2, n], 443).into()), None))
        .collect();
    let looks: Vec<_> = answers
        .iter()
        .zip(&endpoints)
        .map(|(Given { target, capture, chains: presented, .. }, endpoint)| {
            (Look { target, endpoint, capture, presented }, &judgement)
        })
        .collect();
    let mut found = Vec::new();
    rule.judge(&Context::Target(&Spread { looks: &looks, beside, now: NOW }), &mut found);
    found
}

/// A target on port 443.
pub(crate) fn target(host: &str) -> Target {
    Target {
        written: Foreign::new(host),
        host: host.parse().map_or_else(|_| Host::Name(host.to_owned()), Host::Ip),
        port: 443,
        service: Service::Https,
        options: TargetOptions::default(),
        origin: None,
        owner: None,
        tags: Vec::new(),
        also: Vec::new(),
    }
}

pub(crate) fn tls(version: &'static str, key_proof: KeyProof) -> Tls {
    Tls {
        version,
        cipher_suite: "TLS_AES_128_GCM_SHA256".to_owned(),
        named_group: None,
        alpn_protocol: None,
        key_proof,
    }
}

/// `NOW` and so many days.
pub(crate) const fn days(days: i64) -> Time {
    Time::from_seconds(NOW.seconds() + days * 86_400)
}

/// A good end entity for `www.example.org` by `Issuing CA`: 90 days, of which 60 are left.
pub(crate) fn leaf(edit: impl FnOnce(&mut Facts)) -> Certificate {
    let mut facts = facts("CN=www.example.org", "CN=Issuing CA", -30, 60);
    facts.extensions.subject_alt_name = Ok(Some(vec![dns("www.example.org")]));
    facts.extensions.key_usage = Ok(Some(1));
    facts.extensions.extended_key_usage = Ok(Some(vec!["1.3.6.1.5.5.7.3.1".to_owned()]));
    edit(&mut facts);
    certificate(facts)
}

/// A good authority, ten years old with ten to go.
pub(crate) fn authority(subject: &str, issuer: &str, edit: impl FnOnce(&mut Facts)) -> Certificate {
    let mut facts = facts(subject, issuer, -3650, 3650);
    facts.extensions.basic_constraints = Ok(Some(BasicConstraints { ca: true, path_len: None }));
    edit(&mut facts);
    certificate(facts)
}

/// The issuer of [`leaf`].
pub(crate) fn issuing(edit: impl FnOnce(&mut Facts)) -> Certificate {
    authority("CN=Issuing CA", "CN=Root CA", edit)
}

/// The issuer of [`issuing`].
pub(crate) fn root(edit: impl FnOnce(&mut Facts)) -> Certificate {
    authority("CN=Root CA", "CN=Root CA", edit)
}

pub(crate) fn as_is(_: &mut Facts) {}

pub(crate) fn dns(name: &str) -> GeneralName {
    GeneralName::Dns(Foreign::new(name))
}

fn facts(subject: &str, issuer: &str, begins: i64, ends: i64) -> Facts {
    Facts {
        recovered: Recovered::Strict,
        defects: Vec::new(),
        version: Ok(3),
        serial_number: Ok(vec![1]),
        signature_algorithm: Ok("ecdsa-with-sha256".to_owned()),
        issuer: Ok(name(issuer)),
        not_before: Ok(days(begins)),
        not_after: Ok(days(ends)),
        subject: Ok(name(subject)),
        public_key: Ok(PublicKey {
            kind: KeyKind::Ec { curve: "p256".to_owned() },
            spki_sha256: Fingerprint::of(subject.as_bytes()),
            spki_der: subject.as_bytes().to_vec(),
        }),
        extensions: Extensions {
            subject_alt_name: Ok(None),
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
        },
    }
}

fn name(text: &str) -> Name {
    let common_names = text.strip_prefix("CN=").map(Foreign::new).into_iter().collect();
    Name { text: Foreign::new(text), der: text.as_bytes().to_vec(), common_names }
}

/// A certificate whose bytes are the words of its facts: different facts, different certificate.
pub(crate) fn certificate(facts: Facts) -> Certificate {
    let der: Arc<[u8]> = Arc::from(format!("{facts:?}").as_bytes());
    let fingerprint = Fingerprint::of(&der);
    Certificate { der, fingerprint, reading: Reading::Facts(Arc::new(facts)) }
}

fn path_of(certificates: Vec<Certificate>) -> Path {
    let end = |held: &Certificate| held.facts().and_then(|f| f.not_after.clone().ok());
    let begin = |held: &Certificate| held.facts().and_then(|f| f.not_before.clone().ok());
    let ends: Vec<Time> = certificates.iter().filter_map(end).collect();
    let first = ends.iter().enumerate().min_by_key(|(_, end)| **end);
    let (first_to_expire, expires_at) = first.map_or((0, NOW), |(at, end)| (at, *end));
    let begun = certificates.iter().filter_map(begin).all(|begin| begin <= NOW);
    Path { certificates, expires_at, first_to_expire, valid_now: begun && NOW <= expires_at }
}

/// An endpoint that stapled `response` to a good certificate with the serial number 1.
pub(crate) fn stapled(response: &[u8]) -> Given {
    sent(vec![leaf(as_is)]).first(|first| first.ocsp_response = Some(response.into()))
}

/// A finding of which only id and severity matter.
pub(crate) fn finding(id: &'static str, severity: Severity) -> Finding {
    Finding {
        id,
        family: certvigil_model::Family::Trust,
        severity,
        certificate: None,
        message: id.to_owned(),
        hint: None,
        data: std::collections::BTreeMap::new(),
        accepted: None,
    }
}
