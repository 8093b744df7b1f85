//! Trust stores: which certificates people have chosen to believe.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use certvigil_judge::Profile;
use certvigil_model::Fingerprint;
use certvigil_x509::find;
use thiserror::Error;

/// A trust profile as named on the command line: `[NAME=]mozilla|system|FILE[,FILE…]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustStore {
    /// What reports call it.
    pub name: String,
    /// Where its certificates are.
    pub source: Source,
    /// Whether verdicts rest on it, or it is only shown.
    pub decides: bool,
}

/// Where a profile's certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// PEM or DER files.
    Files(Vec<PathBuf>),
    /// The set of the Mozilla root programme, compiled in.
    Mozilla,
    /// This system's own set.
    System,
}

/// Why a trust store could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// A file could not be read.
    #[error("the trust store {} cannot be read", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no certificate in what was named.
    #[error("the trust store {name} holds no certificate")]
    Empty {
        /// The profile.
        name: String,
    },
    /// A block of a file is no certificate.
    #[error("the trust store {} holds something unreadable at {at}: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Where in it.
        at: String,
        /// Why.
        why: String,
    },
    /// No path can be built to a root, which is believed only where a server sends itself.
    #[error("the trust store {name} has a root that no path can be built to, {fingerprint}: {why}")]
    Unusable {
        /// The profile.
        name: String,
        /// Which root.
        fingerprint: Fingerprint,
        /// Why.
        why: String,
    },
    /// This system's own set could not be had.
    #[error("this system's trust store cannot be read: {why}")]
    System {
        /// Why.
        why: String,
    },
    /// The words name no store.
    #[error("a trust store is written [NAME=]mozilla|system|FILE[,FILE…]; this names none")]
    Unnamed,
}

impl TrustStore {
    /// What decides where nobody says otherwise, and what is shown beside it.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self { name: "system".into(), source: Source::System, decides: true },
            Self { name: "mozilla".into(), source: Source::Mozilla, decides: false },
        ]
    }
}

impl FromStr for TrustStore {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, TrustError> {
        let (name, place) = match text.split_once('=') {
            Some((name, place)) if !name.contains('/') => (Some(name), place),
            _ => (None, text),
        };
        if place.is_empty() || name == Some("") {
            return Err(TrustError::Unnamed);
        }
        let source = match place {
            "mozilla" => Source::Mozilla,
            "system" => Source::System,
            files => Source::Files(files.split(',').map(PathBuf::from).collect()),
        };
        let name = match (name, &source) {
            (Some(name), _) => name.to_owned(),
            (None, Source::Files(files)) => stem(files.first()),
            (None, _) => place.to_owned(),
        };
        Ok(Self { name, source, decides: true })
    }
}

fn stem(file: Option<&PathBuf>) -> String {
    match file.and_then(|file| file.file_stem()) {
        Some(stem) => stem.to_string_lossy().into_owned(),
        None => "file".to_owned(),
    }
}

/// Loads the stores. A store that cannot be had is an error when it decides; one that is only
/// shown comes back as a warning.
pub fn load(stores: &[TrustStore]) -> Result<(Vec<Profile>, Vec<TrustError>), TrustError> {
    let mut profiles = Vec::with_capacity(stores.len());
    let mut warnings = Vec::new();
    for store in stores {
        match profile(store, &mut warnings) {
            Ok(profile) => profiles.push(profile),
            Err(error) if store.decides => return Err(error),
            Err(error) => warnings.push(error),
        }
    }
    Ok((profiles, warnings))
}

fn profile(store: &TrustStore, warnings: &mut Vec<TrustError>) -> Result<Profile, TrustError> {
    let TrustStore { name, decides, .. } = store;
    let of = |roots: Vec<Arc<[u8]>>| match roots.is_empty() {
        true => Err(TrustError::Empty { name: name.clone() }),
        false => Ok(Profile::of_der(name, *decides, roots)),
    };
    match &store.source {
        Source::Mozilla => {
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
            of(roots.iter().map(|root| Arc::from(&root[..])).collect())
        }
        Source::System => of(system(warnings)?),
        Source::Files(files) => {
            let profile = of(from_files(files)?)?;
            // What somebody has named by hand is looked at as a whole.
            warnings.extend(profile.unusable().into_iter().map(|unusable| TrustError::Unusable {
                name: name.clone(),
                fingerprint: unusable.fingerprint,
                why: unusable.reason,
            }));
            Ok(profile)
        }
    }
}

fn system(warnings: &mut Vec<TrustError>) -> Result<Vec<Arc<[u8]>>, TrustError> {
    let found = rustls_native_certs::load_native_certs();
    let mut errors = found.errors.iter().map(|error| TrustError::System { why: error.to_string() });
    if found.certs.is_empty() {
        let none = || TrustError::Empty { name: "system".to_owned() };
        return Err(errors.next().unwrap_or_else(none));
    }
    warnings.extend(errors);
    Ok(found.certs.iter().map(|root| Arc::from(&root[..])).collect())
}

fn from_files(files: &[PathBuf]) -> Result<Vec<Arc<[u8]>>, TrustError> {
    let mut roots = Vec::new();
    for file in files {
        let bytes = std::fs::read(file)
            .map_err(|source| TrustError::File { file: file.clone(), source })?;
        roots.append(&mut from_bytes(file, &bytes)?);
    }
    Ok(roots)
}

fn from_bytes(file: &Path, bytes: &[u8]) -> Result<Vec<Arc<[u8]>>, TrustError> {
    let unreadable = |at, why| TrustError::Unreadable { file: file.to_owned(), at, why };
    find(bytes, None)
        .into_iter()
        .map(|found| match found.item {
            Ok(der) => Ok(der.into()),
            Err(defect) => Err(unreadable(found.at, defect.message)),
        })
        .collect()
}

/// A deciding profile from the text of a PEM file.
///
/// # Errors
/// A block of it is no certificate.
pub fn profile_from_pem(name: &str, pem: &[u8]) -> Result<Profile, TrustError> {
    Ok(Profile::of_der(name, true, from_bytes(Path::new(name), pem)?))
}
