//! Certification paths (RFC 5280 section 6) for each trust profile.

use certvigil_model::{Fingerprint, Time, Trust};
use certvigil_x509::Certificate;

use crate::{Profile, Signatures};

/// What one trust profile says of a presented chain.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The profile's name.
    pub(crate) profile: String,
    /// Whether the verdict rests on it.
    pub(crate) decides: bool,
    /// All paths found, best first, whether or not valid now.
    pub(crate) paths: Vec<Path>,
    /// Whether a path is valid now.
    pub(crate) trusted: bool,
    /// Why not.
    pub(crate) reason: Option<String>,
    /// A CA certificate stands where an end entity's should.
    pub(crate) ca_as_end_entity: bool,
    /// There is no path now, but there is one at a moment when all of it was valid.
    pub(crate) without_dates: bool,
}

impl Standing {
    /// The form that leaves the crate.
    pub(crate) fn trust(&self) -> Trust {
        let best = self.paths.first();
        Trust {
            profile: self.profile.clone(),
            decides: self.decides,
            trusted: self.trusted,
            path: best.map(Path::fingerprints).unwrap_or_default(),
            expires_at: best.map(|path| path.expires_at),
            reason: self.reason.clone(),
        }
    }
}

/// One certification path.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// End entity first, trust anchor last.
    pub(crate) certificates: Vec<Certificate>,
    /// When the first of them ends.
    pub(crate) expires_at: Time,
    /// Which of them that is.
    pub(crate) first_to_expire: usize,
    /// Whether all of it is valid now.
    pub(crate) valid_now: bool,
}

impl Path {
    /// The certificates' identities, in order.
    pub(crate) fn fingerprints(&self) -> Vec<Fingerprint> {
        self.certificates.iter().map(|certificate| certificate.fingerprint).collect()
    }
}

/// What each profile says of `chain`, the end entity first, at `now`.
///
/// An end entity that is byte for byte in a profile is trusted by it without any path.
pub(crate) fn standings(
    chain: &[Certificate],
    profiles: &[Profile],
    _signatures: &Signatures,
    now: Time,
) -> Vec<Standing> {
    let Some(end_entity) = chain.first() else { return Vec::new() };
    profiles.iter().map(|profile| pinned(end_entity, profile, now)).collect()
}

fn pinned(end_entity: &Certificate, profile: &Profile, now: Time) -> Standing {
    let ends = end_entity.facts().and_then(|facts| facts.not_after.clone().ok());
    let paths: Vec<Path> = match ends {
        Some(expires_at) if profile.root(&end_entity.fingerprint).is_some() => vec![Path {
            certificates: vec![end_entity.clone()],
            expires_at,
            first_to_expire: 0,
            valid_now: now <= expires_at,
        }],
        _ => Vec::new(),
    };
    let trusted = paths.iter().any(|path| path.valid_now);
    Standing {
        profile: profile.name().to_owned(),
        decides: profile.decides(),
        reason: paths.is_empty().then(|| "the certificate is not in the profile".to_owned()),
        ca_as_end_entity: false,
        without_dates: !trusted && !paths.is_empty(),
        trusted,
        paths,
    }
}
