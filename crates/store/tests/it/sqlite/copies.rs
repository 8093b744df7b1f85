//! Backups, restored stores, copies that somebody made.

use std::fs;

use certvigil_store::{Restored, Store, sqlite, verify};

use super::{folder, open, whole, within};
use crate::sample::{NOON, hour, incident, key, record};

fn mark(store: &mut dyn Store) -> Option<Restored> {
    within(store, Restored::read)
}

fn fill(store: &mut dyn Store) {
    within(store, |transaction| {
        transaction.put_incident(&incident("a"))?;
        transaction.record(&record("told", NOON))
    });
}

#[test]
fn a_backup_is_one_named_file_and_holds_all_while_others_write() {
    let (folder, path) = folder();
    let (mut store, mut other) = (open(&path), open(&path));
    fill(&mut *store);
    let mut backup = None;
    within(&mut *other, |transaction| {
        transaction.put_document("unfinished", "yes")?;
        backup = Some(store.backup(folder.path(), NOON)?);
        Ok(())
    });
    let backup = backup.unwrap();
    assert_eq!(backup.path, folder.path().join("store.db.20261125T120000Z.backup"));
    assert_eq!(backup.bytes, backup.path.metadata().unwrap().len());
    let mut copy = open(&backup.path);
    within(&mut *copy, |transaction| {
        assert_eq!(transaction.incident(&key("a"))?, Some(incident("a")));
        assert_eq!(transaction.document("unfinished")?, None);
        Ok(())
    });
    assert_eq!(mark(&mut *store), None, "the store itself bears no mark");
}

#[test]
fn a_second_backup_in_the_same_second_replaces_none() {
    let (folder, path) = folder();
    let mut store = open(&path);
    let first = store.backup(folder.path(), NOON).unwrap();
    let second = store.backup(folder.path(), NOON).unwrap();
    assert_ne!(first.path, second.path);
    assert!(first.path.exists() && second.path.exists());
}

#[test]
fn a_restored_store_is_marked_until_it_is_reconciled() {
    let (folder, path) = folder();
    let mut store = open(&path);
    fill(&mut *store);
    let writer = store.instance().clone();
    let backup = store.backup(folder.path(), NOON).unwrap();
    let again = folder.path().join("again.db");
    sqlite::restore(&backup.path, &again, hour(1)).unwrap();
    let mut restored = open(&again);
    let found = mark(&mut *restored).unwrap();
    assert_eq!(found, Restored { at: hour(1), from: backup.path.display().to_string() });
    assert_ne!(restored.instance(), &writer, "its chain may go on elsewhere");
    drop(restored);
    let mut restored = open(&again);
    assert!(mark(&mut *restored).is_some(), "opening alone takes it off from none");
    within(&mut *restored, Restored::reconciled);
    drop(restored);
    assert_eq!(mark(&mut *open(&again)), None);
}

#[test]
fn both_chains_verify_after_a_restore_and_the_new_one_says_what_it_is() {
    let (folder, path) = folder();
    let mut store = open(&path);
    fill(&mut *store);
    let backup = store.backup(folder.path(), NOON).unwrap();
    let again = folder.path().join("again.db");
    sqlite::restore(&backup.path, &again, hour(1)).unwrap();
    let mut restored = open(&again);
    fill(&mut *restored);
    let heads = within(&mut *restored, |transaction| transaction.heads());
    assert_eq!(heads.len(), 2);
    for head in heads {
        let rows = within(&mut *restored, |transaction| {
            transaction.journal(&head.instance, 1, usize::MAX)
        });
        assert_eq!(verify(&rows, &[(&head).into()]), Ok(Some(head.clone())));
        if head.instance == *restored.instance() {
            assert!(rows[1].text.contains("store-copied"), "{}", rows[1].text);
            assert!(rows[0].text.contains("heads-seen"), "{}", rows[0].text);
        }
    }
}

#[test]
fn a_file_that_somebody_copied_is_marked_and_begins_a_chain_of_its_own() {
    let (folder, path) = folder();
    let mut store = open(&path);
    fill(&mut *store);
    let writer = store.instance().clone();
    drop(store);
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    let mut copied = open(&copy);
    assert_ne!(copied.instance(), &writer);
    assert!(mark(&mut *copied).unwrap().from.contains("store.db"));
    let mut store = open(&path);
    assert_eq!(store.instance(), &writer);
    assert_eq!(mark(&mut *store), None);
}

#[test]
fn nothing_is_restored_over_what_is_there() {
    let (folder, path) = folder();
    let mut store = open(&path);
    fill(&mut *store);
    let backup = store.backup(folder.path(), NOON).unwrap();
    let refused = sqlite::restore(&backup.path, &path, NOON).unwrap_err();
    assert!(whole(&refused).contains("is still there"), "{refused}");
    // A log without its store would be played into the restored one.
    let other = folder.path().join("other.db");
    fs::write(folder.path().join("other.db-wal"), "old").unwrap();
    let refused = sqlite::restore(&backup.path, &other, NOON).unwrap_err();
    assert!(whole(&refused).contains("other.db-wal is still there"), "{refused}");
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let (folder, path) = folder();
    let mut store = open(&path);
    within(&mut *store, |transaction| {
        (0..200).try_for_each(|number| transaction.put_incident(&incident(&number.to_string())))
    });
    let backup = store.backup(folder.path(), NOON).unwrap();
    let mut bytes = fs::read(&backup.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    fs::write(&backup.path, bytes).unwrap();
    let again = folder.path().join("again.db");
    let refused = sqlite::restore(&backup.path, &again, NOON).unwrap_err();
    assert!(whole(&refused).contains("is damaged"), "{}", whole(&refused));
    assert!(!again.exists());
}

/// A trigger in a backup would be run by the first step that the restored store takes.
#[test]
fn a_backup_that_does_things_by_itself_is_no_store_and_neither_is_a_file() {
    let (folder, path) = folder();
    let mut store = open(&path);
    fill(&mut *store);
    for (number, hostile) in [
        "CREATE TRIGGER t AFTER UPDATE ON documents BEGIN DELETE FROM incidents; END",
        "CREATE VIEW v AS SELECT * FROM incidents",
        "CREATE VIRTUAL TABLE f USING fts5(a)",
    ]
    .into_iter()
    .enumerate()
    {
        let backup = store.backup(folder.path(), NOON).unwrap().path;
        rusqlite::Connection::open(&backup).unwrap().execute_batch(hostile).unwrap();
        let place = folder.path().join(format!("restored{number}.db"));
        let refused = whole(&sqlite::restore(&backup, &place, NOON).unwrap_err());
        assert!(refused.contains("which no store of certvigil has"), "{hostile}: {refused}");
        assert!(!place.exists(), "{hostile}");
        let refused = whole(&sqlite::open(&backup, NOON, "test").err().unwrap());
        assert!(refused.contains("which no store of certvigil has"), "{hostile}: {refused}");
    }
}
