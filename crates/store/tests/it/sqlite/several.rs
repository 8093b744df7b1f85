//! Several processes at once, and processes that are killed.

use std::io::Write as _;
use std::path::Path;

use certvigil_store::{Noted, Store, sqlite, verify};

use super::processes::{Running, store_of_child};
use super::{folder, open, within};
use crate::sample::{NOON, incident, observation, record, round};

const EACH: u64 = 60;
const KILLS: u64 = 12;

/// Everything that a step writes, so that half of it would show.
fn write_batch(store: &mut dyn Store) -> u64 {
    within(store, |transaction| {
        let count: u64 = transaction.document("count")?.map_or(0, |text| text.parse().unwrap());
        let count = count + 1;
        transaction.put_document("count", &count.to_string())?;
        let seen = observation(1, &format!("{count}.example.org"), NOON);
        transaction.observe(&round(&count.to_string(), NOON), &[seen])?;
        for number in 0..20 {
            transaction.put_incident(&incident(&format!("{count}-{number}")))?;
        }
        transaction.record(&record("batch", NOON))?;
        Ok(count)
    })
}

/// Every batch is there in full, and every chain as it was written.
fn check_batches(path: &Path) -> u64 {
    let mut store = open(path);
    let count = within(&mut *store, |transaction| transaction.document("count"));
    let count: u64 = count.map_or(0, |text| text.parse().unwrap());
    let rows = |store: &mut dyn Store, table| {
        store.sizes().unwrap().into_iter().find(|size| size.table == table).unwrap().rows
    };
    assert_eq!(rows(&mut *store, "rounds"), count);
    assert_eq!(rows(&mut *store, "sightings"), count);
    assert_eq!(rows(&mut *store, "incidents"), 20 * count);
    let mut batches = 0;
    for head in within(&mut *store, |transaction| transaction.heads()) {
        let rows =
            within(&mut *store, |transaction| transaction.journal(&head.instance, 1, usize::MAX));
        assert_eq!(verify(&rows, &[Noted::from(&head)]), Ok(Some(head)));
        batches += rows.iter().filter(|row| row.text.contains(r#""kind":"batch""#)).count() as u64;
    }
    assert_eq!(batches, count);
    count
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    if let Some(path) = store_of_child() {
        // Two of them share a role, and so a chain.
        let role = ["check", "serve"][std::process::id() as usize % 2];
        let mut store = sqlite::open(&path, NOON, role).unwrap();
        (0..EACH).for_each(|_| {
            write_batch(&mut *store);
        });
        return;
    }
    let (_folder, path) = folder();
    let name = "sqlite::several::processes_that_write_at_once_lose_nothing";
    let children: Vec<_> = (0..3).map(|_| Running::start(name, &path)).collect();
    children.into_iter().for_each(Running::finish);
    assert_eq!(check_batches(&path), 3 * EACH);
}

#[test]
fn a_killed_process_leaves_whole_batches() {
    if let Some(path) = store_of_child() {
        let mut store = open(&path);
        loop {
            say(&format!("\nwritten {}", write_batch(&mut *store)));
        }
    }
    let (_folder, path) = folder();
    let name = "sqlite::several::a_killed_process_leaves_whole_batches";
    for kill in 1..=KILLS {
        let mut child = Running::start(name, &path);
        // Killed where it happens to be: after its first, second … batch was told.
        let mut told = 0;
        for _ in 0..kill {
            told = child.line("written ").unwrap().parse().unwrap();
        }
        let last = child.kill("written ").and_then(|line| line.parse().ok()).unwrap_or(told);
        let count = check_batches(&path);
        assert!(count == last || count == last + 1, "{last} were told, {count} are there");
    }
}
