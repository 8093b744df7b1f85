//! Judging from outside, as the engine does it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "a conformance run prints its score")]

mod contract;
mod judged;
mod limbo;
mod minted;
mod profile;
mod years;
