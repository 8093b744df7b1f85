//! The stores, each held to the one contract and to what it promises by itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod cluster;
mod contract;
mod postgres;
mod released;
mod sample;
mod sqlite;
