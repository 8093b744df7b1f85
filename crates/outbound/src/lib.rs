//! Carries what has to be told, and proves that it is there.
//!
//! Read [`Tracker`] (`tracker/mod.rs`): what a tracker can do, one file each below it. The delivery protocol
//! ([`delivery`]) is written once over that, and nothing else may call an issue filed. [`notify::Channel`] is a way to reach people. It words no verdict: it is given documents and writes them
//! in each tracker's markup.

pub mod delivery;
pub mod markup;
pub mod notify;
pub mod tracker;

pub use notify::{Channel, Message};
pub use tracker::{Found, Issue, Stored, Tracker, Trouble};
