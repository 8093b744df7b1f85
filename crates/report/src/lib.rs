//! Words a round: one run, many wordings.
//!
//! Read `run.rs` for what there is to say, then `json/`, which is the contract for machines, then
//! `table/`, which is for people. Pure but for the bytes that go into the given writer and a
//! spool in an unnamed file; it decides nothing, sends nothing and reads no clock.

mod format;
mod inspect;
mod json;
pub mod plugin;
mod run;
mod table;

pub use format::{Format, Report, Style, UnknownFormat, open};
pub use inspect::{Inspected, Inspection, Item, open_inspect};
pub use run::{Closed, EndpointLine, NotLooked, Opened, PoolSeen, Summary, TargetFinding};
