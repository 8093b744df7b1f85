//! The command as people and scripts meet it: the real binary, real servers on loopback.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod act;
mod blind;
mod brokers;
mod calling;
mod ci;
mod command;
mod config;
mod exits;
mod full;
mod incidents;
mod inspect;
mod jumps;
mod memory;
mod nagios;
mod openssl;
mod pages;
mod real_servers;
mod reports;
mod serve;
mod services;
mod signals;
mod silent;
mod starttls;
mod unpacked;
mod zoo;
