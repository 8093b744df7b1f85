//! Reads certificates: strictly first, tolerantly where strict refuses.
//!
//! Bytes in, [`Facts`] out. It never panics, never guesses silently, never takes more than linear
//! time, and says nothing about trust. Read `read.rs` first, then `frame.rs` (what a good certificate
//! is), `tolerant.rs` (what is made of a bad one) and the reader of the field that matters to you.

mod algorithm;
mod defect;
mod der;
mod extension;
mod extensions;
mod facts;
mod find;
mod frame;
mod general_name;
mod guess;
mod key;
mod name;
mod oid;
mod place;
mod primitive;
mod profile;
mod read;
mod site;
mod string;
mod time;
mod tolerant;

pub use defect::{Defect, DefectId};
pub use facts::{
    BasicConstraints, Certificate, Extensions, Facts, Field, GeneralName, KeyKind, Malformed, Name,
    PublicKey, Reading, Recovered,
};
pub use find::{Found, find};
pub use read::{key_kind, read, subject_name, subject_public_key_info};
