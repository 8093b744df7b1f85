//! Brings a store's tables up to date.

use certvigil_model::Time;

use super::connect::{SCHEMA, within};
use super::copy;
use super::session::{Connection, Session};
use crate::Error;
use crate::migrate::{self, Migration};
use crate::sql::Sql as _;

/// All steps, each with the text that it was released with.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "memory",
        script: include_str!("../../migrations/postgres/0001_memory.sql"),
    },
    Migration {
        number: 2,
        name: "notices",
        script: include_str!("../../migrations/postgres/0002_notices.sql"),
    },
];

/// Makes the steps of `known` that are missing, each in a transaction of its own. In the same transaction the tables are
/// copied into a schema that is named after the step, where there were any.
pub(super) fn migrate(
    connection: &mut Connection,
    place: &str,
    known: &[Migration],
    now: Time,
) -> Result<(), Error> {
    let mut is_new = false;
    let mut one = |session: &mut Session<'_>| {
        make_schema(session)?;
        let Some(next) = migrate::next(session, known)? else { return Ok(false) };
        is_new |= next.number == 1;
        if !is_new {
            copy::before_migration(session, &next, now)?;
        }
        migrate::apply(session, &next, now)?;
        Ok(true)
    };
    while within(connection, place, &mut one)? {}
    Ok(())
}

/// `IF NOT EXISTS` asks for the right to make one even where it is there.
fn make_schema(session: &mut Session<'_>) -> Result<(), Error> {
    let statement = "SELECT nspname::text FROM pg_namespace WHERE nspname = $1::text";
    match session.row(statement, &[SCHEMA.into()])? {
        Some(_) => Ok(()),
        None => session.run_script("CREATE SCHEMA certvigil"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use certvigil_model::RoundRecord;
    use postgres::Client;

    use super::*;
    use crate::Restored;
    use crate::postgres::address::Address;
    use crate::postgres::cluster::Cluster;
    use crate::postgres::connect::connect;
    use crate::postgres::open;

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const NAMES: Migration =
        Migration { number: 3, name: "names", script: "ALTER TABLE rounds ADD COLUMN name TEXT" };
    const WRONG: Migration = Migration {
        number: 3,
        name: "wrong",
        script: "ALTER TABLE rounds ADD COLUMN name TEXT; ALTER TABLE none ADD COLUMN name TEXT",
    };

    /// A store of today with a document and a round in it.
    fn fill_old_store(address: &Address, client: &mut Client) {
        run(address, MIGRATIONS).unwrap();
        let script = "INSERT INTO certvigil.documents VALUES ('a', '\"b\"');
            INSERT INTO certvigil.rounds (id, location, is_whole, finished_at, document)
                VALUES ('before', '', 1, 0, '{}')";
        client.batch_execute(script).unwrap();
    }

    fn run(address: &Address, known: &[Migration]) -> Result<(), Error> {
        migrate(&mut connect(address)?, &address.place, known, NOON)
    }

    fn count(client: &mut Client, what: &str) -> i64 {
        client.query_one(&format!("SELECT COUNT(*) FROM {what}"), &[]).unwrap().get(0)
    }

    fn backups(client: &mut Client) -> i64 {
        count(client, "pg_namespace WHERE nspname LIKE 'certvigil_backup%'")
    }

    /// One test for all: each would start a cluster.
    #[test]
    fn steps_are_made_once_and_whole_beside_a_copy_of_what_was_before() {
        let Some(cluster) = Cluster::start() else { return };
        let steps = [MIGRATIONS, &[NAMES]].concat();
        let database = cluster.database();
        let url = cluster.socket_url(&database);
        let (address, mut client) = (Address::read(&url).unwrap(), cluster.client(&database));
        fill_old_store(&address, &mut client);
        assert_eq!(backups(&mut client), 0, "a new store is not copied");

        assert!(run(&address, &[MIGRATIONS, &[WRONG]].concat()).is_err());
        assert_eq!(count(&mut client, "certvigil.schema_versions"), 2, "a failure changes nothing");
        assert_eq!(backups(&mut client), 0);

        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(&address, &steps).unwrap());
            }
        });
        assert_eq!(
            count(&mut client, "certvigil.schema_versions"),
            3,
            "once, whoever comes at once"
        );
        assert_eq!(count(&mut client, "certvigil.rounds WHERE name IS NULL"), 1, "it is made");
        assert_eq!(backups(&mut client), 1);
        assert_eq!(count(&mut client, "certvigil_backup_3.schema_versions"), 2, "what was before");
        assert_eq!(count(&mut client, "certvigil_backup_3.documents WHERE name = 'a'"), 1);

        go_back(&url, &mut client);
    }

    /// As docs/postgresql.md says it.
    fn go_back(url: &str, client: &mut Client) {
        let refused = open(url, NOON, "test").err().unwrap();
        assert!(matches!(refused, Error::TooNew { found: 3, known: 2, .. }), "{refused}");
        let script = "BEGIN;
            DROP SCHEMA certvigil CASCADE;
            ALTER SCHEMA certvigil_backup_3 RENAME TO certvigil;
            COMMIT";
        client.batch_execute(script).unwrap();
        let mut store = open(url, NOON, "test").unwrap();
        let mut mark = None;
        let done = store.transact(NOON, &mut |transaction| {
            mark = Restored::read(transaction)?;
            transaction.observe(&after(), &[]).map(|_| ())
        });
        assert!(done.is_ok(), "rows are numbered on: {done:?}");
        assert_eq!(mark.map(|mark| mark.at), Some(NOON));
    }

    fn after() -> RoundRecord {
        RoundRecord {
            id: "after".to_owned(),
            started_at: NOON,
            finished_at: NOON,
            location: None,
            expected: 0,
            attempted: 0,
            checked: 0,
            bound_ms: 0,
            is_whole: true,
        }
    }
}
