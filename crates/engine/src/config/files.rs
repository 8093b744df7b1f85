//! Files that a config names and that nobody opens before a round.

use std::path::PathBuf;

use super::fault::Place;
use crate::TrustStore;

/// Files that belong together, and where the config names them.
#[derive(Clone, Debug)]
pub struct NamedFiles {
    /// Where.
    pub place: Place,
    /// What they are.
    pub what: FilesFor,
}

/// What files are for.
#[derive(Clone, Debug)]
pub enum FilesFor {
    /// Certificates to believe.
    Trust(TrustStore),
    /// A client certificate and its key, both PEM.
    Client {
        /// The chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
}
