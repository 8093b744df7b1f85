//! Our own list.

use std::fs;
use std::path::PathBuf;
use std::thread;

use certvigil_doors::SystemClock;
use certvigil_model::{Clock as _, IncidentKey, Time};
use certvigil_outbound::Tracker;
use certvigil_outbound::tracker::Local;
use serde_json::{Value, json};

use super::ground::soon;
use super::suite::{self, World};

struct Folder {
    folder: tempfile::TempDir,
    tracker: Local,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tracker = Local::new(folder.path());
        Self { folder, tracker }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.path().join(format!("{id}.json"))
    }

    /// A person with an editor.
    fn edit(&self, id: &str, change: impl FnOnce(&mut Value)) {
        let mut issue = serde_json::from_slice(&fs::read(self.path(id)).unwrap()).unwrap();
        change(&mut issue);
        fs::write(self.path(id), issue.to_string()).unwrap();
    }

    fn did(&self, id: &str, what: &str) {
        let at = SystemClock.wall().to_string();
        let deed = json!({"by": "ann", "at": at, "did": what});
        self.edit(id, |issue| issue["history"].as_array_mut().unwrap().push(deed));
    }
}

impl World for Folder {
    fn tracker(&self) -> &dyn Tracker {
        &self.tracker
    }

    fn person(&self) -> &'static str {
        "ann"
    }

    fn age(&self, id: &str) {
        let before = Time::from_millis(SystemClock.wall().millis() - 3_600_000).to_string();
        self.edit(id, |issue| issue["created_at"] = json!(before));
    }

    fn file(&self, key: &IncidentKey) -> String {
        let id = self.tracker.create(&suite::issue(key), soon()).unwrap();
        self.edit(&id, |issue| issue["author"] = json!("ann"));
        id
    }

    fn assign(&self, id: &str) {
        self.did(id, "take");
    }

    fn begin(&self, id: &str) -> bool {
        self.did(id, "begin");
        true
    }

    fn comment(&self, id: &str, text: &str) {
        let comment = json!({"by": "ann", "at": SystemClock.wall().to_string(), "text": text});
        self.edit(id, |issue| issue["comments"].as_array_mut().unwrap().push(comment));
    }

    fn close(&self, id: &str) {
        self.did(id, "close");
        self.edit(id, |issue| issue["open"] = json!(false));
    }

    fn edit_block(&self, id: &str, text: &str) {
        self.edit(id, |issue| issue["block"] = json!(text));
    }

    fn move_away(&self, id: &str) {
        self.edit(id, |issue| issue["project"] = json!("attic"));
    }

    fn delete(&self, id: &str) {
        fs::remove_file(self.path(id)).unwrap();
    }
}

#[test]
fn the_list_is_a_tracker_like_any_other() {
    suite::holds(&Folder::new());
}

#[test]
fn a_number_is_given_once() {
    let folder = Folder::new();
    let make = || {
        let key = suite::key();
        (0..25).map(|_| folder.tracker.create(&suite::issue(&key), soon()).unwrap()).collect()
    };
    let ids: Vec<Vec<String>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let ids: std::collections::BTreeSet<String> = ids.into_iter().flatten().collect();
    assert_eq!((ids.len(), fs::read_dir(folder.folder.path()).unwrap().count()), (100, 100));
}

#[test]
fn a_file_that_somebody_broke_hides_no_other() {
    let folder = Folder::new();
    let key = suite::key();
    let id = folder.tracker.create(&suite::issue(&key), soon()).unwrap();
    fs::write(folder.path("7"), "{").unwrap();
    fs::write(folder.path("notes"), "{}").unwrap();
    assert_eq!(folder.tracker.find(&key, soon()).unwrap().len(), 1);
    assert!(folder.tracker.read("7", soon()).is_err_and(|why| why.to_string().contains("7.json")));
    assert_eq!(folder.tracker.create(&suite::issue(&key), soon()).unwrap(), "8");
    assert_eq!(id, "1");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = Folder::new();
    let tracker = Local::new(&folder.folder.path().join("missing"));
    let lacking = tracker.examine(soon()).unwrap();
    assert!(lacking[0].contains("make the folder"), "{lacking:?}");
}
