//! What a child is asked, and what comes of it.

use std::sync::Arc;

use certvigil_model::Fingerprint;
use certvigil_x509::{Facts, Found, Reading};
use tokio::sync::oneshot;

use crate::budget::Budget;
use crate::frame::{self, Kind};

/// One thing to read.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) what: What,
    /// Whether a child was once killed from outside while it read this.
    pub(crate) killed_before: bool,
}

#[derive(Debug)]
pub(crate) enum What {
    Certificate {
        der: Arc<[u8]>,
        fingerprint: Fingerprint,
    },
    Container {
        bytes: Arc<[u8]>,
        password: Option<Password>,
        asker: oneshot::Sender<Result<Vec<Found>, Reading>>,
    },
}

/// A key store's password, which no `Debug` shows.
pub(crate) struct Password(pub(crate) String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

/// A job's end.
#[derive(Debug)]
pub(crate) enum Conclusion {
    /// Whoever waits for this certificate gets the reading.
    Certificate {
        fingerprint: Fingerprint,
        reading: Reading,
        /// About how many bytes the reading takes in memory.
        weight: usize,
    },
    /// The one who asked gets the result.
    Container {
        asker: oneshot::Sender<Result<Vec<Found>, Reading>>,
        result: Result<Vec<Found>, Reading>,
    },
}

impl Job {
    /// A job that nobody has begun.
    pub(crate) const fn new(what: What) -> Self {
        Self { what, killed_before: false }
    }

    pub(crate) const fn budget(&self) -> Budget {
        match self.what {
            What::Certificate { .. } => Budget::CERTIFICATE,
            What::Container { .. } => Budget::CONTAINER,
        }
    }

    /// The longest answer taken, in bytes.
    pub(crate) const fn answer_limit(&self) -> usize {
        match self.what {
            What::Certificate { .. } => FACTS_LIMIT,
            What::Container { .. } => FOUND_LIMIT,
        }
    }

    /// Appends it as a frame for the child.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        match &self.what {
            What::Certificate { der, .. } => frame::append(out, Kind::Certificate, &[der]),
            What::Container { bytes, password: None, .. } => {
                frame::append(out, Kind::Container, &[bytes]);
            }
            What::Container { bytes, password: Some(Password(password)), .. } => {
                // No longer than a container may be, which the pool has checked.
                let length = u32::try_from(password.len()).unwrap_or(u32::MAX).to_le_bytes();
                let parts: [&[u8]; 3] = [&length, password.as_bytes(), bytes];
                frame::append(out, Kind::ContainerWithPassword, &parts);
            }
        }
    }

    /// Understands a child's answer; what is no answer to this job gives the job back.
    pub(crate) fn answered(self, kind: Kind, contents: &[u8]) -> Result<Conclusion, Self> {
        match (self.what, kind) {
            (What::Certificate { der, fingerprint }, Kind::Facts) => {
                match postcard::from_bytes::<Facts>(contents) {
                    Ok(facts) => Ok(Conclusion::Certificate {
                        fingerprint,
                        reading: Reading::Facts(Arc::new(facts)),
                        weight: weight(contents.len()),
                    }),
                    Err(_) => Err(Self { what: What::Certificate { der, fingerprint }, ..self }),
                }
            }
            (What::Container { bytes, password, asker }, Kind::Found) => {
                match postcard::from_bytes(contents) {
                    Ok(found) => Ok(Conclusion::Container { asker, result: Ok(found) }),
                    Err(_) => {
                        Err(Self { what: What::Container { bytes, password, asker }, ..self })
                    }
                }
            }
            (what, _) => Err(Self { what, ..self }),
        }
    }

    /// It came to no answer.
    pub(crate) fn failed(self, reading: Reading) -> Conclusion {
        match self.what {
            What::Certificate { fingerprint, .. } => {
                Conclusion::Certificate { fingerprint, reading, weight: 0 }
            }
            What::Container { asker, .. } => Conclusion::Container { asker, result: Err(reading) },
        }
    }
}

/// What facts take in memory, about: of real certificates each encoded byte took 1.6 to 1.8, with
/// the pointers and the allocator's own.
const fn weight(encoded: usize) -> usize {
    size_of::<Facts>() + 2 * encoded
}

/// The longest certificate that is read, in bytes: what a legacy hello takes in at most.
pub(crate) const CERTIFICATE_LIMIT: usize = 1 << 20;
/// The longest container that is read, in bytes.
pub(crate) const CONTAINER_LIMIT: usize = 64 << 20;
/// Facts may be longer than their bytes: a name's text shows each odd byte as three.
const FACTS_LIMIT: usize = 16 * CERTIFICATE_LIMIT;
const FOUND_LIMIT: usize = 2 * CONTAINER_LIMIT;
