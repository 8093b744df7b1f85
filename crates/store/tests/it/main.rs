//! The stores, each held to the one contract and to what it promises by itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

#[allow(dead_code, reason = "the suite that both stores share uses the rest")]
mod sample;
mod sqlite;
