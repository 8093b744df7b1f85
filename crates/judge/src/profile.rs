//! Trust profiles: named sets of trust anchors.

use std::collections::HashSet;

use certvigil_model::Fingerprint;
use certvigil_x509::Certificate;

/// A named set of root certificates to judge paths by.
#[derive(Debug)]
pub struct Profile {
    name: String,
    decides: bool,
    roots: Vec<Certificate>,
    known: HashSet<Fingerprint>,
}

impl Profile {
    /// The name of the profile that holds the Mozilla trust store. What ends at one of its anchors is
    /// public: the CA/Browser Forum's rules bind it.
    pub const MOZILLA: &'static str = "mozilla";
    /// The name of the profile that holds this system's trust store, which may hold anchors of both
    /// kinds.
    pub const SYSTEM: &'static str = "system";

    /// A profile of these roots; `decides`: whether a verdict rests on it or it is only shown.
    pub fn new(name: &str, decides: bool, roots: Vec<Certificate>) -> Self {
        let known = roots.iter().map(|root| root.fingerprint).collect();
        Self { name: name.to_owned(), decides, roots, known }
    }

    /// The profile's name in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a verdict rests on it.
    pub const fn decides(&self) -> bool {
        self.decides
    }

    /// The root certificates.
    pub(crate) fn roots(&self) -> &[Certificate] {
        &self.roots
    }

    /// Whether this very certificate is a root of it, byte for byte.
    pub(crate) fn holds(&self, certificate: Fingerprint) -> bool {
        self.known.contains(&certificate)
    }
}
