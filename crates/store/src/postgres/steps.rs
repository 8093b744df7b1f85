//! Brings a store's tables up to date.

use certvigil_model::Time;

use super::connect::{SCHEMA, within};
use super::copy;
use super::session::{Connection, Session};
use crate::Error;
use crate::migrate::{self, Migration};
use crate::sql::Sql as _;

/// All steps, each with the text that it was released with.
pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "memory",
    script: include_str!("../../migrations/postgres/0001_memory.sql"),
}];

/// Makes the steps of `known` that are missing, each in a transaction of its own. In the same transaction the tables are
/// copied into a schema that is named after the step, where there were any.
pub(super) fn migrate(
    connection: &mut Connection,
    place: &str,
    known: &[Migration],
    now: Time,
) -> Result<(), Error> {
    let one = |session: &mut Session<'_>| {
        make_schema(session)?;
        let Some(next) = migrate::next(session, known)? else { return Ok(false) };
        if next.number > 1 {
            copy::before_migration(session, &next)?;
        }
        migrate::apply(session, &next, now)?;
        Ok(true)
    };
    while within(connection, place, one)? {}
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
#[allow(dead_code, clippy::unwrap_used, reason = "the tests of the whole crate use the rest")]
#[path = "../../tests/it/cluster.rs"]
mod cluster;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use postgres::Client;

    use super::cluster::Cluster;
    use super::*;
    use crate::postgres::address::Address;
    use crate::postgres::connect::connect;

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const NAMES: Migration =
        Migration { number: 2, name: "names", script: "ALTER TABLE rounds ADD COLUMN name TEXT" };
    const WRONG: Migration = Migration {
        number: 2,
        name: "wrong",
        script: "ALTER TABLE rounds ADD COLUMN name TEXT; ALTER TABLE none ADD COLUMN name TEXT",
    };

    /// A store of the first version with a document in it.
    fn old_store(cluster: &Cluster) -> (Address, Client) {
        let database = cluster.database();
        let address = Address::read(&cluster.socket_url(&database)).unwrap();
        run(&address, &MIGRATIONS[..1]).unwrap();
        let mut client = cluster.client(&database);
        client.execute("INSERT INTO certvigil.documents VALUES ('a', '\"b\"')", &[]).unwrap();
        (address, client)
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
        let steps = [MIGRATIONS[0], NAMES];
        let (address, mut client) = old_store(&cluster);
        assert_eq!(backups(&mut client), 0, "a new store is not copied");

        assert!(run(&address, &[MIGRATIONS[0], WRONG]).is_err());
        assert_eq!(count(&mut client, "certvigil.schema_versions"), 1, "a failure changes nothing");
        assert_eq!(backups(&mut client), 0);

        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(&address, &steps).unwrap());
            }
        });
        assert_eq!(
            count(&mut client, "certvigil.schema_versions"),
            2,
            "once, whoever comes at once"
        );
        assert_eq!(count(&mut client, "certvigil.rounds WHERE name IS NULL"), 0, "it is made");
        assert_eq!(backups(&mut client), 1);
        assert_eq!(count(&mut client, "certvigil_backup_2.schema_versions"), 1, "what was before");
        assert_eq!(count(&mut client, "certvigil_backup_2.documents WHERE name = 'a'"), 1);

        let refused = run(&address, &MIGRATIONS[..1]).unwrap_err();
        assert!(matches!(refused, Error::TooNew { found: 2, known: 1, .. }), "{refused}");
    }
}
