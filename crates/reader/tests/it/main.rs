//! The pool, tried with children that misbehave on demand.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod batch;
mod containers;
mod life;
mod lone;
mod support;
