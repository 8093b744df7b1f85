//! A trust profile: the roots that one kind of client believes.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use certvigil_model::Fingerprint;
use certvigil_x509::{Certificate, Reading, read, subject_name};
use rustls_pki_types::{CertificateDer, TrustAnchor};

use crate::der;
use crate::paths::words;
use crate::paths::{Among, DirectoryConstraints, Reworded};

/// A set of roots under one name, found by subject; built once, asked at each look. A root is read
/// when a path asks for it first: most of a public store never is.
#[derive(Debug)]
pub struct Profile {
    name: String,
    decides: bool,
    roots: Vec<Held>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    by_fingerprint: HashMap<Fingerprint, usize>,
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
        let mut profile = Self::of_der(name, decides, []);
        for certificate in roots {
            let held = Held::unread(Arc::clone(&certificate.der), certificate.fingerprint);
            held.root.get_or_init(|| Root::new(certificate));
            profile.add(held);
        }
        profile
    }

    /// The profile `name` of the certificates `roots`, none of which is read before it is needed.
    pub fn of_der(name: &str, decides: bool, roots: impl IntoIterator<Item = Arc<[u8]>>) -> Self {
        let mut profile = Self {
            name: name.to_owned(),
            decides,
            roots: Vec::new(),
            by_subject: HashMap::new(),
            by_fingerprint: HashMap::new(),
        };
        for der in roots {
            let fingerprint = Fingerprint::of(&der);
            profile.add(Held::unread(der, fingerprint));
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

    /// The roots that no path can be built to, each with the reason in plain words. Reads them all.
    pub fn unusable(&self) -> Vec<UnusableRoot> {
        let reason = |held: &Held| {
            let reason = held.root().anchor.as_ref().err()?.clone();
            Some(UnusableRoot { fingerprint: held.fingerprint, reason })
        };
        self.roots.iter().filter_map(reason).collect()
    }

    /// The certificate in this profile that has `fingerprint`.
    pub fn root(&self, fingerprint: &Fingerprint) -> Option<&Certificate> {
        let held = self.roots.get(*self.by_fingerprint.get(fingerprint)?)?;
        Some(&held.root().certificate)
    }

    /// The roots whose subject `certificate` names as its issuer, whether or not it is theirs.
    pub fn named_by<'a>(
        &'a self,
        certificate: &Certificate,
    ) -> impl Iterator<Item = &'a Certificate> + use<'a> {
        let issuer = der::issuer_and_subject(&certificate.der).map(|(issuer, _)| issuer);
        let places = issuer.and_then(|issuer| self.by_subject.get(issuer)).into_iter().flatten();
        places.filter_map(|&at| self.roots.get(at)).map(|held| &held.root().certificate)
    }

    /// Whether this very certificate is a root of it, byte for byte.
    pub(crate) fn holds(&self, certificate: Fingerprint) -> bool {
        self.by_fingerprint.contains_key(&certificate)
    }

    /// The roots whose subject is `name`: the contents octets of the Name, byte for byte.
    pub(crate) fn with_subject(&self, name: &[u8]) -> impl Iterator<Item = &Root> {
        let places = self.by_subject.get(name).into_iter().flatten();
        let roots = places.filter_map(|&at| self.roots.get(at)).map(Held::root);
        roots.filter(|root| root.anchor.is_ok())
    }

    fn add(&mut self, held: Held) {
        if self.holds(held.fingerprint) {
            return;
        }
        let at = self.roots.len();
        self.by_fingerprint.insert(held.fingerprint, at);
        if let Some(subject) = subject_name(&held.der) {
            self.by_subject.entry(subject.to_vec()).or_default().push(at);
        }
        self.roots.push(held);
    }
}

/// A root's bytes, and the root once somebody asked for it.
#[derive(Debug)]
struct Held {
    der: Arc<[u8]>,
    fingerprint: Fingerprint,
    root: OnceLock<Root>,
}

impl Held {
    const fn unread(der: Arc<[u8]>, fingerprint: Fingerprint) -> Self {
        Self { der, fingerprint, root: OnceLock::new() }
    }

    /// What a person has chosen to trust is read in this process: it is not what a peer says.
    fn root(&self) -> &Root {
        self.root.get_or_init(|| {
            let reading = Reading::Facts(Arc::new(read(&self.der)));
            let (der, fingerprint) = (Arc::clone(&self.der), self.fingerprint);
            Root::new(Certificate { der, fingerprint, reading })
        })
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
        let reworded = Reworded::issuer(&certificate, Among::Others);
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
