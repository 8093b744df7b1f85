//! The doors, tried against programs that every Unix has.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod command;
