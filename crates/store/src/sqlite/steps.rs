//! Brings a store's file up to date.

use std::path::Path;

use certvigil_model::Time;
use rusqlite::{Connection, TransactionBehavior};

use crate::Error;
use crate::migrate::{self, Migration};
use crate::sqlite::copy;
use crate::sqlite::session::Session;
use crate::sqlite::trouble::Trouble as _;

/// What a file says that is a store: `CVGL`, as file(1) shows it.
pub(super) const APPLICATION_ID: i32 = 0x4356_474C;

/// All steps, each with the text that it was released with.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "memory",
        script: include_str!("../../migrations/sqlite/0001_memory.sql"),
    },
    Migration {
        number: 2,
        name: "notices",
        script: include_str!("../../migrations/sqlite/0002_notices.sql"),
    },
];

/// Makes the steps of `known` that are missing, each in a transaction of its own. Before each one a store that holds
/// something is copied, and the copy is named after the step.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    known: &[Migration],
    now: Time,
) -> Result<(), Error> {
    let place = path.display().to_string();
    let mut is_new = false;
    loop {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .in_store(&place)?;
        let mut session = Session::new(&transaction, &place);
        let Some(next) = migrate::next(&mut session, known)? else {
            return transaction.commit().in_store(&place);
        };
        is_new |= next.number == 1;
        if !is_new {
            // Nobody else can write now, and of this transaction nothing can be seen from outside.
            copy::before_migration(path, &next, now)?;
        }
        migrate::apply(&mut session, &next, now)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).in_store(&place)?;
        transaction.commit().in_store(&place)?;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::sqlite::connect::connect;

    const NOON: Time = Time::from_seconds(1_795_608_000);
    const NAMES: Migration =
        Migration { number: 2, name: "names", script: "ALTER TABLE rounds ADD COLUMN name TEXT" };
    const WRONG: Migration = Migration {
        number: 2,
        name: "wrong",
        script: "ALTER TABLE rounds ADD COLUMN name TEXT; ALTER TABLE none ADD COLUMN name TEXT",
    };

    fn first() -> Migration {
        MIGRATIONS[0]
    }

    /// A store of the first version with a document in it.
    fn old_store() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, "").unwrap();
        run(&path, &[first()]).unwrap();
        let connection = connect(&path, "here").unwrap();
        connection.execute("INSERT INTO documents VALUES ('a', '\"b\"')", []).unwrap();
        (folder, path)
    }

    fn run(path: &Path, known: &[Migration]) -> Result<(), Error> {
        migrate(&mut connect(path, "here")?, path, known, NOON)
    }

    fn count(path: &Path, statement: &str) -> i64 {
        let connection = connect(path, "here").unwrap();
        connection.query_row(statement, [], |row| row.get(0)).unwrap()
    }

    fn backups(folder: &TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".backup")).collect()
    }

    #[test]
    fn a_step_is_made_once_and_named_after_it_is_a_copy_of_what_was_before() {
        let (folder, path) = old_store();
        for _ in 0..2 {
            run(&path, &[first(), NAMES]).unwrap();
        }
        assert_eq!(count(&path, "SELECT COUNT(name) FROM rounds"), 0);
        assert_eq!(backups(&folder), ["store.db.before-0002-names.20261125T120000Z.backup"]);
        let backup = folder.path().join(&backups(&folder)[0]);
        assert_eq!(count(&backup, "SELECT MAX(number) FROM schema_versions"), 1);
        assert_eq!(count(&backup, "SELECT COUNT(*) FROM documents WHERE name = 'a'"), 1);
    }

    #[test]
    fn a_new_store_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, "").unwrap();
        run(&path, MIGRATIONS).unwrap();
        assert_eq!(backups(&folder), [""; 0]);
    }

    #[test]
    fn a_step_that_fails_leaves_the_store_as_it_was() {
        let (folder, path) = old_store();
        assert!(run(&path, &[first(), WRONG]).is_err());
        assert_eq!(count(&path, "SELECT MAX(number) FROM schema_versions"), 1);
        run(&path, &[first(), NAMES]).unwrap();
        assert_eq!(count(&path, "SELECT COUNT(name) FROM rounds"), 0);
        assert_eq!(backups(&folder).len(), 2, "each attempt made its own");
    }

    #[test]
    fn two_that_come_at_once_make_each_step_once() {
        let (folder, path) = old_store();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| run(&path, &[first(), NAMES]).unwrap());
            }
        });
        assert_eq!(count(&path, "SELECT COUNT(*) FROM schema_versions"), 2);
        assert_eq!(backups(&folder).len(), 1);
    }

    #[test]
    fn an_older_program_refuses_what_a_newer_one_has_written() {
        let (_folder, path) = old_store();
        run(&path, &[first(), NAMES]).unwrap();
        let refused = run(&path, &[first()]).unwrap_err();
        assert!(matches!(refused, Error::TooNew { found: 2, known: 1, .. }), "{refused}");
    }
}
