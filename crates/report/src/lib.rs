//! Words a round: one run, many wordings.
//!
//! Read `round.rs` for what there is to say, then `run.rs`: the lines of a round wait in a spool,
//! each as its contract (`contract/`) shows it, and every wording is a function over that. Only
//! NDJSON streams, and the table keeps a bounded part. Pure but for the bytes that go into the
//! given writer and a spool in an unnamed file; it decides nothing, sends nothing and reads no
//! clock.
//!
//! [`issue`] words an incident: its title and body, comments, pages and timeline, as documents that
//! each tracker writes in its own markup. [`incidents`] lists incidents for a terminal and for programs. `acted.rs` has what a run that acts says of issues in every
//! report.

mod acted;
mod contract;
mod entry;
mod format;
mod html;
pub mod incidents;
mod inspect;
pub mod issue;
mod json;
pub mod plugin;
mod proof;
mod round;
mod run;
mod spool;
mod table;
mod wordings;
mod words;

pub use acted::{Acted, Heard, IssueLine, IssueState};
pub use format::{Format, Output, Report, Style, UnknownFormat, open};
pub use html::{AnswerPage, answer_page};
pub use inspect::{Anchor, Inspected, Inspection, Item, Portrait, open_inspect};
pub use round::{Closed, EndpointLine, NotLooked, Opened, PoolSeen, Summary, TargetFinding};
