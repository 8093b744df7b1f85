//! Judging from outside, as the engine does it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod contract;
mod judged;
mod limbo;
mod minted;
