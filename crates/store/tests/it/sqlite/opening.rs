//! Which files are taken, and who may write to them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use certvigil_store::{Error, sqlite};

use super::{folder, open, whole, within};
use crate::sample::NOON;

fn refusal(path: &std::path::Path) -> String {
    sqlite::open(path, NOON, "test").err().map(|error| whole(&error)).unwrap()
}

#[test]
fn a_new_store_is_shared_with_a_group_and_nobody_else() {
    let (folder, path) = folder();
    let mut store = open(&path);
    within(&mut *store, |transaction| transaction.put_document("a", "b"));
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o660, "{}", entry.path().display());
    }
}

#[test]
fn what_is_no_store_is_refused_and_stays_as_it_is() {
    let (_folder, path) = folder();
    fs::write(
        &path,
        "this is a text and no database, and it is long enough to be looked at as one",
    )
    .unwrap();
    let before = fs::read(&path).unwrap();
    let refused = refusal(&path);
    assert!(refused.contains("store.db is no store: the file is something else"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn another_program_s_database_is_refused_and_stays_as_it_is() {
    let (_folder, path) = folder();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE cookies (name TEXT)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let refused = refusal(&path);
    assert!(refused.contains("another program's SQLite database"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (folder, _) = folder();
    let refused = refusal(&folder.path().join("none/store.db"));
    assert!(refused.contains("none/store.db cannot be made: is its folder there"), "{refused}");
}

#[test]
fn a_newer_store_is_refused_and_both_are_named() {
    let (_folder, path) = folder();
    drop(open(&path));
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer
        .execute(
            "INSERT INTO schema_versions (number, name, sha256, applied_at, writer)
             VALUES (3, 'later', 'x', 0, 'certvigil 9.9.9')",
            [],
        )
        .unwrap();
    drop(newer);
    let refused = sqlite::open(&path, NOON, "test").err().unwrap();
    assert!(matches!(refused, Error::TooNew { found: 3, known: 2, .. }), "{refused}");
    let text = refused.to_string();
    for named in ["store.db", "certvigil 9.9.9", concat!("certvigil ", env!("CARGO_PKG_VERSION"))] {
        assert!(text.contains(named), "{text}");
    }
}

#[test]
fn a_schema_made_by_another_text_is_refused() {
    let (_folder, path) = folder();
    drop(open(&path));
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("UPDATE schema_versions SET sha256 = 'other'", []).unwrap();
    drop(other);
    assert!(refusal(&path).contains("was made by another text"), "{}", refusal(&path));
}

#[test]
fn roles_are_writers_of_their_own_and_stay_so() {
    let (_folder, path) = folder();
    let [check, serve] = ["check", "serve"].map(|role| {
        let store = sqlite::open(&path, NOON, role).unwrap();
        store.instance().clone()
    });
    assert_ne!(check, serve);
    assert_eq!(sqlite::open(&path, NOON, "check").unwrap().instance(), &check);
}

#[test]
fn a_write_is_flushed_to_the_disk_before_it_counts() {
    let (_folder, path) = folder();
    drop(open(&path));
    // As SQLite itself reads the file: its log is written ahead.
    let reader = rusqlite::Connection::open(&path).unwrap();
    let mode: String = reader.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}
