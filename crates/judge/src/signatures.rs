//! The signatures that were verified before.

/// A bounded memory of verified signatures, shared across looks and threads.
#[derive(Debug, Default)]
pub struct Signatures {}
