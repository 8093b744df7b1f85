//! The command as people and scripts meet it: the real binary, real servers on loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod command;
mod exits;
mod inspect;
mod openssl;
mod real_servers;
mod reports;
mod signals;
mod silent;
mod zoo;
