//! A zoo of misbehaving TLS endpoints on loopback, each with what a good monitor says of it, and an issue tracker with
//! every fault ([`tracker`]).
//!
//! Read `case.rs` (what a case is), `cases/` (the zoo, by groups; its README says how to add one),
//! then `lab.rs` (how a start opens them) and `serve/` (how they behave). Certificates are made
//! anew at every start by `mint.rs` and `draft.rs`. It imports none of our crates, so that a fault
//! in our reading cannot hide in its mirror; what it expects is said as contract ids, in text.

mod asn1;
mod case;
mod cases;
mod draft;
mod key;
mod lab;
mod mint;
mod ocsp;
mod serve;
mod textbook;
mod time;
pub mod tracker;

pub use case::{Case, Expect, cases};
pub use lab::{Lab, Place};
