//! Remembers what was seen, decided, sent and answered: SQLite in one file, or PostgreSQL, behind one contract.
//!
//! Read [`Store`] and [`Transaction`]. What is read and what is made of it is written in one transaction; nothing is
//! kept in memory between two, so that several processes share one store. Documents are TEXT as written, never parsed
//! by the database; a few columns beside them are for finding them. It must never know HTTP.

mod contract;

pub use contract::{
    BODY_LIMIT, Backup, Chained, Error, Head, Instance, Recorded, Retention, Store, Transaction,
    Work,
};
