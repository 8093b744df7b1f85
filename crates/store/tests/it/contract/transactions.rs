//! All or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use certvigil_model::{Fingerprint, Time};
use certvigil_store::{Body, Error, Head, Store, Transaction};

use super::{Open, at, refusal, within};
use crate::sample::{NOON, delivery, hour, incident, key, observation, record, round};

/// Something of every kind.
fn write_all(transaction: &mut dyn Transaction) -> Result<(), Error> {
    transaction.observe(&round("r1", NOON), &[observation(1, "www", NOON)])?;
    transaction.keep_certificate(b"der")?;
    transaction.put_incident(&incident("a"))?;
    transaction.put_delivery(&delivery("d1", "a", NOON))?;
    transaction.put_document("name", "text")?;
    transaction.record(&record("round-closed", NOON))?;
    transaction.put_body(&Body::masked("body", &[]))?;
    Ok(())
}

fn heads(store: &mut dyn Store) -> Vec<Head> {
    within(store, |transaction| transaction.heads())
}

fn assert_empty(store: &mut dyn Store) {
    within(store, |transaction| {
        assert_eq!(transaction.sightings()?, []);
        assert_eq!(transaction.rounds(10)?, []);
        assert_eq!(transaction.certificate(Fingerprint::of(b"der"))?, None);
        assert_eq!(transaction.incidents(Time::FIRST)?, []);
        assert_eq!(transaction.incident(&key("a"))?, None);
        assert_eq!(transaction.open_deliveries()?, []);
        assert_eq!(transaction.document("name")?, None);
        assert_eq!(transaction.body(Fingerprint::of(b"body"))?, None);
        Ok(())
    });
}

pub(crate) fn work_that_fails_leaves_nothing(open: Open<'_>) {
    let mut store = open();
    let before = heads(&mut *store);
    let done = store.transact(NOON, &mut |transaction| {
        write_all(transaction)?;
        Err(refusal())
    });
    assert!(done.is_err());
    assert_empty(&mut *store);
    assert_empty(&mut *open());
    assert_eq!(heads(&mut *store), before, "also nothing on the record");
}

pub(crate) fn work_that_panics_leaves_nothing(open: Open<'_>) {
    let mut store = open();
    let before = heads(&mut *store);
    let done = catch_unwind(AssertUnwindSafe(|| {
        store.transact(NOON, &mut |transaction| {
            write_all(transaction)?;
            std::panic::resume_unwind(Box::new("as asked"))
        })
    }));
    assert!(done.is_err());
    assert_empty(&mut *open());
    assert_empty(&mut *store);
    assert_eq!(heads(&mut *store), before, "also nothing on the record");
}

pub(crate) fn what_was_written_is_read_in_the_same_transaction(open: Open<'_>) {
    let mut store = open();
    within(&mut *store, |transaction| {
        write_all(transaction)?;
        assert_eq!(transaction.sightings()?.len(), 1);
        assert_eq!(transaction.rounds(10)?.len(), 1);
        assert_eq!(transaction.incident(&key("a"))?, Some(incident("a")));
        assert_eq!(transaction.open_deliveries()?.len(), 1);
        assert_eq!(transaction.document("name")?.as_deref(), Some("text"));
        Ok(())
    });
    within(&mut *open(), |transaction| {
        assert_eq!(transaction.sightings()?.len(), 1);
        assert_eq!(transaction.incident(&key("a"))?, Some(incident("a")));
        Ok(())
    });
}

pub(crate) fn the_error_of_the_work_comes_out_as_it_is(open: Open<'_>) {
    let done = open().transact(NOON, &mut |_| Err(refusal()));
    assert_eq!(done.unwrap_err().to_string(), refusal().to_string());
}

/// Its chain goes on where it ended, whoever opens the store.
pub(crate) fn the_writer_stays_who_it_is(open: Open<'_>) {
    let mut first = open();
    within(&mut *first, |transaction| transaction.record(&record("one", NOON)));
    let mut second = open();
    assert_eq!(first.instance(), second.instance());
    let instance = second.instance().clone();
    at(&mut *second, hour(1), |transaction| transaction.record(&record("two", hour(1))));
    let rows = within(&mut *first, |transaction| transaction.journal(&instance, 1, 10));
    let last: Vec<_> = rows.iter().rev().take(2).map(|row| row.at).collect();
    assert_eq!(last, [hour(1), NOON]);
}

pub(crate) fn what_a_reader_writes_is_not_kept(open: Open<'_>) {
    let mut store = open();
    let before = heads(&mut *store);
    let done = store.read(NOON, &mut |transaction| {
        write_all(transaction)?;
        assert_eq!(transaction.document("name")?.as_deref(), Some("text"));
        Ok(())
    });
    assert!(done.is_ok(), "{done:?}");
    assert_empty(&mut *store);
    assert_empty(&mut *open());
    assert_eq!(heads(&mut *store), before, "also nothing on the record");
}

pub(crate) fn a_reader_sees_one_moment_and_nobody_waits_for_it(open: Open<'_>) {
    let (mut reader, mut writer) = (open(), open());
    let put = |store: &mut dyn Store, text: &str| {
        within(store, |transaction| transaction.put_document("name", text));
    };
    put(&mut *writer, "before");
    let done = reader.read(NOON, &mut |transaction| {
        assert_eq!(transaction.document("name")?.as_deref(), Some("before"));
        put(&mut *writer, "after");
        assert_eq!(transaction.document("name")?.as_deref(), Some("before"));
        Ok(())
    });
    assert!(done.is_ok(), "{done:?}");
    let found = within(&mut *reader, |transaction| transaction.document("name"));
    assert_eq!(found.as_deref(), Some("after"));
}
