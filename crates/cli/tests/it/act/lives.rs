//! The life of one issue: filed, left alone, told of changes, closed on proof, reopened.

use std::path::Path;

use certvigil_lab::tracker::{LabIssue, LabTls};

use crate::act::clock::{FAKETIME, faked};
use crate::act::world::{Lab, World, count, counts};
use crate::command::{ran, run, skipped};

/// Where a run keeps what it knows.
fn life(with_store: bool) {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("old", 20);
    world.certificate("good", 90);
    world.certificate("fresh", 80);
    let (mut one, mut two) = (world.serve("old"), world.serve("good"));
    world.config(&[one.target("one"), two.target("two")], "");
    let store = world.authority.path("store.db");
    let act = || {
        let store = ["--store", store.to_str().unwrap()];
        world.act(if with_store { &store } else { &[] })
    };
    let only = || -> LabIssue {
        let issues = lab.issues();
        assert_eq!(issues.len(), 1, "{issues:#?}");
        issues[0].clone()
    };

    let first = act();
    assert_eq!((first.code, &*counts(&first)), (Some(1), "filed 1"), "{}", first.told());
    let issue = only();
    assert!(issue.open && issue.comments.is_empty(), "{issue:#?}");
    let target = one.target("one");
    assert!(issue.title.starts_with(&format!("{target}: certificate ends ")), "{}", issue.title);
    assert!(!issue.block.is_empty(), "{issue:#?}");

    let second = act();
    assert_eq!((second.code, &*counts(&second)), (Some(1), "standing 1"), "{}", second.told());
    assert_eq!(only().comments, []);

    // Another place shows it too: that is a change, and told once.
    two.give(&world, "old");
    for (run, expected) in [(3, "updated 1"), (4, "standing 1")] {
        let ran = act();
        assert_eq!((ran.code, &*counts(&ran)), (Some(1), expected), "run {run}: {}", ran.told());
        assert_eq!(only().comments.len(), 1, "run {run}: {:#?}", only());
    }

    // Served everywhere, and seen so twice.
    one.give(&world, "fresh");
    two.give(&world, "fresh");
    let good = act();
    assert_eq!(good.code, Some(0), "{}", good.told());
    assert!(only().open, "one good run is no proof: {:#?}", only());
    let closing = act();
    assert_eq!((closing.code, &*counts(&closing)), (Some(0), "closed 1"), "{}", closing.told());
    let issue = only();
    assert!(!issue.open, "{issue:#?}");
    let proof = issue.comments.last().unwrap();
    assert!(proof.text.contains("127.0.0.1:"), "{}", proof.text);
    let said = issue.comments.len();
    let after = act();
    assert_eq!((after.code, count(&after, "closed")), (Some(0), 0), "{}", after.told());
    assert_eq!(only(), issue);

    // The old certificate is back: so is its issue.
    two.give(&world, "old");
    let back = act();
    assert_eq!((back.code, &*counts(&back)), (Some(1), "reopened 1"), "{}", back.told());
    let issue = only();
    assert!(issue.open && issue.comments.len() == said + 1, "{issue:#?}");
    let standing = act();
    assert_eq!(
        (standing.code, &*counts(&standing)),
        (Some(1), "standing 1"),
        "{}",
        standing.told()
    );
    assert_eq!(only().comments.len(), said + 1);
}

#[test]
fn an_issue_lives_and_a_store_remembers_it() {
    life(true);
}

#[test]
fn an_issue_lives_and_nothing_but_the_tracker_remembers_it() {
    life(false);
}

/// From warning to critical by time alone: one comment, and the block says what was told.
#[test]
fn a_rise_of_severity_is_one_comment_and_nothing_but_the_tracker_remembers_it() {
    if !Path::new(FAKETIME).exists() {
        return skipped(&format!("{FAKETIME} is absent: days do not pass"));
    }
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("old", 20);
    let one = world.serve("old");
    world.config(&[one.target("one")], "");
    for (offset, expected, comments, severity) in [
        ("+0d", "filed 1", 0, "warning"),
        ("+14d", "standing 1", 0, "warning"),
        ("+16d", "updated 1", 1, "critical"),
        ("+17d", "standing 1", 1, "critical"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ran = faked(&world, folder.path(), Some(offset), &[]);
        assert_eq!((ran.code, &*counts(&ran)), (Some(1), expected), "{offset}: {}", ran.told());
        let issues = lab.issues();
        assert_eq!((issues.len(), issues[0].comments.len()), (1, comments), "{offset}");
        let told = format!("\"severity\":\"{severity}\"");
        assert!(issues[0].block.contains(&told), "{offset}: {}", issues[0].block);
    }
    let comment = &lab.issues()[0].comments[0].text;
    assert!(comment.contains("It is critical."), "{comment}");
}

/// Whoever loses has filed all the same: its issue is closed as a double, and what stands is the other's.
#[test]
fn of_two_runs_at_the_same_time_both_exit_by_what_they_found() {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("old", 20);
    let one = world.serve("old");
    world.config(&[one.target("one")], "");
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let both = folders.each_ref().map(|folder| {
        let mut command = world.command(folder.path(), &[]);
        std::thread::spawn(move || ran(command.output().unwrap()))
    });
    for ran in both.map(|run| run.join().unwrap()) {
        assert_eq!(ran.code, Some(1), "{}", ran.told());
    }
    let later = world.act(&[]);
    assert_eq!((later.code, &*counts(&later)), (Some(1), "standing 1"), "{}", later.told());
    let issues = lab.issues();
    assert_eq!(issues.iter().filter(|it| it.open).count(), 1, "{issues:#?}");
    assert!(issues[0].open, "the lowest stays: {issues:#?}");
}

#[test]
fn the_record_of_one_incident_is_asked_for_by_the_head_of_its_key() {
    let lab = Lab::new(LabTls::None);
    let world = World::new(lab.desk());
    world.certificate("old", 20);
    let one = world.serve("old");
    world.config(&[one.target("one")], "");
    let store = world.authority.path("store.db").display().to_string();
    world.act(&["--store", &store]);
    let show = |more: &[&str]| {
        run(&[&["journal", "show", "--store", &store, "--format", "json"], more].concat())
    };
    let all = show(&[]).json();
    let rows = all["rows"].as_array().unwrap();
    let key = rows.iter().find_map(|row| row["record"]["incident"].as_str()).unwrap();
    let whole = show(&["--incident", key]);
    assert_eq!(whole.code, Some(0), "{}", whole.told());
    let some = whole.json()["rows"].as_array().unwrap().len();
    assert!((1..rows.len()).contains(&some), "{some} of {}", rows.len());
    assert_eq!(show(&["--incident", &key[..8]]).json()["rows"], whole.json()["rows"]);
    for wrong in ["zzzzzzzz", "0", "00000000000000"] {
        assert_eq!(show(&["--incident", wrong]).code, Some(2), "{wrong}");
    }
}
