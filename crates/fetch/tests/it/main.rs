//! The client against servers that fail at every point of an exchange.
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::disallowed_methods, reason = "tests measure time and start themselves anew")]

mod deadline;
mod environment;
mod ntp;
mod plain;
mod server;
mod tls;
