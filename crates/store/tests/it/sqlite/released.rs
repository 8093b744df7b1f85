//! Stores as released programs left them, as SQLite's own dump: `released/NUMBER.sql`. They are never made anew.

use std::path::Path;

use certvigil_model::{Fingerprint, Time};
use certvigil_store::{Restored, verify};
use rusqlite::Connection;

use super::{folder, open, within};
use crate::sample::{NOON, endpoint, key};

const RELEASED: &[&str] = &[include_str!("released/1.sql")];

/// What `file(1)` knows a store by; a dump does not say it.
const APPLICATION_ID: i32 = 0x4356_474C;

fn lay_out(dump: &str, path: &Path) {
    let store = Connection::open(path).unwrap();
    store.execute_batch(dump).unwrap();
    store.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
}

/// Each holds two rounds in which `endpoint(1)` changed its certificate, the open incident `a` with a delivery, a
/// certificate, a document, and a journal with a body.
#[test]
fn every_released_store_is_read_in_full() {
    for dump in RELEASED {
        let (_folder, path) = folder();
        lay_out(dump, &path);
        let mut store = open(&path);
        within(&mut *store, |transaction| {
            assert_eq!(transaction.rounds(10)?.len(), 2);
            assert_eq!(transaction.sightings()?.len(), 2);
            assert_eq!(transaction.history(endpoint(1))?.len(), 2);
            let incident = transaction.incident(&key("a"))?.unwrap();
            assert_eq!((incident.owner.as_str(), incident.places.len()), ("ops", 1));
            assert_eq!(transaction.incidents(NOON)?.len(), 1);
            assert_eq!(transaction.open_deliveries()?.len(), 1);
            assert_eq!(transaction.deliveries_of(&key("a"))?.len(), 1);
            assert_eq!(transaction.certificate(Fingerprint::of(b"der"))?.unwrap(), b"der");
            assert_eq!(transaction.document("name")?.as_deref(), Some("text"));
            assert_eq!(transaction.body(Fingerprint::of(b"a long text"))?.unwrap(), "a long text");
            assert!(Restored::read(transaction)?.is_some(), "it stands elsewhere now");
            Ok(())
        });
        assert_journal(&path);
    }
}

fn assert_journal(path: &Path) {
    let mut store = open(path);
    let told = within(&mut *store, |transaction| transaction.journal_of(&key("a")));
    assert_eq!(told.iter().map(|row| row.at).collect::<Vec<Time>>(), [NOON]);
    let heads = within(&mut *store, |transaction| transaction.heads());
    assert_eq!(heads.len(), 2, "the old writer's, and the one of the copy");
    for head in heads {
        let rows =
            within(&mut *store, |transaction| transaction.journal(&head.instance, 1, usize::MAX));
        assert_eq!(verify(&rows, &[(&head).into()]), Ok(Some(head)));
    }
}
