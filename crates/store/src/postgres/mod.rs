//! The store of a fleet, in the schema `certvigil` of a PostgreSQL database.
//!
//! Transactions are READ COMMITTED and begin with one advisory lock that all writers of the database take: they run one
//! after the other, as they do in SQLite, and what is read and written between is never another's. SERIALIZABLE would do
//! without the lock, but a round reads nearly all that others write: two at once would always fail, and be run again,
//! and be paid for twice. Where somebody else's statements end one of ours all the same (40001, 40P01), the work is run
//! again.

mod address;
mod batch;
#[cfg(test)]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests of the whole crate use the rest")]
#[path = "../../tests/it/cluster.rs"]
mod cluster;
mod connect;
mod copy;
mod hold;
mod session;
mod steps;
mod tls;
mod trouble;

use std::path::Path;

use certvigil_model::Time;

use crate::postgres::address::Address;
use crate::postgres::connect::{Turn, begin, connect};
use crate::postgres::session::{Connection, Session};
use crate::postgres::trouble::{Trouble, failed, ours};
use crate::writing::Writing;
use crate::{Backup, Error, Instance, Size, Store, Work};

pub use copy::restore;
pub use hold::{Hold, Kept};

/// How often work is run before its failure is told.
const ATTEMPTS: u32 = 5;

/// Opens the store at `url` for `role` (`check`, `serve` …), and makes its tables where there are none. What an older
/// program wrote is brought up to date, after its tables were copied into a schema of their own
/// (`certvigil_backup_NUMBER`).
///
/// `url` is `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with libpq's parameters. `sslmode` is `disable`, `require`
/// (encrypted, to whoever answers), `verify-ca` or `verify-full`; without it the connection is plain to this machine and
/// `verify-full` to any other. `ca_file` names the authorities to trust in place of the system's. Errors never show the
/// password.
///
/// # Errors
/// The address is wrong, nobody answers there, the database is not UTF-8, may not be written to, or was written by a
/// newer program.
pub fn open(url: &str, now: Time, role: &str) -> Result<Box<dyn Store>, Error> {
    let address = Address::read(url)?;
    let (connection, instance) = connect::open(&address, now, role)?;
    Ok(Box::new(Postgres { address, connection: Some(connection), instance }))
}

struct Postgres {
    address: Address,
    /// None after it was lost: the next transaction connects anew.
    connection: Option<Connection>,
    instance: Instance,
}

impl Store for Postgres {
    fn transact(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error> {
        self.run(Turn::Writing, now, work)
    }

    fn read(&mut self, now: Time, work: &mut Work<'_>) -> Result<(), Error> {
        self.run(Turn::Reading, now, work)
    }

    fn instance(&self) -> &Instance {
        &self.instance
    }

    fn backup(&mut self, folder: &Path, now: Time) -> Result<Backup, Error> {
        let place = self.address.place.clone();
        copy::backup(&mut self.ready()?.client, &place, folder, now)
    }

    fn far_clock(&mut self) -> Result<Option<(String, Time)>, Error> {
        match self.address.is_here() {
            true => Ok(None),
            false => Ok(Some((format!("database {}", self.address.place), self.its_clock()?))),
        }
    }

    fn sizes(&mut self) -> Result<Vec<Size>, Error> {
        let place = self.address.place.clone();
        copy::sizes(&mut self.ready()?.client, &place)
    }
}

type Ended = (Option<Trouble>, Error);

impl Postgres {
    fn its_clock(&mut self) -> Result<Time, Error> {
        let statement = format!("SELECT {}", session::CLOCK);
        let place = self.address.place.clone();
        let row = self.ready()?.client.query_one(&statement, &[]);
        let row = row.map_err(|error| failed(&place, &statement, &error).1)?;
        Ok(Time::from_millis(row.get(0)))
    }

    fn run(&mut self, turn: Turn, now: Time, work: &mut Work<'_>) -> Result<(), Error> {
        for _ in 1..ATTEMPTS {
            match self.attempt(turn, now, work) {
                Err((Some(Trouble::Again), _)) => {}
                ended => return ended.map_err(|(_, error)| error),
            }
        }
        self.attempt(turn, now, work).map_err(|(_, error)| error)
    }

    /// Runs `work` once.
    fn attempt(&mut self, turn: Turn, now: Time, work: &mut Work<'_>) -> Result<(), Ended> {
        let mut connection = self.begun(turn)?;
        let mut trouble = None;
        let session = Session::new(&mut connection, &self.address.place, &mut trouble);
        let mut writing = Writing::new(session, &self.instance, now);
        // Should the work panic, the connection is dropped with it, and the transaction with the connection.
        let worked = work(&mut writing).and_then(|()| match turn {
            Turn::Writing => writing.finish(),
            Turn::Reading => Ok(()),
        });
        match (worked, trouble) {
            (Ok(()), None) if turn == Turn::Writing => self.commit(connection),
            (Ok(()), None) => {
                self.roll_back(connection);
                Ok(())
            }
            (Ok(()), Some(_)) => {
                self.roll_back(connection);
                let why = "its work went on after a statement had failed".to_owned();
                Err((trouble, ours(&self.address.place, "kept nothing of a transaction", why)))
            }
            (Err(error), _) => {
                if trouble != Some(Trouble::Lost) {
                    self.roll_back(connection);
                }
                Err((trouble, error))
            }
        }
    }

    /// A connection whose transaction has begun. One that broke while nobody used it is replaced without a word: nothing
    /// was done yet.
    fn begun(&mut self, turn: Turn) -> Result<Connection, Ended> {
        if let Some(mut connection) = self.connection.take() {
            match begin(&mut connection, &self.address.place, turn) {
                Ok(()) => return Ok(connection),
                Err((Trouble::Lost, _)) => {}
                Err((trouble, error)) => {
                    self.roll_back(connection);
                    return Err((Some(trouble), error));
                }
            }
        }
        let mut connection = connect(&self.address).map_err(|error| (None, error))?;
        let begun = begin(&mut connection, &self.address.place, turn);
        begun.map(|()| connection).map_err(|(trouble, error)| (Some(trouble), error))
    }

    fn commit(&mut self, mut connection: Connection) -> Result<(), Ended> {
        const COMMIT: &str = "COMMIT";
        let Err(error) = connection.client.batch_execute(COMMIT) else {
            self.connection = Some(connection);
            return Ok(());
        };
        let place = &self.address.place;
        let (trouble, told) = match failed(place, COMMIT, &error) {
            (Trouble::Lost, _) => {
                let what = "lost its connection at `COMMIT`: whether this transaction was written is not known; \
                     what is read next tells";
                (Trouble::Lost, trouble::of(place, what.to_owned(), &error))
            }
            other => other,
        };
        self.roll_back(connection);
        Err((Some(trouble), told))
    }

    /// Keeps the connection for the next transaction, where it is still one.
    fn roll_back(&mut self, mut connection: Connection) {
        if connection.client.batch_execute("ROLLBACK").is_ok() {
            self.connection = Some(connection);
        }
    }

    /// A connection without a transaction.
    fn ready(&mut self) -> Result<&mut Connection, Error> {
        let is_sound = self
            .connection
            .as_mut()
            .is_some_and(|connection| connection.client.is_valid(connect::GONE_AFTER).is_ok());
        if !is_sound {
            self.connection = Some(connect(&self.address)?);
        }
        let missing = || ours(&self.address.place, "cannot be used", "no connection".to_owned());
        self.connection.as_mut().ok_or_else(missing)
    }
}
