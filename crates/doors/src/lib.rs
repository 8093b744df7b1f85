//! The only room that touches clock, environment, processes and files to write.
//!
//! Everything else takes what it needs as an argument, so that a test can bring its own. Read
//! `clock.rs` for the shape of a door, then `command.rs` for the one with the most behind it.
//! Nothing here knows what a certificate is.

mod clock;
pub mod command;
pub mod database_file;
pub mod env;
pub mod file;
mod host;
mod id;
pub mod limits;
pub mod lock;
mod secret;
pub mod service_manager;
mod socket;

pub use clock::SystemClock;
pub use host::host_name;
pub use id::{random_id, random_secret};
pub use secret::{Secret, SecretError, SecretReference};
pub use socket::answers;
