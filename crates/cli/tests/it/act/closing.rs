//! A person closes an issue whose matter is still bad: opened again once, accepted for a while the second time.

use std::fs;
use std::path::PathBuf;

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use serde_json::{Value, json};

use crate::act::world::{Desk, World, counts};
use crate::command::Ran;

struct List {
    world: World,
    file: PathBuf,
    store: Option<String>,
}

impl List {
    /// certvigil's own list, in files that a person edits; `days` are left of the certificate.
    fn new(with_store: bool, days: i32) -> (Self, crate::act::world::Shown) {
        let folder = tempfile::tempdir().unwrap().keep();
        let table = format!("{{ kind = \"local\", folder = {folder:?} }}");
        let world = World::new(Desk { table, token: String::new() });
        world.certificate("old", days);
        let shown = world.serve("old");
        world.config(&[shown.target("one")], "");
        let store = world.authority.path("store.db").display().to_string();
        (Self { world, file: folder.join("1.json"), store: with_store.then_some(store) }, shown)
    }

    fn act(&self) -> Ran {
        match &self.store {
            Some(store) => self.world.act(&["--store", store]),
            None => self.world.act(&[]),
        }
    }

    fn issue(&self) -> Value {
        serde_json::from_slice(&fs::read(&self.file).unwrap()).unwrap()
    }

    /// As somebody who edits the file, later than two minutes after it was made.
    fn close(&self) {
        let mut issue = self.issue();
        let now = SystemClock.wall();
        issue["created_at"] = json!(certvigil_model::Time::from_seconds(now.seconds() - 3600));
        issue["open"] = json!(false);
        let deed = json!({"by": "Robin Example", "at": now, "did": "close"});
        match issue["history"].as_array_mut() {
            Some(history) => history.push(deed),
            None => issue["history"] = json!([deed]),
        }
        fs::write(&self.file, issue.to_string()).unwrap();
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.file.parent().unwrap());
    }
}

fn closed_twice(with_store: bool) {
    let (list, _shown) = List::new(with_store, 20);
    assert_eq!(&*counts(&list.act()), "filed 1");
    list.close();
    let again = list.act();
    assert_eq!(&*counts(&again), "reopened 1", "once, with the proof: {}", again.told());
    assert_eq!(list.issue()["open"], true);
    list.close();
    for run in 1..=3 {
        let accepted = list.act();
        assert_eq!(&*counts(&accepted), "", "run {run}: {}", accepted.told());
        assert_eq!(list.issue()["open"], false, "run {run}: closed twice is an acceptance");
        let said = accepted.json()["round"]["acted"]["said"].to_string();
        assert!(said.contains("1 open and not told for now"), "run {run}: {said}");
    }
}

#[test]
fn closed_twice_is_an_acceptance_and_a_store_remembers_it() {
    closed_twice(true);
}

#[test]
fn closed_twice_is_an_acceptance_and_nothing_but_the_tracker_remembers_it() {
    closed_twice(false);
}

/// Three days are left, and it is critical from the fifth on: no closing keeps it closed.
#[test]
fn near_the_end_it_is_opened_again_every_time() {
    for with_store in [true, false] {
        let (list, _shown) = List::new(with_store, 3);
        assert_eq!(&*counts(&list.act()), "filed 1");
        for time in 1..=3 {
            list.close();
            let again = list.act();
            assert_eq!(&*counts(&again), "reopened 1", "{with_store} {time}: {}", again.told());
        }
    }
}
