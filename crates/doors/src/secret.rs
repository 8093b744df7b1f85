//! Secrets, which configuration names and never holds.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::str::FromStr;
use std::time::Duration;

use crate::command::{self, Limits, Output, Program};
use crate::{env, file};

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
    /// `cred:NAME`: a credential that systemd hands to its unit, read as a file.
    Credential(String),
    /// `cmd:PROGRAM ARGUMENT…`: what a program prints, without the line end at its end. Blanks
    /// part the arguments, no shell reads them; the program's full path is needed.
    Command(Vec<String>),
}

impl SecretReference {
    /// The longest secret taken, in bytes.
    pub const LIMIT: u64 = 64 * 1024;

    /// How long a program may take to print one, or whoever writes into a pipe.
    pub const PATIENCE: Duration = Duration::from_secs(10);

    /// Reads the secret within [`SecretReference::PATIENCE`]. A program or a pipe blocks the thread.
    ///
    /// # Errors
    /// The variable is not set, the file cannot be read, the program fails; or what they hold is
    /// too long or is no UTF-8 text.
    pub fn read(&self) -> Result<Secret, SecretError> {
        self.read_within(Self::PATIENCE)
    }

    /// The same for who has less time: a program that takes longer is killed.
    ///
    /// # Errors
    /// As those of [`SecretReference::read`].
    pub fn read_within(&self, patience: Duration) -> Result<Secret, SecretError> {
        match self {
            Self::Environment(name) => {
                let value = env::read_named(name)
                    .ok_or_else(|| SecretError::NotSet { name: name.clone() })?;
                value.into_string().map(Secret::new).map_err(|_| self.not_text())
            }
            Self::File(path) => self.line(read_file(path, patience)?),
            Self::Credential(name) => {
                let folder = env::read(env::CREDENTIALS_DIRECTORY).ok_or_else(|| {
                    SecretError::NotSet { name: env::CREDENTIALS_DIRECTORY.name.to_owned() }
                })?;
                self.line(read_file(&Path::new(&folder).join(name), patience)?)
            }
            Self::Command(words) => self.line(self.printed(words, patience)?),
        }
    }

    /// Relative paths of files begin at `folder`.
    #[must_use]
    pub fn beside(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            other => other,
        }
    }

    fn line(&self, bytes: Vec<u8>) -> Result<Secret, SecretError> {
        let text = String::from_utf8(bytes).map_err(|_| self.not_text())?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
    }

    fn printed(&self, words: &[String], patience: Duration) -> Result<Vec<u8>, SecretError> {
        let (path, arguments) = words.split_first().ok_or(SecretError::NotAReference)?;
        let program = Program::new(path, arguments);
        let output_bytes = usize::try_from(Self::LIMIT).unwrap_or(usize::MAX);
        let limits = Limits { deadline: Some(patience), output_bytes };
        let output = command::run(&program, limits)?;
        match output {
            Output { truncated: true, .. } => Err(SecretError::TooLong { path: path.into() }),
            Output { status, .. } if !status.success() => {
                Err(SecretError::Failed { program: path.into(), status })
            }
            Output { stdout, .. } if stdout.is_empty() => {
                Err(SecretError::Silent { program: path.into() })
            }
            Output { stdout, .. } => Ok(stdout),
        }
    }

    fn not_text(&self) -> SecretError {
        SecretError::NotText { reference: self.to_string() }
    }
}

fn read_file(path: &Path, patience: Duration) -> Result<Vec<u8>, SecretError> {
    let path = path.to_owned();
    file::read_within(&path, SecretReference::LIMIT, patience).map_err(|source| {
        match source.kind() {
            io::ErrorKind::FileTooLarge => SecretError::TooLong { path },
            _ => SecretError::File { path, source },
        }
    })
}

impl FromStr for SecretReference {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            // systemd allows no path there, and `..` would leave the folder.
            Some(("cred", name)) if !name.is_empty() && !name.contains('/') && name != ".." => {
                Ok(Self::Credential(name.to_owned()))
            }
            // A bare name would be looked up in a PATH that is not there.
            Some(("cmd", line)) if line.starts_with('/') => {
                Ok(Self::Command(line.split_whitespace().map(str::to_owned).collect()))
            }
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
            Self::Credential(name) => write!(f, "cred:{name}"),
            Self::Command(words) => write!(f, "cmd:{}", words.join(" ")),
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
        source: io::Error,
    },
    /// The program ended otherwise than with 0; what it said may hold the secret.
    #[error("the program {program}, which should print a secret, ended with {status}")]
    Failed {
        /// The executable.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
    },
    /// It is written in no known form.
    #[error("a secret is given as env:NAME, file:PATH, cred:NAME or cmd:/PROGRAM ARGUMENT…")]
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
    /// The program could not be run to its end.
    #[error("the program that should print a secret failed")]
    Program(#[from] command::Error),
    /// The program printed nothing.
    #[error("the program {program} printed no secret")]
    Silent {
        /// The executable.
        program: PathBuf,
    },
    /// There is more than [`SecretReference::LIMIT`].
    #[error("the secret from {path} is too long")]
    TooLong {
        /// The file or program.
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
    fn a_program_prints_its_secret_or_is_told() {
        let read = |text: &str| text.parse::<SecretReference>().unwrap().read();
        assert_eq!(read("cmd:/bin/echo a  b").unwrap().reveal(), "a b");
        let failed = read("cmd:/bin/false").err().map(|error| error.to_string()).unwrap();
        assert!(failed.contains("/bin/false") && failed.contains('1'), "{failed}");
        assert!(matches!(read("cmd:/bin/true"), Err(SecretError::Silent { .. })));
        assert!(matches!(read("cmd:/no/such/program"), Err(SecretError::Program(_))));
    }

    #[test]
    fn a_credential_is_a_name_and_a_program_a_full_path() {
        for text in ["cred:", "cred:../x", "cred:..", "cmd:", "cmd:echo a", "pass:x", "hunter2"] {
            let parsed = text.parse::<SecretReference>();
            assert!(matches!(parsed, Err(SecretError::NotAReference)), "{text}");
        }
        for text in ["cred:token", "cmd:/usr/bin/pass show token", "env:TOKEN", "file:a/b"] {
            assert_eq!(text.parse::<SecretReference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_file_at_the_limit_is_taken_and_one_byte_more_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let limit = usize::try_from(SecretReference::LIMIT).unwrap();
        std::fs::write(&path, "x".repeat(limit)).unwrap();
        let reference = SecretReference::File(path.clone());
        assert_eq!(reference.read().unwrap().reveal().len(), limit);
        std::fs::write(&path, "x".repeat(limit + 1)).unwrap();
        assert!(matches!(reference.read(), Err(SecretError::TooLong { .. })));
    }
}
