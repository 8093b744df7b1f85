//! Rounds over real sockets, with a runtime that hangs, looks that panic and readers that misbehave.
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::print_stderr, reason = "figures are printed")]

mod acceptances;
mod acting;
mod config;
mod name_servers;
mod promise_one;
mod readers;
mod rounds;
mod served;
mod targets;
