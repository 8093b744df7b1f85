//! A trust profile: the roots that one kind of client believes.

use std::collections::{HashMap, HashSet};

use certvigil_model::Fingerprint;
use certvigil_x509::Certificate;
use rustls_pki_types::{CertificateDer, TrustAnchor};

use crate::paths::words;
use crate::paths::{DirectoryConstraints, Reworded};

/// A set of roots under one name, found by subject; built once, asked at each look.
#[derive(Debug)]
pub struct Profile {
    name: String,
    decides: bool,
    roots: Vec<Root>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    known: HashSet<Fingerprint>,
    unusable: Vec<UnusableRoot>,
}

impl Profile {
    /// The name of the profile that holds the Mozilla trust store. What ends at one of its anchors is
    /// public: the CA/Browser Forum's rules bind it.
    pub const MOZILLA: &'static str = "mozilla";
    /// The name of the profile that holds this system's trust store, which may hold anchors of both
    /// kinds.
    pub const SYSTEM: &'static str = "system";

    /// The profile `name` of `roots`; the verdict rests on it where it `decides`, else it is shown.
    ///
    /// A root that no path can be built to is kept and told by [`Profile::unusable`].
    pub fn new(name: &str, decides: bool, roots: Vec<Certificate>) -> Self {
        let mut profile = Self {
            name: name.to_owned(),
            decides,
            roots: Vec::with_capacity(roots.len()),
            by_subject: HashMap::new(),
            known: HashSet::new(),
            unusable: Vec::new(),
        };
        for certificate in roots {
            profile.add(certificate);
        }
        profile
    }

    /// Its name, as reports show it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the verdict rests on it, or it is only shown.
    pub const fn decides(&self) -> bool {
        self.decides
    }

    /// The roots that no path can be built to, each with the reason in plain words.
    pub fn unusable(&self) -> &[UnusableRoot] {
        &self.unusable
    }

    /// The certificate in this profile that has `fingerprint`.
    pub fn root(&self, fingerprint: &Fingerprint) -> Option<&Certificate> {
        let mut roots = self.roots.iter().map(|root| &root.certificate);
        if self.known.contains(fingerprint) {
            roots.find(|root| root.fingerprint == *fingerprint)
        } else {
            None
        }
    }

    /// Whether this very certificate is a root of it, byte for byte.
    pub(crate) fn holds(&self, certificate: Fingerprint) -> bool {
        self.known.contains(&certificate)
    }

    /// The roots whose subject is `name`: the contents octets of the Name, byte for byte.
    pub(crate) fn with_subject(&self, name: &[u8]) -> impl Iterator<Item = &Root> {
        self.by_subject.get(name).into_iter().flatten().filter_map(|&at| self.roots.get(at))
    }

    fn add(&mut self, certificate: Certificate) {
        if !self.known.insert(certificate.fingerprint) {
            return;
        }
        let at = self.roots.len();
        let root = Root::new(certificate);
        match &root.anchor {
            Ok(anchor) => {
                self.by_subject.entry(anchor.subject.to_vec()).or_default().push(at);
            }
            Err(reason) => self.unusable.push(UnusableRoot {
                fingerprint: root.certificate.fingerprint,
                reason: reason.clone(),
            }),
        }
        self.roots.push(root);
    }
}

/// A root that no path can be built to; the same certificate sent by a server is still believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableRoot {
    /// Which one.
    pub fingerprint: Fingerprint,
    /// Why, in plain words.
    pub reason: String,
}

/// One root: the whole certificate, since an anchor alone has neither dates nor extensions.
#[derive(Debug)]
pub(crate) struct Root {
    /// The certificate as it stands in the store.
    pub(crate) certificate: Certificate,
    /// What webpki asks of it, or why it takes it not.
    pub(crate) anchor: Result<TrustAnchor<'static>, String>,
    /// Its constraints on directory names, which webpki does not know.
    pub(crate) directory_constraints: Option<DirectoryConstraints>,
}

impl Root {
    fn new(certificate: Certificate) -> Self {
        let reworded = Reworded::for_constraints(&certificate);
        let der = match &reworded {
            Some(reworded) => CertificateDer::from(reworded.der()),
            None => CertificateDer::from(&*certificate.der),
        };
        let anchor = webpki::anchor_from_trusted_cert(&der)
            .map(|anchor| anchor.to_owned())
            .map_err(|error| words::of(&error));
        let directory_constraints = DirectoryConstraints::of(&certificate);
        Self { certificate, anchor, directory_constraints }
    }
}
