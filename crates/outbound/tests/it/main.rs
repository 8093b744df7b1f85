//! Trackers as they are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod delivery;
mod mail;
mod trackers;
