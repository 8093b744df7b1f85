//! Trust stores: which certificates people have chosen to believe.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use certvigil_judge::Profile;
use certvigil_model::Fingerprint;
use certvigil_x509::{Certificate, Reading, find, read};
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
            (None, Source::Files(files)) => stem(files.first().map_or(Path::new(""), |p| p)),
            (None, _) => place.to_owned(),
        };
        Ok(Self { name, source, decides: true })
    }
}

fn stem(file: &Path) -> String {
    match file.file_stem() {
        Some(stem) => stem.to_string_lossy().into_owned(),
        None => "file".to_owned(),
    }
}

/// Reads the stores. A store that cannot be had is an error when it decides; one that is only
/// shown comes back as a warning.
pub fn load(stores: &[TrustStore]) -> Result<(Vec<Profile>, Vec<TrustError>), TrustError> {
    let mut profiles = Vec::with_capacity(stores.len());
    let mut warnings = Vec::new();
    for store in stores {
        let read = certificates(store, &mut warnings);
        match read {
            Ok(roots) => profiles.push(Profile::new(&store.name, store.decides, roots)),
            Err(error) if store.decides => return Err(error),
            Err(error) => warnings.push(error),
        }
    }
    Ok((profiles, warnings))
}

fn certificates(
    store: &TrustStore,
    warnings: &mut Vec<TrustError>,
) -> Result<Vec<Certificate>, TrustError> {
    let roots = match &store.source {
        Source::Mozilla => {
            webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| root(der)).collect()
        }
        Source::System => system(warnings)?,
        Source::Files(files) => from_files(files)?,
    };
    if roots.is_empty() {
        return Err(TrustError::Empty { name: store.name.clone() });
    }
    Ok(roots)
}

fn system(warnings: &mut Vec<TrustError>) -> Result<Vec<Certificate>, TrustError> {
    let found = rustls_native_certs::load_native_certs();
    let mut errors = found.errors.iter().map(|error| TrustError::System { why: error.to_string() });
    if found.certs.is_empty() {
        let none = || TrustError::Empty { name: "system".to_owned() };
        return Err(errors.next().unwrap_or_else(none));
    }
    warnings.extend(errors);
    Ok(found.certs.iter().map(|der| root(der)).collect())
}

fn from_files(files: &[PathBuf]) -> Result<Vec<Certificate>, TrustError> {
    let mut roots = Vec::new();
    for file in files {
        let bytes = std::fs::read(file)
            .map_err(|source| TrustError::File { file: file.clone(), source })?;
        roots.append(&mut from_bytes(file, &bytes)?);
    }
    Ok(roots)
}

fn from_bytes(file: &Path, bytes: &[u8]) -> Result<Vec<Certificate>, TrustError> {
    let unreadable = |at, why| TrustError::Unreadable { file: file.to_owned(), at, why };
    find(bytes, None)
        .into_iter()
        .map(|found| match found.item {
            Ok(der) => Ok(root(&der)),
            Err(defect) => Err(unreadable(found.at, defect.message)),
        })
        .collect()
}

/// A deciding profile from the text of a PEM file.
///
/// # Errors
/// A block of it is no certificate.
pub fn profile_from_pem(name: &str, pem: &[u8]) -> Result<Profile, TrustError> {
    Ok(Profile::new(name, true, from_bytes(Path::new(name), pem)?))
}

/// What a person has chosen to trust is read in this process: it is not what a peer says.
fn root(der: &[u8]) -> Certificate {
    Certificate {
        der: Arc::from(der),
        fingerprint: Fingerprint::of(der),
        reading: Reading::Facts(Arc::new(read(der))),
    }
}
