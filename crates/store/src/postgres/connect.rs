//! Connects, and brings the tables up to date.

use std::error::Error as StdError;
use std::time::Duration;

use certvigil_model::{Foreign, Time};

use super::address::{Address, Protection};
use super::session::{Connection, Session};
use super::trouble::{Trouble, failed, of, ours};
use super::{steps, tls};
use crate::sql::Sql as _;
use crate::tables::instances;
use crate::{Error, Instance};

/// A peer that is silent for so long is gone, whatever TCP hopes for.
pub(super) const GONE_AFTER: Duration = Duration::from_secs(30);

/// How long a transaction waits for its turn: far longer than any takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where all of ours is.
pub(super) const SCHEMA: &str = "certvigil";

/// The advisory locks of a store's database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// Of whoever writes, for one transaction: `certvigi` in ASCII.
    Writing,
    /// Of whoever serves, for a session: `certserv` in ASCII.
    Serving,
}

impl Lock {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Writing => 7_162_256_626_931_033_961,
            Self::Serving => 7_162_256_626_880_442_998,
        }
    }

    /// Picks it, where it is granted, in this database's part of `pg_locks l` (PostgreSQL, section 54.12).
    pub(super) fn condition(self) -> String {
        let (high, low) = (self.number() >> 32, self.number() & 0xffff_ffff);
        format!(
            "l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
             AND l.classid = {high} AND l.objid = {low}
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    }
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It writes, when all others that write have ended.
    Writing,
    /// It sees one moment, waits for nobody, and is rolled back whatever it does.
    Reading,
}

impl Turn {
    /// A process that was stopped in the middle of its transaction gives the lock up after a minute, so that the fleet
    /// does not wait for it.
    fn script(self, patience: Duration) -> String {
        let (level, lock) = match self {
            Self::Writing => {
                let lock = Lock::Writing.number();
                ("READ COMMITTED", format!("SELECT pg_advisory_xact_lock({lock})"))
            }
            Self::Reading => ("REPEATABLE READ", String::new()),
        };
        format!(
            "BEGIN ISOLATION LEVEL {level};
             SET LOCAL search_path TO {SCHEMA}, pg_catalog;
             SET LOCAL lock_timeout = {};
             SET LOCAL idle_in_transaction_session_timeout = '60s';
             {lock}",
            patience.as_millis()
        )
    }
}

/// Opens the store at `address` and says who writes.
pub(super) fn open(
    address: &Address,
    now: Time,
    role: &str,
) -> Result<(Connection, Instance), Error> {
    let mut connection = connect(address)?;
    require_utf8(&mut connection, &address.place)?;
    steps::migrate(&mut connection, &address.place, steps::MIGRATIONS, now)?;
    let instance = within(&mut connection, &address.place, |session| {
        let home = home(session)?;
        instances::open(session, role, &home, now)
    })?;
    Ok((connection, instance))
}

/// A new connection.
pub(super) fn connect(address: &Address) -> Result<Connection, Error> {
    let place = &address.place;
    let tls = tls::connector(address)
        .map_err(|why| ours(place, "cannot be reached by TLS", why.to_string()))?;
    let client = address.config.connect(tls);
    client.map(Connection::new).map_err(|error| not_connected(address, &error))
}

/// Begins a transaction and waits for its turn.
pub(super) fn begin(
    connection: &mut Connection,
    place: &str,
    turn: Turn,
) -> Result<(), (Trouble, Error)> {
    begin_within(connection, place, turn, PATIENCE)
}

fn begin_within(
    connection: &mut Connection,
    place: &str,
    turn: Turn,
    patience: Duration,
) -> Result<(), (Trouble, Error)> {
    let begun = connection.client.batch_execute(&turn.script(patience));
    begun.map_err(|error| match error.code().map(postgres::error::SqlState::code) {
        Some("55P03") => (Trouble::Other, held(connection, place)),
        _ => failed(place, "BEGIN", &error),
    })
}

