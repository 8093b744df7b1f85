//! What every store does. One suite of tests holds each to it.

use std::path::PathBuf;
use std::time::Duration;

use certvigil_model::{
    Delivery, EndpointId, Fingerprint, Incident, IncidentKey, Notice, Observation, Record,
    RoundRecord, Sighting, Time,
};
use thiserror::Error as ThisError;

use crate::Body;

/// A place where things are remembered.
pub trait Store: Send {
    /// Runs `work` in one transaction: what it writes is there in full, or, where it or the store fails, not at all.
    /// Others may write between two transactions, never within one. `work` may be run again when the store asks
    /// for it, so it must do nothing but read and write here.
    ///
    /// # Errors
    /// What `work` gives, and what the store itself meets: a full disk, a lost connection.
    fn transact(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error>;

    /// Runs `work` on all of it as it is at one moment, and keeps nothing that it writes. Where the store can, nobody who
    /// writes waits for it.
    ///
    /// # Errors
    /// What `work` gives, and what the store itself meets.
    fn read(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error>;

    /// Which writer this is: it has a journal chain of its own.
    fn instance(&self) -> &Instance;

    /// Copies all of it, as it is at one moment, into a new file in `folder`, and names it.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    fn backup(&mut self, folder: &std::path::Path, now: Time) -> Result<Backup, Error>;

    /// The clock of the machine that it is on, where that is not this one: what it is called, and what it shows.
    ///
    /// # Errors
    /// What the store meets.
    fn far_clock(&mut self) -> Result<Option<(String, Time)>, Error> {
        Ok(None)
    }

    /// What it holds, by table, for people.
    ///
    /// # Errors
    /// What the store meets.
    fn sizes(&mut self) -> Result<Vec<Size>, Error>;
}

/// What is done in a transaction.
pub type Work<'a> = dyn FnMut(&mut dyn Transaction) -> Result<(), Error> + 'a;

/// One transaction.
pub trait Transaction {
    /// The open sighting of every endpoint that has one.
    ///
    /// # Errors
    /// What the store meets; so for all below.
    fn sightings(&mut self) -> Result<Vec<Sighting>, Error>;

    /// All sightings of one endpoint, the newest first.
    fn history(&mut self, endpoint: EndpointId) -> Result<Vec<Sighting>, Error>;

    /// Takes in a round: opens and closes sightings where something changed, and writes no row where nothing did.
    /// What was not attempted is not covered: its sighting stays as it is. After a whole round, endpoints of its
    /// location that it does not name have left.
    fn observe(
        &mut self,
        round: &RoundRecord,
        observations: &[Observation],
    ) -> Result<Recorded, Error>;

    /// The last rounds, the newest first.
    fn rounds(&mut self, most: usize) -> Result<Vec<RoundRecord>, Error>;

    /// Keeps a certificate's bytes once; whether they were new.
    fn keep_certificate(&mut self, der: &[u8]) -> Result<bool, Error>;

    /// Keeps the bytes of many, each once; how many were new. A round brings them all: this asks what is there in one
    /// go and sends only the rest.
    fn keep_certificates(&mut self, ders: &[&[u8]]) -> Result<u64, Error>;

    /// A certificate's bytes.
    fn certificate(&mut self, sha256: Fingerprint) -> Result<Option<Vec<u8>>, Error>;

    /// Incidents that are not resolved, and those resolved since `since`.
    fn incidents(&mut self, since: Time) -> Result<Vec<Incident>, Error>;

    /// One incident.
    fn incident(&mut self, key: &IncidentKey) -> Result<Option<Incident>, Error>;

    /// Writes an incident as it is now.
    fn put_incident(&mut self, incident: &Incident) -> Result<(), Error>;

    /// Deliveries that are not over.
    fn open_deliveries(&mut self) -> Result<Vec<Delivery>, Error>;

    /// All deliveries of an incident, the oldest first.
    fn deliveries_of(&mut self, key: &IncidentKey) -> Result<Vec<Delivery>, Error>;

    /// Writes a delivery as it is now.
    fn put_delivery(&mut self, delivery: &Delivery) -> Result<(), Error>;

    /// Takes a delivery for `lease`, by the database's own clock; false where another has it, where it is over, and
    /// where there is none. All callers take the same `lease`: one that ends later than it could was taken before the
    /// clock was set back, and does not count. Writing the delivery leaves the lease as it is.
    fn claim(&mut self, delivery: &str, lease: Duration) -> Result<bool, Error>;

    /// Gives a delivery back before its lease ends.
    fn release(&mut self, delivery: &str) -> Result<(), Error>;

    /// Messages that are not over.
    fn open_notices(&mut self) -> Result<Vec<Notice>, Error>;

    /// All messages about an incident, the oldest first.
    fn notices_of(&mut self, key: &IncidentKey) -> Result<Vec<Notice>, Error>;

    /// Writes a message as it is now.
    fn put_notice(&mut self, notice: &Notice) -> Result<(), Error>;

    /// Takes a message for `lease`, as [`Transaction::claim`] does a delivery.
    fn claim_notice(&mut self, notice: &str, lease: Duration) -> Result<bool, Error>;

    /// Gives a message back before its lease ends.
    fn release_notice(&mut self, notice: &str) -> Result<(), Error>;

    /// A small document, by its name.
    fn document(&mut self, name: &str) -> Result<Option<String>, Error>;

    /// Writes a small document.
    fn put_document(&mut self, name: &str, text: &str) -> Result<(), Error>;

    /// Removes a small document, where there is one.
    fn remove_document(&mut self, name: &str) -> Result<(), Error>;

    /// Puts `record` at the end of this writer's chain. The chain's head is locked and moved by the transaction's last
    /// statement, whenever this is called.
    fn record(&mut self, record: &Record) -> Result<(), Error>;

    /// The chain of `instance` from `first` on, in order, at most `most`.
    fn journal(
        &mut self,
        instance: &Instance,
        first: u64,
        most: usize,
    ) -> Result<Vec<Chained>, Error>;

    /// What the journal says of one incident, of all writers, in the order of time.
    fn journal_of(&mut self, incident: &IncidentKey) -> Result<Vec<Chained>, Error>;

    /// The end of every writer's chain, as it was after the last transaction.
    fn heads(&mut self) -> Result<Vec<Head>, Error>;

    /// Keeps a long text beside the journal, by its hash.
    fn put_body(&mut self, body: &Body) -> Result<Fingerprint, Error>;

    /// A long text; none where there never was one or it was removed.
    fn body(&mut self, sha256: Fingerprint) -> Result<Option<String>, Error>;

    /// Removes what is older than `retention` says; what that was, in words.
    fn prune(&mut self, retention: &Retention, now: Time) -> Result<Vec<String>, Error>;
}

/// A writer of a journal chain: an identity that is made once for each store that is opened to write, and kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance(pub String);

/// What taking in a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Sightings opened.
    pub opened: u64,
    /// Sightings closed.
    pub closed: u64,
    /// Endpoints that showed what they had shown before.
    pub unchanged: u64,
    /// Endpoints that were named and not looked at.
    pub not_covered: u64,
    /// Endpoints that have left the inventory; their sightings count as closed.
    pub left: u64,
}

/// A row of a journal chain. `hash` is SHA-256 over the stored bytes of version, instance, sequence, time, previous hash
/// and text, as `journal.rs` puts them in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// How its hash is made; 1 so far.
    pub version: u32,
    /// Whose chain.
    pub instance: Instance,
    /// Its place in it, from 1, without gaps.
    pub sequence: u64,
    /// When it was written.
    pub at: Time,
    /// The hash of the row before it.
    pub previous: Fingerprint,
    /// The record as it was written, JSON text.
    pub text: String,
    /// Its own hash.
    pub hash: Fingerprint,
}

