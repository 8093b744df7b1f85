//! Chains.

use certvigil_model::{Fingerprint, Record};
use certvigil_store::{Body, Chained, Noted, Store, verify};

use super::{Open, at, refusal, within};
use crate::sample::{NOON, hour, key, record};

fn put(store: &mut dyn Store, kinds: &[&str]) {
    within(store, |transaction| {
        kinds.iter().try_for_each(|kind| transaction.record(&record(kind, NOON)))
    });
}

fn rows(store: &mut dyn Store, first: u64, most: usize) -> Vec<Chained> {
    let instance = store.instance().clone();
    within(store, |transaction| transaction.journal(&instance, first, most))
}

/// The last `count` rows: what a store writes when it is made stands before them.
fn last(store: &mut dyn Store, count: usize) -> Vec<Chained> {
    let mut rows = rows(store, 1, usize::MAX);
    rows.split_off(rows.len() - count)
}

fn kinds(rows: &[Chained]) -> Vec<String> {
    rows.iter().map(|row| read(row).kind).collect()
}

fn read(row: &Chained) -> Record {
    serde_json::from_str(&row.text).unwrap()
}

pub(crate) fn rows_are_numbered_without_gaps(open: Open<'_>) {
    let mut store = open();
    put(&mut *store, &["a", "b"]);
    put(&mut *store, &["c"]);
    put(&mut *open(), &["d", "e"]);
    let found = rows(&mut *store, 1, usize::MAX);
    let numbers: Vec<_> = found.iter().map(|row| row.sequence).collect();
    assert_eq!(numbers, (1..=found.len() as u64).collect::<Vec<_>>());
    assert_eq!(kinds(&last(&mut *store, 5)), ["a", "b", "c", "d", "e"]);
}

pub(crate) fn each_row_names_the_hash_before_it(open: Open<'_>) {
    let mut store = open();
    put(&mut *store, &["a", "b"]);
    put(&mut *store, &["c"]);
    let found = rows(&mut *store, 1, usize::MAX);
    let heads = within(&mut *store, |transaction| transaction.heads());
    let noted: Vec<_> = heads.iter().map(Noted::from).collect();
    assert_eq!(verify(&found, &noted), Ok(heads.into_iter().next()));
    let mut hashes: Vec<Fingerprint> = found.iter().map(|row| row.hash).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), found.len());
}

pub(crate) fn failed_work_leaves_no_gap(open: Open<'_>) {
    let mut store = open();
    put(&mut *store, &["a"]);
    let done = store.transact(NOON, &mut |transaction| {
        transaction.record(&record("lost", NOON))?;
        Err(refusal())
    });
    assert!(done.is_err());
    put(&mut *store, &["b"]);
    let found = last(&mut *store, 2);
    assert_eq!(kinds(&found), ["a", "b"]);
    assert_eq!(found[1].sequence, found[0].sequence + 1);
    assert_eq!(found[1].previous, found[0].hash);
}

pub(crate) fn a_record_is_kept_as_written(open: Open<'_>) {
    let mut store = open();
    let mut wanted = record("incident-opened", hour(3));
    wanted.incident = Some(key("a"));
    let body = Body::masked("long", &[]);
    wanted.body = Some(within(&mut *store, |transaction| transaction.put_body(&body)));
    wanted.data.insert("long".to_owned(), "x".repeat(1_000_000));
    at(&mut *store, hour(3), |transaction| transaction.record(&wanted));
    let found = &last(&mut *open(), 1)[0];
    assert_eq!(read(found), wanted);
    assert_eq!(found.text, serde_json::to_string(&wanted).unwrap());
    assert_eq!(&found.instance, store.instance());
}

pub(crate) fn it_is_read_in_pieces(open: Open<'_>) {
    let mut store = open();
    put(&mut *store, &["a", "b", "c", "d"]);
    let first = last(&mut *store, 4)[0].sequence;
    assert_eq!(kinds(&rows(&mut *store, first + 1, 2)), ["b", "c"]);
    assert_eq!(kinds(&rows(&mut *store, first + 3, 2)), ["d"]);
    assert_eq!(kinds(&rows(&mut *store, first + 4, 2)), [] as [&str; 0]);
}

pub(crate) fn heads_stand_as_after_the_last_transaction(open: Open<'_>) {
    let mut store = open();
    put(&mut *store, &["a", "b"]);
    let before = last(&mut *store, 1).remove(0);
    let instance = store.instance().clone();
    within(&mut *store, |transaction| {
        transaction.record(&record("c", NOON))?;
        let heads = transaction.heads()?;
        let head = heads.iter().find(|head| head.instance == instance).unwrap();
        assert_eq!((head.sequence, head.hash), (before.sequence, before.hash));
        Ok(())
    });
    let heads = within(&mut *open(), |transaction| transaction.heads());
    let after = last(&mut *store, 1).remove(0);
    let head = heads.iter().find(|head| head.instance == instance).unwrap();
    assert_eq!((head.sequence, head.hash), (before.sequence + 1, after.hash));
}

pub(crate) fn an_incident_has_its_own_records(open: Open<'_>) {
    let mut store = open();
    for (name, kind, hours) in [("a", "first", 1), ("b", "other", 2), ("a", "second", 3)] {
        let told = Record { incident: Some(key(name)), ..record(kind, hour(hours)) };
        at(&mut *store, hour(hours), |transaction| transaction.record(&told));
    }
    put(&mut *store, &["none"]);
    let found = within(&mut *store, |transaction| transaction.journal_of(&key("a")));
    assert_eq!(kinds(&found), ["first", "second"], "in the order of time");
}
