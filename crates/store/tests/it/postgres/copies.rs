//! Backups, and stores that were made out of one. psql is the peer that nobody here wrote.

use std::fs;
use std::path::PathBuf;

use certvigil_model::Time;
use certvigil_store::{Restored, Store, postgres, verify};
use tempfile::TempDir;

use super::{Case, cases, open};
use crate::cluster::Cluster;
use crate::contract::{whole, within};
use crate::sample::{
    HOSTILE, NOON, delivery, endpoint, hour, incident, key, observation, record, round,
};

pub(super) const CASES: &[Case] = cases![
    psql_restores_a_backup,
    a_backup_is_restored_into_a_database_without_a_store,
    what_was_cut_off_or_is_no_backup_restores_nothing,
    a_backup_is_of_one_moment,
];

fn fill(store: &mut dyn Store) {
    within(store, |transaction| {
        transaction.observe(&round("r0", NOON), &[observation(1, "a", NOON)])?;
        transaction.observe(&round("r1", hour(1)), &[observation(1, "b", hour(1))])?;
        transaction.keep_certificate(&(0..=255).collect::<Vec<u8>>())?;
        transaction.put_incident(&incident("a"))?;
        transaction.put_delivery(&delivery("d", "a", NOON))?;
        transaction.put_document("hostile", HOSTILE)?;
        transaction.record(&record("told", NOON))
    });
}

fn assert_same(restored: &mut dyn Store, from: &mut dyn Store) {
    let read = |store: &mut dyn Store| {
        within(store, |transaction| {
            let of_incident = transaction.deliveries_of(&key("a"))?;
            let seen = (transaction.history(endpoint(1))?, transaction.rounds(10)?);
            let known = (transaction.incidents(Time::FIRST)?, of_incident);
            Ok((seen, known, transaction.document("hostile")?))
        })
    };
    assert_eq!(read(restored), read(from));
    let instance = from.instance().clone();
    let chain = |store: &mut dyn Store| {
        within(store, |transaction| transaction.journal(&instance, 1, usize::MAX))
    };
    let rows = chain(restored);
    assert_eq!(rows, chain(from));
    assert!(verify(&rows, &[]).is_ok());
}

/// What is restored goes on where the backup stood, marked, by a writer of its own.
fn assert_goes_on(restored: &mut dyn Store, from: &mut dyn Store) {
    assert_same(restored, from);
    assert_ne!(restored.instance(), from.instance());
    let mark = within(restored, Restored::read).unwrap();
    assert_eq!(mark.at, NOON);
    assert!(mark.from.starts_with("postgres://lab@"), "{}", mark.from);
    assert!(within(from, Restored::read).is_none());
    within(restored, |transaction| {
        transaction.observe(&round("r2", hour(2)), &[observation(1, "c", hour(2))])
    });
    assert_eq!(within(restored, |transaction| transaction.history(endpoint(1))).len(), 3);
}

fn a_backup(store: &mut dyn Store) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let backup = store.backup(folder.path(), NOON).unwrap();
    assert_eq!(backup.bytes, fs::metadata(&backup.path).unwrap().len());
    assert_eq!(backup.path.parent(), Some(folder.path()));
    (folder, backup.path)
}

fn psql_restores_a_backup(cluster: &Cluster) {
    let mut store = open(&cluster.socket_url(&cluster.database()));
    fill(&mut *store);
    let (_folder, path) = a_backup(&mut *store);
    let other = cluster.database();
    cluster.psql(&other, &path);
    assert_goes_on(&mut *open(&cluster.socket_url(&other)), &mut *store);
}

fn a_backup_is_restored_into_a_database_without_a_store(cluster: &Cluster) {
    let url = cluster.socket_url(&cluster.database());
    let mut store = open(&url);
    fill(&mut *store);
    let (folder, path) = a_backup(&mut *store);
    let again = store.backup(folder.path(), NOON).unwrap();
    assert_ne!(again.path, path, "nothing is written over");
    let other = cluster.socket_url(&cluster.database());
    postgres::restore(&path, &other).unwrap_or_else(|error| panic!("{}", whole(&error)));
    assert_goes_on(&mut *open(&other), &mut *store);
    let told = postgres::restore(&path, &url).err().map(|error| whole(&error)).unwrap();
    assert!(told.contains("already exists"), "{told}");
    assert!(within(&mut *store, Restored::read).is_none(), "what is there stays as it is");
}

fn what_was_cut_off_or_is_no_backup_restores_nothing(cluster: &Cluster) {
    let mut store = open(&cluster.socket_url(&cluster.database()));
    fill(&mut *store);
    let (folder, path) = a_backup(&mut *store);
    let whole_text = fs::read_to_string(&path).unwrap();
    let url = cluster.socket_url(&cluster.database());
    let half = folder.path().join("half.sql");
    for (text, wanted) in [
        (&whole_text[..whole_text.floor_char_boundary(whole_text.len() / 2)], "cut off"),
        (whole_text.strip_suffix("COMMIT;\n").unwrap(), "cut off"),
        ("SELECT 1;\nCOMMIT;\n", "is no backup"),
    ] {
        fs::write(&half, text).unwrap();
        let told = postgres::restore(&half, &url).err().map(|error| whole(&error)).unwrap();
        assert!(told.contains(wanted), "{told}");
    }
    assert_eq!(within(&mut *open(&url), |transaction| transaction.incidents(Time::FIRST)), []);
}

fn a_backup_is_of_one_moment(cluster: &Cluster) {
    let url = cluster.socket_url(&cluster.database());
    let (mut store, mut other) = (open(&url), open(&url));
    fill(&mut *store);
    let folder = tempfile::tempdir().unwrap();
    let mut backup = None;
    within(&mut *other, |transaction| {
        transaction.put_document("unfinished", "yes")?;
        backup = Some(store.backup(folder.path(), NOON)?);
        Ok(())
    });
    let text = fs::read_to_string(backup.unwrap().path).unwrap();
    assert!(!text.contains("unfinished"));
}
