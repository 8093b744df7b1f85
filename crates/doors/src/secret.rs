//! Secrets, which configuration names and never holds.

use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use std::str::FromStr;

use crate::env;

/// A secret's text. It has no `Display`, its `Debug` prints nothing, and it is not serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps text that must not be printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// `env:NAME`: an environment variable.
    Environment(String),
    /// `file:PATH`: a file's content, without the line end at its end.
    File(PathBuf),
}

impl SecretReference {
    /// The longest secret taken from a file, in bytes.
    pub const FILE_LIMIT: u64 = 64 * 1024;

    /// Reads the secret.
    ///
    /// # Errors
    /// The variable is not set, the file cannot be read, is too long, or either is not UTF-8.
    pub fn read(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Environment(name) => {
                let value = env::read_named(name)
                    .ok_or_else(|| SecretError::NotSet { name: name.clone() })?;
                value.into_string().map(Secret::new).map_err(|_| self.not_text())
            }
            Self::File(path) => {
                let bytes = self
                    .read_file()
                    .map_err(|source| SecretError::File { path: path.clone(), source })?;
                if bytes.len() as u64 > Self::FILE_LIMIT {
                    return Err(SecretError::TooLong { path: path.clone() });
                }
                let text = String::from_utf8(bytes).map_err(|_| self.not_text())?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
            }
        }
    }

    fn read_file(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Self::File(path) = self {
            std::fs::File::open(path)?.take(Self::FILE_LIMIT + 1).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    fn not_text(&self) -> SecretError {
        SecretError::NotText { reference: self.to_string() }
    }
}

impl FromStr for SecretReference {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            // The text itself is not told: whoever wrote the secret here by mistake would find
            // it in a log.
            _ => Err(SecretError::NotAReference),
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the secret's file {path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is written in no known form.
    #[error("a secret is given as env:NAME or file:PATH")]
    NotAReference,
    /// The variable is not set, or empty.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// It is not UTF-8.
    #[error("the secret {reference} is not UTF-8 text")]
    NotText {
        /// Where it stands.
        reference: String,
    },
    /// The file is longer than [`SecretReference::FILE_LIMIT`].
    #[error("the secret's file {path} is too long")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn nothing_shows_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret");
        let error = "hunter2".parse::<SecretReference>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn one_line_end_is_not_part_of_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        for (written, want) in [("a b\n", "a b"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a")] {
            let path = folder.path().join("secret");
            std::fs::write(&path, written).unwrap();
            let reference: SecretReference = format!("file:{}", path.display()).parse().unwrap();
            assert_eq!(reference.read().unwrap().reveal(), want);
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        let unset: SecretReference = "env:CERTVIGIL_NO_SUCH_VARIABLE".parse().unwrap();
        assert_eq!(
            unset.read().unwrap_err().to_string(),
            "the environment variable CERTVIGIL_NO_SUCH_VARIABLE is not set"
        );
        assert!(matches!("env:".parse::<SecretReference>(), Err(SecretError::NotAReference)));
    }

    #[test]
    fn a_file_at_the_limit_is_taken_and_one_byte_more_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let limit = usize::try_from(SecretReference::FILE_LIMIT).unwrap();
        std::fs::write(&path, "x".repeat(limit)).unwrap();
        let reference = SecretReference::File(path.clone());
        assert_eq!(reference.read().unwrap().reveal().len(), limit);
        std::fs::write(&path, "x".repeat(limit + 1)).unwrap();
        assert!(matches!(reference.read(), Err(SecretError::TooLong { .. })));
    }
}
