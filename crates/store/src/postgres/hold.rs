//! That one process alone serves a database: an advisory lock of a session, on a connection of its own.

use postgres::Client;

use super::address::Address;
use super::connect::{Lock, connect, holder};
use super::trouble::failed;
use crate::Error;

/// The one who serves a database, for as long as its connection lives: when that is lost, whoever asks next may have it.
pub struct Hold {
    address: Address,
    /// None after it was lost, until it is taken again.
    client: Option<Client>,
}

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was never given up.
    Throughout,
    /// It was lost with its connection and is taken again; others may have had it between.
    Anew,
}

impl Hold {
    /// Takes it at the database of `url`, as [`open`](super::open) reads it.
    ///
    /// # Errors
    /// [`Error::Held`] where another process has it; else that the database cannot be asked.
    pub fn take(url: &str) -> Result<Self, Error> {
        let address = Address::read(url)?;
        let client = taken(&address)?;
        Ok(Self { address, client: Some(client) })
    }

    /// Asks the database whether it is still ours, and takes it again where it is not.
    ///
    /// # Errors
    /// As those of [`Hold::take`]: it is not ours, and whoever goes by it must not act.
    pub fn keep(&mut self) -> Result<Kept, Error> {
        if self.client.as_mut().is_some_and(|client| client.query_one(&is_ours(), &[]).is_ok()) {
            return Ok(Kept::Throughout);
        }
        // What is left of the old connection must not stand in the way of the new one.
        self.client = None;
        self.client = Some(taken(&self.address)?);
        Ok(Kept::Anew)
    }
}

/// A connection that holds the lock.
fn taken(address: &Address) -> Result<Client, Error> {
    let mut connection = connect(address)?;
    let place = &address.place;
    connection.client.batch_execute(SESSION).map_err(|error| failed(place, SESSION, &error).1)?;
    let take = format!("SELECT pg_try_advisory_lock({})", Lock::Serving.number());
    let answer = connection.client.query_one(&take, &[]).and_then(|row| row.try_get(0));
    if answer.map_err(|error| failed(place, &take, &error).1)? {
        return Ok(connection.client);
    }
    let holder = holder(&mut connection, Lock::Serving);
    Err(Error::Held { what: format!("the store {place}"), holder })
}

/// Fails unless this session has the lock: one behind a pool of connections may be another one each time.
fn is_ours() -> String {
    let lock = Lock::Serving.condition();
    format!("SELECT l.pid FROM pg_locks l WHERE {lock} AND l.pid = pg_backend_pid()")
}

/// A session that is idle for months is meant. One whose client is gone without a word ends within two minutes.
const SESSION: &str = "SELECT set_config('idle_session_timeout', '0', false)
    FROM pg_settings WHERE name = 'idle_session_timeout';
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 15; SET tcp_keepalives_count = 4";
