//! Chains minted here, judged at fixed moments. What must hold comes from RFC 5280 section 6.

use std::sync::Arc;

use certvigil_model::{Fingerprint, Time};
use certvigil_x509::{Certificate, Reading};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use time::OffsetDateTime;

use super::{Standing, standings};
use crate::{Profile, Signatures};

/// 2026-11-24T00:00:00Z; all other moments are days from it.
const NOW: i64 = 1_795_478_400;

fn day(days: i64) -> Time {
    Time::from_seconds(NOW + days * 86_400)
}

/// A name and a key: who signs, or is signed.
#[derive(Clone)]
struct Party {
    params: CertificateParams,
    key: Arc<KeyPair>,
}

impl Party {
    fn new(name: &str, from: i64, to: i64) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let party = Self { params, key: Arc::new(KeyPair::generate().expect("a key")) };
        party.valid(from, to)
    }

    fn ca(name: &str, from: i64, to: i64) -> Self {
        Self::new(name, from, to).with(|params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        })
    }

    fn server(name: &str, from: i64, to: i64) -> Self {
        Self::new(name, from, to).with(|params| {
            params.subject_alt_names =
                vec![rcgen::SanType::DnsName(name.try_into().expect("a name"))];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        })
    }

    fn with(mut self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        change(&mut self.params);
        self
    }

    fn valid(self, from: i64, to: i64) -> Self {
        let moment =
            |days| OffsetDateTime::from_unix_timestamp(day(days).seconds()).expect("a date");
        self.with(|params| {
            params.not_before = moment(from);
            params.not_after = moment(to);
        })
    }

    fn self_signed(&self) -> Certificate {
        certificate(self.params.self_signed(&*self.key).expect("a certificate").der())
    }

    fn by(&self, issuer: &Self) -> Certificate {
        let issuer = Issuer::from_params(&issuer.params, &*issuer.key);
        let made = self.params.signed_by(&*self.key, &issuer);
        certificate(made.expect("a certificate").der())
    }
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate {
        der: der.into(),
        fingerprint: Fingerprint::of(der),
        reading: Reading::Facts(Arc::new(certvigil_x509::read(der))),
    }
}

fn standing(chain: &[Certificate], roots: &[Certificate], now: Time) -> Standing {
    let profile = [Profile::new("roots", true, roots.to_vec())];
    let mut standings = standings(chain, &profile, &Signatures::default(), now);
    standings.pop().expect("one profile, one standing")
}

/// Which certificates stand in each path, by their place in `known`.
fn places(standing: &Standing, known: &[&Certificate]) -> Vec<Vec<usize>> {
    let place = |one: Fingerprint| {
        known.iter().position(|known| known.fingerprint == one).expect("a certificate of the case")
    };
    let path = |path: &super::Path| path.fingerprints().into_iter().map(place).collect();
    standing.paths.iter().map(path).collect()
}

struct World {
    root: Party,
    ca: Party,
    server: Party,
}

impl World {
    fn new() -> Self {
        Self {
            root: Party::ca("Root", -3650, 3650),
            ca: Party::ca("Issuing CA", -365, 365),
            server: Party::server("www.example.org", -10, 80),
        }
    }
}

struct Case {
    name: &'static str,
    chain: Vec<Certificate>,
    roots: Vec<Certificate>,
    /// Paths as places in chain, then roots.
    want: &'static [&'static [usize]],
    ends: Option<i64>,
    trusted: bool,
    reason: &'static str,
}

