//! Looks at servers that behave as each test says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod chains;
mod client_certificate;
mod dead;
mod dialects;
mod dropped;
mod flight;
mod hello;
mod identity;
mod key_proof;
mod leaving;
mod limits;
mod names;
mod once_more;
mod openssl;
mod outcomes;
mod own_lack;
mod resolving;
mod second;
mod sentinel;
mod server;
mod starttls;
mod support;
mod transcript;
mod zoo;
