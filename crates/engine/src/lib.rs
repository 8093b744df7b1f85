//! Ties the rooms below together: rounds, the ledger, trust stores. It holds no rule of its own.
//!
//! Read [`Round`] (`check.rs`): targets in, verdicts out. `ledger.rs` is the round's clock and its
//! books, on a plain thread; `looking.rs` is what the runtime does for one target; `gate.rs` and
//! `bound.rs` are politeness and what it costs in time; [`inspect()`] reads files instead of
//! endpoints, [`portray()`] tells a few endpoints in full.

pub mod act;
pub mod answers;
mod bound;
mod check;
pub mod config;
mod expanding;
mod gate;
mod inspect;
mod ledger;
mod looking;
mod observing;
mod on_disk;
pub mod orders;
mod own_clock;
mod pooling;
mod portray;
mod reading;
mod renewer_states;
mod resolvers;
pub mod serve;
mod trust;
mod words;

pub use certvigil_alarm::clock::Off;
pub use check::{Acting, Checked, Error, Progress, Round, Settings, Stopper};
pub use inspect::{Examined, inspect};
pub use portray::portray;
pub use reading::{READ, read_for_parent, reader_pool};
pub use renewer_states::renewer_states;
pub use trust::{
    Source as TrustSource, TrustError, TrustStore, load as load_trust, profile_from_pem,
};
