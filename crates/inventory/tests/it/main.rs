//! What people write in lists, and what becomes of it.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod faults;
mod lists;
mod overrides;
mod random;
mod repeats;
mod targets;
mod wildcards;
