//! `store` and `journal` as a person meets them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certvigil_model::{Family, IncidentKey, Record, Subject, Time};
use certvigil_store::{Place, Store};
use tempfile::TempDir;

use crate::command::{Ran, run};

const NOON: Time = Time::from_seconds(1_795_608_000);

fn key() -> IncidentKey {
    IncidentKey::of("site", None, Family::Expiry, &Subject::Target("a.example".to_owned()))
}

fn tell(store: &mut dyn Store, kind: &str, incident: Option<IncidentKey>) {
    let data = BTreeMap::from([("word".to_owned(), "\u{1b}[31m::error::red".to_owned())]);
    let record = Record { at: NOON, kind: kind.to_owned(), incident, data, body: None };
    store.transact(NOON, &mut |transaction| transaction.record(&record)).unwrap();
}

fn a_store() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Place::File(path.clone()).open(NOON, "serve").unwrap();
    tell(&mut *store, "round-closed", None);
    tell(&mut *store, "incident-opened", Some(key()));
    (folder, path)
}

fn on(path: &Path, arguments: &[&str]) -> Ran {
    let store = ["--store", path.to_str().unwrap()];
    run(&[arguments, &store].concat())
}

#[test]
fn the_record_is_shown_in_order_and_nothing_hostile_reaches_the_terminal() {
    let (_folder, path) = a_store();
    let shown = on(&path, &["journal", "show"]);
    assert_eq!(shown.code, Some(0), "{}", shown.told());
    let lines: Vec<_> = shown.out.lines().collect();
    assert!(lines[0].starts_with("2026-11-25T12:00:00Z round-closed word="), "{}", shown.told());
    assert!(lines[1].contains(&format!(" incident-opened {} ", key())), "{}", shown.told());
    assert!(!shown.out.contains(['\u{1b}']), "{:?}", shown.out);
    let one = on(&path, &["journal", "show", "--incident", key().as_str(), "--format", "json"]);
    assert_eq!(one.json()["rows"].as_array().unwrap().len(), 1);
    assert_eq!(one.json()["rows"][0]["record"]["kind"], "incident-opened");
    let last = on(&path, &["journal", "show", "--most", "1"]);
    assert!(
        last.out.lines().count() == 1 && last.out.contains("incident-opened"),
        "{}",
        last.told()
    );
}

#[test]
fn a_record_that_was_changed_or_cut_off_is_told() {
    let (_folder, path) = a_store();
    let before = on(&path, &["journal", "verify", "--format", "json"]);
    assert_eq!(
        (before.code, &before.json()["sound"]),
        (Some(0), &true.into()),
        "{}",
        before.told()
    );
    let head = before.json()["chains"][0]["head"].as_str().unwrap().to_owned();
    let old = std::fs::read(&path).unwrap();
    let mut store = Place::File(path.clone()).open(NOON, "serve").unwrap();
    tell(&mut *store, "later", None);
    drop(store);
    let later = on(&path, &["journal", "verify", "--head", &head, "--format", "json"]);
    assert_eq!(later.code, Some(0), "{}", later.told());
    let head = later.json()["chains"][0]["head"].as_str().unwrap().to_owned();
    std::fs::write(&path, old).unwrap();
    let put_back = on(&path, &["journal", "verify", "--head", &head]);
    assert_eq!(put_back.code, Some(1), "{}", put_back.told());
    assert!(put_back.out.contains(&format!("NOT as written: no chain holds {head}")));
    let wrong = on(&path, &["journal", "verify", "--head", "1"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.told());
    assert!(wrong.err.contains("SEQUENCE:HASH"), "{}", wrong.told());
}

#[test]
fn a_backup_is_restored_where_nothing_stands() {
    let (folder, path) = a_store();
    let to = ["store", "backup", "--to", folder.path().to_str().unwrap(), "--format", "json"];
    let backup = on(&path, &to);
    assert_eq!(backup.code, Some(0), "{}", backup.told());
    let copy = backup.json()["path"].as_str().unwrap().to_owned();
    let over = on(&path, &["store", "restore", &copy]);
    assert_eq!(over.code, Some(2), "{}", over.told());
    assert!(over.err.contains("is still there"), "{}", over.told());
    let again = folder.path().join("again.db");
    let restored = on(&again, &["store", "restore", &copy]);
    assert!(restored.out.contains("it only observes until"), "{}", restored.told());
    let verified = on(&again, &["journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.told());
}

#[test]
fn sizes_are_told_and_what_will_be_needed() {
    let (_folder, path) = a_store();
    let sizes = on(&path, &["store", "sizes", "--format", "json"]);
    let told = sizes.json();
    let tables = told["tables"].as_array().unwrap();
    let journal = tables.iter().find(|table| table["table"] == "journal").unwrap();
    assert_eq!(journal["rows"], 2, "{}", sizes.told());
    assert!(told["need"].as_array().unwrap().len() >= 5, "{}", sizes.told());
    let table = on(&path, &["store", "sizes"]);
    assert!(table.out.contains("needed in the long run for 0 endpoints"), "{}", table.told());
}

/// What is kept for longer needs more.
#[test]
fn what_will_be_needed_follows_the_config() {
    let (folder, path) = a_store();
    let rounds = |days: u32| {
        let config = folder.path().join("certvigil.toml");
        let text = format!("[store]\npath = \"store.db\"\nkeep_rounds = \"{days}d\"\n");
        std::fs::write(&config, text).unwrap();
        let told =
            on(&path, &["store", "sizes", "--format", "json", "-c", config.to_str().unwrap()]);
        assert_eq!(told.code, Some(0), "{}", told.told());
        let need = told.json()["need"].as_array().unwrap().clone();
        need.iter().find(|it| it["what"] == "rounds").unwrap()["bytes"].as_u64().unwrap()
    };
    assert_eq!(rounds(100), 10 * rounds(10));
}

#[test]
fn a_mistyped_name_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stroe.db");
    for arguments in [&["journal", "show"] as &[&str], &["store", "sizes"], &["store", "backup"]] {
        let told = on(&path, arguments);
        assert_eq!(told.code, Some(2), "{}", told.told());
        assert!(told.err.contains("there is no store at"), "{}", told.told());
        assert!(!path.exists());
    }
}
