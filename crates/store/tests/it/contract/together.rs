//! Several at once.

use std::thread;

use certvigil_store::verify;

use super::{Open, within};
use crate::sample::{NOON, incident, key, record};

const EACH: u64 = 50;

pub(crate) fn no_update_is_lost(open: Open<'_>) {
    within(&mut *open(), |transaction| transaction.put_document("count", "0"));
    let count_up = || {
        let mut store = open();
        for _ in 0..EACH {
            within(&mut *store, |transaction| {
                let count = transaction.document("count")?.unwrap();
                let count: u64 = count.parse().unwrap();
                transaction.put_document("count", &(count + 1).to_string())
            });
        }
    };
    thread::scope(|scope| {
        scope.spawn(count_up);
        scope.spawn(count_up);
    });
    let count = within(&mut *open(), |transaction| transaction.document("count"));
    assert_eq!(count, Some((2 * EACH).to_string()));
}

pub(crate) fn two_writers_leave_no_gap(open: Open<'_>) {
    let write = || {
        let mut store = open();
        for _ in 0..EACH {
            within(&mut *store, |transaction| transaction.record(&record("told", NOON)));
        }
    };
    thread::scope(|scope| {
        scope.spawn(write);
        scope.spawn(write);
    });
    let mut store = open();
    let heads = within(&mut *store, |transaction| transaction.heads());
    let mut told = 0;
    for head in heads {
        let rows =
            within(&mut *store, |transaction| transaction.journal(&head.instance, 1, usize::MAX));
        told += rows.iter().filter(|row| row.text.contains("\"told\"")).count();
        assert_eq!(verify(&rows, &[]), Ok(Some(head)));
    }
    assert_eq!(told as u64, 2 * EACH);
}

pub(crate) fn one_opens_what_the_other_wrote(open: Open<'_>) {
    let (mut one, mut other) = (open(), open());
    within(&mut *one, |transaction| transaction.put_incident(&incident("a")));
    let found = within(&mut *other, |transaction| transaction.incident(&key("a")));
    assert_eq!(found, Some(incident("a")));
}
