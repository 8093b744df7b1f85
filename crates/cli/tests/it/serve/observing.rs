//! A service that only observes tells what it would have done: the whole life of an issue that nobody filed.

use rustix::process::Signal;

use super::Serving;
use crate::act::world::{Desk, Shown, World};

/// certvigil's own list in a folder, and a server whose certificate ends soon.
fn listed() -> (tempfile::TempDir, World, Shown) {
    let issues = tempfile::tempdir().unwrap();
    let table = format!("{{ kind = \"local\", folder = {:?} }}", issues.path());
    let world = World::new(Desk { table, token: String::new() });
    world.certificate("old", 20);
    world.certificate("fresh", 80);
    let shown = world.serve("old");
    (issues, world, shown)
}

#[test]
fn what_would_have_been_filed_would_have_been_closed() {
    let (issues, world, mut shown) = listed();
    let folder = issues.path();
    let targets = [shown.target("one")];
    let round = |number: u32| {
        let config = world.config(&targets, "");
        let text = std::fs::read_to_string(&config).unwrap();
        let more = format!("[store]\npath = \"store.db\"\n# round {number}\n");
        std::fs::write(&config, format!("{text}{more}")).unwrap();
        config.display().to_string()
    };
    let config = round(1);
    let mut serving = Serving::start(&["serve", "--observe", "--config", &config]);
    let filed = serving.hear("observing, would file in local ");
    assert!(filed.contains(": certificate ends "), "{filed}");
    shown.give(&world, "fresh");
    // A config that changes is looked at with at once.
    for number in 2..=3 {
        round(number);
        serving.signal(Signal::HUP);
        serving.hear("round over: checked 1 of 1, 0 critical, 0 unknown, 0 warning");
    }
    let closed = serving.hear("observing, would close in local ");
    let title = |line: &str| line.split_once("Z: ").unwrap().1.to_owned();
    assert_eq!(title(&closed), title(&filed));
    assert_eq!(serving.end(Signal::TERM), Some(0));
    assert_eq!(folder.read_dir().unwrap().count(), 0, "nothing was filed");
    let told = |what: &str| serving.heard.iter().filter(|line| line.contains(what)).count();
    assert_eq!((told("would file"), told("would close")), (1, 1), "{:#?}", serving.heard);
}

/// An issue that was filed before is one that would be closed.
#[test]
fn what_was_filed_before_would_be_closed_and_stays_open() {
    let (issues, world, mut shown) = listed();
    let folder = issues.path();
    world.config(&[shown.target("one")], "");
    let store = world.authority.path("store.db").display().to_string();
    world.act(&["--store", &store]);
    shown.give(&world, "fresh");
    world.act(&["--store", &store]);
    let config = world.config(&[shown.target("one")], "").display().to_string();
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text}[store]\npath = \"store.db\"\n")).unwrap();
    let mut serving = Serving::start(&["serve", "--observe", "--config", &config]);
    serving.hear("observing, would close in local ");
    assert_eq!(serving.end(Signal::TERM), Some(0));
    let issue = std::fs::read_to_string(folder.join("1.json")).unwrap();
    let issue: serde_json::Value = serde_json::from_str(&issue).unwrap();
    assert_eq!(issue["open"], true, "{issue}");
}
