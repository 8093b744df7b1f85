//! The certificate reader against standards, a corpus and certificates that others make.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod conformance;
mod der;
mod extensions;
mod fields;
mod find;
mod forms;
mod minted;
mod mutants;
mod names;
mod stores;
mod times;
