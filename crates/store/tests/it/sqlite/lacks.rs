//! A full disk, a file that may not be written, a damaged one: told clearly, and nothing is lost.
#![expect(
    clippy::print_stdout,
    reason = "a child tells its test, and a skipped test tells that it was"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use certvigil_store::{Store, sqlite, verify};

use super::processes::{arguments, command, said, store_of_child};
use super::{folder, open, whole, within};
use crate::sample::{NOON, incident, record};

const NOBODY: u32 = 65_534;

/// Writes until it is refused; how often it was not, and the refusal.
fn write_until_refused(store: &mut dyn Store) -> (usize, String) {
    for count in 0..100_000 {
        let done = store.transact(NOON, &mut |transaction| {
            for number in 0..10 {
                transaction.put_incident(&incident(&format!("{count}-{number}")))?;
            }
            transaction.record(&record("batch", NOON))
        });
        if let Err(error) = done {
            return (count, whole(&error));
        }
    }
    panic!("nothing was ever full");
}

fn assert_batches(store: &mut dyn Store, batches: usize) {
    let instance = store.instance().clone();
    let rows = within(store, |transaction| transaction.journal(&instance, 1, usize::MAX));
    assert!(verify(&rows, &[]).is_ok());
    assert_eq!(rows.len(), batches);
    let incidents = within(store, |transaction| transaction.incidents(NOON));
    assert_eq!(incidents.len(), 10 * batches);
}

#[test]
fn a_full_disk_loses_nothing_and_is_written_to_again_when_there_is_room() {
    let name =
        "sqlite::lacks::a_full_disk_loses_nothing_and_is_written_to_again_when_there_is_room";
    if let Some(path) = store_of_child() {
        let filler = path.with_file_name("filler");
        fs::write(&filler, vec![1; 1_000_000]).unwrap();
        let mut store = open(&path);
        let (batches, refusal) = write_until_refused(&mut *store);
        assert!(refusal.contains("store.db is on a full disk: nothing of this step"), "{refusal}");
        assert!(batches > 0);
        assert_batches(&mut *store, batches);
        fs::remove_file(&filler).unwrap();
        within(&mut *store, |transaction| transaction.record(&record("batch", NOON)));
        return;
    }
    let (folder, path) = folder();
    let script = "mount -t tmpfs -o size=3m none \"$0\" && exec \"$@\"";
    let mounting = ["unshare", "-rm", "sh", "-c", script].map(str::to_owned);
    let place = folder.path().display().to_string();
    let mut all: Vec<_> = mounting.into_iter().chain([place]).collect();
    if !may_mount(&all) {
        println!("SKIPPED: full-disk, a small file system of its own cannot be mounted here");
        return;
    }
    all.extend(arguments(name));
    let output = command(&all, &path).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("1 passed"), "{}", said(&output));
}

fn may_mount(mounting: &[String]) -> bool {
    let all: Vec<_> = mounting.iter().cloned().chain(["true".to_owned()]).collect();
    command(&all, Path::new("")).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_limit_on_the_size_of_files_loses_nothing() {
    let name = "sqlite::lacks::a_limit_on_the_size_of_files_loses_nothing";
    if let Some(path) = store_of_child() {
        let mut store = open(&path);
        let (batches, refusal) = write_until_refused(&mut *store);
        assert!(refusal.contains("nothing of this step was kept"), "{refusal}");
        assert!(batches > 0);
        assert_batches(&mut *store, batches);
        println!("\nkept {batches}");
        return;
    }
    let (_folder, path) = folder();
    // The signal would end the process before it is told.
    let limiting = ["sh", "-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""];
    let all: Vec<_> = limiting.map(str::to_owned).into_iter().chain(arguments(name)).collect();
    let output = command(&all, &path).output().unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let kept = said.lines().find_map(|line| line.strip_prefix("kept ")).unwrap();
    assert_batches(&mut *open(&path), kept.parse().unwrap());
}

#[test]
fn a_store_that_may_not_be_written_to_is_told() {
    if let Some(path) = store_of_child() {
        let refused = sqlite::open(&path, NOON, "test").err().unwrap();
        println!("\nrefused: {}", whole(&refused));
        return;
    }
    let name = "sqlite::lacks::a_store_that_may_not_be_written_to_is_told";
    let (folder, path) = folder();
    drop(open(&path));
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    allow(&path, 0o444).unwrap();
    allow(folder.path(), 0o555).unwrap();
    let mut child = command(&arguments(name), &path);
    // Rights do not bind root.
    if rustix::process::geteuid().is_root() {
        child.uid(NOBODY).gid(NOBODY);
    }
    let output = child.output();
    allow(folder.path(), 0o755).unwrap();
    let said = said(&output.unwrap());
    assert!(said.contains("store.db cannot be written to: this user needs the right"), "{said}");
}

#[test]
fn damage_is_told_and_the_file_stays_as_it_is() {
    let (_folder, path) = folder();
    let mut store = open(&path);
    for count in 0..20 {
        within(&mut *store, |transaction| {
            (0..20).try_for_each(|number| {
                transaction.put_incident(&incident(&format!("{count}-{number}")))
            })
        });
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    // All but the schema, its index and what they say of the store.
    bytes[end / 4..].fill(0xA5);
    fs::write(&path, &bytes).unwrap();
    let read = || {
        let mut store = sqlite::open(&path, NOON, "test")?;
        store.transact(NOON, &mut |transaction| transaction.incidents(NOON).map(|_| ()))
    };
    let told = whole(&read().unwrap_err());
    assert!(told.contains("store.db is damaged: move it away and restore"), "{told}");
    assert_eq!(fs::read(&path).unwrap().len(), end);
}

#[test]
fn a_store_without_its_end_is_told() {
    let (_folder, path) = folder();
    let mut store = open(&path);
    within(&mut *store, |transaction| {
        (0..200).try_for_each(|number| transaction.put_incident(&incident(&number.to_string())))
    });
    drop(store);
    let whole_file = fs::read(&path).unwrap();
    for kept in [whole_file.len() / 2, 5000, 100] {
        fs::write(&path, &whole_file[..kept]).unwrap();
        let read = || {
            let mut store = sqlite::open(&path, NOON, "test")?;
            store.transact(NOON, &mut |transaction| transaction.incidents(NOON).map(|_| ()))
        };
        let told = whole(&read().unwrap_err());
        let is_told = told.contains("is damaged") || told.contains("is no store");
        assert!(is_told, "{kept}: {told}");
    }
}