fn cases() -> Vec<Case> {
    let World { root, ca, server } = World::new();
    let (leaf, middle, anchor) = (server.by(&ca), ca.by(&root), root.self_signed());
    let other = Party::ca("Other Root", -3650, 20);
    let stranger = Party::ca("Stranger", -365, 365);
    let old_middle = ca.clone().valid(-365, -1).by(&root);
    let old_root = root.clone().valid(-3650, -1).self_signed();
    let pinned = Party::server("self.example.org", -10, 80).self_signed();
    let late = server.clone().valid(1, 80).by(&ca);
    vec![
        Case {
            name: "the ordinary chain",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "the root sent along makes no second path",
            chain: vec![leaf.clone(), middle.clone(), anchor.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "wrong order, an unrelated extra, one sent twice",
            chain: vec![
                leaf.clone(),
                stranger.self_signed(),
                middle.clone(),
                leaf.clone(),
                middle.clone(),
            ],
            roots: vec![anchor.clone()],
            want: &[&[0, 2, 5]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "cross-signed by two roots: the path that ends last is the best",
            chain: vec![leaf.clone(), ca.by(&other), middle.clone()],
            roots: vec![other.self_signed(), anchor.clone()],
            want: &[&[0, 2, 4], &[0, 1, 3]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "an expired intermediate beside a good one of the same name",
            chain: vec![leaf.clone(), old_middle.clone(), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 2, 3]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "the intermediate is missing",
            chain: vec![leaf.clone()],
            roots: vec![anchor.clone()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the issuer “CN=Issuing CA” was not sent and is no root of this profile",
        },
        Case {
            name: "an untrusted root",
            chain: vec![leaf.clone(), middle.clone(), anchor.clone()],
            roots: vec![stranger.self_signed()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the chain ends at “CN=Root”, which is no root of this profile",
        },
        Case {
            name: "a root of the same name with another key",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![Party::ca("Root", -10, 10).self_signed()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "a signature does not fit the key of the issuer of that name",
        },
        Case {
            name: "the only intermediate has ended: asked again when all was valid",
            chain: vec![leaf.clone(), old_middle],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(-1),
            trusted: false,
            reason: "the intermediate “CN=Issuing CA” was valid until 2026-11-23T00:00:00Z",
        },
        Case {
            name: "the root has ended",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![old_root],
            want: &[&[0, 1, 2]],
            ends: Some(-1),
            trusted: false,
            reason: "the root “CN=Root” was valid until 2026-11-23T00:00:00Z",
        },
        Case {
            name: "the root ends first",
            chain: vec![leaf.clone(), ca.by(&other)],
            roots: vec![other.self_signed()],
            want: &[&[0, 1, 2]],
            ends: Some(20),
            trusted: true,
            reason: "",
        },
        Case {
            name: "expired",
            chain: vec![server.clone().valid(-90, -2).by(&ca), middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(-2),
            trusted: false,
            reason: "the certificate was valid until 2026-11-22T00:00:00Z",
        },
        Case {
            name: "not yet valid",
            chain: vec![late, middle.clone()],
            roots: vec![anchor.clone()],
            want: &[&[0, 1, 2]],
            ends: Some(80),
            trusted: false,
            reason: "the certificate is valid only from 2026-11-25T00:00:00Z",
        },
        Case {
            name: "self-signed, pinned",
            chain: vec![pinned.clone()],
            roots: vec![pinned.clone()],
            want: &[&[0]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "self-signed, not pinned",
            chain: vec![pinned],
            roots: vec![anchor.clone()],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the certificate is its own issuer, and is not in this profile",
        },
        Case {
            name: "an intermediate as the root",
            chain: vec![leaf.clone(), middle.clone()],
            roots: vec![middle.clone()],
            want: &[&[0, 1]],
            ends: Some(80),
            trusted: true,
            reason: "",
        },
        Case {
            name: "an empty profile",
            chain: vec![leaf, middle],
            roots: vec![],
            want: &[],
            ends: None,
            trusted: false,
            reason: "the issuer “CN=Root” was not sent and is no root of this profile",
        },
    ]
}

#[test]
fn paths_are_found_and_ranked() {
    for Case { name, chain, roots, want, ends, trusted, reason } in cases() {
        let standing = standing(&chain, &roots, day(0));
        let known: Vec<_> = chain.iter().chain(&roots).collect();
        let reached = places(&standing, &known);
        assert_eq!(reached, want, "{name}: {:?}", standing.reason);
        assert_eq!(standing.trusted, trusted, "{name}");
        assert_eq!(standing.reason.as_deref().unwrap_or_default(), reason, "{name}");
        assert_eq!(standing.without_dates, !trusted && !want.is_empty(), "{name}");
        let best = standing.paths.first().map(|path| path.expires_at);
        assert_eq!(best, ends.map(day), "{name}");
    }
}
