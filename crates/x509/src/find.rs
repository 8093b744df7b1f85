//! Certificates in what files hold.

use serde::{Deserialize, Serialize};

use crate::Defect;

/// One place where a certificate was found, or should have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Where: `line 12`, `entry www`, `byte 0`. It may hold what the file's author wrote.
    pub at: String,
    /// The DER of one certificate, ill-formed perhaps; or what kept it from being cut out.
    pub item: Result<Vec<u8>, Defect>,
}
