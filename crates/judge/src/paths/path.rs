//! One certification path and its dates.

use std::cmp::{Ordering, Reverse};

use certvigil_model::{Fingerprint, Time};
use certvigil_x509::Certificate;

/// One certification path.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// End entity first, trust anchor last. One alone where the end entity is itself trusted.
    pub(crate) certificates: Vec<Certificate>,
    /// When the first of them ends.
    pub(crate) expires_at: Time,
    /// Which of them that is.
    pub(crate) first_to_expire: usize,
    /// Whether all of it is valid now.
    pub(crate) valid_now: bool,
}

impl Path {
    /// The path over `certificates`; none when the dates of one cannot be told.
    pub(super) fn new(certificates: Vec<Certificate>, now: Time) -> Option<Self> {
        let dates = certificates.iter().map(Dates::of).collect::<Option<Vec<_>>>()?;
        let ends = dates.iter().enumerate().min_by_key(|(_, dates)| dates.not_after);
        let (first_to_expire, &Dates { not_after: expires_at, .. }) = ends?;
        let valid_now = dates.iter().all(|dates| dates.include(now));
        Some(Self { certificates, expires_at, first_to_expire, valid_now })
    }

    /// The certificates' identities, in order.
    pub(crate) fn fingerprints(&self) -> Vec<Fingerprint> {
        self.certificates.iter().map(|certificate| certificate.fingerprint).collect()
    }

    /// Those valid now, then those that end last, then the shorter.
    pub(super) fn best_first(&self, other: &Self) -> Ordering {
        let rank = |path: &Self| {
            (Reverse(path.valid_now), Reverse(path.expires_at), path.certificates.len())
        };
        rank(self).cmp(&rank(other))
    }
}

/// From when to when a certificate is valid, both inclusive (RFC 5280 section 4.1.2.5).
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    pub(super) not_before: Time,
    pub(super) not_after: Time,
}

impl Dates {
    /// Those of `certificate`; none when one of them cannot be told.
    pub(super) fn of(certificate: &Certificate) -> Option<Self> {
        let facts = certificate.facts()?;
        match (&facts.not_before, &facts.not_after) {
            (&Ok(not_before), &Ok(not_after)) => Some(Self { not_before, not_after }),
            _ => None,
        }
    }

    pub(super) fn include(self, moment: Time) -> bool {
        self.not_before <= moment && moment <= self.not_after
    }
}
