//! Certificates made with rcgen for one test each, read and judged as the engine does it.

use std::sync::Arc;
use std::time::Duration;

use certvigil_judge::{Look, Profile, Signatures, judge_endpoint};
use certvigil_model::{
    Asked, By, Capture, Ended, Fingerprint, Foreign, Host, Judgement, KeyProof, Policy, Presented,
    Service, Target, TargetOptions, Time, Tls,
};
use certvigil_x509::{Certificate, Reading, read};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use time::OffsetDateTime;

/// `2026-11-24T00:00:00Z`.
pub(crate) const NOW: Time = Time::from_seconds(1_795_478_400);

/// An authority that can issue.
pub(crate) struct Authority {
    pub(crate) certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A root of twenty years.
    pub(crate) fn root(name: &str) -> Self {
        Self::self_signed(authority(name, -3650, 3650))
    }

    /// A root that is valid between these two moments.
    pub(crate) fn root_between(name: &str, begins: Time, ends: Time) -> Self {
        let mut params = authority(name, 0, 0);
        (params.not_before, params.not_after) = (moment(begins), moment(ends));
        Self::self_signed(params)
    }

    fn self_signed(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = certificate(params.self_signed(&key).unwrap().der());
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// An authority below this one that ends in so many days.
    pub(crate) fn below(&self, name: &str, ends: i64) -> Self {
        let (params, key) = (authority(name, -400, ends), KeyPair::generate().unwrap());
        let certificate = certificate(params.signed_by(&key, &self.issuer).unwrap().der());
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// The same name and key as `other`, vouched for by this one until so many days from now.
    pub(crate) fn cross(&self, other: &Self, name: &str, ends: i64) -> Certificate {
        let params = authority(name, -400, ends);
        certificate(params.signed_by(other.issuer.key(), &self.issuer).unwrap().der())
    }

    /// An authority below this one that is valid between these two moments.
    pub(crate) fn between(&self, name: &str, begins: Time, ends: Time) -> Self {
        let mut params = authority(name, 0, 0);
        (params.not_before, params.not_after) = (moment(begins), moment(ends));
        let key = KeyPair::generate().unwrap();
        let certificate = certificate(params.signed_by(&key, &self.issuer).unwrap().der());
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A server's certificate for `www.example.org`: 90 days, of which 60 are left, unless changed.
    pub(crate) fn issue(&self, edit: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = server();
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        certificate(params.signed_by(&key, &self.issuer).unwrap().der())
    }
}

/// A self-signed certificate for `www.example.org`.
pub(crate) fn self_signed() -> Certificate {
    let key = KeyPair::generate().unwrap();
    certificate(server().self_signed(&key).unwrap().der())
}

pub(crate) fn certificate(der: &[u8]) -> Certificate {
    Certificate {
        der: der.into(),
        fingerprint: Fingerprint::of(der),
        reading: Reading::Facts(read(der).into()),
    }
}

pub(crate) fn days(days: i64) -> OffsetDateTime {
    moment(Time::from_seconds(NOW.seconds() + days * 86_400))
}

/// As rcgen takes it.
pub(crate) fn moment(time: Time) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(time.seconds()).unwrap()
}

/// What is said of a server that sends `chain`, by one deciding profile.
pub(crate) fn judge(chain: &[Certificate], roots: &[&Certificate]) -> Judgement {
    let roots = roots.iter().map(|&root| root.clone()).collect();
    judge_by(chain, &[Profile::new("corp", true, roots)])
}

pub(crate) fn judge_by(chain: &[Certificate], profiles: &[Profile]) -> Judgement {
    judge_at(chain, profiles, &Signatures::default(), NOW)
}

/// The same at another moment, with a memory of signatures that lasts from one to the next.
pub(crate) fn judge_at(
    chain: &[Certificate],
    profiles: &[Profile],
    signatures: &Signatures,
    now: Time,
) -> Judgement {
    let target = target("www.example.org");
    let capture = capture(chain);
    let look = Look {
        target: &target,
        endpoint: &target.endpoint(None, None),
        capture: &capture,
        presented: &[chain.to_vec()],
    };
    judge_endpoint(&look, &Policy::default(), profiles, signatures, now)
}

/// The ids of the findings, worst first, those of how a certificate is to be written left out: what
/// rcgen leaves out does not matter here.
pub(crate) fn ids(judgement: &Judgement) -> Vec<&'static str> {
    let ids = judgement.findings.iter().map(|finding| finding.id);
    ids.filter(|id| !id.starts_with("profile-")).collect()
}

pub(crate) fn target(host: &str) -> Target {
    Target {
        written: Foreign::new(host),
        host: Host::Name(host.to_owned()),
        port: 443,
        service: Service::Https,
        options: TargetOptions::default(),
        origin: None,
        owner: None,
        tags: Vec::new(),
        also: Vec::new(),
    }
}

/// A whole handshake that brought `chain`.
pub(crate) fn capture(chain: &[Certificate]) -> Capture {
    let tls = Tls {
        version: "1.3",
        cipher_suite: "TLS_AES_128_GCM_SHA256".to_owned(),
        named_group: None,
        alpn_protocol: None,
        key_proof: KeyProof::Proven,
    };
    let presented = Presented {
        address: None,
        asked: Asked::Any,
        by: By::Rustls,
        ended: Ended::captured(),
        injected: Vec::new(),
        tls: Some(tls),
        chain: chain.iter().map(|held| Arc::clone(&held.der)).collect(),
        chain_total: chain.len(),
        ocsp_response: None,
        scts: Vec::new(),
    };
    Capture {
        looked_at: NOW,
        elapsed: Duration::ZERO,
        ended: Ended::captured(),
        presented: vec![presented],
    }
}

pub(crate) fn server() -> CertificateParams {
    let mut params = named("www.example.org", -30, 60);
    params.subject_alt_names = vec![rcgen::SanType::DnsName("www.example.org".try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

pub(crate) fn authority(name: &str, begins: i64, ends: i64) -> CertificateParams {
    let mut params = named(name, begins, ends);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(name: &str, begins: i64, ends: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = days(begins);
    params.not_after = days(ends);
    params.use_authority_key_identifier_extension = true;
    params
}
