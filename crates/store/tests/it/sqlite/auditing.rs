//! Somebody edits the file behind the program's back.

use std::path::Path;

use certvigil_store::{Audit, Broken, Noted, audit, sqlite};

use super::{folder, open, within};
use crate::sample::{NOON, record};

/// Two writers that take turns; the first has the role `check`.
fn two_writers(path: &Path) {
    for turn in 0..4 {
        let mut store = sqlite::open(path, NOON, ["check", "serve"][turn % 2]).unwrap();
        for number in 0..5 {
            let record = record(&format!("told-{turn}-{number}"), NOON);
            within(&mut *store, |transaction| transaction.record(&record));
        }
    }
}

fn audited(path: &Path, elsewhere: &[Noted]) -> Audit {
    within(&mut *open(path), |transaction| audit(transaction, elsewhere))
}

fn found(path: &Path) -> Vec<Broken> {
    audited(path, &[]).chains.into_iter().filter_map(|chain| chain.outcome.err()).collect()
}

fn edit(path: &Path, statement: &str) {
    let other = rusqlite::Connection::open(path).unwrap();
    let check = "(SELECT id FROM instances WHERE role = 'check')";
    other.execute_batch(&statement.replace("CHECK", check)).unwrap();
}

#[test]
fn what_nobody_touched_is_sound() {
    let (_folder, path) = folder();
    two_writers(&path);
    let audit = audited(&path, &[]);
    assert!(audit.is_sound(), "{audit:?}");
    assert_eq!(audit.chains.len(), 2);
    let heads: Vec<Noted> = audit
        .chains
        .iter()
        .map(|chain| chain.outcome.as_ref().unwrap().as_ref().unwrap().into())
        .collect();
    assert!(audited(&path, &heads).is_sound());
}

#[test]
fn edits_gaps_and_cut_ends_show() {
    for (statement, is_it) in [
        (
            "UPDATE journal SET text = replace(text, 'told-0-2', 'told-0-3') WHERE instance = CHECK AND sequence = 3",
            Broken::Edited { sequence: 3 },
        ),
        (
            "UPDATE journal SET at = at + 1 WHERE instance = CHECK AND sequence = 3",
            Broken::Edited { sequence: 3 },
        ),
        (
            "DELETE FROM journal WHERE instance = CHECK AND sequence = 3",
            Broken::Gap { first: 3, last: 3 },
        ),
        (
            "UPDATE journal SET sequence = 100 WHERE instance = CHECK AND sequence = 3;
             UPDATE journal SET sequence = 3 WHERE instance = CHECK AND sequence = 4;
             UPDATE journal SET sequence = 4 WHERE instance = CHECK AND sequence = 100",
            Broken::Edited { sequence: 3 },
        ),
        (
            "DELETE FROM journal WHERE instance = CHECK AND sequence > 9",
            Broken::Cut { last: 9, noted: 11 },
        ),
    ] {
        let (_folder, path) = folder();
        two_writers(&path);
        edit(&path, statement);
        assert_eq!(found(&path), [is_it], "{statement}");
    }
}

/// Who cuts a chain's end and sets its head back leaves a chain that is sound in itself.
#[test]
fn the_other_chain_tells_of_an_end_that_was_cut_off() {
    let (_folder, path) = folder();
    two_writers(&path);
    edit(
        &path,
        "DELETE FROM journal WHERE instance = CHECK AND sequence > 3;
         UPDATE heads SET sequence = 3, hash =
            (SELECT hash FROM journal WHERE instance = CHECK AND sequence = 3) WHERE instance = CHECK",
    );
    let found = found(&path);
    assert!(matches!(found[..], [Broken::Cut { last: 3, .. }]), "{found:?}");
}

#[test]
fn a_head_from_elsewhere_tells_of_a_store_that_was_put_back() {
    let (folder, path) = folder();
    let mut store = open(&path);
    within(&mut *store, |transaction| transaction.record(&record("one", NOON)));
    drop(store);
    let old = std::fs::read(&path).unwrap();
    let mut store = open(&path);
    within(&mut *store, |transaction| transaction.record(&record("two", NOON)));
    let head: Noted = (&within(&mut *store, |transaction| transaction.heads())[0]).into();
    drop(store);
    assert!(audited(&path, &[head]).is_sound());
    std::fs::write(&path, old).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let audit = audited(&path, &[head]);
    assert_eq!(audit.missing, [head]);
    assert!(!audit.is_sound() && audit.chains.iter().all(|chain| chain.outcome.is_ok()));
}