/// The end of a chain: who writes it down elsewhere can tell later whether what came before was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose chain.
    pub instance: Instance,
    /// The last row's place.
    pub sequence: u64,
    /// The last row's hash.
    pub hash: Fingerprint,
}

/// How long what is kept. Open incidents, their certificates and the journal's chain are kept whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Closed sightings, and certificates that nothing names any more.
    pub sightings: Duration,
    /// Rounds.
    pub rounds: Duration,
    /// Resolved incidents and their deliveries.
    pub incidents: Duration,
    /// Long texts beside the journal.
    pub bodies: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        Self { sightings: DAY * 730, rounds: DAY * 90, incidents: DAY * 730, bodies: DAY * 180 }
    }
}

/// One table's share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// Bytes on the disk, its indexes included.
    pub bytes: u64,
}

/// A copy of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Why something was not remembered.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The store cannot be opened, or did not do what it was asked.
    #[error("the store {place} {what}")]
    Failed {
        /// Its file, or its address without a password.
        place: String,
        /// What it did not do.
        what: String,
        /// What the database said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It was written by a newer certvigil.
    #[error(
        "the store {place} has version {found} and was written by {writer}; this is {ours}, which knows version {known}"
    )]
    TooNew {
        /// Its file or address.
        place: String,
        /// Its version.
        found: u32,
        /// Who wrote it.
        writer: String,
        /// This program.
        ours: String,
        /// The newest version that it knows.
        known: u32,
    },
    /// What was read there is nothing that was written there.
    #[error("the store {place} holds a {what} that cannot be read: {why}")]
    Unreadable {
        /// Its file or address.
        place: String,
        /// What kind of thing.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Another process holds what only one may hold.
    #[error("{what} is already held by another process ({holder})")]
    Held {
        /// What.
        what: String,
        /// By whom, as far as that can be told.
        holder: String,
    },
}
