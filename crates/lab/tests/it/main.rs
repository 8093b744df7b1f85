//! The lab serves what its cases say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod openssl;
mod places;
mod registry;
mod strict_client;
