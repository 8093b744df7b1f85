//! Opens a store's file: what it is, where it is, and how it is written.

use std::path::Path;
use std::time::Duration;

use certvigil_doors::{SystemClock, database_file};
use certvigil_model::{Clock as _, Time};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::sqlite::session::Session;
use crate::sqlite::steps::{APPLICATION_ID, MIGRATIONS, migrate};
use crate::sqlite::trouble::{Trouble as _, failed};
use crate::tables::instances;
use crate::{Error, Instance};

/// How long another process is waited for: far longer than any transaction takes.
const PATIENCE: Duration = Duration::from_secs(15);

/// Opens the store in the file `path` and says who writes.
pub(super) fn open(path: &Path, now: Time, role: &str) -> Result<(Connection, Instance), Error> {
    let place = path.display().to_string();
    database_file::make_shared(path).map_err(|source| cannot_make(&place, source))?;
    if let Some(kind) = database_file::network_file_system(path).in_store(&place)? {
        let what = format!("is on a network file system ({kind}), where locks do not hold");
        return Err(refused(&place, what, "use a local disk, or PostgreSQL for several machines"));
    }
    let mut connection = connect(path, &place)?;
    keep_ours(&connection, &place)?;
    keep_passive(&connection, &place)?;
    write_ahead(&connection, &place)?;
    migrate(&mut connection, path, MIGRATIONS, now)?;
    let home = database_file::home(path).in_store(&place)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).in_store(&place)?;
    let instance = instances::open(&mut Session::new(&transaction, &place), role, &home, now)?;
    transaction.commit().in_store(&place)?;
    Ok((connection, instance))
}

/// A connection to a file that is there; nothing is written.
pub(super) fn connect(path: &Path, place: &str) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).in_store(place)?;
    connection.busy_timeout(PATIENCE).in_store(place)?;
    Ok(connection)
}

/// Refuses a database that is not ours before anything is written into it.
pub(super) fn keep_ours(connection: &Connection, place: &str) -> Result<(), Error> {
    let read = |statement| connection.query_row(statement, [], |row| row.get::<_, i32>(0));
    let id = read("PRAGMA application_id").in_store(place)?;
    let tables = read("SELECT COUNT(*) FROM sqlite_schema").in_store(place)?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        return Ok(());
    }
    let what = "is no store of certvigil: it is another program's SQLite database".to_owned();
    Err(refused(place, what, "name another file"))
}

/// Refuses a database that does things by itself: a store has tables and indexes alone. Triggers and views of a hostile
/// backup would be run by whoever opens it later.
pub(super) fn keep_passive(connection: &Connection, place: &str) -> Result<(), Error> {
    let active = "SELECT COUNT(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')
        OR sql LIKE 'CREATE VIRTUAL%'";
    let count: i64 = connection.query_row(active, [], |row| row.get(0)).in_store(place)?;
    match count {
        0 => Ok(()),
        _ => {
            let what = "holds triggers, views or virtual tables, which no store of certvigil has";
            Err(refused(place, what.to_owned(), "take a backup that certvigil made"))
        }
    }
}

/// A log that is written ahead: readers and the one writer do not wait for each other, and a killed process leaves a
/// sound file. `synchronous = FULL` because what was told to a tracker must be remembered after a power cut; that costs
/// one flush a transaction, and transactions are few.
fn write_ahead(connection: &Connection, place: &str) -> Result<(), Error> {
    let until = SystemClock.monotonic() + PATIENCE;
    let mode: String = loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            // SQLite does not always wait by itself for who opens the same new file at the same time.
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && SystemClock.monotonic() < until =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            other => break other.in_store(place)?,
        }
    };
    if mode != "wal" {
        let what = format!("cannot be shared on this file system (SQLite's journal is {mode})");
        return Err(refused(place, what, "use another disk"));
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
             PRAGMA journal_size_limit = 67108864;",
        )
        .in_store(place)
}

fn cannot_make(place: &str, source: std::io::Error) -> Error {
    Error::Failed {
        place: place.to_owned(),
        what: "cannot be made: is its folder there, and may this user write to it?".to_owned(),
        source: Box::new(source),
    }
}

pub(super) fn refused(place: &str, what: String, advice: &'static str) -> Error {
    Error::Failed { place: place.to_owned(), what, source: advice.into() }
}

/// Whether every page of a database holds together.
pub(super) fn check(connection: &Connection, place: &str) -> Result<(), Error> {
    let answer: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|source| failed(place, source))?;
    if answer == "ok" {
        return Ok(());
    }
    let what = format!("is damaged ({answer})");
    Err(refused(place, what, "take an older backup"))
}
