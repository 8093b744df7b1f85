//! Trust profiles: named sets of trust anchors.

use certvigil_model::Fingerprint;
use certvigil_x509::Certificate;

/// A named set of root certificates to judge paths by.
#[derive(Debug)]
pub struct Profile {
    name: String,
    decides: bool,
    roots: Vec<Certificate>,
}

impl Profile {
    /// A profile of these roots; `decides`: whether a verdict rests on it or it is only shown.
    pub fn new(name: &str, decides: bool, roots: Vec<Certificate>) -> Self {
        Self { name: name.to_owned(), decides, roots }
    }

    /// The profile's name in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a verdict rests on it.
    pub fn decides(&self) -> bool {
        self.decides
    }

    /// The root that has this fingerprint.
    pub fn root(&self, fingerprint: &Fingerprint) -> Option<&Certificate> {
        self.roots.iter().find(|root| root.fingerprint == *fingerprint)
    }

    /// Whether a root has this subject: the DER of the whole Name.
    pub(crate) fn has_subject(&self, name: &[u8]) -> bool {
        let subjects = self.roots.iter().filter_map(|root| root.facts()?.subject.as_ref().ok());
        subjects.into_iter().any(|subject| subject.der == name)
    }
}
