//! Remembers what was seen, decided, sent and answered: SQLite in one file, or PostgreSQL, behind one contract.
//!
//! Read [`Store`] and [`Transaction`]. What is read and what is made of it is written in one transaction; nothing is
//! kept in memory between two, so that several processes share one store. Documents are TEXT as written, never parsed
//! by the database; a few columns beside them are for finding them. It must never know HTTP.
//!
//! A database gives a transaction as `sql::Sql`; `writing.rs` makes the contract's out of it with the statements of
//! `tables/`, which are the same for both. What only one database has (opening, locks, copies, the types of its
//! columns) is in its own folder and its own migrations.

mod audit;
mod body;
mod contract;
mod copies;
mod journal;
mod migrate;
mod place;
pub mod postgres;
mod restored;
mod retention;
mod sightings;
mod sql;
pub mod sqlite;
mod tables;
mod writing;

pub use audit::{Audit, AuditedChain, audit};
pub use body::{BODY_LIMIT, Body};
pub use contract::{
    Backup, Chained, Error, Head, Instance, Recorded, Retention, Size, Store, Transaction, Work,
};
pub use journal::{Broken, NotAHead, Noted, VERSION, Verifier, hash_row, verify};
pub use place::{NotAPlace, Place};
pub use restored::Restored;
