//! The store in one file, for the processes of one machine.

mod connect;
mod copy;
mod session;
mod steps;
mod trouble;

use std::path::{Path, PathBuf};

use certvigil_model::Time;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::sqlite::session::Session;
use crate::sqlite::trouble::Trouble as _;
use crate::writing::Writing;
use crate::{Backup, Error, Instance, Size, Store, Work};

pub use copy::restore;

/// Opens the store in the file `path` for `role` (`check`, `serve` …), and makes it where there is none. What an older
/// program wrote is brought up to date, after a copy of it was made beside it.
///
/// # Errors
/// It is no store, is on a network file system, cannot be written to, or was written by a newer program.
pub fn open(path: &Path, now: Time, role: &str) -> Result<Box<dyn Store>, Error> {
    let (connection, instance) = connect::open(path, now, role)?;
    let place = path.display().to_string();
    Ok(Box::new(Sqlite { connection, path: path.to_owned(), place, instance }))
}

struct Sqlite {
    connection: Connection,
    path: PathBuf,
    place: String,
    instance: Instance,
}

impl Store for Sqlite {
    fn transact(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error> {
        // Immediate: who reads first and writes then would be refused the write when another came between.
        let transaction = self.begin(TransactionBehavior::Immediate)?;
        let session = Session::new(&transaction, &self.place);
        let mut writing = Writing::new(session, &self.instance, now);
        work(&mut writing)?;
        writing.finish()?;
        transaction.commit().in_store(&self.place)
    }

    fn read(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error> {
        // Dropped, it is rolled back.
        let transaction = self.begin(TransactionBehavior::Deferred)?;
        work(&mut Writing::new(Session::new(&transaction, &self.place), &self.instance, now))
    }

    fn instance(&self) -> &Instance {
        &self.instance
    }

    fn backup(&mut self, folder: &Path, now: Time) -> Result<Backup, Error> {
        copy::backup(&self.connection, &self.path, folder, now)
    }

    fn sizes(&mut self) -> Result<Vec<Size>, Error> {
        let failed = |source| trouble::failed(&self.place, source);
        let mut names = self
            .connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .map_err(failed)?;
        let names = names.query_map([], |row| row.get::<_, String>(0)).map_err(failed)?;
        names.map(|name| self.size(name.map_err(failed)?)).collect()
    }
}

impl Sqlite {
    /// `unchecked`: two at once are ruled out by the borrow that [`Store`]'s methods take.
    fn begin(&self, behavior: TransactionBehavior) -> Result<Transaction<'_>, Error> {
        Transaction::new_unchecked(&self.connection, behavior).in_store(&self.place)
    }

    fn size(&self, table: String) -> Result<Size, Error> {
        // The name is one of this database's own.
        let rows = format!("SELECT COUNT(*) FROM {table}");
        let bytes = "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name IN
            (SELECT name FROM sqlite_schema WHERE tbl_name = ?1)";
        let count = |statement: &str, values: &[&dyn rusqlite::ToSql]| {
            let count: Result<i64, _> =
                self.connection.query_row(statement, values, |row| row.get(0));
            count.map(|count| u64::try_from(count).unwrap_or(0)).in_store(&self.place)
        };
        Ok(Size { rows: count(&rows, &[])?, bytes: count(bytes, &[&table])?, table })
    }
}