/// One transaction that writes; an error rolls it back.
pub(super) fn within<T>(
    connection: &mut Connection,
    place: &str,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    begin(connection, place, Turn::Writing).map_err(|(_, error)| error)?;
    let mut trouble = None;
    let worked = work(&mut Session::new(connection, place, &mut trouble));
    let end = if worked.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.client.batch_execute(end);
    let worked = worked?;
    ended.map_err(|error| failed(place, end, &error).1)?;
    Ok(worked)
}

/// Which database of which cluster this is, whatever it is dialled by: a dump that was restored elsewhere is another.
fn home(session: &mut Session<'_>) -> Result<String, Error> {
    let row = session.row(
        "SELECT system_identifier::text || '/' || oid::text
         FROM pg_control_system(), pg_database WHERE datname = current_database()",
        &[],
    )?;
    let missing =
        || ours(session.place(), "cannot be told from others", "no such database".to_owned());
    row.ok_or_else(missing)?.text()
}

fn require_utf8(connection: &mut Connection, place: &str) -> Result<(), Error> {
    let answer = connection.client.query_one("SHOW server_encoding", &[]);
    let encoding: String = answer
        .and_then(|row| row.try_get(0))
        .map_err(|error| failed(place, "SHOW server_encoding", &error).1)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    let why = "make a database with ENCODING 'UTF8' TEMPLATE template0".to_owned();
    Err(ours(place, &format!("cannot hold every text: its encoding is {encoding}"), why))
}

/// Who has waited in vain is told for whom.
fn held(connection: &mut Connection, place: &str) -> Error {
    let _ = connection.client.batch_execute("ROLLBACK");
    Error::Held { what: format!("the store {place}"), holder: holder(connection, Lock::Writing) }
}

/// Who has a lock, as far as this user may see.
pub(super) fn holder(connection: &mut Connection, lock: Lock) -> String {
    let since = match lock {
        Lock::Writing => {
            "in a transaction since %s', a.pid, a.application_name, at.host, a.xact_start"
        }
        Lock::Serving => "since %s', a.pid, a.application_name, at.host, a.backend_start",
    };
    let statement = format!(
        "SELECT format('process %s of %s at %s, {since})
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid,
              LATERAL (SELECT COALESCE(host(a.client_addr), 'this machine') AS host) at
         WHERE {}",
        lock.condition()
    );
    let found = connection.client.query_opt(&statement, &[]).ok().flatten();
    let holder: Option<String> = found.and_then(|row| row.try_get(0).ok());
    // It calls itself what it likes.
    holder.map_or_else(
        || "one that this user may not see".to_owned(),
        |holder| Foreign::new(holder).shown().to_string(),
    )
}

fn not_connected(address: &Address, error: &postgres::Error) -> Error {
    let is_refused = error.as_db_error().is_some();
    let what = match address.protection {
        _ if is_refused => "does not let this user in",
        _ if error.source().is_some_and(is_about_certificates) => {
            "shows a certificate that is not to be trusted"
        }
        Protection::Plain => "cannot be reached",
        Protection::Encrypted | Protection::Authority | Protection::Full => {
            "cannot be reached by TLS"
        }
    };
    of(&address.place, what.to_owned(), error)
}

/// rustls stands in an error of input and output.
fn is_about_certificates(error: &(dyn StdError + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let rustls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(rustls, Some(rustls::Error::InvalidCertificate(_)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::postgres::cluster::Cluster;

    #[test]
    fn who_waits_in_vain_is_told_for_whom() {
        let Some(cluster) = Cluster::start() else { return };
        let url = format!("{}?application_name=slow", cluster.socket_url("postgres"));
        let [slow, other] =
            [&url, &cluster.socket_url("postgres")].map(|url| Address::read(url).unwrap());
        let (mut holder, mut waiting) = (connect(&slow).unwrap(), connect(&other).unwrap());
        begin(&mut holder, &slow.place, Turn::Writing).unwrap();
        let pid: i32 = holder.client.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
        let short = Duration::from_millis(50);
        let (_, told) = begin_within(&mut waiting, &other.place, Turn::Writing, short).unwrap_err();
        let told = told.to_string();
        assert!(told.contains(&format!("process {pid} of slow at this machine")), "{told}");
        begin_within(&mut waiting, &other.place, Turn::Reading, short).unwrap();
    }
}
