//! Reads certificates: strictly first, tolerantly where strict refuses.
//!
//! Bytes in, [`Facts`] out. It never panics, never guesses silently, never takes more than linear
//! time, and says nothing about trust.

mod facts;
mod find;

pub use facts::{
    BasicConstraints, Certificate, Defect, DefectId, Extensions, Facts, Field, GeneralName,
    KeyKind, Malformed, Name, PublicKey, Reading, Recovered,
};
pub use find::Found;

/// Placeholder until the walker lands.
pub fn subject_public_key_info(_der: &[u8]) -> Option<&[u8]> {
    None
}
