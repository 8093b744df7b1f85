//! Chains minted here, judged at fixed moments. What must hold comes from RFC 5280 section 6.
#![expect(clippy::expect_used, reason = "a test stops at what it did not expect")]

mod constraints;
mod found;
mod hostile;

use std::sync::Arc;

use certvigil_model::{Fingerprint, Time};
use certvigil_x509::{Certificate, Reading};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
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
